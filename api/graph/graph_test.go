package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/graph"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations"
	"tidings.dev/tidings/integrations/all"
	"tidings.dev/tidings/setting"
	"tidings.dev/tidings/source"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/sqlite"
)

// house is a whole Tidings over a real store, with an address.
type house struct {
	store *store.Store
	roll  *catalog.Roll
	door  *ingest.Door
	feed  *feed.Reader
	url   string
	api   *graph.API
}

// began is when the log of the tests begins.
var began = time.Now().UTC().Truncate(time.Second).Add(-48 * time.Hour)

func newHouse(t testing.TB) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(access.With(context.Background(), access.Administrator))
	s, err := sqlite.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, roll: catalog.NewRoll(s)}
	hub := feed.NewHub(s)
	h.door = ingest.NewDoor(h.roll, s, hub.Wake)
	h.feed = &feed.Reader{Roll: h.roll, Store: s, Hub: hub}
	done := make(chan struct{})
	go func() { defer close(done); h.door.Run(ctx) }()
	hubDone := make(chan struct{})
	go func() { defer close(hubDone); hub.Run(ctx) }()
	h.api = graph.New(graph.Deps{
		Suspects: &suspect.Reader{Roll: h.roll, Log: s},
		Roll:     h.roll, Feed: h.feed, Writer: h.door, Version: "1.2.3", Organisation: func() string { return "Northwind" }, NoLogin: true,
		Sources: h.sources(t),
	})
	server := httptest.NewServer(h.handler(access.Administrator))
	h.url = server.URL + "/graphql"
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		cancel()
		<-done
		<-hubDone
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// sources are one of the configuration file.
func (h *house) sources(t testing.TB) *source.Book {
	t.Helper()
	tools, err := source.NewTools(all.Specs(), integrations.Readme, integrations.Examples)
	if err != nil {
		t.Fatal(err)
	}
	return &source.Book{
		Settings: &setting.Book{Store: h.store}, Store: h.store, Tools: tools, Decode: ingest.Decode, Now: time.Now,
		States: func(context.Context) []integration.State {
			return []integration.State{{Name: "ci", Type: "github", State: "healthy", Detail: "all is well", Events: 7}}
		},
		Hook:   func(string) (source.Hook, bool) { return nil, false },
		InFile: func(name string) bool { return name == "ci" },
	}
}

// handler is the API as the daemon mounts it, with somebody logged in.
func (h *house) handler(who access.Principal) http.Handler {
	mux := http.NewServeMux()
	h.api.Mount(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(access.With(r.Context(), who)))
	})
}

func (h *house) apply(t testing.TB, statements ...catalog.Statement) {
	t.Helper()
	if _, err := h.door.Apply(access.With(context.Background(), access.Administrator), statements); err != nil {
		t.Fatal(err)
	}
}

func (h *house) record(t testing.TB, events ...change.Event) []change.Receipt {
	t.Helper()
	receipts, err := h.door.Record(access.With(context.Background(), access.Administrator), events)
	if err != nil {
		t.Fatal(err)
	}
	return receipts
}

// say is what the people claim about an entity.
func say(t testing.TB, ref string, fields map[string]any) catalog.Statement {
	t.Helper()
	parsed, err := catalog.ParseRef(ref, "")
	if err != nil {
		t.Fatal(err)
	}
	s := catalog.Statement{Ref: parsed, Source: catalog.PeopleSource}
	for field, value := range fields {
		s.Claims = append(s.Claims, catalog.Say(catalog.Field(field), value))
	}
	return s
}

func about(names ...string) []change.Subject {
	subjects := make([]change.Subject, len(names))
	for i, name := range names {
		subjects[i] = change.Subject{Name: name}
	}
	return subjects
}

type answer struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct {
			Code   string
			Faults []map[string]string
		}
	}
}

func (h *house) post(t testing.TB, query string, variables map[string]any) (int, answer) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(h.url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("not JSON: %v: %s", err, raw)
	}
	return response.StatusCode, a
}

