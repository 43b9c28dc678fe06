package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/integration"
)

// as fails unless a JSON text is what the OpenAPI document says of a schema.
func as(t testing.TB, schema, text string) {
	t.Helper()
	compiled, err := rest.Schema(schema)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("not a %s: %v\n%.800s", schema, err, text)
	}
}

func TestPostAndGetEvents(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var r receipts
	g := s.do("POST", "/api/v1/events", `{"title":"pricing 1.42.0 <to> production","service":"pricing","version":"1.42.0","colour":"blue"}`).want(t, 201, &r)
	if len(r.Events) != 1 || r.Events[0].Status != "recorded" || len(r.Warnings) != 1 || r.Warnings[0].Pointer != "/colour" {
		t.Fatalf("got %s", g.text)
	}
	var e event
	g = s.do("GET", g.header.Get("Location"), "").want(t, 200, &e)
	as(t, "Event", g.text)
	if e.ID != r.Events[0].ID || e.Kind != "deploy" || e.Class != "change" || !strings.Contains(g.text, "1.42.0 <to>") {
		t.Errorf("got %s", g.text)
	}
	if got := g.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	g = s.do("GET", "/api/v1/events?service=pricing&kind=deploy,note&since=-1h&class=change", "").want(t, 200, nil)
	as(t, "EventPage", g.text)
	if strings.Count(g.text, `"title"`) != 1 || !strings.Contains(g.text, `"next":""`) {
		t.Errorf("got %s", g.text)
	}
	for _, nothing := range []string{"kind=flag", "until=-1h", "environment=staging", "q=elephants", "actor_type=person", "phase=failed", "source=ci", "tag=pci"} {
		if g := s.do("GET", "/api/v1/events?"+nothing, "").want(t, 200, nil); !strings.HasPrefix(g.text, `{"events":[]`) {
			t.Errorf("%s: %s", nothing, g.text)
		}
	}
}

func TestBatchesAreAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/api/v1/events", `{"events":[{"title":"a","service":"x"},{"title":"b","service":"x","kind":"nonsense"},{"service":"x"}]}`).
		refused(t, 400, "/events/1/kind", "nonsense", "rollback", "/events/2/title")
	var page events
	s.do("GET", "/api/v1/events", "").want(t, 200, &page)
	if len(page.Events) != 0 {
		t.Errorf("half of a batch was written: %v", page.Events)
	}
	s.do("GET", "/api/v1/entities/service/x", "").refused(t, 404, "service:x")
	var r receipts
	s.do("POST", "/api/v1/events", `[{"title":"a","service":"x","key":"1"},{"title":"b","service":"y","key":"1"}]`).want(t, 201, &r)
	if len(r.Events) != 2 || r.Events[1].Status != "updated" {
		t.Errorf("got %+v", r)
	}
}

func TestRetriesDoubleNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const body = `{"title":"deployed","service":"pricing"}`
	var first, second, other receipts
	s.do("POST", "/api/v1/events", body, "Idempotency-Key", "run 7 \"é\"").want(t, 201, &first)
	s.do("POST", "/api/v1/events", body, "Idempotency-Key", "run 7 \"é\"").want(t, 201, &second)
	s.do("POST", "/api/v1/events", `{"title":"deployed","service":"pricing","key":"mine"}`, "Idempotency-Key", "run 7").want(t, 201, &other)
	if first.Events[0].ID != second.Events[0].ID || second.Events[0].Status != "duplicate" || other.Events[0].Key != "mine" {
		t.Errorf("got %+v, %+v, %+v", first, second, other)
	}
	s.do("POST", "/api/v1/events", body, "Idempotency-Key", strings.Repeat("k", 600)).refused(t, 400, "Idempotency-Key")
}

