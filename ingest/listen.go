package ingest

import (
	"context"
	"log/slog"
	"time"

	"tidings.dev/tidings/integration"
)

// Pauses of a listener.
const (
	lookForTurn   = time.Second
	shortestPause = time.Second
	longestPause  = time.Minute
)

// Listen keeps the connection of a source open that hears over one of its own, on one server at a time, until the context
// ends. One that has nothing to listen to is asked again now and then: it may be set up meanwhile.
func (h *Hook) Listen(ctx context.Context, listener integration.Listener, turn interface{ Held() bool }) {
	ctx = h.principal(ctx)
	pause := shortestPause
	for ctx.Err() == nil {
		if !turn.Held() || !listener.Listens(ctx) {
			wait(ctx, lookForTurn)
			continue
		}
		began := h.door.Now()
		err := h.listen(ctx, listener, turn)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			h.mu.Lock()
			h.state.State, h.state.Fault, h.state.LookedAt = integration.Failing, problem(err), h.door.Now()
			h.mu.Unlock()
			slog.WarnContext(ctx, "a source cannot listen", "source", h.name, "error", err)
		}
		if h.door.Now().Sub(began) > longestPause {
			pause = shortestPause
		}
		wait(ctx, pause)
		pause = min(2*pause, longestPause)
	}
}

// listen listens for as long as it is this server's turn.
func (h *Hook) listen(ctx context.Context, listener integration.Listener, turn interface{ Held() bool }) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for ctx.Err() == nil && turn.Held() {
			wait(ctx, lookForTurn)
		}
		stop()
	}()
	return listener.Listen(ctx, func(ctx context.Context, d integration.Delivery) (integration.Received, error) {
		return h.Heard(ctx, d)
	})
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
