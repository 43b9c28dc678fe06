package storetest_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

var noon = time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)

// event makes a normal event about entities.
func event(t *testing.T, at time.Time, edit func(*change.Event), entities ...int64) change.Event {
	t.Helper()
	e := change.Event{Kind: "deploy", Title: "a change", StartedAt: at, ReceivedAt: noon, Actor: change.Actor{Type: change.ByPerson, Name: "Ana"}}
	for _, id := range entities {
		e.Subjects = append(e.Subjects, change.Subject{Name: fmt.Sprintf("service:s%d", id), Entity: id})
	}
	if len(entities) == 0 {
		e.Subjects = []change.Subject{{Name: "github:acme/lost"}}
	}
	if edit != nil {
		edit(&e)
	}
	if faults := e.Normalize(noon.Add(48*time.Hour), ""); faults != nil {
		t.Fatal(faults)
	}
	return e
}

func appended(t *testing.T, s *store.Store, events ...change.Event) []change.Receipt {
	t.Helper()
	receipts, err := s.Append(t.Context(), events)
	if err != nil {
		t.Fatal(err)
	}
	return receipts
}

// walk reads the whole feed in pages of a size.
func walk(t *testing.T, s *store.Store, f change.Filter, size int, fold bool) []change.Event {
	t.Helper()
	var all []change.Event
	var after change.Cursor
	for {
		page, err := s.Feed(t.Context(), f, after, size, fold)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Events...)
		if page.Next == (change.Cursor{}) {
			return all
		}
		after = page.Next
	}
}

func TestRetriesAndPhases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		started := event(t, noon, func(e *change.Event) { e.Source, e.Key, e.Phase = "ci", "7", change.Started }, 1)
		ended := event(t, noon, func(e *change.Event) { e.Source, e.Key, e.EndedAt = "ci", "7", noon.Add(time.Minute) }, 1)
		got := []change.Status{
			appended(t, s, started)[0].Status, appended(t, s, started)[0].Status,
			appended(t, s, ended)[0].Status, appended(t, s, started)[0].Status,
		}
		want := []change.Status{change.Recorded, change.Duplicate, change.Updated, change.Duplicate}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		// The same within one group.
		again := func(key string, e change.Event) change.Event { e.Key, e.ID = key, uuid.New(); return e }
		receipts := appended(t, s, again("8", started), again("8", ended), again("8", ended))
		if receipts[0].Status != change.Recorded || receipts[1].Status != change.Updated || receipts[2].Status != change.Duplicate || receipts[0].ID != receipts[1].ID {
			t.Errorf("got %v", receipts)
		}
		all := walk(t, s, change.Filter{}, 10, false)
		if len(all) != 2 || all[0].Phase != change.Succeeded || len(all[0].History) != 2 {
			t.Errorf("got %+v", all)
		}
		tallies, err := s.Tally(t.Context(), change.Filter{Since: noon.Add(-time.Hour), Until: noon.Add(time.Hour)})
		if err != nil || len(tallies) != 1 || tallies[0].Events != 2 {
			t.Errorf("kept counts: got %v, %v", tallies, err)
		}
	})
}

// The counts are kept lazily: they must be the same as those of the feed after every write.
func TestTalliesCountWhatStands(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		random := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // a test
		f := change.Filter{Since: noon.Add(-47 * time.Hour), Until: noon, Environments: []string{"a", "b"}}
		keys := 0
		for round := range 12 {
			events := make([]change.Event, 0, 300)
			for range random.IntN(300) + 1 {
				e := event(t, noon.Add(-time.Duration(random.IntN(40*3600))*time.Second), func(e *change.Event) {
					e.Key, e.Environment = fmt.Sprint(keys), []string{"a", "b", "c"}[random.IntN(3)]
					if random.IntN(4) == 0 { // a later report, of one that is counted or not, moves it to another environment
						e.Key = fmt.Sprint(random.IntN(keys + 1))
					}
				}, 1)
				keys++
				events = append(events, e)
			}
			appended(t, s, events...)
			want := map[string]int64{}
			for _, e := range walk(t, s, f, 1000, false) {
				want[e.Environment+e.At().Truncate(5*time.Minute).String()]++
			}
			tallies, err := s.Tally(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int64{}
			for _, tally := range tallies {
				got[tally.Environment+tally.At.String()] += tally.Events
			}
			if !maps.Equal(want, got) {
				t.Fatalf("round %d: %d buckets are not the %d of the feed", round, len(got), len(want))
			}
		}
	})
}

