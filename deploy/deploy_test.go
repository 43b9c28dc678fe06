// Package deploy_test tries what is deployed on a real API server: scripts/kubernetes starts one.
package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	k8syaml "k8s.io/apimachinery/pkg/util/yaml"

	"tidings.dev/tidings/internal/kubernetestest"
)

// kubectl runs as the administrator of the cluster.
func kubectl(t *testing.T, c kubernetestest.Cluster, stdin string, args ...string) string {
	t.Helper()
	out, err := c.Kubectl(t.Context(), kubernetestest.Admin, stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// helm builds the program once, as it is pinned.
var helm = sync.OnceValues(func() (string, error) {
	out, err := run(context.Background(), "go", "tool", "-modfile="+filepath.Join("..", "tools", "helm", "go.mod"), "-n", "helm")
	return strings.TrimSpace(out), err
})

// template renders a chart; the error is what helm says.
func template(t *testing.T, args ...string) (string, error) {
	t.Helper()
	program, err := helm()
	if err != nil {
		t.Fatal(err)
	}
	// A helm that is built from its module takes itself for one of Kubernetes 1.20.
	return run(t.Context(), program, append([]string{"template", "--kube-version", "1.33.0"}, args...)...)
}

// run returns what a program prints; the error tells what it complained of.
func run(ctx context.Context, program string, args ...string) (string, error) {
	var out, complaint bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return out.String(), nil
}

// built is the binary, built as a release has it: its packages are compiled by then.
func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "tidings")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, "../cmd/tidings")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// object is a manifest.
type object map[string]any

// at is what stands at a path; nil for nothing.
func (o object) at(path ...string) any {
	var value any = map[string]any(o)
	for _, key := range path {
		members, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = members[key]
	}
	return value
}

func (o object) id() string { return fmt.Sprint(o["kind"], "/", o.at("metadata", "name")) }

// parse reads manifests by their kind and name.
func parse(t *testing.T, manifests string) map[string]object {
	t.Helper()
	all := map[string]object{}
	decoder := k8syaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 1<<16)
	for {
		var o object
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in:\n%s", err, manifests)
		}
		if o == nil {
			continue
		}
		id := o.id()
		if namespace, ok := o.at("metadata", "namespace").(string); ok && namespace != "tidings" {
			id = namespace + "/" + id
		}
		if all[id] != nil {
			t.Errorf("there are two of %s", id)
		}
		all[id] = o
	}
}
