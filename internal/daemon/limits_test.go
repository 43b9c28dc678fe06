package daemon_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// Whoever is over a limit is told so, and when to come back; nobody else is.
func TestLimits(t *testing.T) {
	t.Parallel()
	slow := func(burst int) daemon.Rate { return daemon.Rate{PerSecond: 0.001, Burst: burst} }
	const (
		event = `{"title":"x","service":"y","source":"ci"}`
		many  = "[" + event + "," + event + "]"
	)
	type try struct {
		who, method, path, body string
		want                    int
	}
	question := try{"viewer", http.MethodPost, "/graphql", `{"query":"{entities(first:50){nodes{name description}}}"}`, 200}
	for name, tc := range map[string]struct {
		limits daemon.Limits
		tries  []try
		limit  string
	}{
		"requests": {daemon.Limits{Requests: slow(2)}, []try{
			{"viewer", http.MethodGet, "/api/v1/kinds", "", 200},
			{"viewer", http.MethodGet, "/api/v1/kinds", "", 200},
			{"viewer", http.MethodGet, "/api/v1/kinds", "", 429},
			{"member", http.MethodGet, "/api/v1/kinds", "", 200},
			{"nobody", http.MethodGet, "/healthz", "", 200},
			{"viewer", http.MethodGet, "/healthz", "", 200},
			{"nobody", http.MethodGet, "/api/v1/kinds", "", 401},
			{"nobody", http.MethodGet, "/api/v1/kinds", "", 401},
			{"nobody", http.MethodGet, "/api/v1/kinds", "", 429},
		}, "requests"},
		"events": {daemon.Limits{Events: slow(3)}, []try{
			{"member", http.MethodPost, "/api/v1/events", many, 201},
			{"member", http.MethodPost, "/api/v1/events", many, 429},
			{"member", http.MethodPost, "/api/v1/events", event, 201},
			{"operator", http.MethodPost, "/api/v1/events", many, 201},
		}, "events"},
		"events of a source": {daemon.Limits{SourceEvents: slow(3)}, []try{
			{"member", http.MethodPost, "/api/v1/events", many, 201},
			{"operator", http.MethodPost, "/api/v1/events", many, 429},
			{"operator", http.MethodPost, "/api/v1/events", `{"title":"x","service":"y","source":"other"}`, 201},
		}, "source_events"},
		"cost": {daemon.Limits{GraphCost: slow(300)}, []try{question, {question.who, question.method, question.path, question.body, 429}}, "graph_cost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, _ := guarded(t, settings(func(c *daemon.Config) { c.Data, c.Limits, c.Metrics = t.TempDir(), tc.limits, "open" }))
			for i, try := range tc.tries {
				status, text := visit(t, try.who, try.method, opened.URL()+try.path, try.body)
				if strings.Contains(text, `"code":"rate_limited"`) && strings.Contains(text, "errors") {
					status = http.StatusTooManyRequests // of GraphQL
				}
				if status != try.want {
					t.Errorf("%d: %s %s as %s: got %d, want %d: %s", i, try.method, try.path, try.who, status, try.want, text)
				}
				if status == http.StatusTooManyRequests && !strings.Contains(text, "rate_limited") {
					t.Errorf("%d: got %s", i, text)
				}
			}
			_, text := visit(t, "administrator", http.MethodGet, opened.URL()+"/metrics", "")
			if name != "requests" && !strings.Contains(text, `tidings_limited_total{limit="`+tc.limit+`"} 1`) {
				t.Errorf("the metrics do not tell: %.3000s", text)
			}
		})
	}
}

// Whoever has as many streams as they may is refused another, and let in when one was closed.
func TestStreamsOfOnePrincipalAreCounted(t *testing.T) {
	t.Parallel()
	opened, _ := guarded(t, settings(func(c *daemon.Config) { c.Data, c.Limits = t.TempDir(), daemon.Limits{Streams: 2} }))
	follow := func(who, method, path, body string) (*http.Response, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		r, err := http.NewRequestWithContext(ctx, method, opened.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+who)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer, cancel
	}
	_, closeFirst := follow("viewer", http.MethodGet, "/api/v1/stream", "")
	follow("viewer", http.MethodPost, "/graphql", `{"query":"subscription{events{cursor}}"}`)
	for path, method := range map[string]string{"/api/v1/stream": http.MethodGet, "/graphql": http.MethodPost} {
		answer, _ := follow("viewer", method, path, `{"query":"subscription{events{cursor}}"}`)
		if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
			t.Errorf("a third at %s: %s %v", path, answer.Status, answer.Header)
		}
	}
	if answer, _ := follow("member", http.MethodGet, "/api/v1/stream", ""); answer.StatusCode != http.StatusOK {
		t.Errorf("somebody else: %s", answer.Status)
	}
	closeFirst()
	for {
		answer, _ := follow("viewer", http.MethodGet, "/api/v1/stream", "")
		if answer.StatusCode == http.StatusOK {
			break // the server noticed, or the test times out
		}
	}
}