func TestAnEventIsFoundByItsID(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		receipts := appended(t, s, event(t, noon, nil, 1), event(t, noon, func(e *change.Event) { e.Key = "mine" }, 1))
		for i, receipt := range receipts {
			e, err := s.Event(t.Context(), receipt.ID)
			if err != nil || e.ID != receipt.ID || e.Key != receipt.Key {
				t.Errorf("event %d: got %+v, %v", i, e, err)
			}
			other := receipt.ID
			other[0] ^= 1
			if _, err := s.Event(t.Context(), other); !fault.Is(err, fault.NotFound) {
				t.Errorf("another id of the same number: got %v", err)
			}
		}
		if receipts[0].Key != receipts[0].ID.String() || receipts[1].Key != "mine" {
			t.Errorf("got %v", receipts)
		}
	})
}

func TestNewestOfEachEntity(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		titled := func(title string) func(*change.Event) { return func(e *change.Event) { e.Title = title } }
		appended(t, s,
			event(t, noon, titled("both"), 1, 2),
			event(t, noon.Add(time.Hour), titled("later"), 2),
			event(t, noon.Add(-time.Hour), titled("earlier, told later"), 1, 2),
			event(t, noon, titled("first of two"), 3),
			event(t, noon, titled("second of two"), 3),
			event(t, noon, titled("another"), 5),
			// Who is called changed, and nothing else.
			event(t, noon.Add(2*time.Hour), func(e *change.Event) { e.Kind = change.Handover }, 1, 2, 6),
		)
		for _, ids := range [][]int64{{1, 2, 3, 4}, {4, 3, 2, 1, 1}, {3, 1, 2, 6}} {
			newest, err := s.Newest(t.Context(), ids)
			if err != nil {
				t.Fatal(err)
			}
			got := map[int64]string{}
			for id, e := range newest {
				got[id] = e.Title
			}
			want := map[int64]string{1: "both", 2: "later", 3: "second of two"}
			if !maps.Equal(got, want) {
				t.Errorf("of %v: got %v, want %v", ids, got, want)
			}
		}
		if none, err := s.Newest(t.Context(), nil); err != nil || len(none) != 0 {
			t.Errorf("of nothing: got %v, %v", none, err)
		}
	})
}

// A group commit must give what single commits give, whatever the order of arrival.
func TestStoriesInAnyOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		steps := []change.Event{
			event(t, noon.Add(1*time.Minute), func(e *change.Event) { e.Kind, e.Commit = "merge", "91be0c4aaaaa" }, 1),
			event(t, noon.Add(2*time.Minute), func(e *change.Event) { e.Kind, e.Commit, e.Version = "build", "91be0c4", "v4.18.1" }, 1),
			event(t, noon.Add(3*time.Minute), func(e *change.Event) { e.Version = "4.18.1" }, 1),
			event(t, noon.Add(4*time.Minute), func(e *change.Event) { e.Version = "4.18.1" }, 2),
			event(t, noon.Add(5*time.Minute), func(e *change.Event) { e.Kind, e.Version = "rollback", "4.18.1" }, 1),
		}
		shuffle := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants the same order again
		for round := range 20 {
			entity := int64(100 * (round + 1))
			var events []change.Event
			for _, step := range steps {
				step.ID, step.Key = uuid.Nil, ""
				step.Subjects = slices.Clone(step.Subjects)
				step.Subjects[0].Entity += entity
				step.Subjects[0].Name = fmt.Sprintf("service:s%d", step.Subjects[0].Entity)
				if faults := step.Normalize(noon.Add(time.Hour), ""); faults != nil {
					t.Fatal(faults)
				}
				events = append(events, step)
			}
			shuffle.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			if round%2 == 0 {
				appended(t, s, events...)
			} else {
				for _, e := range events {
					appended(t, s, e)
				}
			}
			rows := walk(t, s, change.Filter{Entities: []int64{entity + 1}}, 2, true)
			if len(rows) != 2 || rows[0].Kind != "rollback" || rows[1].Kind != "deploy" {
				t.Fatalf("round %d: got %d rows", round, len(rows))
			}
			threads, err := s.Threads(t.Context(), []uuid.UUID{rows[1].Thread}, 10)
			if err != nil || threads[rows[1].Thread].Count != 3 {
				t.Fatalf("round %d: got %+v, %v", round, threads, err)
			}
		}
	})
}

