package daemon

import (
	"context"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// veiled is the log as a reader may see it. Tail is not veiled: it is read once for all live readers, each of whom the hub
// veils for.
type veiled struct{ feed.Store }

func (v veiled) Feed(ctx context.Context, filter change.Filter, after change.Cursor, limit int, fold bool) (change.Page, error) {
	page, err := v.Store.Feed(ctx, filter, after, limit, fold)
	veil(ctx, page.Events)
	return page, err
}

func (v veiled) Threads(ctx context.Context, threads []uuid.UUID, limit int) (map[uuid.UUID]change.Thread, error) {
	found, err := v.Store.Threads(ctx, threads, limit)
	for _, thread := range found {
		veil(ctx, thread.Events)
	}
	return found, err
}

func (v veiled) Event(ctx context.Context, id uuid.UUID) (change.Event, error) {
	e, err := v.Store.Event(ctx, id)
	access.Veil(ctx, &e)
	return e, err
}

func (v veiled) Newest(ctx context.Context, entities []int64) (map[int64]change.Event, error) {
	newest, err := v.Store.Newest(ctx, entities)
	for id, e := range newest {
		access.Veil(ctx, &e)
		newest[id] = e
	}
	return newest, err
}

func (v veiled) Outside(ctx context.Context, alias string, limit int) ([]change.Event, error) {
	events, err := v.Store.Outside(ctx, alias, limit)
	veil(ctx, events)
	return events, err
}

func veil(ctx context.Context, events []change.Event) {
	for i := range events {
		access.Veil(ctx, &events[i])
	}
}
