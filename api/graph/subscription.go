package graph

import (
	"context"
	"strconv"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
)

// Events are those that pass the filter, in the order of commit.
func (s subscriptions) Events(ctx context.Context, filter *FeedFilter, after *string) (<-chan *LiveEvent, error) {
	number, err := s.resumeAfter(ctx, valueOf(after))
	if err != nil {
		return nil, err
	}
	follow := &follower{reader: s.deps.Feed, query: filter.query()}
	if err := follow.resolve(); err != nil {
		return nil, err
	}
	live, err := s.deps.Feed.Hub.Subscribe(ctx, number, follow.passes)
	if err != nil {
		return nil, err
	}
	out := make(chan *LiveEvent)
	go func() {
		defer close(out)
		defer live.Close()
		defer func() {
			if value := recover(); value != nil {
				fail(ctx, recovered(ctx, value))
			}
		}()
		for {
			found, _, err := live.Next(ctx)
			if err != nil {
				if ctx.Err() == nil {
					fail(ctx, err)
				}
				return
			}
			for i := range found {
				select {
				case out <- &LiveEvent{Cursor: strconv.FormatInt(found[i].Number, 10), Event: s.event(&found[i].Event)}:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// resumeAfter is the number of the log to read on from; -1 for from now on.
func (a *API) resumeAfter(ctx context.Context, cursor string) (int64, error) {
	if cursor == "" {
		return -1, nil
	}
	number, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || number < 0 {
		return 0, fault.New(fault.Invalid, "the cursor %q was not made by this server: start again without one", clip(cursor))
	}
	newest, err := a.deps.Feed.Store.Log(ctx)
	if err != nil {
		return 0, err
	}
	if number > newest {
		// The database was restored from before: waiting for the number would pass over what comes until then.
		return 0, fault.New(fault.Invalid, "the cursor %d lies ahead of the log: start again without one", number)
	}
	return number, nil
}

// follower is the filter of a live reader. What a team owns and what a tag marks changes under it.
type follower struct {
	reader  *feed.Reader
	query   feed.Query
	scope   feed.Scope
	version uint64 // of the roll, for which scope holds
}

func (f *follower) resolve() error {
	version := f.reader.Roll.Version()
	scope, err := f.reader.Resolve(f.query)
	if err != nil {
		return err
	}
	f.scope, f.version = scope, version
	return nil
}

// passes is asked of one event at a time.
func (f *follower) passes(e *change.Event) bool {
	if f.scope.Filter.Entities == nil {
		return f.scope.Filter.Match(e)
	}
	if f.version != f.reader.Roll.Version() {
		// What does not pass for any entity need not be resolved anew. A filter that no longer resolves stays as it was.
		others := f.scope.Filter
		others.Entities = nil
		if !others.Match(e) {
			return false
		}
		_ = f.resolve()
	}
	return f.scope.Filter.Match(e)
}
