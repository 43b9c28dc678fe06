package ingest

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Watcher looks at the world through one source, again and again. The loop is here once for all of them.
type Watcher struct {
	door   *Door
	name   string
	kind   string
	poller integration.Poller
	every  time.Duration
	leader Leader

	mu    sync.Mutex
	state integration.State
}

// Leader tells whether this server is the one that looks at the world. For a moment two may believe so: a look that is
// done twice finds the same keys.
type Leader interface {
	Held() bool
}

// Watch makes the watcher of a configured source; Run makes it work while it leads.
func (d *Door) Watch(name, kind string, poller integration.Poller, every time.Duration, leader Leader) *Watcher {
	return &Watcher{door: d, name: name, kind: kind, poller: poller, every: every, leader: leader, state: integration.State{
		Name: name, Type: kind, State: integration.Waiting, Detail: poller.Describe(),
	}}
}

// State tells how the source is doing.
func (w *Watcher) State() integration.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Bounds of one look, of the wait after failures, and how often a server that does not lead asks whether it does now.
const (
	lookTime    = 10 * time.Minute
	leadEvery   = time.Second
	longestWait = 15 * time.Minute
)

// Run looks until the context ends: at once, then at every interval, sooner while there is more to fetch, and later and
// later while the source fails.
func (w *Watcher) Run(ctx context.Context) {
	ctx = access.With(ctx, access.Principal{Type: access.Source, Name: w.name, Role: access.RoleOperator})
	wait := time.Duration(0)
	for failures := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if !w.leader.Held() {
			w.follow()
			failures, wait = 0, leadEvery
			continue
		}
		more, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			wait = min(w.every<<min(failures, 8), longestWait)
			if retry := fault.RetryAfter(err); retry > wait {
				wait = retry
			}
			slog.WarnContext(ctx, "a source cannot be looked at", "source", w.name, "error", problem(err), "again_in", wait)
		case more:
			failures, wait = 0, 0
		default:
			failures, wait = 0, w.every
		}
		// Sources of one interval must not all look at the same instant.
		wait += rand.N(wait/10 + 1) //nolint:gosec // jitter needs no secrecy
	}
}

// look is one look: what was found is committed before the cursor moves, so that a crash in between only looks again.
func (w *Watcher) look(ctx context.Context) (more bool, err error) {
	look, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	cursor, err := w.door.Store.Cursor(look, w.name)
	if err != nil {
		return false, err
	}
	found, err := w.poller.Poll(look, cursor)
	if err == nil {
		err = w.take(look, found)
	}
	why := ""
	if err != nil {
		found.Cursor, why = cursor, problem(err)
	}
	now := w.door.Now()
	if cursor != found.Cursor || w.State().Fault != why || w.State().LookedAt.IsZero() {
		if stored := w.door.Store.Looked(ctx, w.name, found.Cursor, why, now); stored != nil && err == nil {
			err = stored
		}
	}
	w.note(found, now, why)
	return found.More && err == nil, err
}

// follow tells that another server looks.
func (w *Watcher) follow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.State, w.state.Fault, w.state.Detail = integration.Waiting, "", w.poller.Describe()+" (another server looks)"
}

func (w *Watcher) take(ctx context.Context, found integration.Look) error {
	if !w.leader.Held() {
		return fault.New(fault.Unavailable, "another server has begun to look: what this one found is left to it")
	}
	for i := range found.Events {
		found.Events[i].Source = w.name
	}
	if len(found.Statements) > 0 {
		if _, err := w.door.Apply(ctx, found.Statements); err != nil {
			return err
		}
	}
	_, err := w.door.Record(ctx, found.Events)
	return err
}

func (w *Watcher) note(found integration.Look, now time.Time, problem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.LookedAt, w.state.Fault, w.state.State, w.state.Detail = now, problem, integration.Working, w.poller.Describe()
	if problem != "" {
		w.state.State = integration.Failing
		return
	}
	w.state.Events += len(found.Events)
	for i := range found.Events {
		if at := found.Events[i].At(); at.After(w.state.LastEventAt) {
			w.state.LastEventAt = at
		}
	}
}
