package store

import (
	"context"
	"log/slog"
	"time"
)

// Hints tell that another server committed something. They are hints only: they may be late, doubled or lost, and
// readers look by themselves as well.

// announceEvery bounds the hints that one server gives: one in every commit would halve what PostgreSQL commits.
const announceEvery = 100 * time.Millisecond

// Announce hints to other servers that something was committed. It never blocks.
func (s *Store) Announce() {
	select {
	case s.announced <- struct{}{}:
	default:
	}
}

// Hints gives the hints of other servers until the context ends, and carries this server's own. An engine that has but
// one server gives none.
func (s *Store) Hints(ctx context.Context) <-chan struct{} {
	if s.engine.Listen == nil {
		return nil
	}
	hints := make(chan struct{}, 1)
	go s.listen(ctx, hints)
	go s.announce(ctx)
	return hints
}

func (s *Store) listen(ctx context.Context, hints chan<- struct{}) {
	for ctx.Err() == nil {
		err := s.engine.Listen(ctx, func() {
			select {
			case hints <- struct{}{}:
			default:
			}
		})
		if ctx.Err() == nil {
			slog.WarnContext(ctx, "hints of other servers are lost for now: they are found by looking", "error", err)
			pause(ctx, time.Second)
		}
	}
}

func (s *Store) announce(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.announced:
		}
		if err := s.engine.Notify(ctx, s.write); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "other servers could not be told of a commit: they find it by looking", "error", err)
		}
		pause(ctx, announceEvery)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
