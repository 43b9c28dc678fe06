package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// places keeps where sources left off, and nothing else.
type places struct {
	ingest.Store
	last integration.Looked
}

func (p *places) LastLook(context.Context, string) (integration.Looked, error) { return p.last, nil }

func (p *places) Looked(_ context.Context, look integration.Looked) error {
	p.last = look
	return nil
}

// lookedAt lets a source be looked at within a bubble, and gives when it was.
func lookedAt(t *testing.T, every time.Duration, leader ingest.Leader, looks int, next func(n int) (integration.Look, error)) []time.Duration {
	t.Helper()
	began := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var at []time.Duration
	source := &looksOf{next: func(n int) (integration.Look, error) {
		at = append(at, time.Since(began))
		if len(at) == looks {
			stop()
		}
		return next(n)
	}}
	kept := &places{}
	door := ingest.NewDoor(catalog.NewRoll(nil), kept, func() {})
	door.Watch("watched", "test", source, every, leader).Run(ctx)
	return at
}

type looksOf struct {
	n    int
	next func(n int) (integration.Look, error)
}

func (*looksOf) Describe() string { return "a test" }

func (l *looksOf) Poll(context.Context, string) (integration.Look, error) {
	l.n++
	return l.next(l.n)
}

func within(t *testing.T, what string, got, least, most time.Duration) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: waited %s, want %s to %s", what, got, least, most)
	}
}

// A source that fails is asked later and later, within bounds, and as usual once it answers.
func TestASourceThatFailsIsAskedLaterAndLater(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"the credential is not known": fault.New(fault.Unauthenticated, "401"),
		"it may not read":             fault.New(fault.Forbidden, "403"),
		"there is nothing":            fault.New(fault.NotFound, "404"),
		"a fault of its own":          fault.New(fault.Unavailable, "500"),
		"what is no fault":            errors.New("anything"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const failures = 8
				at := lookedAt(t, time.Minute, alone{}, failures+3, func(n int) (integration.Look, error) {
					if n <= failures {
						return integration.Look{}, err
					}
					return integration.Look{Cursor: "on"}, nil
				})
				for i, want := range []time.Duration{2, 4, 8, 15, 15, 15, 15, 15} {
					within(t, fmt.Sprint("after failure ", i+1), at[i+1]-at[i], want*time.Minute, want*time.Minute*11/10)
				}
				within(t, "after it answered", at[failures+1]-at[failures], time.Minute, time.Minute*11/10)
				within(t, "and again", at[failures+2]-at[failures+1], time.Minute, time.Minute*11/10)
			})
		})
	}
}

// What the tool asks for is waited for, however short the interval is, and never beyond the bound.
func TestALimitOfTheToolIsKeptTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := func(wait time.Duration) error {
			err := fault.New(fault.RateLimited, "429")
			err.RetryAfter = wait
			return err
		}
		at := lookedAt(t, time.Second, alone{}, 5, func(n int) (integration.Look, error) {
			switch n {
			case 1:
				return integration.Look{}, limited(20 * time.Minute)
			case 2:
				return integration.Look{}, limited(24 * time.Hour)
			case 3:
				return integration.Look{Cursor: "spent", More: true, Wait: time.Hour}, nil
			}
			return integration.Look{}, nil
		})
		within(t, "as it says", at[1]-at[0], 20*time.Minute, 20*time.Minute)
		within(t, "at most", at[2]-at[1], 2*time.Hour, 2*time.Hour)
		within(t, "though there is more", at[3]-at[2], time.Hour, time.Hour)
		within(t, "as usual", at[4]-at[3], time.Second, time.Second*11/10)
	})
}

// More is fetched at once, as long as the looks come on.
func TestMoreIsFetchedAtOnceButNeverInCircles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := lookedAt(t, time.Minute, alone{}, 6, func(n int) (integration.Look, error) {
			return integration.Look{Cursor: fmt.Sprint("page ", min(n, 4)), More: true}, nil
		})
		within(t, "while it comes on", at[3]-at[0], 0, 0)
		within(t, "in a circle", at[5]-at[4], time.Minute, time.Minute*11/10)
	})
}

