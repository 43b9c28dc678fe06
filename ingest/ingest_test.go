package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

func open(t *testing.T, s *store.Store) (context.Context, *ingest.Door) {
	t.Helper()
	ctx, cancel := context.WithCancel(access.With(t.Context(), access.Administrator))
	door := ingest.NewDoor(catalog.NewRoll(s), s, func() {})
	var running sync.WaitGroup
	running.Go(func() { door.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return ctx, door
}

func told(key, subject string) change.Event {
	return change.Event{Source: "ci", Key: key, Kind: "deploy", Title: "a change", Subjects: []change.Subject{{Name: subject}}}
}

func feed(t *testing.T, s *store.Store) []change.Event {
	t.Helper()
	page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"ci", "watched"}}, change.Cursor{}, 100, false)
	if err != nil {
		t.Fatal(err)
	}
	return page.Events
}

// Many clients that write and retry at once must leave each event once, whatever groups they were committed in.
func TestRetriesAtOnceNeverDouble(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		var clients sync.WaitGroup
		for client := range 12 {
			clients.Go(func() {
				for i := range 10 {
					if _, err := door.Record(ctx, []change.Event{told(fmt.Sprint(i), fmt.Sprintf("s%d", client%3))}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		clients.Wait()
		events := feed(t, s)
		if len(events) != 10 {
			t.Fatalf("got %d events, want 10", len(events))
		}
		for _, e := range events {
			if len(e.Subjects) != 3 || e.RecordedBy != "person:administrator" {
				t.Errorf("got %v by %s", e.Subjects, e.RecordedBy)
			}
		}
	})
}

func TestOutsideNamesNeverCreateAndOwnNamesDo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		if _, err := door.Record(ctx, []change.Event{told("1", "github:acme/lost"), told("2", "pricing")}); err != nil {
			t.Fatal(err)
		}
		if e, ok := door.Roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"}); !ok || e.Described || door.Roll.Len(catalog.Service) != 1 {
			t.Errorf("got %+v and %d services", e, door.Roll.Len(catalog.Service))
		}
		n, err := door.Claim(ctx, "GitHub:acme/Lost", catalog.Ref{Kind: catalog.Service, Name: "pricing"})
		if err != nil || n.Events != 1 || n.Left != 0 {
			t.Errorf("claimed %+v, %v", n, err)
		}
		for _, e := range feed(t, s) {
			if e.Subjects[0].Name != "service:pricing" {
				t.Errorf("got %v", e.Subjects)
			}
		}
	})
}

// A server that is killed between a claim and what follows from it leaves that to the next start.
func TestAClaimThatWasCutShortGetsItsPast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		ref := catalog.Ref{Kind: catalog.Service, Name: "pricing"}
		if _, err := door.Record(ctx, []change.Event{told("1", "github:acme/lost"), told("2", "github:acme/other"), told("3", "pricing")}); err != nil {
			t.Fatal(err)
		}
		claim, err := catalog.Statement{Ref: ref, Source: catalog.PeopleSource, Partial: true, Claims: []catalog.Claim{
			catalog.Say(catalog.Key(catalog.FamilyAlias, "github:acme/lost"), true),
		}}.Normalize()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(ctx, []catalog.Statement{claim}, "test", time.Now(), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := door.Roll.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		next := ingest.NewDoor(door.Roll, s, stop)
		runner := job.NewRunner(s)
		next.Background(runner)
		runner.Run(ctx) // until something was re-attributed
		stop()
		var subjects []string
		for _, e := range feed(t, s) {
			subjects = append(subjects, e.Key+" "+e.Subjects[0].Name)
		}
		slices.Sort(subjects)
		if got := strings.Join(subjects, ", "); got != "1 service:pricing, 2 github:acme/other, 3 service:pricing" {
			t.Errorf("got %s", got)
		}
	})
}

// looks is a source whose every look is given.
type looks struct {
	mu      sync.Mutex
	cursors []string
	next    func(n int) (integration.Look, error)
}

type alone struct{}

func (alone) Held() bool { return true }

func (l *looks) Describe() string { return "a test" }

func (l *looks) Poll(_ context.Context, cursor string) (integration.Look, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursors = append(l.cursors, cursor)
	return l.next(len(l.cursors))
}

// A look that fails must not move the cursor, and one that finds the same again must not double it.
func TestTheLoopLooksAgainFromWhereItWas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		source := &looks{}
		source.next = func(n int) (integration.Look, error) {
			switch n {
			case 1:
				return integration.Look{Events: []change.Event{told("a", "pricing")}, Cursor: "1", More: true}, nil
			case 2:
				return integration.Look{Cursor: "wrong"}, errors.New("the tool is away")
			case 3:
				return integration.Look{Events: []change.Event{told("a", "pricing"), told("b", "pricing")}, Cursor: "2"}, nil
			}
			stop()
			return integration.Look{Cursor: "2"}, nil
		}
		watcher := door.Watch("watched", "test", source, time.Millisecond, alone{})
		watcher.Run(ctx)
		if got := strings.Join(source.cursors, ","); got != ",1,1,2" {
			t.Errorf("it looked from %q", got)
		}
		if events := feed(t, s); len(events) != 2 || events[0].Source != "watched" || events[0].RecordedBy != "source:watched" {
			t.Errorf("got %v", events)
		}
	})
}
