package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
)

func TestViewer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	data := h.ask(t, `{
		viewer { name kind noLogin organisation version environments counts { kind count } }
		kinds { name class icon verb title }
		sources { name type state detail lastEventAt events }
	}`, nil)
	want(t, data["viewer"], `{"name": "administrator", "kind": "person", "noLogin": true, "organisation": "Northwind", "version": "1.2.3",
		"environments": ["production", "staging"],
		"counts": [{"kind": "service", "count": 3}, {"kind": "team", "count": 1}, {"kind": "person", "count": 1}, {"kind": "system", "count": 1}, {"kind": "resource", "count": 1}, {"kind": "api", "count": 1}]}`)
	want(t, dig(t, data, "kinds", 0), `{"name": "deploy", "class": "change", "icon": "rocket", "verb": "deployed", "title": "Deploys"}`)
	want(t, data["sources"], `[{"name": "ci", "type": "github", "state": "healthy", "detail": "all is well", "lastEventAt": null, "events": 7}]`)
}

func TestEntity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	const query = `query ($ref: String!) { entity(ref: $ref) {
		ref kind name title description language languageVersion tier userFacing lifecycle platform deployedBy type rpo rto email timeZone
		owner { ref title email contacts { type value title } }
		onCall { person { ref } name role until }
		links { type title url } tags { key value } aliases partOf { ref } parts { ref } owns { ref }
		dependsOn { type entity { ref described } evidence lastSeen } dependedOnBy { type entity { ref } evidence }
		provides { type entity { ref } } providedBy { entity { ref } } consumes { entity { ref } }
		described retired running { environment version since } lastEvent { key }
	} }`
	got := h.ask(t, query, map[string]any{"ref": "service:Checkout-API"})
	lastSeen := dig(t, got, "entity", "dependsOn", 0, "lastSeen")
	if at, err := time.Parse(time.RFC3339, lastSeen.(string)); err != nil || time.Since(at) > time.Hour {
		t.Errorf("lastSeen is %v", lastSeen)
	}
	dig(t, got, "entity", "dependsOn", 0).(map[string]any)["lastSeen"] = nil
	want(t, got["entity"], `{"ref": "service:checkout-api", "kind": "service", "name": "checkout-api", "title": null, "description": "Takes the money.",
		"language": "go", "languageVersion": "1.26", "tier": 0, "userFacing": true, "lifecycle": "production", "platform": "kubernetes",
		"deployedBy": "argocd", "type": null, "rpo": "0s", "rto": "15m", "email": null, "timeZone": null,
		"owner": {"ref": "team:payments", "title": "Payments", "email": null, "contacts": [
			{"type": "email", "value": "pay@example.com", "title": "Mail"}, {"type": "slack", "value": "#payments", "title": null}]},
		"onCall": [{"person": {"ref": "person:priya.raman"}, "name": "Priya Raman", "role": "primary", "until": "2030-01-02T03:04:05.000000Z"},
			{"person": null, "name": "pagerduty:PXYZ", "role": "secondary", "until": null}],
		"links": [{"type": "runbook", "title": "Runbook", "url": "https://example.com/runbook"}],
		"tags": [{"key": "cost-centre", "value": "4711"}, {"key": "pci", "value": ""}],
		"aliases": ["github:acme/checkout"], "partOf": [{"ref": "system:shop"}], "parts": [], "owns": [],
		"dependsOn": [{"type": "depends-on", "entity": {"ref": "resource:orders-db", "described": false}, "evidence": "observed", "lastSeen": null},
			{"type": "depends-on", "entity": {"ref": "service:ledger", "described": true}, "evidence": "declared", "lastSeen": null}],
		"dependedOnBy": [], "provides": [{"type": "provides", "entity": {"ref": "api:checkout"}}], "providedBy": [], "consumes": [],
		"described": true, "retired": false, "running": [{"environment": "production", "version": "2.1", "since": "`+stamp(began.Add(time.Hour+time.Minute))+`"}],
		"lastEvent": {"key": "`+dig(t, h.ask(t, `{ feed(filter: {services: ["checkout-api"]}, first: 1) { rows { event { key } } } }`, nil), "feed", "rows", 0, "event", "key").(string)+`"}}`)

	api := h.ask(t, query, map[string]any{"ref": "api:checkout"})
	want(t, dig(t, api, "entity", "providedBy"), `[{"entity": {"ref": "service:checkout-api"}}]`)
	want(t, dig(t, api, "entity", "dependedOnBy"), `[{"type": "consumes", "entity": {"ref": "service:basket"}, "evidence": "declared"}]`)
	team := h.ask(t, query, map[string]any{"ref": "team:payments"})
	want(t, dig(t, team, "entity", "owns"), `[{"ref": "service:checkout-api"}, {"ref": "service:ledger"}]`)
	want(t, dig(t, team, "entity", "parts"), `[{"ref": "person:priya.raman"}]`)
	want(t, h.ask(t, query, map[string]any{"ref": "service:nowhere"}), `{"entity": null}`)
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

