package ingest

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/job"
)

// reattribute gives the past of an outside name to the one entity that answers to it: about as many events as there is
// patience for. It tells how many that was, and how many are left.
func (d *Door) reattribute(ctx context.Context, alias string, most int) (total, left int, err error) {
	found := d.Roll.Resolve(alias)
	if len(found) != 1 {
		return 0, 0, nil
	}
	for more := true; more && total < most && err == nil; {
		var n int
		n, left, err = d.Store.Reattribute(ctx, alias, found[0].Ref(), found[0].ID)
		total += n
		more = n > 0 && left > 0
	}
	if total > 0 {
		d.Committed()
	}
	return total, left, err
}

// atOnce is how many events of the past find their entity before a claim is answered; the others do so behind it.
const atOnce = 2000

// attribute is the step of a job: a name that was claimed gets some of its past.
func (d *Door) attribute(ctx context.Context, j *job.Job) (more bool, err error) {
	if len(d.Roll.Resolve(j.Key)) != 1 { // another server may have claimed it a moment ago
		if _, err := d.Roll.Refresh(ctx); err != nil {
			return false, err
		}
	}
	if len(d.Roll.Resolve(j.Key)) != 1 {
		return false, nil // it was taken back, or two claim it
	}
	n, left, err := d.reattribute(ctx, j.Key, 1)
	// What was done before the job began is done all the same.
	j.Total = max(j.Total, j.Done+n+left)
	j.Done = j.Total - left
	return left > 0, err
}

// Background makes a runner of jobs do what follows from claims.
func (d *Door) Background(runner *job.Runner) {
	d.Jobs = runner
	runner.Handlers[job.Attribute], runner.Handlers[job.Release] = d.attribute, d.release
}

// lateEvents is how long after a name was taken back an event can be committed that was resolved before.
const lateEvents = 10 * time.Second

// answersTo reports whether an entity answers to a name that was taken back: somebody else claims it for the same, or it was
// claimed again.
func (d *Door) answersTo(released catalog.Released) bool {
	return slices.ContainsFunc(d.Roll.Resolve(released.Alias), func(e *catalog.Entity) bool { return e.ID == released.Entity })
}

// release is the step of a job: a name that people took back gets its past back.
func (d *Door) release(ctx context.Context, j *job.Job) (more bool, err error) {
	var released catalog.Released
	if err := json.Unmarshal([]byte(j.Payload), &released); err != nil {
		return false, fault.New(fault.Invalid, "what is to be released cannot be read")
	}
	if j.Place == "" {
		if _, err := d.Roll.Refresh(ctx); err != nil {
			return false, err
		}
		if d.answersTo(released) {
			return false, nil
		}
	}
	at, err := change.ParseCursor(j.Place)
	if err != nil {
		at = change.Cursor{}
	}
	n, next, more, err := d.Store.Unattribute(ctx, released, at)
	if err != nil {
		return false, err
	}
	j.Done += n
	if n > 0 {
		d.Committed()
	}
	if more {
		j.Place = next.String()
		return true, nil
	}
	if again := j.CreatedAt.Add(lateEvents); d.Now().Before(again) {
		j.Place, j.DueAt = "", again
	}
	d.outside.Store(true) // another entity may claim the name already
	return false, nil
}

// reattributeEvery is how soon a name that was claimed gets the events that slipped past its claim.
const reattributeEvery = 2 * time.Second

// Reattribute gives outside names that are claimed what they still lack, until the context ends. A claim re-attributes
// the past of its name by itself; but its server can be killed in between, and events that were resolved before the
// claim, here or on another server, can be committed after it. The list of unclaimed names is the work that is left:
// nothing else has to be remembered.
func (d *Door) Reattribute(ctx context.Context) {
	tick := time.NewTicker(reattributeEvery)
	defer tick.Stop()
	for seen, done := uint64(0), false; ; {
		version := d.Roll.Version()
		if outside := d.outside.Swap(false); outside || !done || version != seen {
			err := d.sweep(ctx)
			if done = err == nil; done {
				seen = version
			} else if ctx.Err() == nil {
				slog.WarnContext(ctx, "claimed names wait for their past", "error", err, "again_in", reattributeEvery)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const namesAtOnce = 1000

func (d *Door) sweep(ctx context.Context) error {
	for after := ""; ; {
		names, err := d.Store.UnclaimedNames(ctx, after, namesAtOnce)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, _, err := d.reattribute(ctx, name, math.MaxInt); err != nil {
				return err
			}
			after = name
		}
		if len(names) < namesAtOnce {
			return nil
		}
	}
}
