package pagerduty_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
)

// fakeEvents answers as "Send an Alert Event" of the Events API v2 has it: 202 with the dedup_key, 400 with what is invalid.
type fakeEvents struct {
	*httptest.Server
	alerts map[string]map[string]any // by dedup_key
	status int
}

func newFakeEvents(t *testing.T) *fakeEvents {
	t.Helper()
	f := &fakeEvents{alerts: map[string]map[string]any{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event map[string]any
		if r.Method != http.MethodPost || r.URL.Path != "/v2/enqueue" || json.NewDecoder(r.Body).Decode(&event) != nil {
			t.Errorf("got %s %s", r.Method, r.URL.Path)
		}
		payload, _ := event["payload"].(map[string]any)
		key, _ := event["dedup_key"].(string)
		switch {
		case f.status != 0:
			w.WriteHeader(f.status)
		case event["routing_key"] != "a-routing-key":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}`))
		case event["event_action"] != "trigger" || payload["summary"] == "" || payload["source"] == "" || payload["severity"] != "critical" || len(key) > 255:
			t.Errorf("not an alert as documented: %v", event)
		default:
			f.alerts[key] = event
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(`{"status":"success","message":"Event processed","dedup_key":"` + key + `"}`))
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func pager(t *testing.T, f *fakeEvents, key string) integration.Pager {
	t.Helper()
	t.Setenv(integrationtest.Secret, key)
	c := config()
	c.EventsAPI = f.URL
	integrationtest.Refer(&c.RoutingKey)
	c.Use(f.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(integration.Pager)
}

var call = integration.Call{
	Key: "tidings/INC-482/pager", Title: "INC-482: Checkout fails", Services: []string{"checkout-api", "pricing"}, Environment: "production", By: "ines",
	Text: "the rollback did not help", URL: "https://tidings.example.com/i/482", At: time.Date(2026, 6, 11, 3, 7, 12, 0, time.UTC),
}

func TestPage(t *testing.T) {
	f := newFakeEvents(t)
	source := pager(t, f, "a-routing-key")
	if !source.Pages(t.Context()) {
		t.Error("a source with a routing key pages")
	}
	for range 2 { // as when the answer was lost
		if err := source.Page(t.Context(), call); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]map[string]any{"tidings/INC-482/pager": {
		"routing_key": "a-routing-key", "event_action": "trigger", "dedup_key": "tidings/INC-482/pager", "client": "Tidings",
		"client_url": "https://tidings.example.com/i/482", "links": []any{map[string]any{"href": "https://tidings.example.com/i/482", "text": "What changed before"}},
		"payload": map[string]any{
			"summary": "INC-482: Checkout fails", "source": "checkout-api, pricing", "severity": "critical", "timestamp": "2026-06-11T03:07:12Z", "component": "checkout-api, pricing",
			"custom_details": map[string]any{"asked by": "ines", "environment": "production", "said": "the rollback did not help"},
		},
	}}
	if diff := cmp.Diff(want, f.alerts); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func TestPageThatFails(t *testing.T) {
	f := newFakeEvents(t)
	err := pager(t, f, "another-key").Page(t.Context(), call)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "Event object is invalid") || strings.Contains(err.Error(), "another-key") {
		t.Errorf("a routing key that is not known: %v", err)
	}
	for status, code := range map[int]fault.Code{http.StatusTooManyRequests: fault.RateLimited, http.StatusBadGateway: fault.Unavailable} {
		f.status = status
		if err := pager(t, f, "a-routing-key").Page(t.Context(), call); !fault.Is(err, code) {
			t.Errorf("%d: got %v, want %s", status, err, code)
		}
	}
	if source := pager(t, f, ""); source.Pages(t.Context()) {
		t.Error("a source without a routing key does not page")
	}
}
