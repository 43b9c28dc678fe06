//go:build unix

package kubernetestest

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The agent may look, at what its roles name, and do nothing.
func TestAgentMayOnlyLook(t *testing.T) {
	t.Parallel()
	c := Open(t)
	for _, test := range []struct {
		verb, resource string
		want           bool
	}{
		{"watch", "deployments.apps", true},
		{"list", "secrets", true},
		{"list", "nodes", true},
		{"create", "deployments.apps", false},
		{"patch", "configmaps", false},
		{"get", "pods --subresource=log", false},
		{"create", "pods --subresource=exec", false},
		{"list", "serviceaccounts", false},
	} {
		answer, err := c.Kubectl(t.Context(), Agent, "", append([]string{"auth", "can-i", "--all-namespaces", test.verb}, strings.Fields(test.resource)...)...)
		if got := strings.TrimSpace(answer) == "yes"; got != test.want {
			t.Errorf("the agent may %s %s: %v, want %v (%v)", test.verb, test.resource, got, test.want, err)
		}
	}
}

// What other tests rely on: pods run, and fail in the way that is asked for, and recover.
func TestPods(t *testing.T) {
	t.Parallel()
	c := Open(t)
	namespace := c.Namespace(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	kubectl := func(args ...string) string {
		t.Helper()
		out, err := c.Kubectl(ctx, Alice, "", append([]string{"--namespace", namespace}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	await := func(what string, fine func() bool) {
		t.Helper()
		for !fine() {
			if ctx.Err() != nil {
				t.Fatalf("never: %s\n%s", what, kubectl("get", "pods", "--output", "yaml"))
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	// why gives the reason for which the container of a workload's pods waits.
	why := func(name string) string {
		return kubectl("get", "pods", "--selector", "app="+name, "--output", "jsonpath={.items[*].status.containerStatuses[0].state.waiting.reason}")
	}
	for name, image := range map[string]string{"well": "example/app:1", "missing": "example/app:does-not-exist", "crashing": "example/app:2-crashes"} {
		kubectl("create", "deployment", name, "--image", image)
	}
	kubectl("rollout", "status", "deployment/well", "--timeout=60s")
	await("the image is missing", func() bool { return why("missing") == "ImagePullBackOff" })
	await("the container crashes", func() bool { return why("crashing") == "CrashLoopBackOff" })

	pods := "--selector=app=well"
	kubectl("annotate", "pods", pods, "rig.tidings.dev/fail=memory")
	await("the container is killed", func() bool {
		return why("well") == "CrashLoopBackOff" && kubectl("get", "pods", pods, "--output", "jsonpath={.items[0].status.containerStatuses[0].lastState.terminated.reason}") == "OOMKilled"
	})
	kubectl("annotate", "pods", pods, "rig.tidings.dev/fail-")
	kubectl("wait", "--for=condition=Available", "--timeout=60s", "deployment/well")
	kubectl("annotate", "pods", pods, "rig.tidings.dev/fail=evict")
	await("a new pod takes the place of the evicted one", func() bool {
		return slices.Contains(strings.Fields(kubectl("get", "pods", pods, "--output", "jsonpath={.items[*].status.reason}")), "Evicted") &&
			kubectl("get", "deployment", "well", "--output", "jsonpath={.status.availableReplicas}") == "1"
	})
}

// The API server tells who did what to whoever listens at the address, with the token.
func TestAudit(t *testing.T) {
	t.Parallel()
	c := Open(t)
	address, token, release, err := c.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Verb, UserAgent  string
		User             struct{ Username string }
		ImpersonatedUser struct{ Username string }
		ObjectRef        struct{ Namespace, Resource, Name string }
		RequestObject    json.RawMessage
	}
	told := make(chan entry, 10_000)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var list struct{ Items []entry }
		body, _ := io.ReadAll(r.Body) // what is broken off cannot be read below
		if err := json.Unmarshal(body, &list); err != nil || r.Header.Get("Authorization") != "Bearer "+token || r.URL.Path != "/audit" {
			t.Errorf("%s with %q: %v", r.URL, r.Header.Get("Authorization"), err)
		}
		for _, e := range list.Items {
			told <- e
		}
	})}
	go server.ServeTLS(listener, filepath.Join(c.Directory(), "audit.crt"), filepath.Join(c.Directory(), "audit.key")) //nolint:errcheck // it is closed below
	defer server.Close()
	namespace := c.Namespace(t)
	if _, err := c.Kubectl(t.Context(), Carol, "", "--as", "bob@example.com", "--as-group", "developers", "--namespace", namespace, "create", "configmap", "settings", "--from-literal=a=b"); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case e := <-told:
			if e.ObjectRef.Namespace != namespace || e.ObjectRef.Name != "settings" {
				continue
			}
			if e.Verb != "create" || e.User.Username != "carol@example.com" || e.ImpersonatedUser.Username != "bob@example.com" || !strings.HasPrefix(e.UserAgent, "kubectl") {
				t.Errorf("got %+v", e)
			}
			if e.RequestObject != nil {
				t.Errorf("the audit tells what was written: %s", e.RequestObject)
			}
			return
		case <-time.After(time.Minute):
			t.Fatal("nothing was told of the config map in a minute")
		}
	}
}
