package incident_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
)

// A role is taken, handed over, taken over and given back, and the timeline says so in words.
func TestRolesGoFromOneToAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		number := w.opened("it is slow", "checkout").Number
		as := func(name string) context.Context {
			return access.With(w.ctx, access.Principal{Type: access.Person, Name: name, Role: access.RoleMember})
		}
		for _, step := range []struct {
			by, role, who, holds, words string
		}{
			{"Ines", "Commander ", "me", "person:ines", "took the role of commander"},
			{"ines", "commander", "person:ines", "person:ines", ""}, // it is hers already
			{"ines", "commander", "tom", "person:tom", "handed the role of commander over to tom"},
			{"ada@slack", "commander", "me", "ada@slack", "took the role of commander over from tom"},
			{"ines", "commander", "tom", "person:tom", "handed the role of commander over from ada@slack to tom"},
			{"tom", "commander", "", "", "gave the role of commander back"},
			{"tom", "scribe", "ines", "person:ines", "made ines scribe"},
			{"tom", "scribe", "", "", "took the role of scribe away from ines"},
		} {
			before := len(w.entries(number))
			i, err := w.keeper.Assign(as(step.by), number, step.role, step.who)
			if err != nil {
				t.Fatal(err)
			}
			if got := i.Roles[strings.TrimSpace(strings.ToLower(step.role))]; got != step.holds {
				t.Errorf("%+v: %q has it", step, got)
			}
			words := ""
			if entries := w.entries(number); len(entries) > before {
				words = entries[len(entries)-1].RoleWords()
			}
			if words != step.words {
				t.Errorf("got %q, want %q", words, step.words)
			}
		}
		if i := w.one(); len(i.Roles) != 0 {
			t.Errorf("%v are left", i.Roles)
		}
	})
}

func TestWhoCannotHaveARole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		number := w.opened("it is slow", "checkout").Number
		token := access.With(w.ctx, access.Principal{Type: access.Token, Name: "deployer", Role: access.RoleMember})
		viewer := access.With(w.ctx, access.Principal{Type: access.Person, Name: "guest", Role: access.RoleViewer})
		for _, refused := range []struct {
			by        context.Context
			role, who string
			code      fault.Code
		}{
			{token, "commander", incident.Me, fault.Invalid},
			{w.ctx, "", "ines", fault.Invalid},
			{w.ctx, strings.Repeat("x", incident.MaxRole+1), "ines", fault.Invalid},
			{w.ctx, "commander", "team:payments", fault.Invalid},
			{viewer, "commander", incident.Me, fault.Forbidden},
		} {
			if _, err := w.keeper.Assign(refused.by, number, refused.role, refused.who); !fault.Is(err, refused.code) {
				t.Errorf("%s for %s: %v, want %v", refused.role, refused.who, err, refused.code)
			}
		}
		if diff := cmp.Diff("opened", w.timeline(number)); diff != "" {
			t.Error(diff)
		}
	})
}
