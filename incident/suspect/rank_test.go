package suspect_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
)

var onset = time.Date(2026, 6, 11, 3, 7, 0, 0, time.UTC)

// Entities of the tests: pricing is in trouble; it depends on ledger, which depends on vault; storefront calls it.
const (
	pricing int64 = iota + 1
	ledger
	vault
	storefront
	stranger
)

var names = map[int64]string{pricing: "pricing", ledger: "ledger", vault: "vault", storefront: "storefront", stranger: "stranger"}

var places = map[int64]suspect.Place{
	pricing:    {Path: []string{"pricing"}, Roots: 1},
	ledger:     {Down: 1, Path: []string{"pricing", "ledger"}, Roots: 1},
	vault:      {Down: 2, Path: []string{"pricing", "ledger", "vault"}, Roots: 1},
	storefront: {Up: 1, Path: []string{"pricing", "storefront"}, Roots: 1},
}

// changed is a change of an entity, some time before the onset.
func changed(kind string, entity int64, before time.Duration, edits ...func(*change.Event)) change.Event {
	e := change.Event{
		Kind: kind, Phase: change.Succeeded, Title: kind, Source: "ci", Environment: "production", StartedAt: onset.Add(-before),
		Subjects: []change.Subject{{Name: "service:" + names[entity], Entity: entity}},
		Actor:    change.Actor{Type: change.ByAutomation, Name: "pipeline"},
	}
	for _, edit := range edits {
		edit(&e)
	}
	e.ID = uuid.NewSHA1(uuid.Nil, []byte(kind+names[entity]+before.String()+e.Title+e.Environment+e.Region+string(e.Phase)))
	return e
}

func question() suspect.Question {
	return suspect.Question{Services: []int64{pricing}, Environment: "production", Onset: onset, Doubt: time.Minute, Now: onset.Add(5 * time.Minute), Mapped: true, Traced: true}
}

// rank ranks events by the standard weights.
func rank(q suspect.Question, events ...change.Event) suspect.Ranking {
	candidates := suspect.Stories(&q, events, places)
	for i := range candidates {
		candidates[i].Mapped, candidates[i].Traced = true, true
	}
	return suspect.Rank(q, candidates, suspect.History{})
}

func TestTheFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first  change.Event
		others []change.Event
	}{
		"the later of two deploys": {changed("deploy", pricing, 4*time.Minute), []change.Event{changed("deploy", pricing, 4*time.Hour)}},
		"the service before what it depends on": {
			changed("deploy", pricing, 4*time.Minute), []change.Event{changed("deploy", vault, 3*time.Minute), changed("deploy", storefront, 2*time.Minute)},
		},
		"a dependency's deploy before an old one of the service": {changed("deploy", ledger, 5*time.Minute), []change.Event{changed("deploy", pricing, 5*time.Hour)}},
		"a migration of two hours ago before a deploy of ten":    {changed("schema", pricing, 2*time.Hour), []change.Event{changed("deploy", pricing, 10*time.Hour)}},
		"a deploy, and not its merge": {
			changed("deploy", pricing, 20*time.Minute), []change.Event{changed("merge", pricing, 10*time.Minute)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ranking := rank(question(), append(c.others, c.first)...)
			if len(ranking.Suspects) == 0 || ranking.Suspects[0].Head.ID != c.first.ID {
				t.Errorf("the first is not the expected one: %+v", ranking.Suspects)
			}
		})
	}
}
