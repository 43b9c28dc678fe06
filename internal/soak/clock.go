//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockVariable names the file by which a server with a skewed clock knows how many seconds it is off.
const clockVariable = "TIDINGS_SOAK_CLOCK"

// A static binary asks the kernel for the time past everything that could lie to it. So it is built with another time.Now
// in the standard library: only the time of day is off, as after a wrong step of NTP; what counts up goes on as it was.
const (
	honest = "sec, nsec, mono := runtimeNow()\n"
	lying  = honest + "\tsec += Skew.Load()\n"

	// skewed is beside the standard library's time.go.
	skewed = `package time

import "sync/atomic"

// Skew is how many seconds Now is off.
var Skew atomic.Int64
`

	// told is beside the main package.
	told = `package main

import (
	"os"
	"strconv"
	"time"
)

func init() {
	set := func() {
		content, _ := os.ReadFile(os.Getenv("` + clockVariable + `"))
		if seconds, err := strconv.ParseInt(string(content), 10, 64); err == nil {
			time.Skew.Store(seconds)
		}
	}
	set()
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			set()
		}
	}()
}
`
)

// overlay writes what go build takes instead of the true sources, and gives its arguments.
func overlay(ctx context.Context, dir string) ([]string, error) {
	where, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "time", "tidings.dev/tidings/cmd/tidings").Output()
	if err != nil {
		return nil, fmt.Errorf("where are the sources: %w", err)
	}
	standard, main, _ := strings.Cut(strings.TrimSpace(string(where)), "\n")
	original, err := os.ReadFile(filepath.Join(standard, "time.go"))
	if err != nil {
		return nil, err
	}
	changed := strings.Replace(string(original), honest, lying, 1)
	if changed == string(original) {
		return nil, errors.New("the standard library reads the clock in another way: change clock.go of soak")
	}
	replaced := map[string]string{}
	for _, file := range []struct{ instead, name, content string }{
		{filepath.Join(standard, "time.go"), "time.go", changed},
		{filepath.Join(standard, "skew.go"), "skew.go", skewed},
		{filepath.Join(main, "skew.go"), "told.go", told},
	} {
		replaced[file.instead] = filepath.Join(dir, file.name)
		if err := os.WriteFile(replaced[file.instead], []byte(file.content), 0o600); err != nil {
			return nil, err
		}
	}
	listed, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "overlay.json")
	return []string{"-overlay", name}, os.WriteFile(name, listed, 0o600)
}

// tryClocks sets the server's clock, while it runs and before it starts, minutes to a day off to either side, and right again.
func tryClocks(ctx context.Context, r *rig) error {
	arguments, err := overlay(ctx, r.dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, "building a binary whose clock can be set, with a standard library of its own: a few minutes …")
	r.binary = filepath.Join(r.dir, "tidings")
	if err := compile(ctx, r.out, r.binary, arguments...); err != nil {
		return err
	}
	file := filepath.Join(r.dir, "clock")
	r.environment = append(r.environment, clockVariable+"="+file)
	set := func(off time.Duration) error {
		next := file + ".next" // a file that is half written would be a clock that nobody set
		if err := os.WriteFile(next, []byte(strconv.FormatInt(int64(off/time.Second), 10)), 0o600); err != nil {
			return err
		}
		return os.Rename(next, file)
	}
	if err := set(0); err != nil {
		return err
	}
	return r.harm(ctx, func(ctx context.Context) error {
		off := time.Minute + time.Duration(r.rand.Int64N(int64(24*time.Hour)))
		if r.rand.IntN(2) == 0 {
			off = -off
		}
		if err := set(off); err != nil || r.rand.IntN(2) == 0 {
			return err
		}
		r.server.kill() // a server that starts finds what was written at another time
		return r.start(ctx)
	}, func(context.Context) error { return set(0) }, 500*time.Millisecond, 3*time.Second)
}
