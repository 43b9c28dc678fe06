//go:build unix

// Package kubernetestest gives tests the real Kubernetes that scripts/kubernetes starts. Its README, in the directory that
// TIDINGS_TEST_KUBERNETES names, tells who may log in and how pods are made to fail. Tests alone may import it, and the
// harnesses of this repository.
package kubernetestest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Variable names the directory of the cluster.
const Variable = "TIDINGS_TEST_KUBERNETES"

// The users of the cluster.
const (
	Admin = "admin" // whom a test arranges things with, and whom nobody looks at
	Alice = "alice" // alice@example.com, a developer
	Bob   = "bob"   // bob@example.com, another
	Carol = "carol" // carol@example.com, of the platform team, who may impersonate others
	CI    = "ci"    // system:serviceaccount:ci:deployer, a machine
	Agent = "agent" // the agent, with the roles in deploy/kubernetes and no others
)

// Cluster is a running Kubernetes.
type Cluster struct{ directory string }

// Open gives the cluster. The test fails when there is none: it is never skipped.
func Open(t testing.TB) Cluster {
	t.Helper()
	cluster, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// Find gives the cluster to who has no test.
func Find() (Cluster, error) {
	directory := os.Getenv(Variable)
	if directory == "" {
		return Cluster{}, fmt.Errorf("%s is not set: this needs a real Kubernetes. Run it by make test-go, or as scripts/kubernetes -- go test", Variable)
	}
	if _, err := os.Stat(filepath.Join(directory, "admin.kubeconfig")); err != nil {
		return Cluster{}, fmt.Errorf("%s names no running cluster: %w", Variable, err)
	}
	return Cluster{directory}, nil
}

// Kubeconfig is the path of a user's.
func (c Cluster) Kubeconfig(user string) string {
	return filepath.Join(c.directory, user+".kubeconfig")
}

// Program is the path of one of the cluster's programs, such as kubectl.
func (c Cluster) Program(name string) string { return filepath.Join(c.directory, "bin", name) }

// File reads one of the small files of the directory, such as audit.address, without the line's end.
func (c Cluster) File(name string) (string, error) {
	content, err := os.ReadFile(filepath.Join(c.directory, name))
	return strings.TrimSpace(string(content)), err
}

// Directory has the cluster's files.
func (c Cluster) Directory() string { return c.directory }

// Kubectl runs kubectl as a user, and gives what it printed. The error tells what it said. The input is its standard input,
// for -f -.
func (c Cluster) Kubectl(ctx context.Context, user, input string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Program("kubectl"), append([]string{"--kubeconfig", c.Kubeconfig(user)}, args...)...)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s as %s: %w: %s", strings.Join(args, " "), user, err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}

// Namespace makes a namespace of the test's own, and deletes it at the end.
func (c Cluster) Namespace(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test-%x", time.Now().UnixNano())
	if _, err := c.Kubectl(t.Context(), Admin, "", "create", "namespace", name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended. Nobody waits until the namespace is empty.
		if _, err := c.Kubectl(context.WithoutCancel(t.Context()), Admin, "", "delete", "namespace", name, "--wait=false"); err != nil {
			t.Error(err)
		}
	})
	return name
}

// Audit is where the API server sends its audit: the address to listen at, and the bearer token that it shows. It waits
// until nobody else listens there, in this process or another; the caller releases the address when it has stopped to listen.
func (c Cluster) Audit(ctx context.Context) (address, token string, release func(), err error) {
	if address, err = c.File("audit.address"); err != nil {
		return "", "", nil, err
	}
	if token, err = c.File("audit.token"); err != nil {
		return "", "", nil, err
	}
	lock, err := os.OpenFile(filepath.Join(c.directory, "audit.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", "", nil, err
	}
	for {
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return address, token, func() { _ = lock.Close() }, nil // a lock ends with its file
		}
		select {
		case <-ctx.Done():
			_ = lock.Close() // nothing was locked
			return "", "", nil, fmt.Errorf("wait for the audit's address: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
