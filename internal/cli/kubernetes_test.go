//go:build unix

package cli_test

import (
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/kubernetestest"
)

// Each script has a namespace of its own in a real cluster, whose audit it may take, and a server.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	cluster := kubernetestest.Open(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/kubernetes",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			d, err := daemon.Open(t.Context(), daemon.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), NoLogin: true})
			if err != nil {
				return err
			}
			env.Defer(func() {
				if err := d.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
			address, _, release, err := cluster.Audit(t.Context())
			if err != nil {
				return err
			}
			env.Defer(release)
			env.Setenv("TIDINGS_SERVER", d.URL())
			env.Setenv("CLUSTER", cluster.Directory())
			env.Setenv("NAMESPACE", cluster.Namespace(t))
			env.Setenv("AUDIT", address)
			env.Setenv("TZ", "UTC")
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "shows": shows, "kubectl": kubectl, "helm": helm, "balance": balance, "reaches": reaches},
	})
}

// kubectl USER ARGUMENT… does something in the namespace as a user.
func kubectl(ts *testscript.TestScript, _ bool, args []string) {
	directory := ts.Getenv("CLUSTER")
	args = append([]string{"--kubeconfig", filepath.Join(directory, args[0]+".kubeconfig"), "--namespace", ts.Getenv("NAMESPACE")}, args[1:]...)
	ts.Check(ts.Exec(filepath.Join(directory, "bin", "kubectl"), args...))
}

// helmProgram is built once, as it is pinned.
var helmProgram = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "tool", "-modfile="+filepath.Join("..", "..", "tools", "helm", "go.mod"), "-n", "helm").Output()
	return strings.TrimSpace(string(out)), err
})

// helm USER ARGUMENT… does something with releases of the namespace as a user.
func helm(ts *testscript.TestScript, _ bool, args []string) {
	program, err := helmProgram()
	ts.Check(err)
	ts.Setenv("HELM_DRIVER", "secret")
	ts.Check(ts.Exec(program, append([]string{
		"--kubeconfig", filepath.Join(ts.Getenv("CLUSTER"), args[0]+".kubeconfig"), "--namespace", ts.Getenv("NAMESPACE"),
	}, args[1:]...)...))
}

// shows PATTERN COMMAND… runs a command until what it prints matches.
func shows(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile("(?s)" + args[0])
	ts.Check(err)
	var out []byte
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		cmd := exec.Command(args[1], args[2:]...) //nolint:gosec // the script's own
		cmd.Dir = ts.MkAbs(".")
		cmd.Env = append(cmd.Environ(), "TIDINGS_SERVER="+ts.Getenv("TIDINGS_SERVER"), "TZ=UTC")
		if out, err = cmd.CombinedOutput(); err == nil && pattern.Match(out) {
			return
		}
	}
	ts.Fatalf("%s never matches %q:\n%s", args[1], args[0], out)
}

// balance listens where the API server sends its audit, and passes each connection on to FIRST and SECOND in turn, as a
// Service does with two pods.
func balance(ts *testscript.TestScript, _ bool, _ []string) {
	free := func() string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer listener.Close()
		return listener.Addr().String()
	}
	behind := []string{free(), free()}
	ts.Setenv("FIRST", behind[0])
	ts.Setenv("SECOND", behind[1])
	listener, err := net.Listen("tcp", ts.Getenv("AUDIT"))
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() }) // the next script takes it
	go func() {
		for turn := 1; ; turn++ {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer near.Close()
				far, err := net.Dial("tcp", behind[turn%len(behind)])
				if err != nil {
					return // as where a pod is not there yet
				}
				defer far.Close()
				go func() {
					_, _ = io.Copy(far, near) // how it ends is all the same
					_ = far.Close()           // so does the other direction
				}()
				_, _ = io.Copy(near, far)
			}()
		}
	}()
}

// reaches waits until somebody listens at an address.
func reaches(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", args[0]); err == nil {
			_ = conn.Close() // it was only to see
			return
		}
	}
	ts.Fatalf("nobody listens at %s", args[0])
}