func TestFactsAndDescriptor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	h.ask(t, `mutation { applyDescriptors(documents: [{name: "ledger/effx.yaml", content: "service:\n  name: ledger\n  description: Books.\n  annotations: {effx.io/owner: x}\n"}]) { name } }`, nil)
	data := h.ask(t, `{ entity(ref: "service:ledger") { facts { field value source since confirmedAt disagreeing { value source since } } descriptor(format: "tidings") kubernetes: descriptor(format: "kubernetes") } }`, nil)
	fields := map[string]any{}
	for _, fact := range dig(t, data, "entity", "facts").([]any) {
		f := fact.(map[string]any)
		fields[f["field"].(string)] = f["value"]
	}
	if fields["tier"] != float64(1) || fields["language"] != "java" || fields["tag/pci"] != "" {
		t.Errorf("facts are %v", fields)
	}
	for _, format := range []string{"descriptor", "kubernetes"} {
		if text, _ := dig(t, data, "entity", format).(string); text == "" {
			t.Errorf("%s is empty", format)
		}
	}
	_, a := h.post(t, `{ entity(ref: "service:ledger") { descriptor(format: "nonsense") } }`, nil)
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "invalid" {
		t.Errorf("an unknown format gives %+v", a.Errors)
	}
}

func TestEntityAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	before := time.Now().UTC()
	time.Sleep(5 * time.Millisecond)
	h.apply(t,
		say(t, "team:money", map[string]any{"title": "Money"}),
		say(t, "service:ledger", map[string]any{"tier": 3, "owner": "team:money", "description": "Moved."}),
		say(t, "service:basket", map[string]any{"tier": 2}),
	)
	deploys(t, h)
	const query = `query ($ref: String!, $at: Time) { entity(ref: $ref, at: $at) {
		tier description owner { ref title tier } owns { ref } parts { ref } dependsOn { entity { ref } } dependedOnBy { entity { ref } } facts { field } lastEvent { id } running { version }
	} }`
	now := h.ask(t, query, map[string]any{"ref": "service:ledger"})
	then := h.ask(t, query, map[string]any{"ref": "service:ledger", "at": before.Format(time.RFC3339Nano)})
	want(t, dig(t, now, "entity", "owner", "ref"), `"team:money"`)
	want(t, dig(t, then, "entity", "owner"), `{"ref": "team:payments", "title": "Payments", "tier": null}`)
	want(t, dig(t, then, "entity", "tier"), `1`)
	want(t, dig(t, then, "entity", "description"), `""`)
	want(t, dig(t, then, "entity", "dependedOnBy"), `[{"entity": {"ref": "service:basket"}}, {"entity": {"ref": "service:checkout-api"}}]`)
	want(t, dig(t, now, "entity", "dependedOnBy"), `[{"entity": {"ref": "service:checkout-api"}}]`)
	team := h.ask(t, query, map[string]any{"ref": "team:payments", "at": before.Format(time.RFC3339Nano)})
	want(t, dig(t, team, "entity", "owns"), `[{"ref": "service:checkout-api"}, {"ref": "service:ledger"}]`)
	want(t, dig(t, team, "entity", "parts"), `[{"ref": "person:priya.raman"}]`)
	want(t, h.ask(t, query, map[string]any{"ref": "service:ledger", "at": "2010-01-01T00:00:00Z"}), `{"entity": null}`)
	// What ran and happened by then, not since.
	past := h.ask(t, query, map[string]any{"ref": "service:ledger", "at": began.Add(time.Hour).Format(time.RFC3339)})
	want(t, past, `{"entity": null}`)
}