func TestGzip(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	zipped := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return b.String()
	}
	const body = `{"title":"deployed","service":"pricing"}`
	s.do("POST", "/api/v1/events", zipped(body), "Content-Encoding", "gzip").want(t, 201, nil)
	s.do("POST", "/api/v1/events", zipped(body+strings.Repeat(" ", 6<<20)), "Content-Encoding", "gzip").refused(t, 413, "5 MiB")
	s.do("POST", "/api/v1/events", body, "Content-Encoding", "gzip").refused(t, 400, "not gzip")
	s.do("POST", "/api/v1/events", zipped(body)[:20], "Content-Encoding", "gzip").refused(t, 400, "too early")
	s.do("POST", "/api/v1/events", body, "Content-Encoding", "br").refused(t, 400, "br")
}

func TestStoriesAndStorms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	now := time.Now()
	list := []string{
		fmt.Sprintf(`{"title":"merged","kind":"merge","service":"pricing","commit":"abcdef1234","started_at":%d}`, now.Add(-2*time.Hour).Unix()),
		fmt.Sprintf(`{"title":"deployed","kind":"deploy","service":"pricing","commit":"abcdef1234","started_at":%d}`, now.Add(-time.Hour).UnixMilli()),
	}
	for i := range 40 {
		list = append(list, fmt.Sprintf(`{"title":"scaled","kind":"scaling","service":"s%d","started_at":%d}`, i, now.Add(-time.Duration(i)*time.Second).UnixMilli()))
	}
	s.do("POST", "/api/v1/events", "["+strings.Join(list, ",")+"]").want(t, 201, nil)
	var page struct {
		Rows []struct {
			ID, Shape string
			Count     int
			Events    []event
		}
	}
	g := s.do("GET", "/api/v1/events?fold=1", "").want(t, 200, &page)
	as(t, "RowPage", g.text)
	if len(page.Rows) != 2 || page.Rows[0].Shape != "storm" || page.Rows[0].Count != 40 || page.Rows[1].Shape != "story" || page.Rows[1].Count != 2 {
		t.Fatalf("got %+v", page)
	}
	var e event
	s.do("GET", "/api/v1/events/"+page.Rows[1].Events[0].ID+"?with=story", "").want(t, 200, &e)
	if len(e.StoryEvents) != 2 || e.StoryEvents[0].Title != "merged" {
		t.Errorf("got %+v", e)
	}
	s.do("GET", "/api/v1/events/"+e.ID+"?with=elephants", "").refused(t, 400, "story")
	s.do("GET", "/api/v1/events/7", "").refused(t, 400, "UUID")
	s.do("GET", "/api/v1/events/00000000-0000-4000-8000-000000000000", "").refused(t, 404)
}

type entity struct {
	Ref, Name, Title, Description, Owner, Lifecycle string
	Tier                                            *int
	UserFacing                                      *bool `json:"user_facing"`
	Aliases                                         []string
	Tags                                            []struct{ Key, Value string }
	Relations                                       []struct{ Type, Target, Evidence string }
	Described, Retired                              bool
	UpdatedAt                                       time.Time `json:"updated_at"`
	Facts                                           []struct {
		Field, Source, Rank, By string
		Value                   any
		Since                   time.Time
		Others                  []struct{ Source string }
	}
}

const pricing = `{"name":"Pricing","title":"Prices","description":"Says what things <cost> & why","language":"Go","language_version":"1.26","tier":1,
 "user_facing":true,"lifecycle":"production","platform":"kubernetes","deployed_by":"argo","type":"grpc","rpo":"15m","rto":"4h","owner":"payments",
 "on_call":[{"role":"primary","name":"person:ana","until":"2026-06-11T12:00:00Z"}],"contacts":[{"type":"slack","value":"#pricing","title":"chat"}],
 "links":[{"type":"runbook","title":"Runbook","url":"https://runbooks.example.com/pricing?a=1&b=2"}],
 "tags":[{"key":"pci","value":"yes"},"team:blue"],"aliases":["github:acme/pricing"],
 "relations":[{"type":"part-of","target":"system:shop"}],"depends_on":["ledger","resource:prices-db"],"provides":["prices"]}`

