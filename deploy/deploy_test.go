// Package deploy_test tries what is deployed on a real API server: scripts/kubernetes starts one.
package deploy_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// variable names the directory of the API server of the tests; scripts/kubernetes sets it.
const variable = "TIDINGS_TEST_KUBERNETES"

// cluster is the API server of the tests.
type cluster struct{ directory string }

func open(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{directory: os.Getenv(variable)}
	if c.directory == "" {
		t.Fatalf("%s is not set: run the tests through make test-go, or scripts/kubernetes -- go test ./deploy", variable)
	}
	return c
}

// space makes a namespace for a test, and returns its name.
func (c *cluster) space(t *testing.T) string {
	t.Helper()
	name := strings.TrimPrefix(c.kubectl(t, "{apiVersion: v1, kind: Namespace, metadata: {generateName: deploy-}}", "create", "--filename", "-", "--output", "name"), "namespace/")
	name = strings.TrimSpace(name)
	t.Cleanup(func() { // the context of a test is over by then
		if _, err := run(context.WithoutCancel(t.Context()), "", c.program(), c.login("admin", "delete", "namespace", name, "--wait=false")...); err != nil {
			t.Error(err)
		}
	})
	return name
}

func (c *cluster) program() string { return filepath.Join(c.directory, "bin", "kubectl") }

func (c *cluster) login(user string, args ...string) []string {
	return append([]string{"--kubeconfig", filepath.Join(c.directory, user+".kubeconfig")}, args...)
}

// kubectl runs as the administrator.
func (c *cluster) kubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := run(t.Context(), stdin, c.program(), c.login("admin", args...)...)
	if err != nil {
		t.Fatalf("kubectl %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// helm builds the program once, as it is pinned.
var helm = sync.OnceValues(func() (string, error) {
	out, err := run(context.Background(), "", "go", "tool", "-modfile="+filepath.Join("..", "tools", "helm", "go.mod"), "-n", "helm")
	return strings.TrimSpace(out), err
})

func template(t *testing.T, args ...string) string {
	t.Helper()
	program, err := helm()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t.Context(), "", program, append([]string{"template"}, args...)...)
	if err != nil {
		t.Fatalf("helm template %s: %v", strings.Join(args, " "), err)
	}
	return out
}

// run returns what a program prints; the error tells what it complained of.
func run(ctx context.Context, stdin, program string, args ...string) (string, error) {
	var out, complaint bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &out, &complaint
	err := command.Run()
	if err != nil {
		err = &failure{err, complaint.String()}
	}
	return out.String(), err
}

type failure struct {
	error
	complaint string
}

func (f *failure) Error() string { return f.error.Error() + ": " + strings.TrimSpace(f.complaint) }
func (f *failure) Unwrap() error { return f.error }
