package job_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/job"
)

// one keeps one job.
type one struct {
	job.Store
	kept job.Job
}

func (o *one) TakeJob(_ context.Context, _ []string, _ string, now, _ time.Time) (job.Job, bool, error) {
	return o.kept, o.kept.State == job.Waiting && !o.kept.DueAt.After(now), nil
}

func (o *one) SaveJob(_ context.Context, j job.Job, _ string, _ time.Time) error {
	o.kept = j
	return nil
}

// worked does a job until it has ended, and gives when each step was begun.
func worked(t *testing.T, step func(n int, j *job.Job) (bool, error)) (job.Job, []time.Duration) {
	t.Helper()
	began := time.Now()
	store := &one{kept: job.Job{Kind: job.Replay, Key: "a", State: job.Waiting}}
	runner := job.NewRunner(store)
	var at []time.Duration
	runner.Handlers[job.Replay] = func(_ context.Context, j *job.Job) (bool, error) {
		at = append(at, time.Since(began))
		return step(len(at), j)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	runner.Ended = func(j job.Job) {
		if j.State != job.Waiting {
			stop()
		}
	}
	runner.Run(ctx)
	return store.kept, at
}

func TestAJobThatFailsIsTriedLaterAndLaterAndThenGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, at := worked(t, func(int, *job.Job) (bool, error) { return false, errors.New("secret: of the database") })
		if j.State != job.Dead || len(at) != 12 || j.Attempts != 12 {
			t.Errorf("after %d attempts: %+v", len(at), j)
		}
		if j.Fault != "it failed: the log of the server has more" {
			t.Errorf("it says %q", j.Fault)
		}
		const look = 2 * time.Second // between two looks for work
		for i := range len(at) - 1 {
			most := min(time.Second<<i, 10*time.Minute)
			if got := at[i+1] - at[i]; got < most*3/4 || got > most+look {
				t.Errorf("after attempt %d it waited %s, want %s to %s", i+1, got, most*3/4, most+look)
			}
		}
	})
}

func TestAJobThatComesOnIsNotGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, at := worked(t, func(n int, j *job.Job) (bool, error) {
			if n%2 == 0 { // every other step fails, a hundred times in all
				return false, fault.New(fault.Unavailable, "the database is away")
			}
			j.Done++
			return n < 199, nil
		})
		if j.State != job.Done || j.Done != 100 || j.Fault != "" || len(at) != 199 {
			t.Errorf("after %d steps: %+v", len(at), j)
		}
	})
}

func TestAJobThatTryingAgainCannotMendIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]func(int, *job.Job) (bool, error){
		"there is no such source": func(int, *job.Job) (bool, error) { return false, fault.New(fault.NotFound, "there is no source x") },
		"a fault of ours":         func(int, *job.Job) (bool, error) { panic("of ours") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if j, at := worked(t, step); j.State != job.Dead || len(at) != 1 || j.Fault == "" {
					t.Errorf("after %d steps: %+v", len(at), j)
				}
			})
		})
	}
}

func TestAJobWaitsAsLongAsItIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, at := worked(t, func(n int, _ *job.Job) (bool, error) {
			if n > 1 {
				return false, nil
			}
			err := fault.New(fault.RateLimited, "too often")
			err.RetryAfter = time.Hour
			return false, err
		})
		if len(at) != 2 || at[1] < time.Hour || at[1] > time.Hour+2*time.Second {
			t.Errorf("tried at %s", at)
		}
	})
}
