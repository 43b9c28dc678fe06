package ingest_test

import (
	"errors"
	"testing"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

var (
	memberOfPayments = access.Principal{Type: access.Person, Name: "priya", Role: access.RoleMember, Teams: []string{"payments"}}
	operator         = access.Principal{Type: access.Person, Name: "omar", Role: access.RoleOperator}
)

func entity(t *testing.T, text string) catalog.Ref {
	t.Helper()
	ref, err := catalog.ParseRef(text, catalog.Service)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// Who owns an entity before an edit says who may make it.
func TestMembersEditWhatTheirTeamsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		people := func(ref string, claims ...catalog.Claim) catalog.Statement {
			return catalog.Statement{Ref: entity(t, ref), Source: catalog.PeopleSource, Partial: true, Claims: claims}
		}
		owner := func(team string) catalog.Claim { return catalog.Say(catalog.FieldOwner, team) }
		alias := func(name string) catalog.Claim { return catalog.Say(catalog.Key(catalog.FamilyAlias, name), true) }
		file := catalog.Source{Name: "descriptor:x.yaml", Rank: catalog.Descriptor}
		if _, err := door.Apply(ctx, []catalog.Statement{
			people("checkout", owner("team:payments"), alias("github:acme/checkout")),
			people("search", owner("team:search"), alias("github:acme/search")),
			people("mine", owner("person:priya")), people("lost"), people("team:search"), people("person:priya"), people("person:omar"),
		}); err != nil {
			t.Fatal(err)
		}
		tier := catalog.Say(catalog.FieldTier, 1)
		for name, tc := range map[string]struct {
			statement catalog.Statement
			want      fault.Code
			pointer   string
		}{
			"of one's team":               {people("checkout", tier), "", ""},
			"of another team":             {people("search", tier), fault.Forbidden, ""},
			"taken from another team":     {people("search", owner("team:payments")), fault.Forbidden, ""},
			"withdrawn, of another":       {catalog.Statement{Ref: entity(t, "search"), Source: catalog.PeopleSource, Withdraw: true}, fault.Forbidden, ""},
			"of oneself":                  {people("mine", tier), "", ""},
			"of nobody":                   {people("lost", tier), fault.Forbidden, ""},
			"of nobody, given to another": {people("lost", owner("team:search")), fault.Forbidden, ""},
			"of nobody, taken":            {people("lost", owner("team:payments")), "", ""},
			"new":                         {people("new", tier), fault.Forbidden, ""},
			"new, for one's team":         {people("new", owner("team:payments")), "", ""},
			"new, in a file":              {catalog.Statement{Ref: entity(t, "filed"), Source: file, Claims: []catalog.Claim{owner("team:payments")}}, "", ""},
			"in a file, of another":       {catalog.Statement{Ref: entity(t, "search"), Source: file, Claims: []catalog.Claim{tier}}, fault.Forbidden, ""},
			"one's team itself":           {people("team:payments", catalog.Say(catalog.FieldDescription, "We pay.")), "", ""},
			"another team itself":         {people("team:search", owner("team:payments")), fault.Forbidden, ""},
			"a person":                    {people("person:omar", owner("team:payments")), fault.Forbidden, ""},
			"one's own page":              {people("person:priya", catalog.Say(catalog.FieldTimeZone, "Europe/Berlin")), "", ""},
			"one's own teams":             {people("person:priya", catalog.Say(catalog.Key(catalog.FamilyPartOf, "team:search"), catalog.Declared)), fault.Forbidden, "/part-of/team:search"},
			"an outside name by hand":     {people("checkout", alias("github:acme/other")), fault.Forbidden, "/alias/github:acme/other"},
			"the name that it has":        {people("checkout", alias("github:acme/checkout")), "", ""},
			"a free name in a file":       {catalog.Statement{Ref: entity(t, "checkout"), Source: file, Claims: []catalog.Claim{alias("github:acme/free")}}, "", ""},
			"a taken name in a file": {
				catalog.Statement{Ref: entity(t, "checkout"), Source: file, Claims: []catalog.Claim{alias("github:acme/search")}},
				fault.Forbidden, "/alias/github:acme/search",
			},
			"as an agent": {catalog.Statement{Ref: entity(t, "checkout"), Source: catalog.Source{Name: "kubernetes", Rank: catalog.Platform}, Claims: []catalog.Claim{tier}}, "", ""},
		} {
			_, err := door.Apply(access.With(ctx, memberOfPayments), []catalog.Statement{tc.statement})
			if err != nil && tc.want == "" || err == nil && tc.want != "" || err != nil && fault.CodeOf(err) != tc.want {
				t.Errorf("%s: got %v, want %q", name, err, tc.want)
			}
			if known, ok := errors.AsType[*fault.Error](err); ok && tc.pointer != "" && (len(known.Faults) != 1 || known.Faults[0].Pointer != tc.pointer) {
				t.Errorf("%s: got %v", name, known.Faults)
			}
			// An operator may all of it.
			if _, err := door.Apply(access.With(ctx, operator), []catalog.Statement{tc.statement}); err != nil {
				t.Errorf("%s, by an operator: %v", name, err)
			}
			// It is as it was for the next.
			if _, err := door.Apply(ctx, []catalog.Statement{
				people("checkout", owner("team:payments")), people("search", owner("team:search")), people("mine", owner("person:priya")),
				{Ref: entity(t, "new"), Source: catalog.PeopleSource, Withdraw: true},
				{Ref: entity(t, "filed"), Source: file, Withdraw: true},
				{Ref: entity(t, "checkout"), Source: file, Withdraw: true},
				{Ref: entity(t, "search"), Source: file, Withdraw: true},
				{Ref: entity(t, "team:search"), Source: catalog.PeopleSource, Withdraw: true},
				people("lost", catalog.Claim{Field: catalog.FieldOwner, Value: []byte("null")}), people("search", alias("github:acme/search")),
				people("checkout", catalog.Claim{Field: catalog.Key(catalog.FamilyAlias, "github:acme/other"), Value: []byte("null")}),
			}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := door.Claim(access.With(ctx, memberOfPayments), "github:acme/free", entity(t, "checkout")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a member claimed a name: %v", err)
		}
		if _, err := door.Apply(t.Context(), []catalog.Statement{people("checkout", tier)}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("nobody edited: %v", err)
		}
	})
}

// What a document may not say is a fault at its line, and the rest of it is applied.
func TestDocumentsSayWhatTheyMay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		describe := func(who access.Principal, dry bool, content string) ([]descriptor.Outcome, error) {
			return door.Describe(access.With(ctx, who), []descriptor.Document{{Name: "tidings.yaml", Content: []byte(content)}}, dry)
		}
		if _, err := describe(operator, false, "name: search\nowner: search\n"); err != nil {
			t.Fatal(err)
		}
		for _, dry := range []bool{true, false} {
			outcomes, err := door.Describe(access.With(ctx, memberOfPayments), []descriptor.Document{{
				Name: "both.yaml", Content: []byte("name: checkout\nowner: payments\n---\nname: search\ntier: 0\n"),
			}}, dry)
			if err != nil {
				t.Fatal(err)
			}
			if o := outcomes[0]; len(o.Faults) != 1 || o.Faults[0].Line != 5 || o.Changed != 1 {
				t.Errorf("dry %t: got %+v", dry, o)
			}
		}
		if e, ok := door.Roll.Get(entity(t, "search")); !ok || e.Tier != nil {
			t.Errorf("another team's service was edited: %+v", e)
		}
		// A file that no longer speaks of another's service must not silence it.
		if _, err := describe(memberOfPayments, false, "name: stolen\nowner: payments\n"); err != nil {
			t.Fatal(err)
		}
		if e, ok := door.Roll.Get(entity(t, "search")); !ok || e.Retired || e.Owner == nil {
			t.Errorf("another team's service was withdrawn: %+v", e)
		}
		if _, err := door.Describe(access.With(ctx, memberOfPayments), []descriptor.Document{{Name: "x.yaml", Content: []byte("name: search\ntier: 0\n")}}, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("got %v", err)
		}
	})
}

// Nobody speaks in the name of Tidings, and a token of one source for that alone; nothing of such a batch is recorded.
func TestEventsOfASourceThatOneMayNotSpeakFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		narrow := access.Principal{Type: access.Token, Name: "jenkins", Role: access.RoleMember, Scopes: []access.Scope{access.ScopeDeliver}, Source: "ci"}
		other := told("2", "pricing")
		other.Source = "tidings"
		for _, who := range []access.Principal{narrow, access.Administrator} {
			_, err := door.Record(access.With(ctx, who), []change.Event{told("1", "pricing"), other})
			known, ok := errors.AsType[*fault.Error](err)
			if !ok || known.Code != fault.Forbidden || len(known.Faults) != 1 || known.Faults[0].Pointer != "/1/source" {
				t.Errorf("%s: got %v", who, err)
			}
		}
		if events := feed(t, s); len(events) != 0 {
			t.Errorf("got %v", events)
		}
		unnamed := told("1", "pricing")
		unnamed.Source = ""
		if _, err := door.Record(access.With(ctx, narrow), []change.Event{unnamed}); err != nil {
			t.Error(err)
		}
		if events := feed(t, s); len(events) != 1 || events[0].Source != "ci" {
			t.Errorf("got %v", events)
		}
	})
}
