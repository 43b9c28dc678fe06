package storetest_test

import (
	cmpstd "cmp"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

var pricing = catalog.Ref{Kind: catalog.Service, Name: "pricing"}

func say(t *testing.T, source catalog.Source, edit func(*catalog.Statement), claims ...catalog.Claim) catalog.Statement {
	t.Helper()
	statement := catalog.Statement{Ref: pricing, Source: source, Claims: claims}
	if edit != nil {
		edit(&statement)
	}
	normal, err := statement.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	return normal
}

func apply(t *testing.T, s *store.Store, at time.Time, statements ...catalog.Statement) []catalog.Edit {
	t.Helper()
	edits, err := s.Apply(t.Context(), statements, "person:ana", at, nil)
	if err != nil {
		t.Fatal(err)
	}
	return edits
}

var (
	file   = catalog.Source{Name: "descriptor:tidings.yaml", Rank: catalog.Descriptor}
	backup = catalog.Source{Name: "kubernetes:prod", Rank: catalog.Platform}
)

func TestTheStrongestSourceWinsAndEndsGiveWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		roll := catalog.NewRoll(s)
		tier := func() string {
			t.Helper()
			if _, err := roll.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			e, ok := roll.Get(pricing)
			if !ok || e.Retired {
				return "gone"
			}
			if e.Tier == nil {
				return "none"
			}
			return fmt.Sprint(*e.Tier)
		}
		var got []string
		apply(t, s, noon, say(t, backup, nil, catalog.Say(catalog.FieldTier, 3)))
		got = append(got, tier())
		apply(t, s, noon.Add(1*time.Second), say(t, file, nil, catalog.Say(catalog.FieldTier, 2)))
		got = append(got, tier())
		apply(t, s, noon.Add(2*time.Second), say(t, catalog.PeopleSource, func(s *catalog.Statement) { s.Partial = true }, catalog.Say(catalog.FieldTier, 0)))
		got = append(got, tier())
		apply(t, s, noon.Add(3*time.Second), say(t, catalog.PeopleSource, func(s *catalog.Statement) { s.Partial = true }, catalog.Claim{Field: catalog.FieldTier, Value: []byte("null")}))
		got = append(got, tier())
		apply(t, s, noon.Add(4*time.Second), say(t, file, nil))
		got = append(got, tier())
		for i, source := range []catalog.Source{file, backup, catalog.PeopleSource} {
			apply(t, s, noon.Add(time.Duration(5+i)*time.Second), say(t, source, func(s *catalog.Statement) { s.Withdraw = true }))
		}
		got = append(got, tier())
		if want := []string{"3", "2", "0", "2", "3", "gone"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAnyPastInstantCanBeAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		roll := catalog.NewRoll(s)
		owner := func(team string) catalog.Claim { return catalog.Say(catalog.FieldOwner, "team:"+team) }
		apply(t, s, noon, say(t, file, nil, owner("red"), catalog.Say("depends-on/service:ledger", "declared")))
		apply(t, s, noon.Add(time.Hour), say(t, file, nil, owner("blue")))
		// Learned late: it had been green for half an hour by then.
		apply(t, s, noon.Add(3*time.Hour), say(t, file, func(s *catalog.Statement) { s.Since = noon.Add(2 * time.Hour) }, owner("green")))
		if _, err := roll.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			held, believed time.Time
			want           string
			relations      int
		}{
			{time.Time{}, time.Time{}, "team:green", 0},
			{noon.Add(30 * time.Minute), time.Time{}, "team:red", 1},
			{noon.Add(90 * time.Minute), time.Time{}, "team:blue", 0},
			{noon.Add(150 * time.Minute), time.Time{}, "team:green", 0},
			{noon.Add(150 * time.Minute), noon.Add(160 * time.Minute), "team:blue", 0},
			{noon.Add(-time.Minute), time.Time{}, "", 0},
		} {
			got := ""
			e, err := roll.At(t.Context(), pricing, tc.held, tc.believed)
			if err == nil {
				got = e.Owner.String()
				if len(e.Relations) != tc.relations {
					t.Errorf("at %s: got relations %v", tc.held, e.Relations)
				}
			}
			if got != tc.want {
				t.Errorf("at %s, as believed at %s: got %q (%v), want %q", tc.held, tc.believed, got, err, tc.want)
			}
		}
		ledger := catalog.Ref{Kind: catalog.Service, Name: "ledger"}
		edges, err := roll.PointingAt(t.Context(), ledger, noon.Add(time.Minute), time.Time{})
		if err != nil || len(edges) != 1 || edges[0].Entity.Ref() != pricing {
			t.Errorf("who depended on the ledger then: %v, %v", edges, err)
		}
	})
}

