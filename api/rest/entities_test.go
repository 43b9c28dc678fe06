package rest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// How a service is follows from what was told of it; the roll is narrowed by that, and sorted.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, name := range []string{"basket", "ledger", "pricing", "search"} {
		s.do(http.MethodPut, "/api/v1/entities/service/"+name, `{}`).want(t, http.StatusCreated, nil)
	}
	event := func(service, kind, phase string) string {
		return `{"key":"` + service + `","kind":"` + kind + `","phase":"` + phase + `","title":"x","subjects":["service:` + service + `"],"started_at":"` + time.Now().UTC().Format(time.RFC3339) + `"}`
	}
	s.do(http.MethodPost, "/api/v1/events", "["+event("ledger", "alert", "started")+","+event("pricing", "incident", "started")+","+event("search", "deploy", "failed")+"]").
		want(t, http.StatusCreated, nil)

	type line struct{ Name, Health string }
	for query, want := range map[string][]line{
		"sort=health":           {{"pricing", "incident"}, {"ledger", "alert"}, {"search", "failed"}, {"basket", "calm"}},
		"health=alert":          {{"ledger", "alert"}},
		"health=Incident,alert": {{"ledger", "alert"}, {"pricing", "incident"}},
		"health=rollout":        {},
		"health=calm&q=bask":    {{"basket", "calm"}},
	} {
		var page struct {
			Entities []line
			Total    int
		}
		s.do(http.MethodGet, "/api/v1/entities?kind=service&"+query, "").want(t, http.StatusOK, &page)
		if diff := cmp.Diff(want, page.Entities); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if page.Total != len(want) {
			t.Errorf("%s: a total of %d, want %d", query, page.Total, len(want))
		}
	}
	s.do(http.MethodGet, "/api/v1/entities?health=green", "").refused(t, http.StatusBadRequest, "health", "green")
}
