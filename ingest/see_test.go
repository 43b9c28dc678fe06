package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// sights is a source that sees toys: each look is given.
type sights struct {
	mu   sync.Mutex
	n    int
	next func(n int, to observe.Sink) error
}

func (z *sights) Describe() string      { return "a zoo" }
func (z *sights) Collections() []string { return []string{"toys", "others"} }
func (z *sights) Scope() observe.Scope  { return observe.Scope{Environment: "production"} }
func (z *sights) put(to observe.Sink, versions ...string) {
	for i, version := range versions {
		if version != "" {
			state, _ := json.Marshal(toyState{Service: "pricing", Version: version})
			to.Put(observe.Observation{Object: fmt.Sprintf("toy/%d", i), Collection: "toys", State: state})
		}
	}
}

func (z *sights) See(_ context.Context, _ func(string) string, to observe.Sink) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.n++
	return z.next(z.n, to)
}

// What differs between two looks becomes an event, once; what is gone is found; a collection that cannot be seen stays as
// it was, and the source says so.
func TestASourceThatSeesTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		door.Seen, door.Interpreters = s, map[string]observe.Interpreter{"toy": toy{}}
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		z := &sights{}
		var watcher *ingest.Watcher
		z.next = func(n int, to observe.Sink) error {
			switch n {
			case 1: // what is there is no news
				z.put(to, "1", "1")
				to.Complete("toys")
				to.Complete("others")
			case 2:
				z.put(to, "2", "1")
				to.Complete("toys")
			case 3:
				z.put(to, "2")
				to.Trouble("toys", "the permission toys:List is missing")
			case 4:
				if state := watcher.State(); state.State != integration.Failing || !strings.Contains(state.Fault, "toys:List") {
					t.Errorf("the source is %q: %q", state.State, state.Fault)
				}
				return fault.New(fault.Unavailable, "the tool is away")
			case 5: // a new session, which knows what was before
				z.put(to, "2")
				to.Complete("toys")
			case 6:
				z.put(to, "3")
				to.Complete("toys")
			default:
				if state := watcher.State(); state.State != integration.Working || state.Events != 3 {
					t.Errorf("the source is %+v", state)
				}
				stop()
			}
			return nil
		}
		watcher = door.Sight("zoo", "toy", z, time.Millisecond, alone{})
		watcher.Run(ctx)
		page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"zoo"}}, change.Cursor{}, 100, false)
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, e := range page.Events {
			titles = append([]string{e.Title}, titles...)
			if after, err := time.Parse(time.RFC3339Nano, e.Labels["after"]); err != nil || e.StartedAt.Sub(after) > 5*time.Second || e.StartedAt.Before(after) {
				t.Errorf("%s is dated between %s and %s", e.Title, e.Labels["after"], e.StartedAt)
			}
		}
		if got := strings.Join(titles, ", "); got != `toy/0 from "1" to "2", toy/1 is gone, toy/0 from "2" to "3"` {
			t.Errorf("got %s", got)
		}
	})
}

// A look into the past is counted, goes on where it was after a restart, and is over once.
func TestABackfillIsCountedAndGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		until := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
		look := func(n int) integration.Look {
			events := []change.Event{told(fmt.Sprint("a", n), "pricing"), told(fmt.Sprint("b", n), "pricing")}
			return integration.Look{Events: events, Cursor: fmt.Sprint(n), More: n < 4, Backfill: &integration.Backfill{Until: until, Done: n >= 4}}
		}
		total := 0
		for range 2 { // two servers, one after the other
			ctx, stop := context.WithTimeout(ctx, time.Minute)
			source := &looks{}
			source.next = func(n int) (integration.Look, error) {
				if n == 3 {
					stop()
					return integration.Look{}, ctx.Err()
				}
				total++
				return look(total), nil
			}
			watcher := door.Watch("watched", "test", source, time.Millisecond, alone{})
			watcher.Run(ctx)
			stop()
			if b := watcher.State().Backfill; b == nil || b.Events != 2*total || b.Done != (total == 4) || !b.Until.Equal(until) {
				t.Errorf("after %d looks: %+v", total, b)
			}
		}
		last, err := s.LastLook(t.Context(), "watched")
		if err != nil || last.Cursor != "4" || !last.Backfill.Done || last.Backfill.Events != 8 {
			t.Errorf("kept: %+v, %v", last, err)
		}
	})
}

// The cursor is committed with the events or not at all: events that are refused must be found again.
func TestCursorAndEventsAreOneCommit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, _ := open(t, s)
		one := told("a", "pricing")
		one.Normalize(time.Now(), "")
		look := integration.Looked{Source: "watched", Cursor: "next", At: time.Now()}
		canceled, stop := context.WithCancel(access.With(ctx, access.Tidings))
		stop()
		if _, err := s.Append(canceled, []change.Event{one}, integration.Beside{Looks: []integration.Looked{look}}); err == nil {
			t.Fatal("a commit that was called off was done")
		}
		if last, err := s.LastLook(t.Context(), "watched"); err != nil || last.Cursor != "" {
			t.Errorf("the cursor moved without its events: %+v, %v", last, err)
		}
		if _, err := s.Append(t.Context(), []change.Event{one}, integration.Beside{Looks: []integration.Looked{look}}); err != nil {
			t.Fatal(err)
		}
		if last, err := s.LastLook(t.Context(), "watched"); err != nil || last.Cursor != "next" {
			t.Errorf("the cursor did not move with its events: %+v, %v", last, err)
		}
	})
}