func TestEntityIsPutGotPatchedAndDeleted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var e entity
	g := s.do("PUT", "/api/v1/entities/service/Pricing", pricing).want(t, 201, &e)
	as(t, "Entity", g.text)
	if e.Ref != "service:pricing" || e.Name != "Pricing" || *e.Tier != 1 || e.Owner != "team:payments" || len(e.Relations) != 4 || len(e.Tags) != 2 || !e.Described {
		t.Errorf("got %s", g.text)
	}
	if !strings.Contains(g.text, "<cost> & why") {
		t.Errorf("escaped for HTML: %s", g.text)
	}
	// What is got can be put back, and changes nothing.
	same := s.do("PUT", "/api/v1/entities/SERVICE/pricing", g.text).want(t, 200, nil)
	if diff := cmp.Diff(g.text, same.text); diff != "" {
		t.Errorf("put back:\n%s", diff)
	}
	e = entity{}
	g = s.do("GET", "/api/v1/entities/service/pricing?claims=1", "").want(t, 200, &e)
	as(t, "Entity", g.text)
	if len(e.Facts) < 20 || e.Facts[0].Source != "people" || e.Facts[0].Rank != "people" || e.Facts[0].By != "person:administrator" || e.Facts[0].Since.IsZero() {
		t.Errorf("got %s", g.text)
	}
	e = entity{}
	s.do("PATCH", "/api/v1/entities/service/pricing", `{"tier":null,"tag/pci":null,"tag/new":"x","aliases":null,"title":"Price list","depends_on":["mailer"]}`).want(t, 200, &e)
	if e.Tier != nil || len(e.Tags) != 2 || e.Tags[0].Key != "new" || e.Aliases != nil || e.Title != "Price list" || e.Name != "Pricing" || len(e.Relations) != 5 {
		t.Errorf("got %+v", e)
	}
	e = entity{}
	s.do("PUT", "/api/v1/entities/service/pricing", `{"description":"short"}`).want(t, 200, &e)
	if e.Description != "short" || e.Title != "" || e.Owner != "" || e.Relations != nil {
		t.Errorf("a PUT leaves behind: %+v", e)
	}
	e = entity{}
	s.do("DELETE", "/api/v1/entities/service/pricing", "").want(t, 200, &e)
	if !e.Retired {
		t.Errorf("got %+v", e)
	}
	s.do("GET", "/api/v1/entities/service/pricing", "").want(t, 200, &e)
	var page struct{ Total int }
	s.do("GET", "/api/v1/entities?q=pricing&kind=service", "").want(t, 200, &page)
	if page.Total != 0 {
		t.Errorf("the retired is listed")
	}
	s.do("GET", "/api/v1/entities?retired=1&kind=service&q=pricing", "").want(t, 200, &page)
	if page.Total != 1 {
		t.Errorf("the retired is not listed")
	}
	// Every edit is in the log.
	var log events
	s.do("GET", "/api/v1/events?service=pricing&kind=catalog", "").want(t, 200, &log)
	if len(log.Events) != 4 {
		t.Errorf("%d edits are in the log", len(log.Events))
	}
	s.do("DELETE", "/api/v1/entities/service/nobody", "").refused(t, 404)
	s.do("PATCH", "/api/v1/entities/service/nobody", `{"tier":1}`).refused(t, 404)
}

