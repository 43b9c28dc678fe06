package job

import (
	"context"
	"slices"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// Desk is the jobs as operators see and change them, the same for every protocol.
type Desk struct {
	Store Store
	Wake  func()
	Now   func() time.Time
}

// List gives jobs, the last changed first, of one state unless it is empty. The limit is from 1 to 1,000.
func (d *Desk) List(ctx context.Context, state State, limit int) ([]Job, error) {
	if err := access.Check(ctx, access.ReadDeliveries); err != nil {
		return nil, err
	}
	if state != "" && !slices.Contains(States(), state) {
		return nil, fault.New(fault.Invalid, "the state is waiting, done, dead or cancelled")
	}
	return d.Store.Jobs(ctx, state, limit)
}

// Get gives one; NotFound when there is none.
func (d *Desk) Get(ctx context.Context, kind, key string) (Job, error) {
	if err := access.Check(ctx, access.ReadDeliveries); err != nil {
		return Job{}, err
	}
	return d.Store.Job(ctx, kind, key)
}

// Begin begins a job; one that waits already goes on as it is.
func (d *Desk) Begin(ctx context.Context, j Job) (Job, error) {
	if err := access.Check(ctx, access.ReplayDelivery); err != nil {
		return Job{}, err
	}
	j.By, j.CreatedAt = access.From(ctx).String(), d.Now().UTC()
	j.DueAt = j.CreatedAt
	if err := d.Store.Enqueue(ctx, j); err != nil {
		return Job{}, err
	}
	d.Wake()
	return d.Store.Job(ctx, j.Kind, j.Key)
}

// Retry begins a job anew that is dead or was cancelled; a Conflict otherwise.
func (d *Desk) Retry(ctx context.Context, kind, key string) (Job, error) {
	if err := access.Check(ctx, access.ReplayDelivery); err != nil {
		return Job{}, err
	}
	j, err := d.Store.Job(ctx, kind, key)
	if err != nil {
		return Job{}, err
	}
	if !j.Retriable() {
		return Job{}, fault.New(fault.Conflict, "the job %s is %s: only one that is dead or was cancelled is tried again", j.ID(), j.State)
	}
	return d.Begin(ctx, j)
}

// Cancel ends a job that waits or is being done: a step that is on its way is the last. It is a Conflict for one that has
// ended, and for those that cannot be ended so.
func (d *Desk) Cancel(ctx context.Context, kind, key string) (Job, error) {
	if err := access.Check(ctx, access.ReplayDelivery); err != nil {
		return Job{}, err
	}
	j, err := d.Store.Job(ctx, kind, key)
	if err != nil {
		return Job{}, err
	}
	switch {
	case j.State != Waiting:
		return Job{}, fault.New(fault.Conflict, "the job %s is %s: there is nothing to cancel", j.ID(), j.State)
	case !j.Cancellable():
		return Job{}, fault.New(fault.Conflict, "a job that gives a name its past cannot be cancelled: take the claim of the name back, or claim it again")
	}
	return d.Store.CancelJob(ctx, kind, key, access.From(ctx).String(), d.Now().UTC())
}

// Cancellable reports whether the job may end in its middle. What gives a name its past may not: the half of it would be
// somebody's, and the other half nobody's.
func (j *Job) Cancellable() bool { return j.State == Waiting && j.Kind == Replay }

// Retriable reports whether it can be tried again by hand.
func (j *Job) Retriable() bool { return j.State == Dead || j.State == Cancelled }