// duties is an interpreter whose objects know services by their outside names alone.
type duties struct{ toy }

func (duties) Interpret(look observe.Look) observe.Finding {
	s := catalog.Statement{Outside: "pager:P1", Source: catalog.Source{Name: look.Source + ":" + look.Object, Rank: catalog.Integration}, Withdraw: look.Gone}
	if !look.Gone {
		var state toyState
		_ = json.Unmarshal(look.State, &state)
		s.Claims = []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyOnCall, "primary/"+state.Version), "")}
	}
	return observe.Finding{Statements: []catalog.Statement{s}, Forget: look.Gone}
}

// A handover that was read ahead answers from its beginning on and not before, and the past answers with what was known then.
func TestAHandoverThatWasReadAhead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		pricing := catalog.Ref{Kind: catalog.Service, Name: "pricing"}
		handover := time.Now().UTC().Truncate(time.Second).Add(72 * time.Hour)
		written := func(days int) string { return handover.Add(time.Duration(days) * 24 * time.Hour).Format(time.RFC3339) }
		told := func(next string) time.Time {
			t.Helper()
			if _, err := door.Apply(ctx, []catalog.Statement{{Ref: pricing, Source: catalog.Source{Name: "pagerduty", Rank: catalog.Integration}, Claims: []catalog.Claim{
				catalog.Shift("primary", "Priya", "", written(0)), catalog.Shift("primary", next, written(0), written(7)),
			}}}); err != nil {
				t.Fatal(err)
			}
			return time.Now()
		}
		check := func(held, at time.Time, now, next string) {
			t.Helper()
			e, err := door.Roll.At(ctx, pricing, held, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			one := func(all []catalog.OnCall) string {
				if len(all) != 1 {
					return fmt.Sprint(all)
				}
				return all[0].Name
			}
			if duty := catalog.DutyOf(at, e); one(duty.Now) != now || one(duty.Next) != next {
				t.Errorf("at %s: on call %v, next %v; want %s, %s", at, duty.Now, duty.Next, now, next)
			}
		}
		before := told("Ines")
		time.Sleep(time.Millisecond)
		swapped := told("Ewa")
		check(time.Time{}, swapped, "Priya", "Ewa")
		check(before, before, "Priya", "Ines")
		check(handover, handover, "Ewa", "[]")
		facts, err := door.Roll.Facts(ctx, mustGet(t, door, pricing).ID, time.Time{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(facts, func(f catalog.Fact) bool { return f.Field.Family() == catalog.FamilyNextOnCall })
		if i < 0 || facts[i].Source.Name != "pagerduty" || facts[i].HeldFrom.IsZero() {
			t.Errorf("the facts are %+v", facts)
		}
	})
}

func mustGet(t *testing.T, door *ingest.Door, ref catalog.Ref) *catalog.Entity {
	t.Helper()
	e, ok := door.Roll.Get(ref)
	if !ok {
		t.Fatalf("there is no %s", ref)
	}
	return e
}

// What is said of an outside name is said of who has claimed it; while nobody has, it makes nothing up.
func TestAStatementAboutAnOutsideName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		door.Seen, door.Interpreters = s, map[string]observe.Interpreter{"pager": duties{}}
		onCall := func() []catalog.OnCall {
			if e, ok := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"}); ok {
				return e.OnCall
			}
			return nil
		}
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		z := &sights{}
		z.next = func(n int, to observe.Sink) error {
			switch n {
			case 1:
				z.put(to, "Priya")
			case 2:
				if got := onCall(); got != nil {
					t.Errorf("nobody claimed the name, and %v", got)
				}
				if _, err := door.Apply(ctx, []catalog.Statement{{
					Ref: catalog.Ref{Kind: catalog.Service, Name: "pricing"}, Source: catalog.PeopleSource, Partial: true,
					Claims: []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyAlias, "pager:P1"), true)},
				}}); err != nil {
					t.Error(err)
				}
				z.put(to, "Ines")
			case 3:
				if got := onCall(); len(got) != 1 || got[0].Name != "Ines" {
					t.Errorf("on call are %v", got)
				}
			default:
				if got := onCall(); len(got) != 0 {
					t.Errorf("it is gone, and on call are %v", got)
				}
				stop()
				return nil
			}
			to.Complete("toys")
			to.Complete("others")
			return nil
		}
		door.Sight("pager", "pager", z, time.Millisecond, alone{}).Run(ctx)
	})
}
