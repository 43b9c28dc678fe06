// Package cli is the command line. The client verbs go through the public API alone; only what runs or tends
// a server knows the daemon.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/admin"
	"tidings.dev/tidings/internal/cli/agent"
	"tidings.dev/tidings/internal/cli/alias"
	"tidings.dev/tidings/internal/cli/apply"
	"tidings.dev/tidings/internal/cli/backup"
	"tidings.dev/tidings/internal/cli/chat"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/configcheck"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/delete"
	"tidings.dev/tidings/internal/cli/describe"
	"tidings.dev/tidings/internal/cli/doctor"
	"tidings.dev/tidings/internal/cli/erase"
	"tidings.dev/tidings/internal/cli/event"
	"tidings.dev/tidings/internal/cli/feed"
	"tidings.dev/tidings/internal/cli/get"
	"tidings.dev/tidings/internal/cli/incident"
	"tidings.dev/tidings/internal/cli/move"
	"tidings.dev/tidings/internal/cli/restore"
	"tidings.dev/tidings/internal/cli/secrets"
	"tidings.dev/tidings/internal/cli/serve"
	"tidings.dev/tidings/internal/cli/set"
	"tidings.dev/tidings/internal/cli/source"
	"tidings.dev/tidings/internal/cli/suspects"
	"tidings.dev/tidings/internal/cli/token"
	"tidings.dev/tidings/internal/cli/unclaimed"
	"tidings.dev/tidings/internal/cli/version"
)

// World is what a command can touch; tests bring their own.
type World struct {
	Args   []string
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Signal <-chan os.Signal // asks for an orderly end
	// Now is the clock in the zone of whoever reads; nil means that of the system.
	Now func() time.Time
	// Env looks up a variable; nil means those of the process.
	Env func(string) string
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
	exitFailure = 1 // it was understood, and did not work
	exitUsage   = 2 // it was not understood: an argument, a file or an event is wrong
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
	root := newRoot(&world)
	root.SetArgs(world.Args)
	root.SetIn(world.In)
	root.SetOut(world.Out)
	root.SetErr(world.Err)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		err = errors.New("interrupted before the end")
	}
	fmt.Fprintln(world.Err, "tidings:", message(err))
	if fault.Is(err, fault.Invalid) {
		return exitUsage
	}
	return exitFailure
}

// message is the sentence for a person: a fault's detail, with every place that it names.
func message(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return console.Clean(err.Error())
	}
	text := console.CleanLines(e.Detail)
	if len(e.Faults) > 1 {
		// The sentence repeats the first of them, and counts the others.
		if what, _, found := strings.Cut(text, ": "); found {
			text = fmt.Sprintf("%s: %s", what, console.Count(len(e.Faults), "mistake"))
		}
		for _, f := range e.Faults {
			text += "\n  " + console.Clean(strings.TrimPrefix(f.Pointer+": "+f.Detail, ": "))
		}
	}
	return text
}

func newRoot(world *World) *cobra.Command {
	c := console.Console{In: world.In, Out: world.Out, Err: world.Err, Now: world.Now, Env: world.Env}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Env == nil {
		c.Env = os.Getenv
	}
	root := &cobra.Command{
		Use:   "tidings",
		Short: "Know what you run, who owns it, and what just changed",
		Long: `Tidings is one place for every service: what it is, who owns it, what it depends
on, and a newest-first feed of everything that changed in it.

Start a server for a trial, and open the address that it prints:

  tidings serve --no-login

Then, in another window, tell it that something happened, and look:

  tidings event "pricing 1.2 is live" --service pricing --version 1.2
  tidings feed

The commands ask the server at TIDINGS_SERVER (` + client.DefaultServer + ` when it is
not set) and show the token in TIDINGS_TOKEN.`,
		Args:          known,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fault.New(fault.Invalid, "%s: see %s --help", err, cmd.CommandPath())
	})
	var server string
	connect := func() (*client.Client, error) {
		return client.New(cmp.Or(server, c.Env("TIDINGS_SERVER"), client.DefaultServer), c.Env("TIDINGS_TOKEN"))
	}
	root.AddGroup(
		&cobra.Group{ID: groupLog, Title: "What happens:"},
		&cobra.Group{ID: groupRoll, Title: "What there is:"},
		&cobra.Group{ID: groupServer, Title: "The server, and what looks for it:"},
	)
	for _, group := range []struct {
		id       string
		commands []*cobra.Command
	}{
		{groupLog, []*cobra.Command{event.New(c, connect), feed.New(c, connect), suspects.New(c, connect), unclaimed.New(c, connect), alias.New(c, connect)}},
		{groupRoll, []*cobra.Command{
			get.New(c, connect), describe.New(c, connect), apply.New(c, connect), set.New(c, connect), delete.New(c, connect),
		}},
	} {
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			cmd.Flags().StringVar(&server, "server", "", "the address of the server (TIDINGS_SERVER; default "+client.DefaultServer+")")
			root.AddCommand(cmd)
		}
	}
	incidents := incident.New(c, connect)
	incidents.GroupID = groupLog
	incidents.PersistentFlags().StringVar(&server, "server", "", "the address of the server (TIDINGS_SERVER; default "+client.DefaultServer+")")
	root.AddCommand(incidents)
	for _, cmd := range []*cobra.Command{token.New(c, connect), source.New(c, connect), chat.New(c, connect)} {
		cmd.GroupID = groupServer
		cmd.PersistentFlags().StringVar(&server, "server", "", "the address of the server (TIDINGS_SERVER; default "+client.DefaultServer+")")
		root.AddCommand(cmd)
	}
	config := configcheck.New(c)
	for _, cmd := range []*cobra.Command{serve.New(), config, backup.New(c), restore.New(c), move.New(c), erase.New(c), admin.New(c), doctor.New(c), secrets.New(c), agent.New(c, serve.Release())} {
		cmd.GroupID = groupServer
		root.AddCommand(cmd)
	}
	config.Args = known
	root.AddCommand(version.New(c, serve.Release()))
	understand(root)
	return root
}

const (
	groupLog    = "log"
	groupRoll   = "roll"
	groupServer = "server"
)

// known refuses a verb that there is not, with those that may have been meant.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	meant := ""
	cmd.SuggestionsMinimumDistance = 2
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		meant = ": did you mean " + strings.Join(similar, " or ") + "?"
	}
	return fault.New(fault.Invalid, "%s has no command %q%s See %s --help", cmd.CommandPath(), args[0], cmp.Or(meant, "."), cmd.CommandPath())
}

// understand makes what cobra says of wrong arguments a fault that tells where to read on.
func understand(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if _, ours := errors.AsType[*fault.Error](err); err == nil || ours {
				return err
			}
			if len(args) == 0 {
				return fault.New(fault.Invalid, "%s needs an argument: see %s --help", cmd.CommandPath(), cmd.CommandPath())
			}
			return fault.New(fault.Invalid, "%s takes no argument such as %q: see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
		}
	}
	for _, child := range cmd.Commands() {
		understand(child)
	}
}
