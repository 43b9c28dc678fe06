package feed_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// large is a log of which the failures are soon read, and what made them good is more than can be read.
type large struct {
	feed.Store
	now    time.Time
	failed []change.Event
	takes  time.Duration // a page of what succeeded
}

func (l *large) Log(context.Context) (int64, error)                           { return 1, nil }
func (l *large) Tail(context.Context, int64, int) ([]change.Committed, error) { return nil, nil }

func (l *large) Feed(_ context.Context, filter change.Filter, after change.Cursor, limit int, _ bool) (change.Page, error) {
	if len(filter.Phases) == 0 {
		return change.Page{}, nil
	}
	switch filter.Phases[0] {
	case change.Failed:
		return change.Page{Events: l.failed}, nil
	case change.Succeeded:
		time.Sleep(l.takes)
		page := change.Page{}
		for range limit { // a second apart
			after.Seq++
			page.Events = append(page.Events, deployed(3, change.Succeeded, l.now.Add(-time.Duration(after.Seq)*time.Second)))
		}
		page.Next = after
		return page, nil
	}
	return change.Page{}, nil
}

func deployed(entity int64, phase change.Phase, at time.Time) change.Event {
	return change.Event{ID: uuid.New(), Kind: "deploy", Phase: phase, StartedAt: at, Subjects: []change.Subject{{Entity: entity}}}
}

func TestConditionsOfALargeLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		l := &large{now: now, takes: time.Second, failed: []change.Event{
			deployed(1, change.Failed, now.Add(-time.Hour)), deployed(2, change.Failed, now.Add(-100*time.Hour)), deployed(3, change.Failed, now.Add(-time.Hour)),
		}}
		reader := &feed.Reader{Store: l}
		early, err := reader.Conditions(t.Context(), now)
		if err != nil || early == nil || len(early) > 0 || time.Since(now) > 3*time.Second {
			t.Fatalf("who asks first gets %v (%v) after %s: he is not to wait for all of it", early, err, time.Since(now))
		}
		time.Sleep(time.Minute)
		conditions, err := reader.Conditions(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		for entity, want := range map[int64]catalog.Health{1: catalog.Failed, 2: catalog.Calm, 3: catalog.Calm} {
			if got := conditions.Of(entity); got != want {
				t.Errorf("entity %d is %s, not %s: what may have been made good before what could be read is no failure", entity, got, want)
			}
		}
	})
}

// busy is a log of which the end is read slowly, and counts how often.
type busy struct {
	large
	entered, let chan struct{}
	tails        atomic.Int32
}

func (b *busy) Tail(context.Context, int64, int) ([]change.Committed, error) {
	if b.tails.Add(1) == 1 {
		close(b.entered)
		<-b.let
	}
	return nil, nil
}

// TestConditionsAreCaughtUpWithForAll checks that of many who ask at the same time not each reads the end of the log.
func TestConditionsAreCaughtUpWithForAll(t *testing.T) {
	t.Parallel()
	b := &busy{large: large{now: time.Now()}, entered: make(chan struct{}), let: make(chan struct{})}
	reader := &feed.Reader{Store: b}
	var asking, asked sync.WaitGroup
	ask := func() {
		asking.Done()
		defer asked.Done()
		if _, err := reader.Conditions(t.Context(), b.now); err != nil {
			t.Error(err)
		}
	}
	asking.Add(1)
	asked.Add(1)
	go ask()
	<-b.entered
	asking.Add(30)
	asked.Add(30)
	for range 30 {
		go ask()
	}
	asking.Wait()
	for waiting(t.Name()) < 30 {
		runtime.Gosched()
	}
	close(b.let)
	asked.Wait()
	if got := b.tails.Load(); got > 10 {
		t.Errorf("31 who asked at once read the end of the log %d times", got)
	}
}

// waiting counts the goroutines of a test that wait for a lock.
func waiting(test string) int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for one := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(one, "[sync.Mutex.Lock") && strings.Contains(one, "."+test+" in goroutine") {
			n++
		}
	}
	return n
}
