package graph

import (
	"context"
	"fmt"
	"sync"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// newestEvents answers many askers of one response with few queries: while one query is under way, those who come
// gather for the next, so that nobody waits for a clock.
type newestEvents struct {
	store feed.Store

	mu      sync.Mutex
	next    *newestBatch // those who gather
	reading bool
}

type newestBatch struct {
	ids   map[int64]struct{}
	done  chan struct{}
	found map[int64]change.Event
	err   error
}

// get is the newest event of an entity, nil when it has none.
func (n *newestEvents) get(ctx context.Context, id int64) (*change.Event, error) {
	n.mu.Lock()
	if n.next == nil {
		n.next = &newestBatch{ids: map[int64]struct{}{}, done: make(chan struct{})}
	}
	batch := n.next
	batch.ids[id] = struct{}{}
	if !n.reading {
		n.reading = true
		go n.read(ctx)
	}
	n.mu.Unlock()
	select {
	case <-batch.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e, ok := batch.found[id]; ok && batch.err == nil {
		return &e, nil
	}
	return nil, batch.err
}

// read answers one batch after the other until nobody waits.
func (n *newestEvents) read(ctx context.Context) {
	for {
		n.mu.Lock()
		batch := n.next
		n.next = nil
		n.reading = batch != nil
		n.mu.Unlock()
		if batch == nil {
			return
		}
		n.answer(ctx, batch)
	}
}

func (n *newestEvents) answer(ctx context.Context, batch *newestBatch) {
	defer close(batch.done)
	defer func() {
		if value := recover(); value != nil {
			batch.err = recovered(ctx, value)
		}
	}()
	ids := make([]int64, 0, len(batch.ids))
	for id := range batch.ids {
		ids = append(ids, id)
	}
	var err error
	if batch.found, err = n.store.Newest(ctx, ids); err != nil {
		batch.err = fmt.Errorf("newest events: %w", err)
	}
}
