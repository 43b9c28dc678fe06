package graph

import (
	"context"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/job"
)

// Job is one piece of work in the background.
type Job struct{ job.Job }

// About is what it is about.
func (j *Job) About() string { return j.Key }

// Total is how much there is to do; nil where nobody knows.
func (j *Job) Total() *int {
	if j.Job.Total == 0 {
		return nil
	}
	return &j.Job.Total
}

func jobOr(j job.Job, err error) (*Job, error) {
	if err != nil {
		return nil, err
	}
	return &Job{j}, nil
}

// jobs is where they are.
func (a *API) jobs() (*job.Desk, error) {
	if a.deps.Jobs == nil {
		return nil, fault.New(fault.NotFound, "there are no jobs here")
	}
	return a.deps.Jobs, nil
}

// Jobs lists them.
func (q queries) Jobs(ctx context.Context, state *job.State, first *int) ([]Job, error) {
	desk, err := q.jobs()
	if err != nil {
		return nil, err
	}
	most, err := bounded(first, 50, 200)
	if err != nil {
		return nil, err
	}
	found, err := desk.List(ctx, valueOf(state), most)
	shown := make([]Job, len(found))
	for i := range found {
		shown[i] = Job{found[i]}
	}
	return shown, err
}

// Job is one of them.
func (q queries) Job(ctx context.Context, id string) (*Job, error) {
	desk, err := q.jobs()
	if err != nil {
		return nil, err
	}
	kind, key, err := job.ParseID(id)
	if err != nil {
		return absent[Job](nil, err)
	}
	return absent(jobOr(desk.Get(ctx, kind, key)))
}

// RetryJob begins one anew.
func (m mutations) RetryJob(ctx context.Context, id string) (*Job, error) {
	return m.onJob(ctx, id, (*job.Desk).Retry)
}

// CancelJob ends one.
func (m mutations) CancelJob(ctx context.Context, id string) (*Job, error) {
	return m.onJob(ctx, id, (*job.Desk).Cancel)
}

func (m mutations) onJob(ctx context.Context, id string, do func(*job.Desk, context.Context, string, string) (job.Job, error)) (*Job, error) {
	desk, err := m.jobs()
	if err != nil {
		return nil, err
	}
	kind, key, err := job.ParseID(id)
	if err != nil {
		return nil, err
	}
	return jobOr(do(desk, ctx, kind, key))
}