func TestStormsFoldAndPairsDoNot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		scale := func(at time.Duration, actor string) change.Event {
			return event(t, noon.Add(at), func(e *change.Event) {
				e.Kind, e.Actor = "scaling", change.Actor{Type: change.ByAutomation, Name: actor}
			}, 1)
		}
		for i := range 40 {
			appended(t, s, scale(time.Duration(i)*10*time.Second, "night-saver"))
		}
		appended(t, s, scale(0, "hpa"), scale(time.Second, "hpa"))
		appended(t, s, scale(20*time.Minute, "night-saver")) // after a pause: not of the storm
		rows := walk(t, s, change.Filter{}, 2, true)
		if len(rows) != 4 {
			t.Fatalf("got %d rows, want the storm, the pair, and the one after", len(rows))
		}
		threads, err := s.Threads(t.Context(), []uuid.UUID{rows[1].Thread}, 20)
		storm := threads[rows[1].Thread]
		if err != nil || storm.Count != 40 || len(storm.Events) != 20 {
			t.Errorf("got a storm of %d with %d shown, %v", storm.Count, len(storm.Events), err)
		}
	})
}

func TestAStormThatArrivesBackwardsIsOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i := range 30 {
			appended(t, s, event(t, noon.Add(-time.Duration(i)*20*time.Second), func(e *change.Event) {
				e.Kind, e.Actor = "scaling", change.Actor{Type: change.ByAutomation, Name: "hpa"}
			}, int64(i+1)))
		}
		rows := walk(t, s, change.Filter{}, 10, true)
		if len(rows) != 1 {
			t.Fatalf("got %d rows, want one storm", len(rows))
		}
		threads, err := s.Threads(t.Context(), []uuid.UUID{rows[0].Thread}, 10)
		storm := threads[rows[0].Thread]
		if err != nil || storm.Count != 30 || len(storm.Names) != 30 {
			t.Errorf("got a storm of %d about %d, %v", storm.Count, len(storm.Names), err)
		}
	})
}

// The feed must answer every filter as the plain rule does, in pages of any size, folded and not.
// A later report of an event is not one more event of the storm, also where it dates the event back out of it.
func TestALaterReportDoesNotGrowAStorm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		scale := func(key string, phase change.Phase, at time.Duration) change.Event {
			return event(t, noon.Add(at), func(e *change.Event) {
				e.Source, e.Key, e.Kind, e.Phase, e.Title = "scaler", key, "scaling", phase, key+string(phase)
			}, 1)
		}
		appended(t, s, scale("a", change.Started, 0), scale("a", change.Succeeded, -time.Hour), scale("b", change.Started, time.Second))
		appended(t, s, scale("a", change.Failed, -2*time.Hour), scale("b", change.Succeeded, time.Second))
		for _, e := range walk(t, s, change.Filter{}, 10, false) {
			if e.Thread != uuid.Nil {
				t.Errorf("two events make a storm: %s", e.Title)
			}
		}
	})
}

