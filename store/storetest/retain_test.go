package storetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// Old events of a kind go with all that hangs on them; others, the counts, and the numbers stay.
func TestExpire(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var events []change.Event
		for i := range 1200 {
			events = append(events, event(t, noon.Add(time.Duration(i)*time.Minute), func(e *change.Event) {
				e.Source, e.Key, e.Kind = "monitor", fmt.Sprint(i), []string{"alert", "deploy"}[i%2]
				e.Subjects = append(e.Subjects, change.Subject{Name: "datadog:lost"})
			}, 1))
		}
		for i := 0; i < len(events); i += 100 {
			appended(t, s, events[i:i+100]...)
		}
		cut := noon.Add(600 * time.Minute)
		counts := func() int {
			t.Helper()
			tallies, err := s.Tally(t.Context(), change.Filter{Since: noon.Add(-time.Hour), Until: noon.Add(48 * time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, tally := range tallies {
				total += int(tally.Events)
			}
			return total
		}
		before := counts()
		expired := 0
		for {
			n, err := s.Expire(t.Context(), "alert", cut)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			expired += n
		}
		if expired != 300 {
			t.Errorf("expired %d events, want 300", expired)
		}
		left := walk(t, s, change.Filter{}, 100, false)
		for i := range left {
			if left[i].Kind == "alert" && left[i].At().Before(cut) {
				t.Fatalf("%s of %s is still there", left[i].Key, left[i].At())
			}
		}
		if len(left) != 900 {
			t.Errorf("%d events are left, want 900", len(left))
		}
		if got := len(walk(t, s, change.Filter{Entities: []int64{1}}, 100, false)); got != 900 {
			t.Errorf("%d of the subject are left, want 900", got)
		}
		if after := counts(); after != before || before != 1200 {
			t.Errorf("the counts went from %d to %d", before, after)
		}
		names, _, err := s.Unclaimed(t.Context(), change.Unclaimed{}, 10)
		if err != nil || len(names) != 1 || names[0].Events != 900 {
			t.Errorf("unclaimed names: got %+v, %v", names, err)
		}
		// All that is left may be old: the numbers go on from where they were.
		last, err := s.Log(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"alert", "deploy"} {
			for n := 1; n > 0; {
				if n, err = s.Expire(t.Context(), kind, noon.Add(1000*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
		}
		appended(t, s, event(t, noon, nil, 1))
		if got, err := s.Log(t.Context()); err != nil || got != last+1 {
			t.Errorf("the next number is %d, %v, after %d", got, err, last)
		}
	})
}

// A storm expires with its events: what comes about its time afterwards does not join what is no longer there.
func TestExpireStorms(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		restarted := func(second int) change.Event {
			return event(t, noon.Add(time.Duration(second)*time.Second), func(e *change.Event) {
				e.Source, e.Key, e.Kind = "cluster", fmt.Sprint(second), "restart"
			}, 1)
		}
		appended(t, s, restarted(0), restarted(1), restarted(2))
		appended(t, s, event(t, noon.Add(time.Hour), nil, 1)) // the last of all stays
		stormy := walk(t, s, change.Filter{Kinds: []string{"restart"}}, 10, false)
		if len(stormy) != 3 || stormy[0].Thread == uuid.Nil {
			t.Fatalf("they are no storm: %+v", stormy)
		}
		for i := range 512 { // so many until all are counted
			appended(t, s, event(t, noon.Add(time.Hour), func(e *change.Event) { e.Source, e.Key = "ci", fmt.Sprint(i) }, 1))
		}
		if n, err := s.Expire(t.Context(), "restart", noon.Add(time.Minute)); n != 3 || err != nil {
			t.Fatalf("expired %d, %v", n, err)
		}
		appended(t, s, restarted(3))
		late := walk(t, s, change.Filter{Kinds: []string{"restart"}}, 10, false)
		if len(late) != 1 || late[0].Thread != uuid.Nil {
			t.Errorf("a late one is of a storm that is gone: %+v", late)
		}
	})
}
