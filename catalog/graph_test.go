package catalog

import (
	"slices"
	"testing"
)

func TestNeighbourhood(t *testing.T) {
	t.Parallel()
	to := func(family string, targets ...Ref) []Relation {
		var relations []Relation
		for _, target := range targets {
			relations = append(relations, Relation{Type: family, Target: target})
		}
		return relations
	}
	service := func(name string) Ref { return Ref{Service, name} }
	api, db := Ref{API, "ledger-api"}, Ref{Resource, "ledger-db"}
	x := NewIndex()
	for i, e := range []*Entity{
		1: {Kind: Service, Name: "web", Relations: to(FamilyDependsOn, service("checkout"), service("unknown"))},
		2: {Kind: Service, Name: "checkout", Relations: to(FamilyConsumes, api)},
		3: {Kind: Service, Name: "ledger", Relations: append(to(FamilyProvides, api), to(FamilyDependsOn, db, service("web"))...)},
		4: {Kind: API, Name: "ledger-api"},
		5: {Kind: Resource, Name: "ledger-db"},
		6: {Kind: Service, Name: "stranger", Relations: to(FamilyDependsOn, service("web"))},
	} {
		if e != nil {
			e.ID = int64(i)
			x.Put(e)
		}
	}
	same(t, "one step", x.Neighbourhood([]Ref{service("web")}, 0), map[int64]int{1: 0, 2: 1})
	same(t, "two steps", x.Neighbourhood([]Ref{service("web")}, 2), map[int64]int{1: 0, 2: 1, 3: 2, 4: 2})
	same(t, "all, around a cycle", x.Neighbourhood([]Ref{service("web")}, 99), map[int64]int{1: 0, 2: 1, 3: 2, 4: 2, 5: 3})
	same(t, "two roots", x.Neighbourhood([]Ref{service("stranger"), service("ledger"), service("none")}, 1), map[int64]int{6: 0, 3: 0, 1: 1, 5: 1})
	same(t, "of an API", x.Neighbourhood([]Ref{api}, 1), map[int64]int{4: 0, 3: 1})
	x.Put(&Entity{ID: 7, Kind: Service, Name: "gone", Retired: true, Relations: to(FamilyConsumes, api)})
	if got := x.CallerIDs(api); !slices.Equal(got, []int64{2}) { // neither who provides it, nor the retired
		t.Errorf("callers of an API: got %v, want 2", got)
	}
}

func TestOwnedBy(t *testing.T) {
	t.Parallel()
	team := func(name string) *Ref { return &Ref{Team, name} }
	partOf := func(kind Kind, name string) []Relation {
		return []Relation{{Type: FamilyPartOf, Target: Ref{kind, name}}}
	}
	x := NewIndex()
	x.Put(
		&Entity{ID: 9, Kind: Team, Name: "all", Relations: partOf(Team, "money")}, // a cycle
		&Entity{ID: 8, Kind: Team, Name: "money", Relations: partOf(Team, "all")},
		&Entity{ID: 7, Kind: Team, Name: "cards", Relations: partOf(Team, "money")},
		&Entity{ID: 6, Kind: Service, Name: "card", Owner: team("cards")},
		&Entity{ID: 5, Kind: Service, Name: "ledger", Owner: team("money")},
		&Entity{ID: 4, Kind: Service, Name: "old", Owner: team("money"), Retired: true},
		&Entity{ID: 3, Kind: Service, Name: "other", Owner: team("others"), Relations: partOf(Team, "money")},
	)
	same(t, "cards", x.OwnedBy(*team("cards")), []int64{6})
	same(t, "money", x.OwnedBy(*team("money")), []int64{4, 5, 6})
	same(t, "nobody", x.OwnedBy(*team("nobody")), []int64(nil))
}