func TestEntities(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	const query = `query ($filter: EntityFilter, $sort: EntitySort, $after: String, $first: Int) {
		entities(filter: $filter, sort: $sort, after: $after, first: $first) { total next nodes { ref lastEvent { title } } }
	}`
	var refs []string
	variables := map[string]any{"filter": map[string]any{"kinds": []string{"service"}}, "sort": "tier", "first": 1}
	for range 5 {
		page := dig(t, h.ask(t, query, variables), "entities")
		refs = append(refs, pluck(t, dig(t, page, "nodes"), "ref")...)
		if dig(t, page, "total") != float64(3) {
			t.Errorf("total is %v", dig(t, page, "total"))
		}
		if variables["after"] = dig(t, page, "next"); variables["after"] == nil {
			break
		}
	}
	if diff := cmp.Diff([]string{"service:checkout-api", "service:ledger", "service:basket"}, refs); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		name   string
		filter map[string]any
		want   []string
	}{
		{"everything", nil, []string{"service:basket", "api:checkout", "service:checkout-api", "service:ledger", "resource:orders-db", "team:payments", "person:priya.raman", "system:shop"}},
		{"tags", map[string]any{"tags": []string{"pci"}}, []string{"service:checkout-api", "service:ledger"}},
		{"owner", map[string]any{"owners": []string{"payments"}, "languages": []string{"go"}}, []string{"service:checkout-api"}},
		{"unowned", map[string]any{"kinds": []string{"service"}, "unowned": true}, []string{"service:basket"}},
		{"words", map[string]any{"q": "ledgr"}, []string{"service:ledger"}},
		{"system", map[string]any{"systems": []string{"shop"}, "tiers": []int{0}, "platforms": []string{"kubernetes"}, "lifecycles": []string{"production"}}, []string{"service:checkout-api"}},
	} {
		got := pluck(t, dig(t, h.ask(t, query, map[string]any{"filter": test.filter}), "entities", "nodes"), "ref")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}

	facets := h.ask(t, `{ entities(filter: {kinds: [service]}) { facets { name values { value label count } } } }`, nil)
	byName := map[string]any{}
	for _, facet := range dig(t, facets, "entities", "facets").([]any) {
		byName[dig(t, facet, "name").(string)] = dig(t, facet, "values")
	}
	want(t, byName["owner"], `[{"value": "team:payments", "label": "Payments", "count": 2}]`)
	want(t, byName["language"], `[{"value": "go", "label": "go", "count": 2}, {"value": "java", "label": "java", "count": 1}]`)

	// By the last change: each new event moves its service up.
	for _, service := range []string{"ledger", "basket", "checkout-api", "basket"} {
		h.record(t, change.Event{Title: "touched", Subjects: about(service), StartedAt: time.Now().Add(time.Minute)})
		time.Sleep(time.Millisecond)
		got := h.ask(t, query, map[string]any{"filter": map[string]any{"kinds": []string{"service"}}, "sort": "last_change", "first": 1})
		want(t, dig(t, got, "entities", "nodes", 0), `{"ref": "service:`+service+`", "lastEvent": {"title": "touched"}}`)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	data := h.ask(t, `{ all: search(q: "checkout") { ref } services: search(q: "checkout", kinds: [service], first: 1) { ref } none: search(q: "") { ref } }`, nil)
	want(t, data, `{"all": [{"ref": "api:checkout"}, {"ref": "service:checkout-api"}], "services": [{"ref": "service:checkout-api"}], "none": []}`)
}