// Whose shift it is and who comes next are two lists; what was got can be put, and says the same.
func TestShifts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	monday := time.Now().UTC().Truncate(time.Second).Add(72 * time.Hour)
	from, until := monday.Format(time.RFC3339), monday.Add(168*time.Hour).Format(time.RFC3339)
	s.do("PUT", "/api/v1/entities/team/payments", `{"on_call":[{"role":"primary","name":"priya","until":"`+from+`"},{"role":"primary","name":"ines","from":"`+from+`","until":"`+until+`"}]}`).want(t, 201, nil)
	var e struct {
		OnCall []catalog.OnCall `json:"on_call"`
		Next   []catalog.OnCall `json:"on_call_next"`
	}
	check := func(query, now, next string) string {
		t.Helper()
		e.OnCall, e.Next = nil, nil
		got := s.do("GET", "/api/v1/entities/team/payments"+query, "").want(t, 200, &e)
		if fmt.Sprint(namesOf(e.OnCall)) != now || fmt.Sprint(namesOf(e.Next)) != next {
			t.Errorf("%s: on call %v, next %v", query, e.OnCall, e.Next)
		}
		return got.text
	}
	text := check("", "[priya]", "[ines]")
	if len(e.Next) == 1 && (!e.Next[0].From.Equal(monday) || !e.Next[0].Until.Equal(monday.Add(168*time.Hour))) {
		t.Errorf("next is %+v", e.Next[0])
	}
	check("?at="+from, "[ines]", "[]")
	s.do("PUT", "/api/v1/entities/team/payments", text).want(t, 200, nil)
	check("", "[priya]", "[ines]")
	s.do("PATCH", "/api/v1/entities/team/payments", `{"on_call":null}`).want(t, 200, nil)
	check("", "[]", "[]")
	s.do("PATCH", "/api/v1/entities/team/payments", `{"on_call":[{"role":"primary","name":"ines","from":"monday"}]}`).refused(t, 400, "/on_call/0")
}

func namesOf(shifts []catalog.OnCall) []string {
	names := []string{}
	for _, shift := range shifts {
		names = append(names, shift.Name)
	}
	return names
}

func TestEntityOfThePast(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	before := time.Now().UTC()
	s.do("PUT", "/api/v1/entities/service/pricing", `{"tier":1,"owner":"payments","depends_on":["ledger"]}`).want(t, 201, nil)
	then := time.Now().UTC()
	s.do("PUT", "/api/v1/entities/service/pricing", `{"tier":2}`).want(t, 200, nil)
	var e entity
	for _, at := range []string{then.Format(time.RFC3339Nano), fmt.Sprint(then.UnixMicro())} {
		s.do("GET", "/api/v1/entities/service/pricing?at="+at, "").want(t, 200, &e)
		if *e.Tier != 1 || e.Owner != "team:payments" {
			t.Errorf("at %s: %+v", at, e)
		}
	}
	s.do("GET", "/api/v1/entities/service/pricing?known="+then.Format(time.RFC3339Nano), "").want(t, 200, &e)
	if *e.Tier != 1 {
		t.Errorf("as known then: %+v", e)
	}
	s.do("GET", "/api/v1/entities/service/pricing?at="+before.Format(time.RFC3339Nano), "").refused(t, 404)
	for _, at := range []string{"0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "yesterday", "99999999999999999999", "2026-06-11", "-1"} {
		s.do("GET", "/api/v1/entities/service/pricing?at="+at, "").refused(t, 400, `"at"`)
	}
	var r relations
	s.do("GET", "/api/v1/entities/service/pricing/relations?at="+then.Format(time.RFC3339Nano), "").want(t, 200, &r)
	if r.Owner != "team:payments" || len(r.DependsOn) != 1 {
		t.Errorf("got %+v", r)
	}
	s.do("GET", "/api/v1/entities/service/ledger/relations?at="+then.Format(time.RFC3339Nano), "").want(t, 200, &r)
	if len(r.DependedOnBy) != 1 || r.DependedOnBy[0].Entity != "service:pricing" {
		t.Errorf("got %+v", r)
	}
	s.do("GET", "/api/v1/entities/team/payments/relations?at="+then.Format(time.RFC3339Nano), "").want(t, 200, &r)
	if len(r.Owns) != 1 {
		t.Errorf("got %+v", r)
	}
}

type related struct {
	Entity, Via, Evidence string
	Distance              int
}

type relations struct {
	Entity, Owner                   string
	Owns, Parts, Provides, Consumes []related
	DependsOn                       []related `json:"depends_on"`
	DependedOnBy                    []related `json:"depended_on_by"`
	PartOf                          []related `json:"part_of"`
	ProvidedBy                      []related `json:"provided_by"`
	ConsumedBy                      []related `json:"consumed_by"`
}

