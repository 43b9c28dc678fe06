package daemon

import (
	"context"
	"fmt"
	"time"

	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/store"
)

// What was in the log before subjects had a kind gets it in small groups. Between two of them writers get through, for as
// long as a group took, and after each turn other jobs.
const (
	kindsTurn  = 500 * time.Millisecond
	kindsPause = 5 * time.Millisecond
	kindsRest  = time.Second
)

// kinds is the step of a job.
func (d *Daemon) kinds(ctx context.Context, j *job.Job) (bool, error) {
	var at store.Subject
	if j.Place != "" {
		if _, err := fmt.Sscan(j.Place, &at.Entity, &at.At, &at.Seq); err != nil {
			at = store.Subject{} // what is done is only looked at again
		}
	}
	for turn := time.Now(); ; {
		began := time.Now()
		n, next, more, err := d.store.FillKinds(ctx, at)
		if err != nil {
			return false, err
		}
		at = next
		j.Done += n
		j.Place = fmt.Sprint(at.Entity, at.At, at.Seq)
		if !more {
			return false, nil
		}
		wait(ctx, max(kindsPause, time.Since(began)))
		if time.Since(turn) > kindsTurn || ctx.Err() != nil {
			j.DueAt = time.Now().Add(kindsRest)
			return false, ctx.Err()
		}
	}
}
