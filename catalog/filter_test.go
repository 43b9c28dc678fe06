package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tidings.dev/tidings/fault"
)

func TestFilterValidate(t *testing.T) {
	t.Parallel()
	good := Filter{
		Kinds: Kinds(), Q: "payments api", Owners: []string{"payments", "person:priya.raman"}, Systems: []string{"shop", "system:shop"},
		Tags: []string{"pci", "area:money:x", "area:"}, Platforms: Platforms(), Languages: []string{"Go", "c++"}, Tiers: []int{0, 3},
		Lifecycles: Lifecycles(), Unowned: true, WithRetired: true,
	}
	if err := good.Validate(); err != nil {
		t.Errorf("a good filter: %v", err)
	}
	bad := Filter{
		Kinds: []Kind{Service, "pod"}, Q: strings.Repeat("x", MaxQuery+1), Owners: []string{"a b", "service:pricing"}, Systems: []string{"team:x"},
		Tags: []string{":x", ""}, Platforms: []string{"moon"}, Languages: []string{""}, Tiers: []int{-1, 4},
		Lifecycles: slices.Repeat([]string{"production"}, MaxFilterValues+1),
	}
	want := []string{
		"/kinds/1", "/q", "/owners/0", "/owners/1", "/systems/0", "/tags/0", "/tags/1", "/platforms/0", "/languages/0", "/tiers/0", "/tiers/1",
		"/lifecycles",
	}
	var failed *fault.Error
	if err := bad.Validate(); !errors.As(err, &failed) || failed.Code != fault.Invalid {
		t.Fatalf("a bad filter: %v, want an Invalid fault", err)
	}
	var got []string
	for _, f := range failed.Faults {
		got = append(got, f.Pointer)
	}
	same(t, "faults", got, want)

	x := NewIndex()
	x.Put(&Entity{ID: 1, Kind: Service, Name: "pricing"})
	if _, err := x.List(bad, Sort{}, "", 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("List with a bad filter: %v, want an Invalid fault", err)
	}
	if got := x.Select(bad); len(got) > 0 {
		t.Errorf("Select with a bad filter gives %v", got)
	}
	if got := x.Facets(bad); len(got) > 0 {
		t.Errorf("Facets with a bad filter gives %v", got)
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	payments := Ref{Team, "payments"}
	in := func(system string) []Relation {
		return []Relation{{Type: FamilyPartOf, Target: Ref{System, system}}}
	}
	x := NewIndex()
	for i, e := range []*Entity{
		{Kind: Service, Name: "a", Tier: tier(2), Language: "go", Owner: &payments, Lifecycle: "production", Relations: in("shop"), Tags: []Tag{{"pci", ""}, {"zone", "eu"}}},
		{Kind: Service, Name: "b", Tier: tier(0), Language: "go", Lifecycle: "experimental", Relations: in("shop"), Tags: []Tag{{"PCI", "yes"}}},
		{Kind: Service, Name: "c", Language: "java", Owner: &payments, Platform: "vm", Relations: in("back"), Tags: []Tag{{"zone", "EU"}}},
		{Kind: Service, Name: "gone", Language: "cobol", Retired: true},
		{Kind: Team, Name: "payments", Title: "Payments Team"},
	} {
		e.ID = int64(i + 1)
		x.Put(e)
	}
	same(t, "Facets", x.Facets(Filter{Kinds: []Kind{Service}, Languages: []string{"go", "rust"}, Platforms: nil}), []Facet{
		{Name: "tier", Values: []FacetValue{{"0", "Tier 0", 1}, {"2", "Tier 2", 1}}},
		{Name: "language", Values: []FacetValue{{"go", "go", 2}, {"java", "java", 1}}},
		{Name: "platform"},
		{Name: "lifecycle", Values: []FacetValue{{"experimental", "experimental", 1}, {"production", "production", 1}}},
		{Name: "owner", Values: []FacetValue{{"team:payments", "Payments Team", 1}}},
		{Name: "system", Values: []FacetValue{{"system:shop", "shop", 2}}},
		{Name: "tag", Values: []FacetValue{{"pci", "pci", 2}, {"PCI:yes", "PCI:yes", 1}, {"zone:eu", "zone:eu", 1}}},
		{Name: "kind", Values: []FacetValue{{"service", "service", 2}}},
	})
	// A value of the filter that nothing has stays, so that it can be taken back.
	platforms := x.Facets(Filter{Q: "a", Platforms: []string{"vm"}})[2]
	same(t, "platforms", platforms, Facet{Name: "platform", Values: []FacetValue{{"vm", "vm", 0}}})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		x.Put(&Entity{ID: int64(i + 1), Kind: Service, Name: name, Language: []string{"go", "java"}[i%2]})
	}
	health := func(id int64) Health {
		return map[int64]Health{2: RollingOut, 3: Alerting, 4: InIncident, 5: Alerting}[id] // of the others nothing is known
	}
	names := func(f Filter) (all []string) {
		f.HealthOf = health
		for after := ""; ; {
			page, err := x.List(f, Sort{By: ByHealth}, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entities {
				all = append(all, e.Name)
			}
			if after = page.Next; after == "" {
				return all
			}
		}
	}
	same(t, "the worst first", names(Filter{}), []string{"d", "c", "e", "b", "a"})
	same(t, "of some healths", names(Filter{Healths: []Health{Alerting, Calm}}), []string{"c", "e", "a"})
	same(t, "of none", names(Filter{Healths: []Health{Failed}}), []string(nil))
	facets := x.Facets(Filter{HealthOf: health, Healths: []Health{Failed, InIncident}, Languages: []string{"go"}})
	same(t, "facet", facets[0], Facet{Name: "health", Values: []FacetValue{
		{"incident", "Incident open", 0}, {"alert", "Alert firing", 2}, {"failed", "Change failed", 0}, {"calm", "Nothing open", 1},
	}})
	same(t, "languages of those in an incident", facets[2].Values, []FacetValue{{"java", "java", 1}, {"go", "go", 0}})

	page, err := x.List(Filter{Healths: []Health{Calm}}, Sort{By: ByHealth}, "", 10)
	if err != nil || page.Total != 5 {
		t.Errorf("of which nothing is told: %d, %v; want all calm", page.Total, err)
	}
	if _, err := x.List(Filter{Healths: []Health{"well"}}, Sort{}, "", 10); err == nil {
		t.Error("an unknown health is taken")
	}
}