func TestRelationsInBothDirections(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, doc := range map[string]string{
		"service/a": `{"depends_on":["b"],"part_of":["shop"],"owner":"blue","consumes":["prices"]}`,
		"service/b": `{"depends_on":["c"],"provides":["prices"]}`,
		"service/c": `{"depends_on":["a"]}`, // a circle
	} {
		if g := s.do("PUT", "/api/v1/entities/"+name, doc); g.status != 200 && g.status != 201 { // an arrow may have made it
			t.Fatal(g.text)
		}
	}
	var r relations
	g := s.do("GET", "/api/v1/entities/service/b/relations", "").want(t, 200, &r)
	as(t, "Relations", g.text)
	if diff := cmp.Diff([]related{{Entity: "service:c", Evidence: "declared", Distance: 1}}, r.DependsOn); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]related{{Entity: "service:a", Evidence: "declared", Distance: 1}}, r.DependedOnBy); diff != "" {
		t.Error(diff)
	}
	s.do("GET", "/api/v1/entities/service/b/relations?depth=10", "").want(t, 200, &r)
	if diff := cmp.Diff([]related{{Entity: "service:c", Evidence: "declared", Distance: 1}, {Entity: "service:a", Via: "service:c", Evidence: "declared", Distance: 2}}, r.DependsOn); diff != "" {
		t.Error(diff)
	}
	for path, get := range map[string]func() []related{
		"system/shop": func() []related { return r.Parts },
		"team/blue":   func() []related { return r.Owns },
		"api/prices":  func() []related { return r.ConsumedBy },
	} {
		r = relations{}
		s.do("GET", "/api/v1/entities/"+path+"/relations", "").want(t, 200, &r)
		if list := get(); len(list) != 1 || list[0].Entity != "service:a" {
			t.Errorf("%s: %+v", path, r)
		}
	}
	if len(r.ProvidedBy)+len(r.Provides)+len(r.Consumes)+len(r.PartOf) > 1 {
		t.Errorf("got %+v", r)
	}
	s.do("GET", "/api/v1/entities/service/nobody/relations", "").refused(t, 404)
	s.do("GET", "/api/v1/entities/service/b/relations?depth=11", "").refused(t, 400, "depth")
	var page events
	s.do("GET", "/api/v1/events?service=a&with=dependencies&depth=2&kind=catalog", "").want(t, 200, &page)
	if len(page.Events) != 3 {
		t.Errorf("with dependencies: %d events", len(page.Events))
	}
}

func TestEntityList(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 30 {
		s.do("PUT", fmt.Sprintf("/api/v1/entities/service/s%02d", i),
			fmt.Sprintf(`{"tier":%d,"owner":"team%d","language":"go","platform":"vm","lifecycle":"production","tags":{"n":"%d"},"part_of":["shop"]}`, i%4, i%3, i)).want(t, 201, nil)
	}
	for query, want := range map[string]int{
		"":                                  30 + 3 + 1,
		"kind=service":                      30,
		"kind=service&kind=team":            33,
		"kind=service,team,SYSTEM":          34,
		"owner=team1":                       10,
		"owner=team:team1,team2":            20,
		"tag=n:7":                           1,
		"tag=n&tag=n:7":                     1,
		"tier=0":                            8,
		"tier=0,1":                          16,
		"system=shop":                       30,
		"language=GO&platform=vm&q=s0":      10,
		"lifecycle=production":              30,
		"kind=service&unowned=1":            0,
		"kind=team&unowned=true":            3,
		"kind=service&owner=nobody-at-all":  0,
		"kind=&owner=&q=&cursor=&limit=":    34,
		"kind=service&sort=tier&unowned=no": 30,
	} {
		var page struct {
			Total    int
			Entities []entity
			Next     string
		}
		g := s.do("GET", "/api/v1/entities?"+query, "").want(t, 200, &page)
		if page.Total != want || len(page.Entities) != want || page.Next != "" {
			t.Errorf("%s: %d of %d, want %d: %.200s", query, len(page.Entities), page.Total, want, g.text)
		}
	}
	for query, words := range map[string][]string{
		"kind=elephant":                 {`"kind"`, "elephant"},
		"tier=7":                        {`"tier"`, "0 to 3"},
		"tier=high":                     {`"tier"`},
		"owner=service:x":               {`"owner"`, "team or a person"},
		"platform=toaster":              {`"platform"`, "kubernetes"},
		"limit=0":                       {`"limit"`, "1 to 1000"},
		"limit=1001":                    {`"limit"`},
		"limit=10&limit=20":             {`"limit"`, "2 times"},
		"cursor=nonsense":               {"cursor"},
		"sort=colour":                   {"colour"},
		"unowned=perhaps":               {`"unowned"`},
		"teir=1":                        {"teir", "did you mean tier"},
		"env=x&teams=y":                 {"env", "teams"},
		"q=" + strings.Repeat("x", 600): {`"q"`, "512"},
		"tag=%zz":                       {"query"},
	} {
		s.do("GET", "/api/v1/entities?"+query, "").refused(t, 400, words...)
	}
}