type lead struct{ held atomic.Bool }

func (l *lead) Held() bool { return l.held.Load() }

// A server that does not lead looks at nothing, and begins within moments once it does.
func TestOnlyTheLeaderLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		leader := &lead{}
		time.AfterFunc(time.Hour, func() { leader.held.Store(true) })
		at := lookedAt(t, time.Minute, leader, 1, func(int) (integration.Look, error) { return integration.Look{}, nil })
		within(t, "until it led", at[0], time.Hour, time.Hour+1100*time.Millisecond)
	})
}

// torn is a store of which every second commit is done, though whoever asked for it never hears so.
type torn struct {
	*store.Store
	mu sync.Mutex
	n  int
}

func (s *torn) Append(ctx context.Context, events []change.Event, beside ...integration.Beside) ([]change.Receipt, error) {
	receipts, err := s.Store.Append(ctx, events, beside...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n++; err == nil && s.n%2 == 1 {
		return nil, fault.New(fault.Unavailable, "the connection was lost after the commit")
	}
	return receipts, err
}

// What a webhook tells and a look finds is one event each, in any order, at once, and over commits of which nobody heard.
func TestALookAndAWebhookNeverDouble(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, door := open(t, s)
		door.Store = &torn{Store: s}
		const pages, each = 10, 5
		told := func(page, i int) change.Event {
			return change.Event{
				Key: fmt.Sprintf("deployment/%d", page*each+i), Kind: "deploy", Title: fmt.Sprintf("Deployed %d", page*each+i),
				Subjects: []change.Subject{{Name: "service:door"}}, StartedAt: time.Date(2026, 11, 22, 12, page, i, 0, time.UTC),
			}
		}
		watched, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		source := &cursors{next: func(cursor string) (integration.Look, error) {
			page := 0
			_, _ = fmt.Sscan(cursor, &page)
			if page == pages {
				stop()
				return integration.Look{Cursor: cursor}, nil
			}
			look := integration.Look{Cursor: fmt.Sprint(page + 1), More: true}
			for i := range each {
				look.Events = append(look.Events, told(page, i))
			}
			return look, nil
		}}
		hook := door.Hook("bell", "bell", &bell{decode: func(body string) (integration.Decoded, error) {
			var page, i int
			_, err := fmt.Sscan(body, &page, &i)
			return integration.Decoded{Key: body, Events: []change.Event{told(page, i)}}, err
		}})
		var both sync.WaitGroup
		both.Go(func() { door.Watch("bell", "bell", source, time.Millisecond, alone{}).Run(watched) })
		for page := range pages {
			both.Go(func() {
				for i := range each {
					// A tool sends again what nobody acknowledged.
					for range 20 {
						delivery := integration.Delivery{Header: http.Header{"X-Sign": {"ours"}}, Body: fmt.Appendf(nil, "%d %d", page, i)}
						if _, err := hook.Receive(ctx, delivery); err == nil {
							break
						}
					}
				}
			})
		}
		both.Wait()
		found, err := s.Feed(t.Context(), change.Filter{Sources: []string{"bell"}}, change.Cursor{}, 1000, false)
		if err != nil || len(found.Events) != pages*each {
			t.Errorf("%d events, want %d: %v", len(found.Events), pages*each, err)
		}
		if last, err := s.LastLook(t.Context(), "bell"); err != nil || last.Cursor != fmt.Sprint(pages) {
			t.Errorf("the look came to %+v, %v", last, err)
		}
		if kept, _, err := s.Deliveries(t.Context(), "bell", "", "", 1000); err != nil || len(kept) != pages*each {
			t.Errorf("%d deliveries are kept, %v", len(kept), err)
		}
	})
}

// cursors is a source that is asked from somewhere on.
type cursors struct {
	next func(cursor string) (integration.Look, error)
}

func (*cursors) Describe() string { return "a bell" }

func (c *cursors) Poll(_ context.Context, cursor string) (integration.Look, error) {
	return c.next(cursor)
}