func TestFeed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	const query = `query ($filter: FeedFilter, $after: String, $first: Int) { feed(filter: $filter, after: $after, first: $first) {
		next searchedUntil rows { id shape count subjectCount distance subjects { ref name kind claimed } event { key story } events { key } }
	} }`
	until := map[string]any{"until": began.Add(4 * time.Hour).Format(time.RFC3339)}
	rows := dig(t, h.ask(t, query, map[string]any{"filter": until}), "feed", "rows")
	if diff := cmp.Diff([]string{"a1", "d2", "d1"}, pluck(t, rows, "event", "key")); diff != "" {
		t.Fatal(diff)
	}
	story := dig(t, rows, 2)
	want(t, dig(t, story, "events"), `[{"key": "m1"}]`)
	want(t, dig(t, story, "subjects"), `[{"ref": "service:checkout-api", "name": "checkout-api", "kind": "service", "claimed": true}]`)
	want(t, dig(t, rows, 0, "subjects"), `[{"ref": "pagerduty:pabc", "name": "pagerduty:pabc", "kind": null, "claimed": false}]`)
	if dig(t, story, "shape") != "story" || dig(t, story, "count") != float64(2) || dig(t, story, "id") != dig(t, story, "event", "story") {
		t.Errorf("the story is %v", story)
	}
	want(t, dig(t, rows, 0, "events"), `[]`)

	steps := h.ask(t, `query ($id: ID!) { story(id: $id) { key startedAt } }`, map[string]any{"id": dig(t, story, "id")})
	want(t, steps["story"], `[{"key": "m1", "startedAt": "`+stamp(began)+`"}, {"key": "d1", "startedAt": "`+stamp(began.Add(time.Hour))+`"}]`)

	var keys []string
	variables := map[string]any{"filter": until, "first": 1}
	for range 5 {
		page := dig(t, h.ask(t, query, variables), "feed")
		keys = append(keys, pluck(t, dig(t, page, "rows"), "event", "key")...)
		if variables["after"] = dig(t, page, "next"); variables["after"] == nil {
			break
		}
	}
	if diff := cmp.Diff([]string{"a1", "d2", "d1"}, keys); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		name   string
		filter map[string]any
		want   []string
	}{
		{"service", map[string]any{"services": []string{"ledger"}}, []string{"d2"}},
		{"dependencies", map[string]any{"services": []string{"checkout-api"}, "withDependencies": true, "depth": 2}, []string{"d2", "d1"}},
		{"one step by default", map[string]any{"services": []string{"checkout-api"}, "withDependencies": true}, []string{"d2", "d1"}},
		{"team", map[string]any{"teams": []string{"payments"}, "kinds": []string{"deploy"}}, []string{"d2", "d1"}},
		{"system", map[string]any{"systems": []string{"shop"}}, []string{"d1"}},
		{"tags", map[string]any{"tags": []string{"pci"}, "environments": []string{"staging"}}, []string{"d2"}},
		{"class", map[string]any{"classes": []string{"signal"}}, []string{"a1"}},
		{"actor", map[string]any{"actors": []string{"argocd"}, "actorTypes": []string{"automation"}, "phases": []string{"succeeded"}, "sources": []string{"ci"}}, []string{"d1"}},
		{"words", map[string]any{"q": "latency HIGH"}, []string{"a1"}},
		{"entities", map[string]any{"entities": []string{"service:ledger"}, "since": began.Format(time.RFC3339)}, []string{"d2"}},
	} {
		filter := map[string]any{"until": until["until"]}
		for key, value := range test.filter {
			filter[key] = value
		}
		got := pluck(t, dig(t, h.ask(t, query, map[string]any{"filter": filter}), "feed", "rows"), "event", "key")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	near := h.ask(t, query, map[string]any{"filter": map[string]any{"services": []string{"checkout-api"}, "withDependencies": true, "kinds": []string{"deploy"}}})
	want(t, dig(t, near, "feed", "rows", 0, "distance"), `1`)
	want(t, dig(t, near, "feed", "rows", 1, "distance"), `0`)
}

