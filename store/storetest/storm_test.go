package storetest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// Which events are one storm follows from the events alone: from long chains of them, from reports that date them back, that
// let them fail and so be others, and from groups of any size, in whichever order.
func TestStormsDoNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for seed := range uint64(4) {
			random := rand.New(rand.NewPCG(seed, 5)) //nolint:gosec // a test wants the same events again
			var reports []change.Event
			at := time.Duration(0)
			for i := range 90 {
				if at += time.Duration(random.IntN(110)) * time.Second; random.IntN(12) == 0 {
					at += 3 * time.Minute
				}
				report := func(phase change.Phase, at time.Duration) {
					reports = append(reports, event(t, noon.Add(at), func(e *change.Event) {
						e.Key, e.Kind, e.Phase, e.Title = fmt.Sprint("scale/", i), "scaling", phase, fmt.Sprint("scale ", i)
						e.SaidAt = noon.Add(at)
					}, 1))
				}
				report(change.Started, at)
				switch random.IntN(6) {
				case 0:
					report(change.Failed, at+time.Second)
				case 1:
					report(change.Succeeded, at-4*time.Minute)
				}
			}
			want := ""
			for try := range 5 {
				source := fmt.Sprint("source ", seed, " ", try)
				order := random.Perm(len(reports))
				if try == 0 {
					slices.Sort(order)
				}
				var told []change.Event
				for _, i := range order {
					e := reports[i]
					e.ID, e.Source = uuid.New(), source
					told = append(told, e)
				}
				for len(told) > 0 {
					n := min(1+random.IntN(1+try*10), len(told))
					appended(t, s, told[:n]...)
					told = told[n:]
				}
				got := storms(t, s, source)
				if want == "" {
					want = got
				} else if got != want {
					t.Fatalf("seed %d: in the order %v the storms are\n%s\nand in their own\n%s", seed, order, got, want)
				}
			}
			if strings.Count(want, "storm") < 4 {
				t.Errorf("seed %d has few storms: %s", seed, want)
			}
		}
	})
}

// storms writes which events of a source are of one line, a line each.
func storms(t *testing.T, s *store.Store, source string) string {
	t.Helper()
	var lines []string
	members := map[uuid.UUID][]string{}
	for _, e := range walk(t, s, change.Filter{Sources: []string{source}}, 1000, false) {
		if e.Thread == uuid.Nil {
			lines = append(lines, e.Title)
			continue
		}
		members[e.Thread] = append(members[e.Thread], e.Title)
	}
	for thread, titles := range members {
		threads, err := s.Threads(t.Context(), []uuid.UUID{thread}, 1)
		if err != nil || threads[thread].Count != len(titles) {
			t.Errorf("a storm of %d is counted as %d, %v", len(titles), threads[thread].Count, err)
		}
		slices.Sort(titles)
		lines = append(lines, "storm: "+strings.Join(titles, ", "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A storm about many is known by the first fifty of their names, whichever came first.
func TestAStormIsKnownByItsFirstNames(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var events []change.Event
		var want []string
		for i := range 70 {
			name := fmt.Sprintf("service:%02d", 69-i)
			events = append(events, event(t, noon.Add(time.Duration(i)*time.Second), func(e *change.Event) {
				e.Kind, e.Subjects = "scaling", []change.Subject{{Name: name, Entity: int64(i + 1)}}
			}))
			if i < 50 {
				want = append(want, fmt.Sprintf("service:%02d", i))
			}
		}
		for group := range slices.Chunk(events, 20) {
			appended(t, s, group...)
		}
		page, err := s.Feed(t.Context(), change.Filter{}, change.Cursor{}, 1, true)
		if err != nil || len(page.Events) != 1 {
			t.Fatalf("got %d lines, %v", len(page.Events), err)
		}
		thread := page.Events[0].Thread
		threads, err := s.Threads(t.Context(), []uuid.UUID{thread}, 1)
		if got := threads[thread]; err != nil || got.Count != 70 || !slices.Equal(got.Names, want) {
			t.Errorf("got a storm of %d about %q, %v", got.Count, got.Names, err)
		}
	})
}