func TestFeedAnswersAsTheRule(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test wants the same events again
		pick := func(words ...string) string { return words[random.IntN(len(words))] }
		var events []change.Event
		for i := range 600 {
			at := noon.Add(-time.Duration(random.IntN(40*24*3600)) * time.Second)
			if i%3 == 0 {
				at = noon.Add(-time.Duration(random.IntN(60)) * time.Second) // many at about the same instant
			}
			entities := []int64{int64(random.IntN(30)) + 1}
			if i%5 == 0 {
				entities = append(entities, int64(random.IntN(30))+31)
			}
			events = append(events, event(t, at, func(e *change.Event) {
				e.Kind = pick("deploy", "deploy", "merge", "scaling", "alert", "note", "flag")
				e.Environment, e.Source = pick("production", "staging", ""), pick("ci", "argo", "flags")
				e.Phase = change.Phase(pick("succeeded", "succeeded", "failed", "started"))
				e.Actor = change.Actor{Type: change.ActorType(pick("person", "automation", "unknown")), Name: pick("Ana", "bot", "")}
				e.Title = pick("Retry the fraud check", "Cap shard fan-out", "Lazy-load the wallet")
				if e.Kind != "scaling" {
					e.Version = pick("", "1.0", "1.1", "2.0")
				}
			}, entities...))
		}
		for chunk := range slices.Chunk(events, 37) {
			appended(t, s, chunk...)
		}
		stored := walk(t, s, change.Filter{}, 1000, false) // with numbers and threads
		filters := []change.Filter{
			{},
			{Entities: []int64{1}},
			{Entities: []int64{1, 2, 3, 40}},
			{Entities: []int64{}},
			{Kinds: []string{"flag"}},
			{Kinds: []string{"deploy", "alert"}},
			{Classes: []change.Class{change.ClassSignal}},
			{Phases: []change.Phase{change.Failed}},
			{Environments: []string{"staging"}},
			{Actors: []string{"Ana"}},
			{ActorTypes: []change.ActorType{change.ByAutomation}},
			{Sources: []string{"argo", "flags"}},
			{Text: "fraud retry"},
			{Since: noon.Add(-72 * time.Hour), Until: noon.Add(-time.Hour)},
			{Until: noon.Add(-30 * 24 * time.Hour)},
			{Entities: []int64{1, 2, 3, 4, 5}, Kinds: []string{"deploy"}, Environments: []string{"production"}, Text: "shard"},
			{Kinds: []string{"merge"}, Actors: []string{"bot"}, Since: noon.Add(-20 * 24 * time.Hour)},
		}
		for i, f := range filters {
			for _, fold := range []bool{false, true} {
				want := expected(stored, f, fold)
				for _, size := range []int{1, 7, 500} {
					if got := titles(walk(t, s, f, size, fold)); !slices.Equal(got, want) {
						t.Fatalf("filter %d, fold %v, pages of %d: got %d rows, want %d", i, fold, size, len(got), len(want))
					}
				}
			}
		}
	})
}

func titles(events []change.Event) []string {
	var ids []string
	for i := range events {
		ids = append(ids, events[i].ID.String())
	}
	return ids
}

func expected(stored []change.Event, f change.Filter, fold bool) []string {
	var passing []change.Event
	for i := range stored {
		if f.Match(&stored[i]) {
			passing = append(passing, stored[i])
		}
	}
	slices.SortFunc(passing, func(a, b change.Event) int { return cmp.Or(b.At().Compare(a.At()), cmp.Compare(b.Seq, a.Seq)) })
	shown := map[uuid.UUID]bool{}
	var ids []string
	for i := range passing {
		thread := passing[i].Thread
		if fold && thread != uuid.Nil && shown[thread] {
			continue
		}
		shown[thread] = true
		ids = append(ids, passing[i].ID.String())
	}
	return ids
}

