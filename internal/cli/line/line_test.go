package line

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/internal/cli/console"
)

func event(t *testing.T, text string) wire.Event {
	t.Helper()
	e := wire.Event{Phase: "succeeded", Subjects: []string{"service:pricing"}, Source: "api"}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"kind": "deploy", "title": "Pricing v1.2", "version": "v1.2"}`:                                                                      "deployed v1.2",
		`{"kind": "deploy", "title": "1.2", "version": "1.2", "previous": "1.1", "phase": "failed", "environment": "prod"}`:                   "deploy failed 1.1 → 1.2 in prod",
		`{"kind": "deploy", "title": "1.2", "version": "1.2", "phase": "started", "exposure": 2.5}`:                                           "rolling out 1.2 at 2.5 %",
		`{"kind": "deploy", "title": "Fix rounding", "version": "1.2"}`:                                                                       "deployed 1.2: Fix rounding",
		`{"kind": "deploy", "title": "pricing: something", "phase": "planned"}`:                                                               "something (planned)",
		`{"kind": "build", "title": "build 1.2", "version": "1.2", "phase": "failed"}`:                                                        "built 1.2 (failed)",
		`{"kind": "flag", "title": "flag x", "diff": [{"field": "x", "old": "off", "new": "on"}, {"field": "y"}]}`:                            "changed flag x off → on and 1 more",
		`{"kind": "config", "title": "limit", "diff": [{"field": "limit", "old": "9"}]}`:                                                      "changed configuration limit 9 → removed",
		`{"kind": "config", "title": "limit", "diff": [{"field": "limit", "new": "9"}], "labels": {"times": "4"}}`:                            "changed configuration limit 9, 4 times",
		`{"kind": "traffic", "title": "Shifted, 4 times", "labels": {"times": "4"}}`:                                                          "Shifted, 4 times",
		`{"kind": "scaling", "title": "from 3 to 9", "diff": [{"field": "replicas", "old": "3", "new": "9"}]}`:                                "scaled replicas 3 → 9",
		`{"kind": "secret", "title": "db-password", "diff": [{"field": "db-password", "old": "hmac:1", "new": "hmac:2"}]}`:                    "rotated secret db-password",
		`{"kind": "alert", "class": "signal", "title": "p99 high", "phase": "started"}`:                                                       "p99 high (open)",
		`{"kind": "alert", "class": "signal", "title": "p99 high", "started_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:01:00Z"}`: "p99 high (resolved)",
		`{"kind": "note", "title": "pricing"}`:                                                                                                "pricing",
		`{"kind": "note", "title": "Pricing – is slow", "dark": true}`:                                                                        "is slow (dark: nobody told of it)",
		`{"kind": "note", "title": "pricing2 is slow"}`:                                                                                       "pricing2 is slow",
		`{"kind": "unheard-of", "title": "of a later server", "version": "1"}`:                                                                "of a later server",
	} {
		e := event(t, text)
		if got := sentence(&e); got != want {
			t.Errorf("sentence(%s) = %q, want %q", text, got, want)
		}
	}
}

func TestActor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                           "",
		`{"source": "github"}`:         "github",
		`{"actor": {"name": "maria"}}`: "maria",
		`{"actor": {"via": "argocd"}}`: "argocd",
		`{"source": "x", "actor": {"name": "maria", "via": "argocd"}}`: "maria via argocd",
	} {
		e := event(t, text)
		if got := actor(&e); got != want {
			t.Errorf("actor(%s) = %q, want %q", text, got, want)
		}
	}
}

// Columns grow with what comes, so that a later line stands under the earlier ones; what would steer the terminal is
// taken out.
func TestWriter(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewWriter(console.Console{
		Out: &out,
		Now: func() time.Time { return time.Date(2026, 6, 11, 14, 30, 0, 0, time.FixedZone("CEST", 7200)) },
		Env: func(string) string { return "" },
	}, false)
	for _, items := range [][]Item{
		{
			{Event: event(t, `{"kind": "deploy", "title": "1.2", "version": "1.2", "started_at": "2026-06-11T12:29:00Z", "actor": {"name": "María"}}`)},
			{Event: event(t, `{"kind": "infrastructure", "title": "\u001b[31mred", "subjects": ["resource:日本-db", "service:a"], "started_at": "2026-06-10T12:29:00Z"}`), Count: 1200},
		},
		{{Event: event(t, `{"kind": "note", "title": "x", "subjects": [], "started_at": "2026-06-11T12:30:00Z"}`)}},
	} {
		if err := w.Write(items); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Join([]string{
		"2026-06-11 14:29:00 (12:29Z)  deploy          pricing              deployed 1.2            María  1m ago",
		"2026-06-10 14:29:00 (12:29Z)  infrastructure  resource:日本-db +1  [31mred (1,200 events)         24h ago",
		"2026-06-11 14:30:00 (12:30Z)  note                                 x                              just now",
		"",
	}, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
