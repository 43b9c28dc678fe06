//go:build unix && !linux

package main

import "errors"

func mount(string, int) error { return errors.New("only Linux knows how") }

func remount(string, bool) error { return errors.New("only Linux knows how") }

func unmount(string) {}
