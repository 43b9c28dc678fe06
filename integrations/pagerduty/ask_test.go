package pagerduty_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	cut                          bool // gives no instants beyond the range that is asked for
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
	mux.HandleFunc("GET /oncalls", list("oncalls", func(r *http.Request) []map[string]any { return f.during(t, r.URL.Query()) }))
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

// during are the shifts that overlap with a range, which is now without one. With earliest there is one of each policy, level
// and user.
func (f *fakePagerDuty) during(t *testing.T, query url.Values) []map[string]any {
	t.Helper()
	now := time.Now()
	instant := func(text any, without time.Time) time.Time {
		if text == nil || text == "" {
			return without
		}
		at, err := time.Parse(time.RFC3339, text.(string))
		if err != nil {
			t.Errorf("no instant: %v", err)
		}
		return at
	}
	since, until := instant(query.Get("since"), now), instant(query.Get("until"), now)
	if until.Before(since) || until.Sub(now) > 90*24*time.Hour {
		t.Errorf("a range from %s to %s is refused", since, until)
	}
	all := slices.Clone(f.onCalls)
	slices.SortStableFunc(all, func(a, b map[string]any) int {
		return instant(a["start"], time.Time{}).Compare(instant(b["start"], time.Time{}))
	})
	var within []map[string]any
	had := map[string]bool{}
	for _, one := range all {
		if instant(one["start"], now.Add(-time.Hour)).After(until) || !instant(one["end"], until.Add(time.Hour)).After(since) {
			continue
		}
		key := fmt.Sprint(one["escalation_policy"], one["escalation_level"], one["user"])
		if query.Get("earliest") == "true" && had[key] {
			continue
		}
		had[key] = true
		if f.cut && instant(one["end"], until).After(until) {
			one = maps.Clone(one)
			one["end"] = until.Format(time.RFC3339)
		}
		within = append(within, one)
	}
	return within
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
	start := time.Now().UTC().Truncate(time.Hour).Add(-72 * time.Hour)
	monday := start.Add(7 * 24 * time.Hour)
	at := func(t time.Time) string { return t.Format(time.RFC3339) }
	f.onCall(2, "PBACK", "Tomás Rivera", "", "")
	f.onCall(1, "PPRI", "Priya Raman", at(start), at(monday))
	f.onCall(2, "PBACK", "Tomás Rivera", at(start), at(monday)) // he always is, by name

	first := see(t, source)
	if len(first.put) != 2 || !slices.Equal(first.complete, []string{"policies"}) {
		t.Fatalf("saw %d policies, complete are %v", len(first.put), first.complete)
	}
	interpreter := pagerduty.Spec.Interpreter
	look := observe.Look{Source: "pagerduty", Observation: first.put["policy/PPOL"], First: true, Before: start.Add(72 * time.Hour)}
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
	want := []string{`alias/pagerduty:pf9kmxh true`, `name "checkout"`, `on-call/primary/Priya Raman "` + at(monday) + `"`, `on-call/secondary/Tomás Rivera ""`}
	slices.Sort(fields)
	if strings.Join(fields, "\n") != strings.Join(want, "\n") {
		t.Errorf("claims\n%s", strings.Join(fields, "\n"))
	}
	if again := see(t, source); string(again.put["policy/PPOL"].State) != string(first.put["policy/PPOL"].State) {
		t.Error("the same answer is another state")
	}

	// The shift goes over.
	f.onCalls = nil
	f.onCall(1, "PINES", "Ines Duarte", at(start.Add(48*time.Hour)), at(monday))
	look = observe.Look{
		Source: "pagerduty", Observation: see(t, source).put["policy/PPOL"], Known: observe.Known{Object: "policy/PPOL", State: first.put["policy/PPOL"].State},
		After: start.Add(47*time.Hour + 58*time.Minute), Before: start.Add(48*time.Hour + 3*time.Minute),
	}
	found = interpreter.Interpret(look)
	if len(found.Events) != 1 {
		t.Fatalf("the handover gives %d events", len(found.Events))
	}
	e := found.Events[0]
	if e.Title != "Ines Duarte took over on-call of Payments from Priya Raman" || !e.StartedAt.Equal(start.Add(48*time.Hour)) || len(e.Subjects) != 2 || e.Kind != "oncall" {
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

// Who takes over is read ahead, of each level the first to do so, and what is swapped is so at the next look.
func TestWhoTakesOver(t *testing.T) {
	f := newFakePagerDuty(t)
	source := f.source(t)
	payments := ref("service", "PF9KMXH", "Checkout")
	payments["name"], payments["escalation_policy"] = "Checkout", ref("escalation_policy", "PPOL", "Payments")
	f.services = append(f.services, payments)
	start := time.Now().UTC().Truncate(time.Hour).Add(-72 * time.Hour)
	day := func(n int) string { return start.Add(time.Duration(n) * 24 * time.Hour).Format(time.RFC3339) }
	f.onCall(2, "PBACK", "Tomás Rivera", "", "") // he always is
	f.onCall(1, "PPRI", "Priya Raman", day(0), day(7))
	f.onCall(1, "PINES", "Ines Duarte", day(7), day(14))
	f.onCall(1, "PPRI", "Priya Raman", day(14), day(21)) // again
	f.onCall(1, "PEWA", "Ewa Nowak", day(14), day(21))
	f.onCall(3, "PLEO", "Leo Martin", day(0), day(14))
	f.onCall(3, "PANA", "Ana Silva", day(14), day(28))
	f.onCall(3, "PFAR", "Too Far", day(28), day(42))

	claims := func(state []byte) (all []string) {
		t.Helper()
		found := pagerduty.Spec.Interpreter.Interpret(observe.Look{Source: "pagerduty", Observation: observe.Observation{Object: "policy/PPOL", State: state}, First: true})
		normal, err := found.Statements[0].Normalize()
		if err != nil {
			t.Fatal(err)
		}
		for _, claim := range normal.Claims {
			if claim.Field.Family() == catalog.FamilyNextOnCall {
				all = append(all, string(claim.Field)+" "+string(claim.Value))
			}
		}
		return all
	}
	first := see(t, source).put["policy/PPOL"].State
	want := []string{
		"on-call-next/primary/" + day(7) + "/Ines Duarte " + strconv.Quote(day(14)),
		"on-call-next/tertiary/" + day(14) + "/Ana Silva " + strconv.Quote(day(28)),
	}
	if got := claims(first); !slices.Equal(got, want) {
		t.Errorf("next are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	ahead, err := url.ParseQuery(strings.TrimPrefix(f.asked[len(f.asked)-1], "/oncalls?"))
	if err != nil || ahead.Get("earliest") != "true" || ahead.Get("since") == "" || ahead.Get("until") == "" {
		t.Errorf("asked was %v, %v", ahead, err)
	}

	// Ewa takes two days of Ines' shift.
	f.onCalls[2]["start"] = day(9)
	f.onCall(1, "PEWA", "Ewa Nowak", day(7), day(9))
	swapped := see(t, source).put["policy/PPOL"].State
	want[0] = "on-call-next/primary/" + day(7) + "/Ewa Nowak " + strconv.Quote(day(9))
	if got := claims(swapped); !slices.Equal(got, want) {
		t.Errorf("after the swap next are\n%s", strings.Join(got, "\n"))
	}

	// Nobody is called first by that: it is no handover.
	found := pagerduty.Spec.Interpreter.Interpret(observe.Look{
		Source: "pagerduty", Observation: observe.Observation{Object: "policy/PPOL", State: swapped}, Known: observe.Known{Object: "policy/PPOL", State: first},
	})
	if len(found.Events) != 0 || len(found.Statements) != 1 {
		t.Errorf("a swap gives %d events and %d statements", len(found.Events), len(found.Statements))
	}
}

// A shift that lasts longer than is looked ahead has no end, rather than that of the question.
func TestAShiftThatIsCutOff(t *testing.T) {
	f := newFakePagerDuty(t)
	f.cut = true
	source := f.source(t)
	payments := ref("service", "PF9KMXH", "Checkout")
	payments["name"], payments["escalation_policy"] = "Checkout", ref("escalation_policy", "PPOL", "Payments")
	f.services = append(f.services, payments)
	now := time.Now().UTC().Truncate(time.Hour)
	f.onCall(1, "PINES", "Ines Duarte", now.Add(48*time.Hour).Format(time.RFC3339), now.Add(60*24*time.Hour).Format(time.RFC3339))
	state := string(see(t, source).put["policy/PPOL"].State)
	if !strings.Contains(state, "Ines Duarte") || strings.Contains(state, `"until"`) {
		t.Errorf("seen is %s", state)
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
