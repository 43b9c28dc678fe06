package ingest_test

import (
	"slices"
	"testing"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// A pager that is asked each week says who is on call, and who is next: its calendar is no change of the service.
func TestACalendarThatTurnsIsNoEdit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		edits := func() []change.Event {
			t.Helper()
			page, err := s.Feed(t.Context(), change.Filter{Kinds: []string{"catalog"}}, change.Cursor{}, 50, false)
			if err != nil {
				t.Fatal(err)
			}
			slices.Reverse(page.Events)
			return page.Events
		}
		pager := catalog.Source{Name: "pagerduty:policy/P1", Rank: catalog.Integration}
		file := catalog.Source{Name: "descriptor:tidings.yaml", Rank: catalog.Descriptor}
		first := catalog.Shift("primary", "Ines", "", "2026-06-15T07:00:00Z")
		next := catalog.Shift("primary", "Ewa", "2026-06-15T07:00:00Z", "2026-06-22T07:00:00Z")
		for _, said := range []struct {
			source catalog.Source
			claims []catalog.Claim
			title  string // of the event that tells of it; empty for none
		}{
			{file, []catalog.Claim{catalog.Say(catalog.FieldTier, 1)}, "service:pricing joined the roll"},
			{pager, []catalog.Claim{first, next}, ""},
			{pager, []catalog.Claim{catalog.Shift("primary", "Ewa", "", "2026-06-22T07:00:00Z")}, ""},
			{pager, []catalog.Claim{first, catalog.Say("tag/pager", "P1")}, "service:pricing: on-call/primary/Ewa, on-call/primary/Ines, tag/pager"},
			{catalog.PeopleSource, []catalog.Claim{next}, "service:pricing: who is next on call"},
			{file, []catalog.Claim{catalog.Say(catalog.FieldTier, 1), next}, "service:pricing: who is next on call"},
		} {
			before := len(edits())
			if _, err := door.Apply(ctx, []catalog.Statement{{Ref: catalog.Ref{Kind: catalog.Service, Name: "pricing"}, Source: said.source, Claims: said.claims}}); err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, e := range edits()[before:] {
				titles = append(titles, e.Title)
			}
			var want []string
			if said.title != "" {
				want = []string{said.title}
			}
			if !slices.Equal(titles, want) {
				t.Errorf("%s said %v: got %q, want %q", said.source.Name, said.claims, titles, want)
			}
		}
		e, _ := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"})
		if e == nil || len(e.OnCall) != 1 || e.OnCall[0].Name != "Ines" {
			t.Errorf("on call is not kept: %+v", e)
		}
	})
}
