package feed

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tidings.dev/tidings/change"
)

// Hub carries committed events to live readers. It reads the tail of the log whenever it is told that something was
// committed, by this server or another, and by itself once a second; so the database alone is the source, and every
// reader sees the order of commit.
type Hub struct {
	// Veil takes out of an event what the reader of the context may not see; it may be nil.
	Veil func(context.Context, *change.Event)

	store Store
	wake  chan struct{}

	lagged atomic.Int64 // how often a reader fell behind

	mu      sync.Mutex
	last    int64 // every event up to this number was handed out
	readers map[*Subscription]struct{}
}

// Bounds of the hub.
const (
	// buffered is how far a reader may lag before it is caught up from the database instead.
	buffered = 512
	tailed   = 500
)

// NewHub makes a hub; Run makes it work.
func NewHub(store Store) *Hub {
	return &Hub{store: store, wake: make(chan struct{}, 1), readers: map[*Subscription]struct{}{}}
}

// Readers is how many live readers there are that keep up, and how often one fell so far behind that it had to catch up
// from the database.
func (h *Hub) Readers() (live int, lagged int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.readers), h.lagged.Load()
}

// Wake says that something was committed. It never blocks.
func (h *Hub) Wake() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Run carries events until the context ends.
func (h *Hub) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-tick.C:
		}
		if err := h.carry(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "live readers wait: the log cannot be read", "error", err)
		}
	}
}

// carry hands out what was committed since the last time, if anyone listens.
func (h *Hub) carry(ctx context.Context) error {
	for {
		h.mu.Lock()
		last, listened := h.last, len(h.readers) > 0
		h.mu.Unlock()
		if !listened {
			return nil
		}
		tail, err := h.store.Tail(ctx, last, tailed)
		if err != nil {
			return err
		}
		if len(tail) == 0 {
			return nil
		}
		h.mu.Lock()
		for reader := range h.readers {
			if !reader.offer(tail) {
				delete(h.readers, reader)
				h.lagged.Add(1)
			}
		}
		h.last = tail[len(tail)-1].Number
		h.mu.Unlock()
	}
}

// Subscription is one live reader. It is for one goroutine.
type Subscription struct {
	hub   *Hub
	match func(*change.Event) bool

	ready   chan struct{} // holds a token while there is something new
	mu      sync.Mutex
	pending []change.Committed
	joined  bool  // the hub offers; otherwise the reader catches up from the database
	seen    int64 // everything up to this number was offered to or passed over by the reader
}

// Subscribe starts to read after a number of the log; a negative number means from now on. Close ends it.
func (h *Hub) Subscribe(ctx context.Context, after int64, match func(*change.Event) bool) (*Subscription, error) {
	if after < 0 {
		now, err := h.store.Log(ctx)
		if err != nil {
			return nil, err
		}
		after = now
	}
	return &Subscription{hub: h, match: match, ready: make(chan struct{}, 1), seen: after}, nil
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.readers, s)
}

// Next waits for the next events that match and gives them in the order of commit; with the number to resume after,
// which may be past the last of them. Its error is the context's, or that of the database.
func (s *Subscription) Next(ctx context.Context) ([]change.Committed, int64, error) {
	for {
		s.mu.Lock()
		pending, joined, seen := s.pending, s.joined, s.seen
		s.pending = nil
		s.mu.Unlock()
		if len(pending) > 0 {
			return s.veil(ctx, pending), seen, nil
		}
		if !joined {
			found, err := s.catchUp(ctx)
			if err != nil {
				return nil, 0, err
			}
			if len(found) > 0 {
				return s.veil(ctx, found), s.seen, nil
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil, seen, ctx.Err()
		case <-s.ready:
		}
	}
}

// catchUp reads one page of what was missed from the database, or joins the live readers when nothing was.
func (s *Subscription) catchUp(ctx context.Context) ([]change.Committed, error) {
	tail, err := s.hub.store.Tail(ctx, s.seen, tailed)
	if err != nil {
		return nil, err
	}
	if len(tail) > 0 {
		found := s.matching(tail)
		s.seen = tail[len(tail)-1].Number
		return found, nil
	}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if len(s.hub.readers) == 0 && s.hub.last < s.seen {
		s.hub.last = s.seen // nobody listened, so the hub did not follow
	}
	if s.hub.last > s.seen {
		return nil, nil // more was committed in between: read on
	}
	s.mu.Lock()
	s.joined = true
	s.mu.Unlock()
	s.hub.readers[s] = struct{}{}
	s.hub.Wake()
	return nil, nil
}

// offer takes what was committed; it reports false when the reader lags too far and has to catch up by itself.
func (s *Subscription) offer(tail []change.Committed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.matching(tail)
	if len(s.pending)+len(fresh) > buffered && len(s.pending) > 0 {
		s.joined = false
	} else {
		s.pending = append(s.pending, fresh...)
		// What the hub read before the reader joined may lie behind what the reader caught up with.
		s.seen = max(s.seen, tail[len(tail)-1].Number)
	}
	if len(s.pending) > 0 || !s.joined {
		select {
		case s.ready <- struct{}{}:
		default:
		}
	}
	return s.joined
}

// veil hides from the reader what is not theirs to see.
func (s *Subscription) veil(ctx context.Context, events []change.Committed) []change.Committed {
	if s.hub.Veil != nil {
		for i := range events {
			s.hub.Veil(ctx, &events[i].Event)
		}
	}
	return events
}

func (s *Subscription) matching(tail []change.Committed) []change.Committed {
	var fresh []change.Committed
	for i := range tail {
		if tail[i].Number > s.seen && s.match(&tail[i].Event) {
			fresh = append(fresh, tail[i])
		}
	}
	return fresh
}
