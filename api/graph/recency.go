package graph

import (
	"context"
	"sync"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// recency keeps when each entity last changed, for the order of the catalog: read once from the store, then kept up by
// the tail of the log, when it is asked for.
type recency struct {
	refreshing sync.Mutex
	number     int64 // of the log, up to which changed holds
	filled     bool

	mu      sync.RWMutex
	changed map[int64]int64 // Unix microseconds by entity
}

// Beyond this many events it is quicker to read all anew.
const (
	recencyTail  = 1000
	recencyPages = 10
)

// at gives the time of the last change of an entity in Unix microseconds, or 0.
func (r *recency) at(ctx context.Context, roll *catalog.Roll, store feed.Store) (func(id int64) int64, error) {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	caughtUp := false
	if r.filled {
		var err error
		if caughtUp, err = r.catchUp(ctx, store); err != nil {
			return nil, err
		}
	}
	if !caughtUp {
		if err := r.fill(ctx, roll, store); err != nil {
			return nil, err
		}
	}
	return func(id int64) int64 {
		r.mu.RLock()
		defer r.mu.RUnlock()
		return r.changed[id]
	}, nil
}

// catchUp reports false when there is too much to catch up with.
func (r *recency) catchUp(ctx context.Context, store feed.Store) (bool, error) {
	for range recencyPages {
		tail, err := store.Tail(ctx, r.number, recencyTail)
		if err != nil {
			return false, err
		}
		r.mu.Lock()
		for i := range tail {
			at := tail[i].Event.At().UnixMicro()
			if tail[i].Event.Kind == change.Handover {
				at = 0
			}
			for _, subject := range tail[i].Event.Subjects {
				if subject.Entity != 0 && r.changed[subject.Entity] < at {
					r.changed[subject.Entity] = at
				}
			}
			r.number = tail[i].Number
		}
		r.mu.Unlock()
		if len(tail) < recencyTail {
			return true, nil
		}
	}
	return false, nil
}

func (r *recency) fill(ctx context.Context, roll *catalog.Roll, store feed.Store) error {
	number, err := store.Log(ctx)
	if err != nil {
		return err
	}
	newest, err := store.Newest(ctx, roll.Select(catalog.Filter{WithRetired: true}))
	if err != nil {
		return err
	}
	changed := make(map[int64]int64, len(newest))
	for id, event := range newest {
		changed[id] = event.At().UnixMicro()
	}
	r.mu.Lock()
	r.changed = changed
	r.mu.Unlock()
	r.number, r.filled = number, true
	return nil
}