func TestAnUnchangedStatementWritesNothingButItsConfirmation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var statements []catalog.Statement
		for i := range 1200 {
			statements = append(statements, say(t, file, func(s *catalog.Statement) { s.Ref.Name = fmt.Sprintf("s%d", i) }, catalog.Say(catalog.FieldTier, 1)))
		}
		announced := 0
		announce := func(edits []catalog.Edit) []change.Event { announced += len(edits); return nil }
		for i, want := range []int{1200, 0, 1} {
			if i == 2 {
				statements[700] = say(t, file, func(s *catalog.Statement) { s.Ref.Name = "s700" }, catalog.Say(catalog.FieldTier, 2))
			}
			announced = 0
			edits, err := s.Apply(t.Context(), statements, "person:ana", noon.Add(time.Duration(i)*time.Hour), announce)
			if err != nil || len(edits) != want || announced != want {
				t.Errorf("round %d: %d edits, %d announced, %v; want %d", i, len(edits), announced, err, want)
			}
		}
		claims, err := s.Claims(t.Context(), 1, time.Time{}, time.Time{})
		if err != nil || len(claims) != 2 || !claims[1].ConfirmedAt.Equal(noon.Add(2*time.Hour)) || !claims[1].HeldFrom.Equal(noon) {
			t.Errorf("got %+v, %v", claims, err)
		}
	})
}

func TestOneStatementChangesOneFieldAndSaysSo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		apply(t, s, noon, say(t, file, nil, catalog.Say(catalog.FieldTier, 1), catalog.Say("tag/pci", "")))
		edits := apply(t, s, noon.Add(time.Second), say(t, file, nil, catalog.Say(catalog.FieldTier, 2), catalog.Say("tag/eu", "")))
		want := []catalog.FieldChange{
			{Field: "tag/pci", Old: []byte(`""`)},
			{Field: "tier", Old: []byte("1"), New: []byte("2")},
			{Field: "tag/eu", New: []byte(`""`)},
		}
		if len(edits) != 1 || edits[0].Created {
			t.Fatalf("got %+v", edits)
		}
		bySpelling := func(a, b catalog.FieldChange) int { return cmpstd.Compare(a.Field, b.Field) }
		slices.SortFunc(want, bySpelling)
		slices.SortFunc(edits[0].Changes, bySpelling)
		if diff := cmp.Diff(want, edits[0].Changes); diff != "" {
			t.Error(diff)
		}
	})
}

// Two servers that write the same entity at once must both be heard.
func TestConcurrentStatementsAreAllMerged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var writers sync.WaitGroup
		for n := range 8 {
			writers.Go(func() {
				source := catalog.Source{Name: fmt.Sprintf("descriptor:%d", n), Rank: catalog.Descriptor}
				for i := range 10 {
					statement := say(t, source, nil, catalog.Say(catalog.Key(catalog.FamilyTag, fmt.Sprintf("t%d", n)), fmt.Sprint(i)))
					if _, err := s.Apply(t.Context(), []catalog.Statement{statement}, "person:ana", time.Now(), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		roll := catalog.NewRoll(s)
		if _, err := roll.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		e, ok := roll.Get(pricing)
		if !ok || len(e.Tags) != 8 {
			t.Fatalf("got %+v", e)
		}
		for _, tag := range e.Tags {
			if tag.Value != "9" {
				t.Errorf("%s has %s, want the last that was said", tag.Key, tag.Value)
			}
		}
	})
}