// ask fails the test on any error.
func (h *house) ask(t testing.TB, query string, variables map[string]any) map[string]any {
	t.Helper()
	status, a := h.post(t, query, variables)
	if status != http.StatusOK || len(a.Errors) > 0 {
		t.Fatalf("%s: %d %+v", query, status, a.Errors)
	}
	return a.Data
}

// want compares what was answered with JSON.
func want(t testing.TB, got any, text string) {
	t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(text), &wanted); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// dig follows keys and indexes into an answer.
func dig(t testing.TB, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("%v of %v: not an object", step, value)
			}
			value = object[step]
		case int:
			list, ok := value.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("%v of %v: not that long a list", step, value)
			}
			value = list[step]
		}
	}
	return value
}

func pluck(t testing.TB, list any, path ...any) []string {
	t.Helper()
	items, ok := list.([]any)
	if !ok {
		t.Fatalf("%v is not a list", list)
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = fmt.Sprint(dig(t, item, path...))
	}
	return texts
}

// northwind is a small organisation.
func northwind(t testing.TB, h *house) {
	t.Helper()
	h.apply(
		t,
		say(t, "person:priya.raman", map[string]any{"title": "Priya Raman", "email": "priya@example.com", "part-of/team:payments": "declared", "alias/github:priyar": true}),
		say(t, "team:payments", map[string]any{"title": "Payments", "contact/slack/#payments": "", "contact/email/pay@example.com": "Mail"}),
		say(t, "system:shop", map[string]any{"title": "Shop"}),
		say(t, "service:checkout-api", map[string]any{
			"description": "Takes the money.", "language": "go", "language-version": "1.26", "tier": 0, "user-facing": true,
			"lifecycle": "production", "platform": "kubernetes", "deployed-by": "argocd", "rpo": "0s", "rto": "15m",
			"owner": "team:payments", "part-of/system:shop": "declared", "depends-on/service:ledger": "declared",
			"depends-on/resource:orders-db": "observed", "provides/api:checkout": "declared", "tag/pci": "", "tag/cost-centre": "4711",
			"link/runbook/https://example.com/runbook": "Runbook", "alias/github:acme/checkout": true,
			"on-call/primary/person:priya.raman": "2030-01-02T03:04:05Z", "on-call/secondary/pagerduty:PXYZ": "",
		}),
		say(t, "service:ledger", map[string]any{"tier": 1, "language": "java", "owner": "team:payments", "tag/pci": ""}),
		say(t, "service:basket", map[string]any{"tier": 2, "language": "go", "consumes/api:checkout": "declared", "depends-on/service:ledger": "declared"}),
	)
}

// deploys is the log of northwind: what TestFeed and its like expect.
func deploys(t testing.TB, h *house) []change.Receipt {
	t.Helper()
	return h.record(
		t,
		change.Event{Source: "gh", Key: "m1", Kind: "merge", Title: "Round half even", Commit: "abcdef1234", Subjects: about("github:acme/checkout"), StartedAt: began, Actor: change.Actor{Type: "person", Name: "priyar", Via: "github"}},
		change.Event{
			Source: "ci", Key: "d1", Kind: "deploy", Title: "checkout-api 2.1 to production", Commit: "abcdef1", Version: "2.1", Previous: "2.0", Subjects: about("checkout-api"),
			Environment: "production", StartedAt: began.Add(time.Hour), EndedAt: began.Add(time.Hour + time.Minute), Actor: change.Actor{Type: "automation", Name: "argocd"},
			Labels: map[string]string{"b": "2", "a": "1"}, Links: []change.Link{{Type: "deploy", Title: "Run", URL: "https://example.com/run/1"}}, Diff: []change.Diff{{Field: "image", Old: "2.0", New: "2.1"}},
		},
		change.Event{Source: "ci", Key: "d2", Kind: "deploy", Title: "ledger 7 to staging", Version: "7", Subjects: about("ledger"), Environment: "staging", StartedAt: began.Add(2 * time.Hour)},
		change.Event{Source: "pd", Key: "a1", Kind: "alert", Title: "Latency is high", Subjects: about("pagerduty:PABC"), Environment: "production", StartedAt: began.Add(3 * time.Hour)},
	)
}
