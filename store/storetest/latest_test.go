package storetest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// Of each entity come the newest of the kinds and the time that were asked for, whatever others have.
func TestLatest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var events []change.Event
		add := func(key, kind string, before time.Duration, entities ...int64) {
			events = append(events, event(t, noon.Add(-before), func(e *change.Event) { e.Key, e.Kind = key, kind }, entities...))
		}
		add("busy 1", "deploy", 1*time.Minute, 1)
		add("busy 2", "config", 2*time.Minute, 1)
		add("busy alert", "alert", 3*time.Minute, 1)
		add("busy 3", "deploy", 4*time.Minute, 1)
		add("quiet", "deploy", 50*time.Hour, 2)
		add("both", "deploy", 3*time.Minute+time.Second, 1, 2)
		add("ahead", "deploy", -time.Minute, 2)
		add("old", "deploy", 100*time.Hour, 2)
		add("other", "deploy", time.Minute, 3)
		guess := event(t, noon.Add(-time.Minute), func(e *change.Event) { e.Key, e.Kind, e.Guessed = "guessed", "note", true }, 4)
		appended(t, s, append(events, guess)...)
		appended(t, s, event(t, noon.Add(-time.Minute), func(e *change.Event) { e.Key, e.Kind = "guessed", "config" }, 4))
		for name, c := range map[string]struct {
			ask  change.Latest
			want []string
		}{
			"the newest of each": {change.Latest{Entities: []int64{1, 2}, Since: noon.Add(-72 * time.Hour), Until: noon, Each: 2}, []string{"busy 1", "busy 2", "both", "quiet"}},
			"of some kinds": {
				change.Latest{Entities: []int64{1, 2}, Kinds: []string{"deploy"}, Since: noon.Add(-72 * time.Hour), Until: noon, Each: 2},
				[]string{"busy 1", "both", "quiet"},
			},
			"of no entity":                     {change.Latest{Since: noon.Add(-72 * time.Hour), Until: noon, Each: 2}, []string{}},
			"of no time":                       {change.Latest{Entities: []int64{1}, Since: noon, Until: noon.Add(-time.Hour), Each: 2}, []string{}},
			"of any kind":                      {change.Latest{Entities: []int64{1}, Kinds: []string{}, Since: noon.Add(-time.Hour), Until: noon, Each: 9}, []string{"busy 1", "busy 2", "busy alert", "both", "busy 3"}},
			"of a kind that was guessed wrong": {change.Latest{Entities: []int64{4}, Kinds: []string{"config"}, Since: noon.Add(-time.Hour), Until: noon, Each: 2}, []string{"guessed"}},
			"not of the guess":                 {change.Latest{Entities: []int64{4}, Kinds: []string{"deploy", "note"}, Since: noon.Add(-time.Hour), Until: noon, Each: 2}, []string{}},
			"of no kind that there is":         {change.Latest{Entities: []int64{1}, Kinds: []string{"nothing"}, Since: noon.Add(-time.Hour), Until: noon, Each: 2}, []string{}},
		} {
			got := []string{}
			found, err := s.Latest(t.Context(), c.ask)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, e := range found {
				got = append(got, e.Key)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}

// Of each story come the newest steps that are not known yet.
func TestSteps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		step := func(key, story string, before time.Duration) change.Event {
			return event(t, noon.Add(-before), func(e *change.Event) { e.Key, e.Story = key, story }, 1)
		}
		appended(t, s, step("a1", "a", 3*time.Hour), step("a2", "a", 2*time.Hour), step("b1", "b", 5*time.Hour), step("a3", "a", time.Hour), step("b2", "b", 4*time.Hour), step("c1", "c", time.Minute))
		by := map[string]change.Event{}
		for _, e := range walk(t, s, change.Filter{}, 10, false) {
			by[e.Key] = e
		}
		stories := []uuid.UUID{by["a1"].Thread, by["b1"].Thread}
		for name, c := range map[string]struct {
			limit int
			known []string
			want  []string
		}{
			"all":              {10, nil, []string{"a3", "a2", "a1", "b2", "b1"}},
			"the newest":       {2, nil, []string{"a3", "a2", "b2", "b1"}},
			"but what's known": {2, []string{"a3", "b1"}, []string{"a2", "b2"}},
			"nothing more":     {1, []string{"a3", "b2"}, []string{}},
		} {
			known := map[int64]bool{}
			for _, key := range c.known {
				known[by[key].Seq] = true
			}
			found, err := s.Steps(t.Context(), stories, c.limit, known)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := []string{}
			for _, e := range found {
				got = append(got, e.Key)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if found, err := s.Steps(t.Context(), nil, 10, nil); err != nil || found != nil {
			t.Errorf("of none: %v, %v", found, err)
		}
	})
}
