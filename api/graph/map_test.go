package graph_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// streets is a small town: two shops call a till, the till calls a ledger and a risk check, which call each other in a
// circle by way of the ledger's store; a mill stands alone.
func streets(t testing.TB, h *house) {
	t.Helper()
	h.apply(
		t,
		say(t, "team:shop", map[string]any{"title": "Shop"}),
		say(t, "team:money", map[string]any{"title": "Money"}),
		say(t, "system:tills", map[string]any{"title": "Tills"}),
		say(t, "service:web", map[string]any{"owner": "team:shop", "depends-on/service:till": "declared"}),
		say(t, "service:app", map[string]any{"owner": "team:shop", "depends-on/service:till": "observed"}),
		say(t, "service:till", map[string]any{"owner": "team:money", "part-of/system:tills": "declared", "depends-on/service:ledger": "declared", "consumes/api:scores": "declared"}),
		say(t, "service:ledger", map[string]any{"owner": "team:money", "depends-on/service:risk": "declared"}),
		say(t, "service:risk", map[string]any{"provides/api:scores": "declared", "depends-on/service:ledger": "observed"}),
		say(t, "service:mill", map[string]any{"owner": "team:shop"}),
	)
	now := time.Now()
	h.record(
		t,
		change.Event{Source: "ci", Key: "1", Kind: "deploy", Title: "ledger 7", Version: "7", Subjects: about("ledger"), Environment: "production", StartedAt: now.Add(-time.Hour)},
		change.Event{Source: "ci", Key: "2", Kind: "deploy", Title: "ledger 6", Version: "6", Subjects: about("ledger"), Environment: "staging", StartedAt: now.Add(-2 * time.Hour)},
		change.Event{Source: "ci", Key: "3", Kind: "deploy", Title: "old news", Version: "1", Subjects: about("web"), Environment: "production", StartedAt: now.Add(-48 * time.Hour)},
		change.Event{Source: "am", Key: "4", Kind: "alert", Phase: change.Started, Title: "risk is slow", Subjects: about("risk"), Environment: "production", StartedAt: now.Add(-time.Minute)},
		change.Event{Source: "am", Key: "5", Kind: "alert", Phase: change.Succeeded, Title: "till was slow", Subjects: about("till"), Environment: "production", StartedAt: now.Add(-time.Minute)},
	)
}

const drawn = `nodes { id members distance dependants circle changes troubles change { title } trouble { title } owner { name } }
	circles { name } total left`

// arrows are the edges of a map, in no order of their own.
func arrows(t testing.TB, drawn any) (all []string) {
	t.Helper()
	for _, edge := range dig(t, drawn, "map", "edges").([]any) {
		of := func(key string) any { return dig(t, edge, key) }
		all = append(all, fmt.Sprint(of("from"), " to ", of("to"), ", ", of("count"), " ", of("evidence"), " ", of("via")))
	}
	slices.Sort(all)
	return all
}

func TestMap(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	streets(t, h)
	ids := func(data map[string]any) (all []string) {
		for _, node := range data["map"].(map[string]any)["nodes"].([]any) {
			all = append(all, node.(map[string]any)["id"].(string))
		}
		return all
	}

	want(t, h.ask(t, `{ map(focus: ["till"], depth: 1, environments: ["production"]) { `+drawn+` } }`, nil)["map"], `{
		"nodes": [
			{"id": "service:till", "members": 1, "distance": 0, "dependants": 2, "circle": null, "changes": 0, "troubles": 0, "change": null, "trouble": null, "owner": {"name": "money"}},
			{"id": "service:app", "members": 1, "distance": -1, "dependants": 0, "circle": null, "changes": 0, "troubles": 0, "change": null, "trouble": null, "owner": {"name": "shop"}},
			{"id": "service:ledger", "members": 1, "distance": 1, "dependants": 4, "circle": 1, "changes": 1, "troubles": 0, "change": {"title": "ledger 7"}, "trouble": null, "owner": {"name": "money"}},
			{"id": "service:risk", "members": 1, "distance": 1, "dependants": 4, "circle": 1, "changes": 0, "troubles": 1, "change": null, "trouble": {"title": "risk is slow"}, "owner": null},
			{"id": "service:web", "members": 1, "distance": -1, "dependants": 0, "circle": null, "changes": 0, "troubles": 0, "change": null, "trouble": null, "owner": {"name": "shop"}}
		],
		"circles": [[{"name": "ledger"}, {"name": "risk"}]], "total": 5, "left": 0
	}`)
	wanted := []string{
		"service:app to service:till, 1 observed []",
		"service:ledger to service:risk, 1 declared []",
		"service:risk to service:ledger, 1 observed []",
		"service:till to service:ledger, 1 declared []",
		"service:till to service:risk, 1 declared [api:scores]",
		"service:web to service:till, 1 declared []",
	}
	if diff := cmp.Diff(wanted, arrows(t, h.ask(t, `{ map(focus: ["till"], depth: 1) { edges { from to count evidence via } } }`, nil))); diff != "" {
		t.Error(diff)
	}

	for _, test := range []struct {
		asked string
		want  []string
	}{
		{`focus: ["till"], depth: 1, direction: callers`, []string{"service:till", "service:app", "service:web"}},
		{`focus: ["till"], depth: 2, direction: calls`, []string{"service:till", "service:ledger", "service:risk"}},
		{`focus: ["system:tills"], depth: 1, direction: callers`, []string{"service:till", "service:app", "service:web"}},
		{`focus: ["team:money"], depth: 1, direction: calls`, []string{"service:ledger", "service:till", "service:risk"}},
		{`focus: ["mill"]`, []string{"service:mill"}},
		{`focus: ["web"], depth: 3, groupBeyond: 1`, []string{"service:web", "calls:team:money", "service:risk"}},
	} {
		if diff := cmp.Diff(test.want, ids(h.ask(t, `{ map(`+test.asked+`) { nodes { id } } }`, nil))); diff != "" {
			t.Errorf("%s: %s", test.asked, diff)
		}
	}

	// The whole by team: what is within a team is not told, and what stands alone is not drawn.
	want(t, h.ask(t, `{ map(groupBeyond: 1) { nodes { id members changes troubles entity { name } } total } }`, nil)["map"], `{
		"nodes": [
			{"id": "group:team:shop", "members": 2, "changes": 0, "troubles": 0, "entity": null},
			{"id": "group:team:money", "members": 2, "changes": 2, "troubles": 0, "entity": null},
			{"id": "service:risk", "members": 1, "changes": 0, "troubles": 1, "entity": {"name": "risk"}}
		],
		"total": 5
	}`)
	wanted = []string{
		"group:team:money to service:risk, 2 declared [api:scores]",
		"group:team:shop to group:team:money, 2 both []",
		"service:risk to group:team:money, 1 observed []",
	}
	if diff := cmp.Diff(wanted, arrows(t, h.ask(t, `{ map(groupBeyond: 1) { edges { from to count evidence via } } }`, nil))); diff != "" {
		t.Error(diff)
	}
}

