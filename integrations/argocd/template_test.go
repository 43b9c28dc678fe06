package argocd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/argocd"
)

// application is one as Argo CD keeps it, with what must not be sent.
const application = `{"metadata": {"name": "payments-prod", "namespace": "argocd", "uid": "0b2c1d94"},
 "spec": {"project": "shop", "destination": {"name": "prod-eu", "namespace": "payments"}, "source": {"helm": {"parameters": [{"name": "dsn", "value": "canary-payload"}]}}},
 "status": {"reconciledAt": "2026-11-22T02:53:00Z", "health": {"status": "Degraded", "lastTransitionTime": "2026-11-22T02:58:00Z"}, "summary": {"images": ["acme/payments:2.14.0"]},
  "resources": [{"kind": "Deployment", "name": "payments", "health": {"status": "Degraded"}}, {"kind": "ConfigMap", "name": "flags"}],
  "history": [{"id": 1, "revision": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "deployStartedAt": "2026-11-21T10:00:00Z", "source": {"helm": {"values": "canary-payload"}}}, {"id": 2, "revisions": ["9f1c2e4"]}],
  "operationState": {"phase": "Succeeded", "message": "said \"done\" <b>", "startedAt": "2026-11-22T02:51:10Z", "finishedAt": "2026-11-22T02:52:40Z",
   "operation": {"initiatedBy": {"username": "ana"}, "sync": {}}, "syncResult": {"revision": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "resources": [{"kind": "Deployment", "images": ["acme/payments:2.14.0"]}, {"kind": "Job"}]}}}}`

// bare is one that has only just been made: nearly everything is missing.
const bare = `{"metadata": {"name": "payments-prod", "namespace": "argocd", "uid": "0b2c1d94"}, "spec": {"project": "default"},
 "status": {"health": {"status": "Degraded"}, "operationState": {"phase": "Running", "startedAt": "2026-11-22T02:51:10Z"}}}`

// The README's template is what people paste: it is rendered as Argo CD renders it, and the decoder understands it.
func TestTheTemplateOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "   ```yaml\n   data:\n")
	block, _, ended := strings.Cut(rest, "   ```\n")
	if !found || !ended {
		t.Fatal("the README has no block of YAML that begins with data")
	}
	var lines []string
	for line := range strings.Lines(block) {
		lines = append(lines, strings.TrimPrefix(line, "     "))
	}
	var parts map[string]string
	if err := yaml.UnmarshalWithOptions([]byte(strings.Join(lines, "")), &parts, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		application string
		want        change.Event
	}{
		"template.tidings-sync":   {application, change.Event{Kind: "deploy", Phase: change.Succeeded, Version: "2.14.0", Commit: "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", Environment: "production", Detail: "said \"done\" <b>"}},
		"template.tidings-health": {application, change.Event{Kind: "alert", Phase: change.Started, Environment: "production", Detail: "Degraded: Deployment/payments"}},
	} {
		for _, app := range []string{test.application, bare} {
			body := render(t, parts[name], app)
			if strings.Contains(string(body), "canary") {
				t.Errorf("%s sends what it must not: %s", name, body)
			}
			decoded, err := source.(*argocd.Source).Decode(integration.Delivery{Body: body})
			if err != nil || len(decoded.Events) != 1 {
				t.Fatalf("%s gives %d events: %v\n%s", name, len(decoded.Events), err, body)
			}
			e := decoded.Events[0]
			got := change.Event{Kind: e.Kind, Phase: e.Phase, Version: e.Version, Commit: e.Commit, Environment: e.Environment, Detail: e.Detail}
			if app != bare && (got.Kind != test.want.Kind || got.Phase != test.want.Phase || got.Version != test.want.Version || got.Commit != test.want.Commit || got.Environment != test.want.Environment || got.Detail != test.want.Detail) {
				t.Errorf("%s: got %+v, want %+v", name, got, test.want)
			}
		}
	}
}

// render writes the body of a template, with those of Argo CD's functions that it calls.
func render(t *testing.T, part, application string) []byte {
	t.Helper()
	var notification struct {
		Webhook map[string]struct{ Method, Body string }
	}
	if err := yaml.Unmarshal([]byte(part), &notification); err != nil {
		t.Fatal(err)
	}
	webhook := notification.Webhook["tidings"]
	if webhook.Method != "POST" {
		t.Errorf("the method is %q: Argo CD takes GET where none is given", webhook.Method)
	}
	parsed, err := template.New("body").Funcs(template.FuncMap{
		"list":   func(items ...any) []any { return items },
		"append": func(items []any, item any) []any { return append(slices.Clone(items), item) },
		"uniq":   func(items []any) []any { return slices.Compact(items) },
		"toJson": func(value any) (string, error) { text, err := json.Marshal(value); return string(text), err },
		"dig": func(args ...any) any {
			at, fallback := args[len(args)-1], args[len(args)-2]
			for _, key := range args[:len(args)-2] {
				next, ok := at.(map[string]any)[key.(string)]
				if !ok {
					return fallback
				}
				at = next
			}
			return at
		},
	}).Parse(webhook.Body)
	if err != nil {
		t.Fatal(err)
	}
	var app map[string]any
	if err := json.Unmarshal([]byte(application), &app); err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if err := parsed.Execute(&body, map[string]any{"app": app, "context": map[string]string{"argocdUrl": "https://argocd.acme.example"}}); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}