func TestStorm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var storm []change.Event
	for i := range 30 {
		storm = append(storm, change.Event{Kind: "scaling", Title: "scaled", Subjects: about(string(rune('a' + i))), StartedAt: began.Add(time.Duration(i) * time.Second)})
	}
	for i := range storm {
		storm[i].Subjects = about([]string{"one", "two", "three"}[i%3])
	}
	h.record(t, storm...)
	row := dig(t, h.ask(t, `{ feed(filter: {kinds: ["scaling"]}) { rows { shape count subjectCount events { startedAt } event { startedAt } } } }`, nil), "feed", "rows", 0)
	if dig(t, row, "shape") != "storm" || dig(t, row, "count") != float64(30) || dig(t, row, "subjectCount") != float64(3) {
		t.Errorf("the storm is %v", row)
	}
	if got := len(dig(t, row, "events").([]any)); got != 19 {
		t.Errorf("a storm shows %d events beside the newest, want 19", got)
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	receipts := deploys(t, h)
	const query = `query ($id: ID!) { event(id: $id) {
		id source key kind class phase title detail environment region cluster actor { type name via person { ref } } startedAt endedAt version previous commit
		diff { field old new } exposure links { type title url } labels { key value } dark history { phase at } ramp { exposure at } recordedBy subjects { ref claimed }
	} }`
	deploy := dig(t, h.ask(t, query, map[string]any{"id": receipts[1].ID.String()}), "event")
	want(t, deploy, `{"id": "`+receipts[1].ID.String()+`", "source": "ci", "key": "d1", "kind": "deploy", "class": "change", "phase": "succeeded",
		"title": "checkout-api 2.1 to production", "detail": "", "environment": "production", "region": "", "cluster": "",
		"actor": {"type": "automation", "name": "argocd", "via": "", "person": null},
		"startedAt": "`+stamp(began.Add(time.Hour))+`", "endedAt": "`+stamp(began.Add(time.Hour+time.Minute))+`",
		"version": "2.1", "previous": "2.0", "commit": "abcdef1", "diff": [{"field": "image", "old": "2.0", "new": "2.1"}], "exposure": null,
		"links": [{"type": "deploy", "title": "Run", "url": "https://example.com/run/1"}], "labels": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
		"dark": false, "history": [], "ramp": [], "recordedBy": "person:administrator", "subjects": [{"ref": "service:checkout-api", "claimed": true}]}`)
	merge := dig(t, h.ask(t, query, map[string]any{"id": receipts[0].ID.String()}), "event")
	want(t, dig(t, merge, "actor", "person"), `{"ref": "person:priya.raman"}`)
	want(t, dig(t, merge, "endedAt"), `null`)
	for _, id := range []string{"0195f8a0-0000-7000-8000-000000000000", "nonsense"} {
		want(t, h.ask(t, query, map[string]any{"id": id}), `{"event": null}`)
		_, a := h.post(t, `query ($id: ID!) { story(id: $id) { id } }`, map[string]any{"id": id})
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "not_found" {
			t.Errorf("story %s: %+v", id, a.Errors)
		}
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	variables := map[string]any{"since": began.Format(time.RFC3339), "until": began.Add(4 * time.Hour).Format(time.RFC3339)}
	data := h.ask(t, `query ($since: Time!, $until: Time!) {
		histogram(since: $since, until: $until, buckets: 4) { since bucketSeconds people automation events partial }
		facets(since: $since, until: $until) { kinds { value label count } environments { value count } sources { value count } actorTypes { value count } }
		some: facets(filter: {services: ["ledger"]}, since: $since, until: $until) { teams { value label count } kinds { value count } }
	}`, variables)
	if dig(t, data, "histogram", "events") != float64(4) || dig(t, data, "histogram", "bucketSeconds") != float64(3600) || dig(t, data, "histogram", "partial") != false {
		t.Errorf("the histogram is %v", data["histogram"])
	}
	want(t, dig(t, data, "facets", "kinds", 0), `{"value": "deploy", "label": "Deploys", "count": 2}`)
	want(t, dig(t, data, "facets", "environments"), `[{"value": "production", "count": 2}, {"value": "staging", "count": 1}]`)
	want(t, data["some"], `{"teams": [{"value": "payments", "label": "Payments", "count": 1}], "kinds": [{"value": "deploy", "count": 1}]}`)
}

func TestUnclaimed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(t,
		change.Event{Title: "one", Subjects: about("github:acme/a"), StartedAt: began},
		change.Event{Title: "two", Subjects: about("github:acme/b", "github:acme/c"), StartedAt: began.Add(time.Minute)},
		change.Event{Title: "three", Subjects: about("github:acme/c"), StartedAt: began.Add(2 * time.Minute)},
	)
	const query = `query ($after: String) { unclaimed(after: $after, first: 2) { total next nodes { alias events firstAt lastAt example { title } suggestions { entity { ref } reason score } } } }`
	page := dig(t, h.ask(t, query, nil), "unclaimed")
	want(t, dig(t, page, "nodes", 0), `{"alias": "github:acme/c", "events": 2, "firstAt": "`+stamp(began.Add(time.Minute))+`", "lastAt": "`+stamp(began.Add(2*time.Minute))+`", "example": {"title": "three"}, "suggestions": []}`)
	if dig(t, page, "total") != float64(3) {
		t.Errorf("total is %v", dig(t, page, "total"))
	}
	h.apply(t, say(t, "service:c", map[string]any{"title": "The letter"}))
	suggested := dig(t, h.ask(t, query, nil), "unclaimed", "nodes", 0, "suggestions", 0)
	want(t, dig(t, suggested, "entity"), `{"ref": "service:c"}`)
	rest := dig(t, h.ask(t, query, map[string]any{"after": dig(t, page, "next")}), "unclaimed")
	if diff := cmp.Diff([]string{"github:acme/b"}, pluck(t, dig(t, rest, "nodes"), "alias")); diff != "" {
		t.Error(diff)
	}
	want(t, dig(t, rest, "next"), `null`)
}

