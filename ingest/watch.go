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
	"tidings.dev/tidings/secret"
)

// Watcher looks at the world through one source, again and again. The loop is here once for all of them.
type Watcher struct {
	door   *Door
	name   string
	kind   string
	source integration.Source
	every  time.Duration
	leader Leader
	look   func(context.Context) (integration.Look, error)

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
	w := d.watcher(name, kind, poller, every, leader)
	w.look = func(ctx context.Context) (integration.Look, error) { return w.poll(ctx, poller) }
	return w
}

func (d *Door) watcher(name, kind string, source integration.Source, every time.Duration, leader Leader) *Watcher {
	return &Watcher{door: d, name: name, kind: kind, source: source, every: every, leader: leader, state: integration.State{
		Name: name, Type: kind, State: integration.Waiting, Detail: source.Describe(),
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
	// longestAsked is how long a tool may make us wait by its own word.
	longestAsked = 2 * time.Hour
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
		found, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			wait = min(w.every<<min(failures, 8), longestWait)
			slog.WarnContext(ctx, "a source cannot be looked at", "source", w.name, "error", problem(err), "again_in", max(wait, fault.RetryAfter(err)))
		case found.More:
			failures, wait = 0, 0
		default:
			failures, wait = 0, w.every
		}
		// Sources of one interval must not all look at the same instant; after what the tool asks for nobody may be early.
		wait += rand.N(wait/10 + 1) //nolint:gosec // jitter needs no secrecy
		wait = max(wait, min(max(found.Wait, fault.RetryAfter(err)), longestAsked))
	}
}

// poll is one look: what was found and how far it came are one commit, so that a crash loses nothing and a look that is
// done again begins where the last commit was.
func (w *Watcher) poll(ctx context.Context, poller integration.Poller) (found integration.Look, err error) {
	look, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	last, err := w.door.Store.LastLook(look, w.name)
	if err != nil {
		return found, err
	}
	found, err = poller.Poll(look, last.Cursor)
	found.More = found.More && found.Cursor != last.Cursor // else the next look would find the same, at once and for ever
	next := integration.Looked{Source: w.name, At: w.door.Now(), Cursor: found.Cursor, Backfill: last.Backfill}
	next.Problem, _ = secret.Hide(storable(found.Problem))
	if err == nil {
		next.Backfill = counted(last.Backfill, found)
		err = w.take(look, found, next)
	}
	if err != nil {
		next.Cursor, next.Backfill, next.Problem, found.Events = last.Cursor, last.Backfill, problem(err), nil
	}
	if err != nil || len(found.Events) == 0 && (last.At.IsZero() || last.Problem != next.Problem || last.Cursor != next.Cursor || !same(last.Backfill, next.Backfill)) {
		if stored := w.door.Store.Looked(ctx, next); stored != nil && err == nil {
			err = stored
		}
	}
	w.note(found, next)
	return found, err
}

// counted adds what a look found to the look into the past, while that goes on.
func counted(last *integration.Backfill, found integration.Look) *integration.Backfill {
	if found.Backfill == nil {
		return last
	}
	next := *found.Backfill
	if last != nil {
		next.Events = last.Events
	}
	if last == nil || !last.Done || !next.Done {
		next.Events += len(found.Events)
	}
	return &next
}

func same(a, b *integration.Backfill) bool { return a == b || a != nil && b != nil && *a == *b }

// follow tells that another server looks.
func (w *Watcher) follow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.State, w.state.Fault, w.state.Detail = integration.Waiting, "", w.source.Describe()+" (another server looks)"
}

func (w *Watcher) take(ctx context.Context, found integration.Look, next integration.Looked) error {
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
	if len(found.Events) == 0 {
		return nil
	}
	_, err := w.door.record(ctx, found.Events, integration.Beside{Looks: []integration.Looked{next}})
	return err
}

func (w *Watcher) note(found integration.Look, next integration.Looked) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.LookedAt, w.state.Fault, w.state.State, w.state.Detail = next.At, next.Problem, integration.Working, w.source.Describe()
	w.state.Backfill = next.Backfill
	switch {
	case next.Problem != "":
		w.state.State = integration.Failing
	case found.Idle != "":
		w.state.State, w.state.Detail = integration.Waiting, w.source.Describe()+" ("+found.Idle+")"
	}
	w.state.Events += len(found.Events)
	for i := range found.Events {
		if at := found.Events[i].At(); at.After(w.state.LastEventAt) {
			w.state.LastEventAt = at
		}
	}
}

// sawEvents counts what a look at states led to.
func (w *Watcher) sawEvents(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state.Events += n; n > 0 {
		w.state.LastEventAt = w.state.LookedAt
	}
}
