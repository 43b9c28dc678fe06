package catalog

import (
	"strconv"
	"strings"
	"testing"

	"tidings.dev/tidings/fault"
)

// drawn is a roll where web calls checkout and search, checkout reaches the ledger by its API, the ledger and the bank
// depend on each other, and everything ends in one database.
func drawn() *Index {
	needs := func(family string, targets ...Ref) []Relation {
		var relations []Relation
		for _, target := range targets {
			relations = append(relations, Relation{Type: family, Target: target, Evidence: Declared})
		}
		return relations
	}
	service := func(name string) Ref { return Ref{Service, name} }
	api, db := Ref{API, "ledger-api"}, Ref{Resource, "ledger-db"}
	x := NewIndex()
	x.Put(
		&Entity{ID: 1, Kind: Service, Name: "web", Relations: needs(FamilyDependsOn, service("checkout"), service("search"), service("gone"))},
		&Entity{ID: 2, Kind: Service, Name: "checkout", Relations: append(needs(FamilyConsumes, api), needs(FamilyDependsOn, service("search"))...)},
		&Entity{ID: 3, Kind: Service, Name: "ledger", Relations: append(needs(FamilyProvides, api), needs(FamilyDependsOn, db, service("bank"))...)},
		&Entity{ID: 4, Kind: API, Name: "ledger-api"},
		&Entity{ID: 5, Kind: Resource, Name: "ledger-db"},
		&Entity{ID: 6, Kind: Service, Name: "bank", Relations: needs(FamilyDependsOn, service("ledger"), service("bank"))},
		&Entity{ID: 7, Kind: Service, Name: "search", Relations: needs(FamilyDependsOn, db)},
		&Entity{ID: 8, Kind: Service, Name: "gone", Retired: true, Relations: needs(FamilyDependsOn, db)},
		&Entity{ID: 9, Kind: Service, Name: "lonely"},
	)
	return x
}

func sketch(m Map) string {
	var words []string
	for _, p := range m.Placed {
		words = append(words, p.Name+"@"+strconv.Itoa(p.Distance))
	}
	for _, d := range m.Dependencies {
		via := ""
		for _, api := range d.Via {
			via = "(" + api.Name + ")"
		}
		words = append(words, d.From.Name+">"+via+d.To.Name)
	}
	return strings.Join(words, " ")
}

func TestMap(t *testing.T) {
	t.Parallel()
	x := drawn()
	checkout := []Ref{{Service, "checkout"}}
	same(t, "one step", sketch(x.Map(checkout, BothWays, 1, 100)),
		"checkout@0 ledger@1 search@1 web@-1 checkout>(ledger-api)ledger checkout>search web>checkout web>search")
	same(t, "what it calls", sketch(x.Map(checkout, Calls, 2, 100)),
		"checkout@0 ledger@1 search@1 bank@2 ledger-db@2 checkout>(ledger-api)ledger checkout>search ledger>ledger-db ledger>bank search>ledger-db bank>ledger")
	same(t, "who calls it", sketch(x.Map(checkout, Callers, 2, 100)), "checkout@0 web@-1 web>checkout")
	same(t, "an API", sketch(x.Map([]Ref{{API, "ledger-api"}}, Callers, 1, 100)),
		"ledger@0 bank@-1 checkout@-1 ledger>bank checkout>(ledger-api)ledger bank>ledger")
	same(t, "nobody", sketch(x.Map([]Ref{{Service, "lonely"}}, BothWays, 3, 100)), "lonely@0")
	whole := x.Map(nil, BothWays, 1, 100)
	same(t, "the whole", len(whole.Placed), 6)
	cut := x.Map(checkout, BothWays, 3, 2)
	same(t, "what a full map holds", len(cut.Placed), 2)
	same(t, "whether something was left out", cut.Left > 0, true)
}

func TestCirclesAndWeights(t *testing.T) {
	t.Parallel()
	x := drawn()
	circles := x.Circles()
	same(t, "circles", len(circles), 1)
	same(t, "in the circle", circles[0][0].Name+" "+circles[0][1].Name, "bank ledger")
	var heavy []string
	for _, p := range x.Weights(10) {
		heavy = append(heavy, p.Name+" "+strconv.Itoa(p.Dependants))
	}
	// web, checkout and bank cannot do without the ledger; they and search not without the database.
	same(t, "weights", heavy, []string{"ledger-db 5", "bank 3", "ledger 3"})

	// The kept web follows the roll.
	x.Put(&Entity{ID: 6, Kind: Service, Name: "bank"})
	same(t, "circles after the bank left", len(x.Circles()), 0)
}

func TestWeightsBeyondOneWord(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	const n = 200
	for i := range n {
		e := &Entity{ID: int64(i + 1), Kind: Service, Name: "s" + strconv.Itoa(i)}
		if i > 0 {
			e.Relations = []Relation{{Type: FamilyDependsOn, Target: Ref{Service, "s" + strconv.Itoa(i-1)}}}
		}
		x.Put(e)
	}
	heavy := x.Weights(1)
	same(t, "the last of a chain", heavy[0].Name, "s0")
	same(t, "all depend on it", heavy[0].Dependants, n-1)
}

func TestPaths(t *testing.T) {
	t.Parallel()
	x := drawn()
	ways := func(from, to Ref) []string {
		found, err := x.Paths(from, to, 10)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, stops := range found {
			var names []string
			for _, stop := range stops {
				names = append(names, stop.Name)
			}
			list = append(list, strings.Join(names, " "))
		}
		return list
	}
	web, db := Ref{Service, "web"}, Ref{Resource, "ledger-db"}
	same(t, "ways", ways(web, db), []string{"web search ledger-db", "web checkout ledger ledger-db", "web checkout search ledger-db"})
	same(t, "against the arrows", ways(db, web), []string(nil))
	if _, err := x.Paths(web, Ref{Service, "none"}, 1); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown end gave %v", err)
	}
}

func BenchmarkWeb(b *testing.B) {
	x := NewIndex()
	x.Put(benchRoll(10_000)...)
	for b.Loop() {
		x.mu.RLock()
		w := x.weave()
		w.measure()
		x.mu.RUnlock()
	}
}
