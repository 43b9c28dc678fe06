// Package cli is the command line. The client verbs go through the public API alone; only serve knows the daemon.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/serve"
)

// World is what a command can touch; tests bring their own.
type World struct {
	Args   []string
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Signal <-chan os.Signal // asks for an orderly end
}

// System is the world of a real process.
func System() World {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return World{Args: os.Args[1:], In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Signal: signals}
}

// Exit codes, as in docs/cli.md.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// Run runs one command line and gives its exit code.
func Run(world World) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-world.Signal:
			cancel()
		case <-ctx.Done():
		}
	}()
	root := newRoot()
	root.SetArgs(world.Args)
	root.SetIn(world.In)
	root.SetOut(world.Out)
	root.SetErr(world.Err)
	err := root.ExecuteContext(ctx)
	if err == nil || (errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		return exitOK
	}
	fmt.Fprintln(world.Err, "tidings:", message(err)) //nolint:errcheck // there is nowhere left to say so
	if fault.Is(err, fault.Invalid) {
		return exitUsage
	}
	return exitFailure
}

// message is the sentence for a person: a fault's detail, with every place that it names.
func message(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err.Error()
	}
	text := e.Detail
	if len(e.Faults) > 1 {
		for _, f := range e.Faults {
			text += fmt.Sprintf("\n  %s: %s", f.Pointer, f.Detail)
		}
	}
	return text
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "tidings",
		Short: "Know what you run, who owns it, and what just changed",
		Long: `Tidings is one place for every service: what it is, who owns it, what it depends
on, and a newest-first feed of everything that changed in it.

Start a server for a trial, and open the address that it prints:

  tidings serve --no-login

Then, in another window, tell it that something happened:

  tidings event "pricing 1.2 is live" --service pricing --version 1.2`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fault.New(fault.Invalid, "%s: see %s --help", err, cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serve.New())
	return root
}
