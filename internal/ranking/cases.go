package main

import (
	"context"
	"io"
)

func (s *settings) handwritten(context.Context) (results, error) { return nil, nil }
func (all results) printCases(io.Writer)                          {}
