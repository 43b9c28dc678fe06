package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCycle(t *testing.T) {
	t.Parallel()
	team := func(name string) Ref { return Ref{Kind: Team, Name: name} }
	owner := team("b")
	x := NewIndex()
	x.Put(
		&Entity{ID: 1, Kind: Team, Name: "a", Owner: &owner, Relations: []Relation{{Type: FamilyPartOf, Target: team("b")}}},
		&Entity{ID: 2, Kind: Team, Name: "b", Relations: []Relation{{Type: FamilyPartOf, Target: team("c")}}},
	)
	say := func(ref Ref, claims ...Claim) Statement { return Statement{Ref: ref, Claims: claims} }
	partOf := func(name string) Claim { return Say(Key(FamilyPartOf, team(name).String()), "declared") }
	for name, test := range map[string]struct {
		statements []Statement
		want       []string // pointer: detail
	}{
		"none":               {[]Statement{say(team("d"), partOf("a"), Say(FieldOwner, "team:a"))}, nil},
		"owner":              {[]Statement{say(team("b"), Say(FieldOwner, "team:a"))}, []string{"/owner: makes a circle: team:b is owned by team:a is owned by team:b"}},
		"part of, by two":    {[]Statement{say(team("c"), partOf("a"))}, []string{"/part-of/team:a: makes a circle: team:c is part of team:a is part of team:b is part of team:c"}},
		"broken by the same": {[]Statement{say(team("a")), say(team("b"), Say(FieldOwner, "team:a"))}, nil},
		"within one request": {
			[]Statement{say(team("x"), partOf("y")), say(team("y"), partOf("x"))},
			[]string{
				"/part-of/team:y: makes a circle: team:x is part of team:y is part of team:x",
				"/part-of/team:x: makes a circle: team:y is part of team:x is part of team:y",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, fault := range x.Cycle(test.statements) {
				got = append(got, fault.Pointer+": "+fault.Detail)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}
