package daemon

import (
	"context"
	"log/slog"
	"time"

	"tidings.dev/tidings/change"
)

// Events that are kept long enough are looked for every hour, and deleted a few at a time: between two groups writers
// get through, for at least as long as a group took.
const (
	retainEvery = time.Hour
	retainPause = 20 * time.Millisecond
)

// retain deletes what need not be kept any longer, until the context ends. Every server does so, and finds what others
// left.
func (d *Daemon) retain(ctx context.Context) {
	ages, _ := change.ParseRetention(d.config.Retention) // Validate has named its faults
	for {
		d.forgetDeliveries(ctx)
		if err := d.store.ExpireJobs(ctx, time.Now().Add(-keptJobs)); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "old jobs could not be deleted: it is tried again in an hour", "error", err)
		}
		for kind, age := range ages {
			n, err := d.expire(ctx, kind, time.Now().Add(-age))
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				slog.WarnContext(ctx, "old events could not be deleted: it is tried again in an hour", "kind", kind, "error", err)
			case n > 0:
				slog.InfoContext(ctx, "old events were deleted", "kind", kind, "events", n, "older_than", age.String())
			}
		}
		wait(ctx, retainEvery)
		if ctx.Err() != nil {
			return
		}
	}
}

func (d *Daemon) expire(ctx context.Context, kind string, before time.Time) (int, error) {
	total := 0
	for {
		began := time.Now()
		n, err := d.store.Expire(ctx, kind, before)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		wait(ctx, max(retainPause, time.Since(began)))
	}
}

// keptDeliveries is for how long it is kept what tools sent: longer than any of them sends the same again.
const keptDeliveries = 7 * 24 * time.Hour

// keptJobs is for how long it can be seen what became of a job.
const keptJobs = 30 * 24 * time.Hour

func (d *Daemon) forgetDeliveries(ctx context.Context) {
	for {
		n, err := d.store.ExpireDeliveries(ctx, time.Now().Add(-keptDeliveries))
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "old deliveries could not be deleted: it is tried again in an hour", "error", err)
		}
		if err != nil || n == 0 {
			return
		}
		wait(ctx, retainPause)
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