// Whoever is named for an entity is called for it, and nobody else of its team; without a name the team's on-call is.
func TestOnCallOfTheTeam(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.apply(t, say(t, "team:payments", map[string]any{"on-call/primary/person:priya": ""}), say(t, "service:checkout", map[string]any{"owner": "team:payments", "on-call/primary/person:jonas": ""}),
		say(t, "resource:ledger-db", map[string]any{"owner": "team:payments"}), say(t, "resource:stray-db", map[string]any{"type": "postgres"}))
	for ref, called := range map[string]string{
		"service:checkout": `[{"person": {"ref": "person:jonas"}}]`, "resource:ledger-db": `[{"person": {"ref": "person:priya"}}]`, "resource:stray-db": `[]`,
	} {
		got := h.ask(t, `query ($ref: String!) { entity(ref: $ref) { onCall { person { ref } } } }`, map[string]any{"ref": ref})
		want(t, dig(t, got, "entity", "onCall"), called)
	}
}

// Who takes over is another list, of the same entity as who is on call.
func TestWhoTakesOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	monday := time.Now().UTC().Truncate(time.Second).Add(72 * time.Hour)
	from, until := monday.Format(time.RFC3339), monday.Add(168*time.Hour).Format(time.RFC3339)
	h.apply(t, say(t, "person:ines", map[string]any{"title": "Ines Duarte"}),
		say(t, "team:payments", map[string]any{"on-call/primary/person:priya": from, "on-call-next/primary/" + from + "/person:ines": until, "on-call-next/primary/" + until + "/person:ewa": ""}),
		say(t, "service:ledger", map[string]any{"owner": "team:payments"}),
		say(t, "service:checkout", map[string]any{"owner": "team:payments", "on-call/primary/person:jonas": ""}))
	ask := func(ref string) any {
		return h.ask(t, `query ($ref: String!) { entity(ref: $ref) { onCall { name } nextOnCall { name role from until person { ref } } } }`, map[string]any{"ref": ref})
	}
	const form = "2006-01-02T15:04:05.000000Z"
	next := fmt.Sprintf(`[{"name": "Ines Duarte", "role": "primary", "from": %q, "until": %q, "person": {"ref": "person:ines"}}]`, monday.Format(form), monday.Add(168*time.Hour).Format(form))
	for _, ref := range []string{"team:payments", "service:ledger"} {
		want(t, dig(t, ask(ref), "entity", "onCall"), `[{"name": "priya"}]`)
		want(t, dig(t, ask(ref), "entity", "nextOnCall"), next)
	}
	want(t, dig(t, ask("service:checkout"), "entity", "nextOnCall"), `[]`)
	got := h.ask(t, `query ($at: Time) { entity(ref: "team:payments", at: $at) { onCall { name } nextOnCall { name } } }`, map[string]any{"at": monday.Format(time.RFC3339)})
	want(t, dig(t, got, "entity"), `{"onCall": [{"name": "Ines Duarte"}], "nextOnCall": [{"name": "ewa"}]}`)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	now := time.Now().UTC().Truncate(time.Second)
	h.record(t, change.Event{Source: "grafana", Key: "a", Kind: "alert", Phase: change.Started, Title: "Slow", StartedAt: now, Subjects: []change.Subject{{Name: "service:ledger"}}})
	const query = `query ($filter: EntityFilter) { entities(filter: $filter, sort: health) { nodes { name condition { health title since } } facets { name values { value count } } } }`
	got := h.ask(t, query, map[string]any{"filter": map[string]any{"kinds": []string{"service"}}})
	want(t, dig(t, got, "entities", "nodes", 0), `{"name": "ledger", "condition": {"health": "alert", "title": "Slow", "since": "`+stamp(now)+`"}}`)
	want(t, dig(t, got, "entities", "nodes", 1), `{"name": "basket", "condition": {"health": "calm", "title": "", "since": null}}`)
	want(t, dig(t, got, "entities", "facets", 0), `{"name": "health", "values": [{"value": "alert", "count": 1}, {"value": "calm", "count": 2}]}`)
	got = h.ask(t, query, map[string]any{"filter": map[string]any{"healths": []string{"alert", "incident"}}})
	want(t, dig(t, got, "entities", "nodes"), `[{"name": "ledger", "condition": {"health": "alert", "title": "Slow", "since": "`+stamp(now)+`"}}]`)
	then := h.ask(t, `query ($at: Time) { entity(ref: "service:ledger", at: $at) { condition { health } } }`, map[string]any{"at": time.Now().UTC().Format(time.RFC3339Nano)})
	want(t, dig(t, then, "entity"), `{"condition": null}`)
}

