package storetest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// tags makes a statement of a service: its owner, and tags given as key:value.
func tags(t *testing.T, source catalog.Source, name, owner string, since time.Time, all ...string) catalog.Statement {
	t.Helper()
	var claims []catalog.Claim
	if owner != "" {
		claims = append(claims, catalog.Say(catalog.FieldOwner, "team:"+owner))
	}
	for _, tag := range all {
		key, value, _ := strings.Cut(tag, ":")
		claim := catalog.Say(catalog.Key(catalog.FamilyTag, key), value)
		if value == "null" {
			claim.Value = json.RawMessage("null")
		}
		claims = append(claims, claim)
	}
	return say(t, source, func(s *catalog.Statement) {
		s.Ref = catalog.Ref{Kind: catalog.Service, Name: name}
		s.Since, s.Partial = since, true
	}, claims...)
}

func TestAMigrationIsToldOverTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		day := func(n float64) time.Time { return noon.Add(time.Duration(n * float64(24*time.Hour))) }
		move, moved := "migration:k8s-1.33", "migrated:k8s-1.33"
		for _, step := range []struct {
			at         float64
			statements []catalog.Statement
		}{
			{0, []catalog.Statement{tags(t, file, "api", "red", time.Time{}, move), tags(t, file, "basket", "red", time.Time{}, move), tags(t, file, "cart", "blue", time.Time{}, move)}},
			{0.5, []catalog.Statement{tags(t, file, "other", "blue", time.Time{}, "migration:go-2", "migrated:go-2")}},
			{1, []catalog.Statement{tags(t, backup, "api", "", time.Time{}, moved)}},
			// It joined late, in another spelling, and nobody owns it.
			{2, []catalog.Statement{tags(t, file, "drop", "", time.Time{}, "migration:K8S-1.33")}},
			// Taken back, and done again.
			{3, []catalog.Statement{tags(t, backup, "api", "", time.Time{}, "migrated:null")}},
			{4, []catalog.Statement{tags(t, backup, "api", "", time.Time{}, moved)}},
			// The stronger source says that it moved to something else: it has not moved here.
			{5, []catalog.Statement{tags(t, backup, "cart", "", time.Time{}, moved), tags(t, file, "cart", "", time.Time{}, "migrated:k8s-1.32")}},
			// The key in another spelling.
			{6, []catalog.Statement{tags(t, file, "east", "blue", time.Time{}, "Migration:k8s-1.33")}},
			// Learned late.
			{7, []catalog.Statement{tags(t, backup, "basket", "", day(1.5), moved)}},
			// It has to move no longer, and is not among them now.
			{8, []catalog.Statement{tags(t, file, "drop", "", time.Time{}, "migration:null")}},
		} {
			apply(t, s, day(step.at), step.statements...)
		}
		roll := catalog.NewRoll(s)
		if _, err := roll.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		told := func(f catalog.Filter, most int) (teams, steps []string) {
			t.Helper()
			m, err := roll.Migration(t.Context(), "k8s-1.33", f, most, day(10))
			if err != nil {
				t.Fatal(err)
			}
			for _, team := range m.Teams {
				var left []string
				for _, e := range team.Left {
					left = append(left, e.Name)
				}
				teams = append(teams, fmt.Sprintf("%s %d/%d %s", team.Owner.Name, team.Done, team.All, strings.Join(left, ",")))
			}
			for _, step := range m.Steps {
				steps = append(steps, fmt.Sprintf("%.4g: %d/%d", step.At.Sub(noon).Hours()/24, step.Done, step.All))
			}
			if last := m.Steps[len(m.Steps)-1].MigrationCount; last != m.MigrationCount {
				t.Errorf("the last step is %v, and it stands at %v", last, m.MigrationCount)
			}
			return teams, steps
		}
		teams, steps := told(catalog.Filter{}, 60)
		if diff := cmp.Diff([]string{"blue 0/2 cart,east", "red 2/2 "}, teams); diff != "" {
			t.Errorf("teams (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"0: 0/3", "1: 1/3", "1.5: 2/3", "3: 1/3", "4: 2/3", "6: 2/4"}, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		if _, steps := told(catalog.Filter{Owners: []string{"blue"}}, 60); !cmp.Equal(steps, []string{"0: 0/1", "6: 0/2"}) {
			t.Errorf("of one team: %v", steps)
		}
		if _, steps := told(catalog.Filter{}, 2); !cmp.Equal(steps, []string{"1.5: 2/3", "6: 2/4"}) {
			t.Errorf("the last of each half: %v", steps)
		}
		none, err := roll.Migration(t.Context(), "nothing", catalog.Filter{}, 60, day(10))
		if err != nil || none.All != 0 || len(none.Steps) != 0 || len(none.Teams) != 0 {
			t.Errorf("of nothing: got %v, %v", none, err)
		}
		for _, wrong := range []struct {
			what string
			most int
		}{{"", 60}, {"k8s", 0}, {"k8s", catalog.MaxMigrationSteps + 1}} {
			if _, err := roll.Migration(t.Context(), wrong.what, catalog.Filter{}, wrong.most, day(10)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v: got %v", wrong, err)
			}
		}
	})
}