func TestMapOfVeryManyTeams(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	streets(t, h)
	statements := []catalog.Statement{say(t, "service:hub", map[string]any{"owner": "team:money"})}
	for i := range 120 {
		team := fmt.Sprintf("team:t%03d", i)
		statements = append(statements,
			say(t, team, map[string]any{}),
			say(t, fmt.Sprintf("service:a%03d", i), map[string]any{"owner": team, "depends-on/service:hub": "declared"}),
			say(t, fmt.Sprintf("service:b%03d", i), map[string]any{"owner": team, fmt.Sprintf("depends-on/service:a%03d", i): "declared"}))
	}
	h.apply(t, statements...)
	h.record(t, change.Event{Source: "am", Key: "9", Kind: "alert", Phase: change.Started, Title: "b119 is slow", Subjects: about("b119"), Environment: "production", StartedAt: time.Now().Add(-time.Minute)})
	drawn := h.ask(t, `{ map(groupBeyond: 10) { nodes { id members } edges { from to } total left } }`, nil)
	nodes := dig(t, drawn, "map", "nodes").([]any)
	ids, members := map[any]bool{}, 0
	for _, node := range nodes {
		ids[dig(t, node, "id")] = true
		members += atoi(t, fmt.Sprint(dig(t, node, "members")))
	}
	if len(nodes) != 100 {
		t.Errorf("%d groups are drawn, want 100", len(nodes))
	}
	for _, id := range []string{"group:team:money", "group:team:t119"} {
		if !ids[id] {
			t.Errorf("%s is left out: the most depends on it, or it is in trouble", id)
		}
	}
	for _, edge := range dig(t, drawn, "map", "edges").([]any) {
		if from, to := dig(t, edge, "from"), dig(t, edge, "to"); !ids[from] || !ids[to] {
			t.Errorf("an edge from %v to %v leads to what is not drawn", from, to)
		}
	}
	if total, left := fmt.Sprint(dig(t, drawn, "map", "total")), fmt.Sprint(dig(t, drawn, "map", "left")); left == "0" || total != fmt.Sprint(members+atoi(t, left)) {
		t.Errorf("%s are on the map and %s left out, with %d in the groups", total, left, members)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	streets(t, h)
	want(t, h.ask(t, `{ paths(from: "web", to: "ledger") { stops { name } } }`, nil)["paths"], `[
		{"stops": [{"name": "web"}, {"name": "till"}, {"name": "ledger"}]},
		{"stops": [{"name": "web"}, {"name": "till"}, {"name": "risk"}, {"name": "ledger"}]}
	]`)
	want(t, h.ask(t, `{ paths(from: "web", to: "ledger", first: 1) { stops { name } } }`, nil)["paths"], `[{"stops": [{"name": "web"}, {"name": "till"}, {"name": "ledger"}]}]`)
	want(t, h.ask(t, `{ paths(from: "ledger", to: "web") { stops { name } } }`, nil)["paths"], `[]`)
}

func atoi(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMapRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	streets(t, h)
	for query, code := range map[string]string{
		`{ map(focus: ["nobody"]) { total } }`:                               "not_found",
		`{ map(focus: ["planet:mars"]) { total } }`:                          "invalid",
		`{ map(depth: 11) { total } }`:                                       "invalid",
		`{ map(groupBeyond: 1001) { total } }`:                               "invalid",
		`{ paths(from: "web", to: "nobody") { stops { name } } }`:            "not_found",
		`{ paths(from: "web", to: "till", first: 1000) { stops { name } } }`: "invalid",
	} {
		_, a := h.post(t, query, nil)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != code {
			t.Errorf("%s: %+v, want %s", query, a.Errors, code)
		}
	}
}
