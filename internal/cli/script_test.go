package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tidings.dev/tidings/internal/cli"
	"tidings.dev/tidings/internal/daemon"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tidings": func() { os.Exit(cli.Run(cli.System())) }})
}

// Each script has a server of its own, on a free port, and the real command line.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			data := t.TempDir()
			d, err := daemon.Open(t.Context(), daemon.Config{Listen: "127.0.0.1:0", Data: data, NoLogin: true})
			if err != nil {
				return err
			}
			env.Defer(func() {
				if err := d.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
			env.Setenv("TIDINGS_SERVER", d.URL())
			env.Setenv("DATA", data)
			env.Setenv("TZ", "UTC")
			// Under the race detector every process would sleep a second before it ends.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "now": now, "eventually": eventually},
	})
}

// exits CODE COMMAND… runs a command that ends with a code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = ended.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// now VAR keeps the time in a variable, and lets it pass.
func now(ts *testscript.TestScript, _ bool, args []string) {
	time.Sleep(2 * time.Millisecond)
	ts.Setenv(args[0], time.Now().UTC().Format(time.RFC3339Nano))
	time.Sleep(2 * time.Millisecond)
}

// eventually COMMAND… runs a command until it succeeds.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = ts.Exec(args[0], args[1:]...); err == nil {
			return
		}
	}
	ts.Fatalf("%v", err)
}
