// Package job is work that is done after the transaction that needs it: kept in the database, enqueued in that very
// transaction, and gone on with after a crash, on this server or another. A job is done in steps, each of which may be done
// twice. What fails is tried again, later and later; what fails for good is dead, and stays to be seen and tried again.
//
// Whoever enqueues or does jobs may import it. Imports: access, fault and the standard library.
package job

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
)

// State is what became of a job.
type State string

// The states.
const (
	Waiting State = "waiting" // for its turn, or for the time to be tried again, or it is being done
	Done    State = "done"
	Dead    State = "dead" // it failed for good: Fault tells why
	// Cancelled is one that somebody ended: Fault tells who.
	Cancelled State = "cancelled"
)

// States lists every state.
func States() []State { return []State{Waiting, Done, Dead, Cancelled} }

// The kinds of jobs.
const (
	Attribute = "attribute" // an outside name that was claimed gets its past; the key is the name
	Release   = "release"   // a name that people took back gets its past back
	Replay    = "replay"    // deliveries of a source are decoded again; the key is the source and the outcome
	Kinds     = "kinds"     // the subjects of old events learn of which kind those are; there is one, of the log
	Page      = "page"      // somebody is called for an incident; the key is the incident and the pager
)

// ReplayOf is the payload of Replay.
type ReplayOf struct {
	Source  string `json:"source"`
	Outcome string `json:"outcome"`
}

// Job is one piece of work. Kind and Key name it: what is enqueued twice is done once.
type Job struct {
	Kind    string
	Key     string
	Payload string // JSON, or empty
	// Place is where it goes on, in the words of its kind; empty at its begin.
	Place     string
	State     State
	Done      int
	Total     int // zero where nobody knows
	Attempts  int // since it last came on
	Fault     string
	By        string // the principal who asked for it
	CreatedAt time.Time
	ChangedAt time.Time
	DueAt     time.Time
}

// ID names a job for people and addresses.
func (j *Job) ID() string { return j.Kind + ":" + j.Key }

// ParseID reads an ID.
func ParseID(id string) (kind, key string, err error) {
	kind, key, ok := strings.Cut(id, ":")
	if !ok || kind == "" || key == "" {
		return "", "", fault.New(fault.NotFound, "there is no job %q", id[:min(len(id), 60)])
	}
	return kind, key, nil
}

// Store keeps jobs.
type Store interface {
	// Enqueue begins jobs; one that waits already goes on as it is, one that has ended begins anew.
	Enqueue(ctx context.Context, jobs ...Job) error
	// TakeJob gives a job of one of the kinds that is due, to be held until an instant; false where there is none.
	TakeJob(ctx context.Context, kinds []string, holder string, now, until time.Time) (Job, bool, error)
	// SaveJob keeps how far a job has come, and holds it further; a job that is done or dead is held no longer. It is a
	// Conflict when another server holds it by now.
	SaveJob(ctx context.Context, j Job, holder string, until time.Time) error
	// CancelJob ends one that waits, by a principal: whoever holds it can save it no more. It is a Conflict for one that has
	// ended by then.
	CancelJob(ctx context.Context, kind, key, by string, now time.Time) (Job, error)
	// Job gives one; NotFound when there is none.
	Job(ctx context.Context, kind, key string) (Job, error)
	// Jobs lists them, the last changed first, of one state unless it is empty.
	Jobs(ctx context.Context, state State, limit int) ([]Job, error)
}

// Handler does one step of a job, and notes in it how far it has come. It may be done twice.
type Handler func(ctx context.Context, j *Job) (more bool, err error)

// Runner does jobs.
type Runner struct {
	Store    Store
	Handlers map[string]Handler // by kind
	Now      func() time.Time
	// Ended is told of each job that ended or failed; it may be nil.
	Ended func(j Job)

	holder string
	wake   chan struct{}
}

// NewRunner makes a runner; Run makes it work.
func NewRunner(store Store) *Runner {
	return &Runner{Store: store, Handlers: map[string]Handler{}, Now: time.Now, holder: uuid.NewString(), wake: make(chan struct{}, 1)}
}

// Times of jobs.
const (
	holdTime  = time.Minute // a server that is gone is followed after it
	stepTime  = 30 * time.Second
	lookEvery = 2 * time.Second
	firstWait = time.Second
	mostWait  = 10 * time.Minute
	mostTries = 12 // without coming on, which is about an hour
)

// Wake makes it look for jobs at once.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run does what is due until the context ends.
func (r *Runner) Run(ctx context.Context) {
	kinds := make([]string, 0, len(r.Handlers))
	for kind := range r.Handlers {
		kinds = append(kinds, kind)
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		found, err := r.next(ctx, kinds)
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "jobs cannot be done: it is tried again", "error", err)
		}
		if found && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// next does one job, as far as it goes.
func (r *Runner) next(ctx context.Context, kinds []string) (found bool, err error) {
	now := r.Now()
	j, found, err := r.Store.TakeJob(ctx, kinds, r.holder, now, now.Add(holdTime))
	if err != nil || !found {
		return false, err
	}
	for {
		came := j.Done
		place := j.Place
		more, failed := r.step(ctx, &j)
		if ctx.Err() != nil {
			return true, nil // another server, or the next start, goes on
		}
		now = r.Now()
		j.ChangedAt, j.Fault = now, ""
		if j.Done != came || j.Place != place {
			j.Attempts = 0
		}
		switch {
		case failed != nil:
			j.Attempts++
			j.Fault = sentence(failed)
			if j.Attempts >= mostTries || final(failed) {
				j.State = Dead
			} else {
				j.DueAt = now.Add(wait(j.Attempts, fault.RetryAfter(failed)))
			}
		case !more && !j.DueAt.After(now):
			j.State = Done
		}
		until := now.Add(holdTime)
		if failed != nil || !more {
			until = now
		}
		if err := r.Store.SaveJob(ctx, j, r.holder, until); fault.Is(err, fault.Conflict) {
			return true, nil // another does it by now, or it was cancelled
		} else if err != nil {
			return true, err
		}
		if failed != nil {
			slog.WarnContext(ctx, "a job failed", "job", j.ID(), "attempts", j.Attempts, "dead", j.State == Dead, "error", failed)
		}
		if failed != nil || !more {
			if r.Ended != nil {
				r.Ended(j)
			}
			return true, nil
		}
	}
}

// step does one step; one that panics has failed for good.
func (r *Runner) step(ctx context.Context, j *Job) (more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "a job has a fault", "job", j.ID(), "panic", p)
			more, err = false, fault.New(fault.Conflict, "it has a fault: the log of the server has more")
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	return r.Handlers[j.Kind](ctx, j)
}

// final reports whether trying again can help nothing.
func final(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.NotFound, fault.Forbidden, fault.Conflict, fault.TooLarge:
		return true
	}
	return false
}

// wait is how long to wait after a number of failures.
func wait(attempts int, asked time.Duration) time.Duration {
	wait := min(firstWait<<min(attempts-1, 20), mostWait)
	return max(wait-rand.N(wait/4+1), asked) //nolint:gosec // jitter needs no secrecy
}

// sentence is what is shown of a failure: an internal one is nobody's business but the operator's, who has the log.
func sentence(err error) string {
	if fault.CodeOf(err) == fault.Internal {
		return "it failed: the log of the server has more"
	}
	_, text, found := strings.Cut(err.Error(), ": ")
	if !found {
		return err.Error()
	}
	return text
}