func TestMigration(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.apply(
		t,
		say(t, "team:payments", map[string]any{"title": "Payments"}),
		say(t, "service:ledger", map[string]any{"owner": "team:payments", "tag/migration": "k8s", "tag/migrated": "k8s"}),
		say(t, "service:pricing", map[string]any{"owner": "team:payments", "tag/migration": "k8s"}),
		say(t, "service:stray", map[string]any{"tag/migration": "k8s"}),
		say(t, "service:other", map[string]any{"tag/migration": "go"}),
	)
	const query = `query ($filter: EntityFilter, $steps: Int) { migration(what: "k8s", filter: $filter, steps: $steps) { done all teams { owner { title } done all left } steps { done all } } }`
	want(t, h.ask(t, query, nil)["migration"], `{"done": 1, "all": 3, "steps": [{"done": 1, "all": 3}], "teams": [
		{"owner": null, "done": 0, "all": 1, "left": ["stray"]}, {"owner": {"title": "Payments"}, "done": 1, "all": 2, "left": ["pricing"]}]}`)
	h.apply(t, say(t, "service:pricing", map[string]any{"owner": "team:payments", "tag/migration": "k8s", "tag/migrated": "k8s"}))
	want(t, h.ask(t, query, map[string]any{"filter": map[string]any{"owners": []string{"payments"}}, "steps": 3})["migration"],
		`{"done": 2, "all": 2, "steps": [{"done": 1, "all": 2}, {"done": 2, "all": 2}], "teams": [{"owner": {"title": "Payments"}, "done": 2, "all": 2, "left": []}]}`)
}

// A service is not what changed when who is called for it did.
func TestTheLastChangeIsNoHandover(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.apply(t, say(t, "service:quiet", map[string]any{"tier": 2}), say(t, "service:busy", map[string]any{"tier": 2}))
	event := func(kind, title, about string, after time.Duration) change.Event {
		return change.Event{Kind: kind, Title: title, StartedAt: time.Now().Add(after), Subjects: []change.Subject{{Name: about}}}
	}
	const query = `{ entities(filter: {kinds: [service]}, sort: last_change) { nodes { name lastEvent { title } } } }`
	const order = `{"nodes": [{"name": "quiet", "lastEvent": {"title": "v2"}}, {"name": "busy", "lastEvent": {"title": "v1"}}]}`
	h.record(t, event("deploy", "v1", "service:busy", time.Second), event("deploy", "v2", "service:quiet", 2*time.Second), event(change.Handover, "Ewa took over", "service:busy", 3*time.Second))
	want(t, h.ask(t, query, nil)["entities"], order)
	// By the tail of the log as well, and at an instant.
	h.record(t, event(change.Handover, "Ines took over", "service:busy", 4*time.Second))
	want(t, h.ask(t, query, nil)["entities"], order)
	at := map[string]any{"at": time.Now().Add(time.Minute).Format(time.RFC3339)}
	want(t, h.ask(t, `query ($at: Time) { entity(ref: "service:busy", at: $at) { lastEvent { title } } }`, at)["entity"], `{"lastEvent": {"title": "v1"}}`)
}
