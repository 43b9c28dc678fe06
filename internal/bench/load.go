package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is what a number of clients did in a span of time.
type load struct {
	done  int
	took  time.Duration
	times []time.Duration // sorted
}

func (l load) rate() float64 { return float64(l.done) / l.took.Seconds() }

// at is the time that a share of the calls stayed within.
func (l load) at(share float64) time.Duration {
	if len(l.times) == 0 {
		return 0
	}
	return l.times[min(int(share*float64(len(l.times))), len(l.times)-1)]
}

// drive lets clients call one after another for a span, and stops at the first error.
func drive(ctx context.Context, clients int, span time.Duration, call func(ctx context.Context, client, n int) error) (load, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	times := make([][]time.Duration, clients)
	var group sync.WaitGroup
	var turns atomic.Int64
	began := time.Now()
	for client := range clients {
		group.Go(func() {
			for time.Since(began) < span && ctx.Err() == nil {
				before := time.Now()
				if err := call(ctx, client, int(turns.Add(1))); err != nil {
					cancel(err)
					return
				}
				times[client] = append(times[client], time.Since(before))
			}
		})
	}
	group.Wait()
	l := load{took: time.Since(began), times: slices.Concat(times...)}
	l.done = len(l.times)
	slices.Sort(l.times)
	return l, context.Cause(ctx)
}

func perSecond(rate float64) string {
	if rate >= 100 {
		return fmt.Sprintf("%.0f/s", rate)
	}
	return fmt.Sprintf("%.1f/s", rate)
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