// Readers that page while others write must see everything that was there when they began, once.
func TestPagesUnderConcurrentWrites(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var before []change.Event
		for i := range 300 {
			before = append(before, event(t, noon.Add(-time.Duration(i)*time.Minute), nil, int64(i%7)+1))
		}
		appended(t, s, before...)
		var writers sync.WaitGroup
		stop := make(chan struct{})
		for n := range 3 {
			writers.Go(func() {
				random := rand.New(rand.NewPCG(uint64(n), 9)) //nolint:gosec // a test
				for {
					select {
					case <-stop:
						return
					default:
					}
					late := event(t, noon.Add(-time.Duration(random.IntN(300*60))*time.Second), nil, int64(random.IntN(7))+1)
					if _, err := s.Append(t.Context(), []change.Event{late}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for round := range 6 {
			seen := map[string]int{}
			for _, id := range titles(walk(t, s, change.Filter{}, 5+round*3, false)) {
				seen[id]++
			}
			for i := range before {
				if seen[before[i].ID.String()] != 1 {
					t.Fatalf("round %d: event %d was seen %d times", round, i, seen[before[i].ID.String()])
				}
			}
		}
		close(stop)
		writers.Wait()
	})
}

func TestTailIsTheOrderOfCommitWithoutGaps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var writers sync.WaitGroup
		const each = 40
		for n := range 4 {
			writers.Go(func() {
				for i := range each {
					key := fmt.Sprintf("%d/%d", n, i)
					for _, phase := range []change.Phase{change.Started, change.Succeeded} {
						if _, err := s.Append(t.Context(), []change.Event{event(t, noon, func(e *change.Event) { e.Key, e.Phase = key, phase }, 1)}); err != nil {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { writers.Wait(); close(done) }()
		var last int64
		seen := 0
		for finished := false; ; {
			tail, err := s.Tail(t.Context(), last, 50)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range tail {
				if c.Number != last+1 {
					t.Fatalf("number %d followed %d", c.Number, last)
				}
				last = c.Number
				seen++
			}
			if len(tail) > 0 {
				continue
			}
			if finished {
				break
			}
			select {
			case <-done:
				finished = true
			case <-time.After(time.Millisecond):
			}
		}
		if seen != 2*4*each {
			t.Errorf("saw %d, want %d", seen, 2*4*each)
		}
	})
}

func TestUnclaimedNamesGetTheirPast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i := range 700 {
			appended(t, s, event(t, noon.Add(-time.Duration(i)*time.Minute), func(e *change.Event) { e.Kind, e.Commit = "merge", fmt.Sprintf("%07xa", i) }))
		}
		appended(t, s, event(t, noon, func(e *change.Event) { e.Commit = "0000000" }, 5))
		names, total, err := s.Unclaimed(t.Context(), change.Unclaimed{}, 10)
		if err != nil || total != 1 || len(names) != 1 || names[0].Events != 700 || !names[0].LastAt.Equal(noon) {
			t.Fatalf("got %+v, %d, %v", names, total, err)
		}
		if n, left, err := s.Reattribute(t.Context(), "github:acme/lost", catalog.Ref{Kind: catalog.Service, Name: "s5"}, 5); err != nil || n != 500 || left != 200 {
			t.Fatalf("got %d, %d left, %v", n, left, err)
		}
		if n, left, err := s.Reattribute(t.Context(), "github:acme/lost", catalog.Ref{Kind: catalog.Service, Name: "s5"}, 5); err != nil || n != 200 || left != 0 {
			t.Fatalf("got %d, %d left, %v", n, left, err)
		}
		rows := walk(t, s, change.Filter{Entities: []int64{5}}, 100, true)
		if len(rows) != 700 { // 701 events, of which two have become one story
			t.Errorf("got %d rows", len(rows))
		}
		if names, total, err = s.Unclaimed(t.Context(), change.Unclaimed{}, 10); err != nil || total != 0 || len(names) != 0 {
			t.Errorf("still unclaimed: %+v, %v", names, err)
		}
	})
}
