package pagerduty_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/pagerduty"
	"tidings.dev/tidings/observe"
)

// fakePagerDuty is an honest fake of the lists of PagerDuty's REST API that are asked for, as its reference has them:
// offset paging, the credential in its own scheme, and incidents by their creation.
type fakePagerDuty struct {
	*httptest.Server
	services, onCalls, incidents []map[string]any
	status                       int
	asked                        []string
}

func newFakePagerDuty(t *testing.T) *fakePagerDuty {
	t.Helper()
	f := &fakePagerDuty{}
	list := func(name string, items func(r *http.Request) []map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			f.asked = append(f.asked, r.URL.RequestURI())
			if f.status != 0 || r.Header.Get("Authorization") != "Token token=a-token" {
				w.WriteHeader(max(f.status, http.StatusUnauthorized))
				return
			}
			if !strings.Contains(r.Header.Get("Accept"), "version=2") {
				t.Errorf("the version of the API is not asked for: %q", r.Header.Get("Accept"))
			}
			all := items(r)
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
			end := min(len(all), offset+limit)
			_ = json.NewEncoder(w).Encode(map[string]any{name: all[min(offset, end):end], "more": end < len(all), "limit": limit, "offset": offset})
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /services", list("services", func(*http.Request) []map[string]any { return f.services }))
	mux.HandleFunc("GET /oncalls", list("oncalls", func(*http.Request) []map[string]any { return f.onCalls }))
	mux.HandleFunc("GET /incidents", list("incidents", func(r *http.Request) []map[string]any {
		since, _ := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
		until, _ := time.Parse(time.RFC3339, r.URL.Query().Get("until"))
		var within []map[string]any
		for _, i := range f.incidents {
			if at, _ := time.Parse(time.RFC3339, i["created_at"].(string)); !at.Before(since) && at.Before(until) {
				within = append(within, i)
			}
		}
		return within
	}))
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func ref(kind, id, summary string) map[string]any {
	return map[string]any{"id": id, "type": kind + "_reference", "summary": summary, "html_url": "https://acme.pagerduty.com/" + id}
}

func (f *fakePagerDuty) onCall(level int, id, name, start, end string) {
	entry := map[string]any{"user": ref("user", id, name), "escalation_policy": ref("escalation_policy", "PPOL", "Payments"), "escalation_level": level, "start": nil, "end": nil}
	if start != "" {
		entry["start"], entry["end"] = start, end
	}
	f.onCalls = append(f.onCalls, entry)
}

func (f *fakePagerDuty) source(t *testing.T) *pagerduty.Asked {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	c := config()
	c.API = f.URL
	integrationtest.Refer(&c.Token)
	c.Use(f.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(*pagerduty.Asked)
}

// sink gathers what is seen.
type sink struct {
	put      map[string]observe.Observation
	complete []string
}

func (s *sink) Put(o observe.Observation)  { s.put[o.Object] = o }
func (s *sink) Complete(collection string) { s.complete = append(s.complete, collection) }
func (s *sink) Trouble(string, string)     {}

func see(t *testing.T, source *pagerduty.Asked) *sink {
	t.Helper()
	s := &sink{put: map[string]observe.Observation{}}
	if err := source.See(t.Context(), nil, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoIsOnCall(t *testing.T) {
	f := newFakePagerDuty(t)
	source := f.source(t)
	for i := range 150 { // more than a page
		service := ref("service", "PSVC"+strconv.Itoa(i), "service "+strconv.Itoa(i))
		service["name"], service["escalation_policy"] = service["summary"], ref("escalation_policy", "POTHER", "Others")
		f.services = append(f.services, service)
	}
	checkout := ref("service", "PF9KMXH", "Checkout")
	checkout["name"], checkout["escalation_policy"] = "Checkout", ref("escalation_policy", "PPOL", "Payments")
	ledger := ref("service", "PLEDGER", "Ledger")
	ledger["name"], ledger["escalation_policy"] = "Ledger", ref("escalation_policy", "PPOL", "Payments")
	f.services = append(f.services, checkout, ledger)
	f.onCall(2, "PBACK", "Tomás Rivera", "", "")
	f.onCall(1, "PPRI", "Priya Raman", "2026-06-08T07:00:00Z", "2026-06-15T07:00:00Z")
	f.onCall(2, "PBACK", "Tomás Rivera", "2026-06-08T07:00:00Z", "2026-06-15T07:00:00Z") // he always is, by name

	first := see(t, source)
	if len(first.put) != 2 || !slices.Equal(first.complete, []string{"policies"}) {
		t.Fatalf("saw %d policies, complete are %v", len(first.put), first.complete)
	}
	interpreter := pagerduty.Spec.Interpreter
	look := observe.Look{Source: "pagerduty", Observation: first.put["policy/PPOL"], First: true, Before: time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)}
	if err := interpreter.Check(look.Observation); err != nil {
		t.Fatal(err)
	}
	found := interpreter.Interpret(look)
	if len(found.Events) != 0 || len(found.Statements) != 2 {
		t.Fatalf("the first look gives %d events and %d statements", len(found.Events), len(found.Statements))
	}
	statement := found.Statements[0]
	if statement.Ref != (catalog.Ref{Kind: catalog.Service, Name: "checkout"}) || found.Statements[1].Outside != "pagerduty:pledger" {
		t.Errorf("it is about %v and %q", statement.Ref, found.Statements[1].Outside)
	}
	normal, err := statement.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, claim := range normal.Claims {
		fields = append(fields, string(claim.Field)+" "+string(claim.Value))
	}
	want := []string{`alias/pagerduty:pf9kmxh true`, `name "checkout"`, `on-call/primary/Priya Raman "2026-06-15T07:00:00Z"`, `on-call/secondary/Tomás Rivera ""`}
	slices.Sort(fields)
	if strings.Join(fields, "\n") != strings.Join(want, "\n") {
		t.Errorf("claims\n%s", strings.Join(fields, "\n"))
	}
	if again := see(t, source); string(again.put["policy/PPOL"].State) != string(first.put["policy/PPOL"].State) {
		t.Error("the same answer is another state")
	}

	// The shift goes over.
	f.onCalls = nil
	f.onCall(1, "PINES", "Ines Duarte", "2026-06-15T07:00:00Z", "2026-06-22T07:00:00Z")
	look = observe.Look{
		Source: "pagerduty", Observation: see(t, source).put["policy/PPOL"], Known: observe.Known{Object: "policy/PPOL", State: first.put["policy/PPOL"].State},
		After: time.Date(2026, 6, 15, 6, 58, 0, 0, time.UTC), Before: time.Date(2026, 6, 15, 7, 3, 0, 0, time.UTC),
	}
	found = interpreter.Interpret(look)
	if len(found.Events) != 1 {
		t.Fatalf("the handover gives %d events", len(found.Events))
	}
	e := found.Events[0]
	if e.Title != "Ines Duarte took over on-call of Payments from Priya Raman" || !e.StartedAt.Equal(time.Date(2026, 6, 15, 7, 0, 0, 0, time.UTC)) || len(e.Subjects) != 2 || e.Kind != "oncall" {
		t.Errorf("got %+v", e)
	}
	if faults := e.Normalize(look.Before, ""); len(faults) > 0 {
		t.Error(faults)
	}

	// The policy is gone: what it said is taken back.
	found = interpreter.Interpret(observe.Look{Source: "pagerduty", Known: observe.Known{State: look.State}, Observation: observe.Observation{Object: "policy/PPOL", Gone: true}})
	if len(found.Statements) != 2 || !found.Statements[0].Withdraw || !found.Forget {
		t.Errorf("got %+v", found)
	}
}

// rounds polls until there is no more, and gives the events by their keys.
func rounds(t *testing.T, source *pagerduty.Asked, cursor string) (string, map[string]change.Event) {
	t.Helper()
	events := map[string]change.Event{}
	for range 100 {
		look, err := source.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range look.Events {
			if faults := e.Normalize(time.Now(), ""); len(faults) > 0 {
				t.Fatal(faults)
			}
			events[e.Key] = e
		}
		cursor = look.Cursor
		if !look.More {
			return cursor, events
		}
	}
	t.Fatal("there is no end of it")
	return "", nil
}

func TestIncidentsThatNoWebhookTold(t *testing.T) {
	f := newFakePagerDuty(t)
	source := f.source(t)
	now := time.Now().UTC().Truncate(time.Second)
	at := func(ago time.Duration) string { return now.Add(-ago).Format(time.RFC3339) }
	add := func(id, status string, created string) map[string]any {
		incident := map[string]any{
			"id": id, "type": "incident", "title": "Checkout is slow", "summary": "[#1] Checkout is slow", "created_at": created, "status": status,
			"service": ref("service", "PF9KMXH", "Checkout"), "html_url": "https://acme.pagerduty.com/incidents/" + id, "urgency": "high",
		}
		f.incidents = append(f.incidents, incident)
		return incident
	}
	add("POLD", "resolved", at(20*24*time.Hour)) // before the reach
	for i := range 230 {
		incident := add("P"+strconv.Itoa(i), "resolved", at(13*24*time.Hour-time.Duration(i)*time.Minute))
		incident["resolved_at"] = at(12 * 24 * time.Hour)
	}
	open := add("POPEN", "acknowledged", at(5*time.Hour))
	open["last_status_change_at"], open["last_status_change_by"] = at(4*time.Hour), ref("user", "PPRI", "Priya Raman")

	cursor, events := rounds(t, source, "")
	if len(events) != 231 || events["incident/POLD"].Key != "" {
		t.Errorf("the first look brings %d incidents", len(events))
	}
	if e := events["incident/POPEN"]; e.Phase != change.Started || e.Labels["acknowledged_by"] != "Priya Raman" || e.Subjects[0].Name != "service:checkout" {
		t.Errorf("got %+v", e)
	}

	// It is resolved hours later, while no webhook is heard; and the webhook makes the same event of it.
	open["status"], open["resolved_at"], open["last_status_change_at"] = "resolved", at(time.Minute), at(time.Minute)
	before := len(f.asked)
	cursor, events = rounds(t, source, cursor)
	if e := events["incident/POPEN"]; e.Phase != change.Succeeded || !e.EndedAt.Equal(now.Add(-time.Minute)) {
		t.Errorf("got %+v", e)
	}
	if asked := len(f.asked) - before; asked != 1 {
		t.Errorf("a round of few incidents asked %d times", asked)
	}
	if _, events = rounds(t, source, cursor); len(events) != 0 {
		t.Errorf("what is over is looked at again: %v", events)
	}
}

func TestACredentialThatIsNotKnown(t *testing.T) {
	f := newFakePagerDuty(t)
	source := f.source(t)
	f.status = http.StatusUnauthorized
	if _, err := source.Poll(t.Context(), ""); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("got %v", err)
	}
	if err := source.See(t.Context(), nil, &sink{put: map[string]observe.Observation{}}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("got %v", err)
	}
}

// Without a token nothing is asked, and nothing is wrong.
func TestWithoutAToken(t *testing.T) {
	f := newFakePagerDuty(t)
	c := config()
	c.API = f.URL
	c.Guard(integration.Guard{Secret: func(context.Context, string) (string, error) { return "", fault.New(fault.NotFound, "none") }})
	c.Use(f.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	look, err := source.(integration.Poller).Poll(t.Context(), "")
	if err != nil || look.Idle == "" || len(f.asked) > 0 {
		t.Errorf("got %+v, %v, asked %v", look, err, f.asked)
	}
}

// A service that is linked to one team has the team of the roll as its owner that has the id as an alias, or the name. Nobody
// is made by guess.
func TestWhoseAServiceIs(t *testing.T) {
	f := newFakePagerDuty(t)
	t.Setenv(integrationtest.Secret, "a-token")
	roll := catalog.NewIndex()
	roll.Put(
		&catalog.Entity{ID: 1, Kind: catalog.Team, Name: "merchandising", Aliases: []string{"pagerduty-team:PMERCH"}},
		&catalog.Entity{ID: 2, Kind: catalog.Team, Name: "core-payments"},
		&catalog.Entity{ID: 3, Kind: catalog.Service, Name: "search", Aliases: []string{"pagerduty-team:PSEARCH"}},
	)
	c := config()
	c.API = f.URL
	c.Know(roll)
	integrationtest.Refer(&c.Token)
	c.Use(f.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	merch, core := ref("team", "PMERCH", "Team Merch"), ref("team", "PCORE", "Core / Payments")
	for id, teams := range map[string][]any{
		"P1": {merch}, "P2": {core}, "P3": {merch, core}, "P4": {}, "P5": {ref("team", "PNEW", "Unknown")}, "P6": {ref("team", "PSEARCH", "search")},
	} {
		service := ref("service", id, id)
		service["name"], service["escalation_policy"], service["teams"] = id, ref("escalation_policy", "PPOL", "Payments"), teams
		f.services = append(f.services, service)
	}
	first := see(t, source.(*pagerduty.Asked))
	found := pagerduty.Spec.Interpreter.Interpret(observe.Look{Source: "pagerduty", Observation: first.put["policy/PPOL"], First: true})
	owners := map[string]string{}
	for _, statement := range found.Statements {
		for _, claim := range statement.Claims {
			if claim.Field == catalog.FieldOwner {
				owners[statement.Outside] = string(claim.Value)
			}
		}
	}
	if len(owners) != 2 || owners["pagerduty:p1"] != `"team:merchandising"` || owners["pagerduty:p2"] != `"team:core-payments"` {
		t.Errorf("owners are %v", owners)
	}

	// The link is taken away: the statement says so, and is not taken back as a whole.
	f.services = []map[string]any{ref("service", "P1", "P1")}
	f.services[0]["name"], f.services[0]["escalation_policy"] = "P1", ref("escalation_policy", "PPOL", "Payments")
	found = pagerduty.Spec.Interpreter.Interpret(observe.Look{
		Source: "pagerduty", Observation: see(t, source.(*pagerduty.Asked)).put["policy/PPOL"], Known: observe.Known{State: first.put["policy/PPOL"].State},
	})
	said := 0
	for _, statement := range found.Statements {
		if statement.Outside != "pagerduty:p1" {
			continue
		}
		if said++; statement.Withdraw || slices.ContainsFunc(statement.Claims, func(c catalog.Claim) bool { return c.Field == catalog.FieldOwner }) {
			t.Errorf("said is %+v", statement)
		}
	}
	if said != 1 {
		t.Errorf("of the service %d things are said", said)
	}
}

func FuzzIncidents(f *testing.F) {
	now := time.Now().UTC().Format(time.RFC3339)
	for _, status := range []string{"triggered", "acknowledged", "resolved"} {
		f.Add(fmt.Appendf(nil, `{"more":true,"limit":100,"offset":0,"incidents":[{"id":"PINC","number":7,"title":"Payments are down","status":%q,"urgency":"high",
			"html_url":"https://acme.pagerduty.com/incidents/PINC","created_at":%q,"resolved_at":%[2]q,"last_status_change_at":%[2]q,
			"last_status_change_by":{"id":"PANA","type":"user_reference","summary":"Ana"},"service":{"id":"PSVC","type":"service_reference","summary":"payments"}}]}`, status, now))
	}
	f.Setenv(integrationtest.Secret, "a-token")
	f.Fuzz(func(t *testing.T, list []byte) {
		c := config()
		integrationtest.Refer(&c.Token)
		c.Use(&http.Client{Transport: integrationtest.Answer(func(*http.Request) []byte { return list })})
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		integrationtest.Look(t, source.(integration.Poller))
	})
}
