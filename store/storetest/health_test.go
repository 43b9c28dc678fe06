package storetest_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// How every entity is, read from the log and then kept up by its tail.
func TestConditions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := noon
		ago := func(n int) time.Time { return now.Add(-time.Duration(n) * time.Minute) }
		add := func(key, kind string, phase change.Phase, at time.Time, entity int64) {
			t.Helper()
			appended(t, s, event(t, at, func(e *change.Event) {
				e.Source, e.Key, e.Kind, e.Phase, e.Title, e.Environment = "ci", key, kind, phase, key, "production"
			}, entity))
		}
		reader := &feed.Reader{Store: s}
		expect := func(when string, want map[int64]string) {
			t.Helper()
			got := map[int64]string{}
			conditions, err := reader.Conditions(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			for id, condition := range conditions {
				got[id] = string(condition.Health) + ": " + condition.Title
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", when, diff)
			}
		}
		add("firing", "alert", change.Started, ago(60), 1)
		add("rolling", "deploy", change.Started, ago(50), 1) // not as bad
		add("over", "alert", change.Succeeded, ago(50), 2)
		add("page", "incident", change.Started, ago(40), 3)
		add("broke", "deploy", change.Failed, ago(30), 4)
		add("flag", "flag", change.Succeeded, ago(20), 4) // makes no deploy good
		add("broke too", "deploy", change.Failed, ago(30), 5)
		add("taken back", "rollback", change.Succeeded, ago(20), 5)
		add("long ago", "alert", change.Started, now.Add(-8*24*time.Hour), 6)
		add("build", "build", change.Failed, ago(10), 7) // nothing that runs changed
		expect("as it was read", map[int64]string{1: "alert: firing", 3: "incident: page", 4: "failed: broke"})

		add("firing", "alert", change.Succeeded, ago(60), 1)
		add("page", "incident", change.Succeeded, ago(40), 3)
		add("again", "deploy", change.Succeeded, ago(5), 4)
		add("new", "alert", change.Started, ago(1), 6)
		add("late", "deploy", change.Failed, ago(15), 4) // told after what made it good
		expect("as it went on", map[int64]string{1: "rollout: rolling", 6: "alert: new"})
		if got := (feed.Conditions{}).Of(99); got != catalog.Calm {
			t.Errorf("what nothing is known of is %q", got)
		}
		reader = &feed.Reader{Store: s}
		expect("as it is read anew", map[int64]string{1: "rollout: rolling", 6: "alert: new"})
	})
}