func TestSourcesKindsAndOpenAPI(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(d *rest.Deps) {
		d.Sources = func(context.Context) []integration.State {
			return []integration.State{
				{Name: "z", Type: "git", State: integration.Waiting},
				{Name: "a", Type: "git", State: integration.Failing, Detail: "/repo", Fault: "gone", Events: 7, LastEventAt: time.Unix(1e9, 0)},
			}
		}
	})
	g := s.do("GET", "/api/v1/sources", "").want(t, 200, nil)
	const want = `{"sources":[{"name":"a","type":"git","state":"failing","detail":"/repo","fault":"gone","last_event_at":"2001-09-09T01:46:40.000000Z","events":7},{"name":"z","type":"git","state":"waiting","detail":"","events":0}],"next":""}` + "\n"
	if diff := cmp.Diff(want, g.text); diff != "" {
		t.Error(diff)
	}
	if g := s.do("GET", "/api/v1/kinds", "").want(t, 200, nil); !strings.Contains(g.text, `"name":"deploy","class":"change"`) {
		t.Error(g.text)
	}
	s.do("GET", "/api/v1/openapi.json", "").want(t, 200, &struct{}{})
	if g := s.do("GET", "/api/v1/openapi.yaml", "").want(t, 200, nil); !strings.HasPrefix(g.text, "openapi: 3.1") {
		t.Error(g.text)
	}
	none := newServer(t, func(d *rest.Deps) { d.Sources = nil })
	none.do("GET", "/api/v1/sources", "").want(t, 200, nil)
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for path, allow := range map[string]string{
		"/api/v1/events":             "GET, HEAD, OPTIONS, POST",
		"/api/v1/entities/service/x": "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
		"/api/v1/stream":             "GET, HEAD, OPTIONS",
		"/api/v1/aliases":            "OPTIONS, POST",
		"/api/v1/openapi.yaml":       "GET, HEAD, OPTIONS",
		"/api/v1/descriptors":        "OPTIONS, POST",
	} {
		if g := s.do("OPTIONS", path, "").want(t, 204, nil); g.header.Get("Allow") != allow {
			t.Errorf("%s: %q", path, g.header.Get("Allow"))
		}
		g := s.do("BREW", path, "")
		g.refused(t, 405, "BREW")
		if g.header.Get("Allow") != allow {
			t.Errorf("%s: %q", path, g.header.Get("Allow"))
		}
	}
	for _, path := range []string{"/api/v1/events", "/api/v1/kinds", "/api/v1/entities", "/api/v1/stream"} {
		if g := s.do("HEAD", path, "").want(t, 200, nil); g.text != "" || g.header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s: %v %q", path, g.header, g.text)
		}
	}
	for _, path := range []string{"/api/v1/elephants", "/api/v1/", "/api/v1/events/", "/api/v1/entities/service"} {
		s.do(http.MethodGet, path, "").refused(t, 404, "openapi")
	}
}
