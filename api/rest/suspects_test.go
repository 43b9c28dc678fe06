package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/incident/suspect"
)

// ranked are the parts of a ranking that the tests look at.
type ranked struct {
	Summary  string
	None     float64
	Suspects []struct {
		Rank  int
		Event struct{ Key string }
		Path  []string
		Owner struct{ Team string }
		Undo  struct{ Text string }
	}
	RuledOut []struct {
		Event  struct{ Key string }
		Reason string
	} `json:"ruled_out"`
	Considered int
}

// What is told through the API is ranked through the API: dependencies by descriptors, changes as events, and a question.
func TestSuspects(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(d *rest.Deps) {
		d.Suspects = &suspect.Reader{Roll: d.Roll, Log: d.Feed.Store.(suspect.Log)}
	})
	documents := `name: pricing
owner: catalogue
depends_on: [service:ledger]
---
name: ledger
owner: finance
depends_on: [resource:ledger-db]
---
name: elsewhere
depends_on: [service:nothing]
`
	body, err := json.Marshal(map[string]any{"documents": []map[string]string{{"name": "tidings.yaml", "content": documents}}})
	if err != nil {
		t.Fatal(err)
	}
	s.do(http.MethodPost, "/api/v1/descriptors", string(body), "Content-Type", "application/json").want(t, http.StatusOK, nil)
	at := time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Second)
	event := func(key, kind, service string, before time.Duration, more string) string {
		return `{"key":"` + key + `","kind":"` + kind + `","title":"` + key + `","subjects":["` + service + `"],"started_at":"` + at.Add(-before).Format(time.RFC3339) + `"` + more + `}`
	}
	s.do(http.MethodPost, "/api/v1/events", "["+strings.Join([]string{
		event("yesterday", "deploy", "service:pricing", 26*time.Hour, ""),
		event("the-one", "deploy", "service:ledger", 5*time.Minute, `,"version":"2","environment":"production"`),
		event("staging", "deploy", "service:pricing", 2*time.Minute, `,"environment":"staging"`),
		event("stranger", "deploy", "service:elsewhere", 20*time.Minute, ""),
		event("later", "deploy", "service:pricing", -30*time.Minute, ""),
		event("database", "schema", "resource:ledger-db", 50*time.Minute, ""),
		event("page", "alert", "service:pricing", 0, ""),
	}, ",")+"]", "Content-Type", "application/json").want(t, http.StatusCreated, nil)
	var got ranked
	s.do(http.MethodGet, "/api/v1/suspects?service=pricing&environment=production&at="+at.Format(time.RFC3339), "").want(t, http.StatusOK, &got)
	if len(got.Suspects) == 0 || got.Suspects[0].Event.Key != "the-one" || strings.Join(got.Suspects[0].Path, ">") != "pricing>ledger" || got.Suspects[0].Owner.Team != "finance" {
		t.Errorf("the first suspect is not as expected: %+v", got.Suspects)
	}
	reasons := map[string]string{}
	for _, out := range got.RuledOut {
		reasons[out.Event.Key] = out.Reason
	}
	for key, want := range map[string]string{"staging": "other_environment", "later": "after_onset"} {
		if reasons[key] != want {
			t.Errorf("%s is ruled out for %q, want %q", key, reasons[key], want)
		}
	}
	// Where it is need not be known, and a time of day will do.
	s.do(http.MethodGet, "/api/v1/suspects?service=pricing&limit=1&at="+at.Format("15:04:05"), "").want(t, http.StatusOK, &got)
	if len(got.Suspects) != 1 {
		t.Errorf("%d suspects, want 1", len(got.Suspects))
	}
	schema, err := rest.Schema("Ranking")
	if err != nil {
		t.Fatal(err)
	}
	var any any
	s.do(http.MethodGet, "/api/v1/suspects?service=pricing&at="+at.Format(time.RFC3339), "").want(t, http.StatusOK, &any)
	if err := schema.Validate(any); err != nil {
		t.Errorf("the answer is not what the document says: %v", err)
	}
}

func TestSuspectsRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(d *rest.Deps) {
		d.Suspects = &suspect.Reader{Roll: d.Roll, Log: d.Feed.Store.(suspect.Log)}
	})
	for query, want := range map[string]struct {
		status int
		detail string
	}{
		"":                               {http.StatusBadRequest, "what is in trouble?"},
		"service=nobody":                 {http.StatusNotFound, "there is no service:nobody"},
		"service=a%20b":                  {http.StatusBadRequest, "is not a name"},
		"service=x&at=quarter+past":      {http.StatusBadRequest, "is not a time"},
		"service=x&at=03:07&zone=Utopia": {http.StatusBadRequest, "is not an IANA time zone"},
		"service=x&limit=0":              {http.StatusBadRequest, "from 1 to 500"},
		"service=x&depth=2":              {http.StatusBadRequest, "depth"},
		"service=" + strings.Repeat("x,", 60) + "y": {http.StatusBadRequest, "at most 50"},
	} {
		got := s.do(http.MethodGet, "/api/v1/suspects?"+query, "").want(t, want.status, nil)
		if !strings.Contains(got.text, want.detail) {
			t.Errorf("%q: %s does not say %q", query, got.text, want.detail)
		}
	}
}
