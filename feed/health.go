package feed

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// Condition is how an entity is, and what says so.
type Condition struct {
	Health catalog.Health
	// The event that says so, the newest of the worst: its id, its title and when it began.
	Event uuid.UUID
	Title string
	Since time.Time
}

// Conditions are those of every entity that is not calm, at one instant. They are not changed any more.
type Conditions map[int64]Condition

// Of is how an entity is.
func (c Conditions) Of(id int64) catalog.Health { return cmp.Or(c[id].Health, catalog.Calm) }

// How long what is open is taken for open: a tool that never says that it ended is not believed for ever.
const (
	signalsLast  = 7 * 24 * time.Hour
	failuresLast = 7 * 24 * time.Hour
	rolloutsLast = 24 * time.Hour
)

// Bounds of what is read to know it.
const (
	conditionsTail  = 1000 // events a look at the tail of the log
	conditionsPages = 10   // looks for one who asks
	conditionsPage  = 1000
	mostOpen        = 20_000 // events of each sort that are read, the newest, and that are kept, each of them a few hundred bytes
	conditionsKept  = 10 * time.Minute
	conditionsLate  = time.Minute            // after which what is behind the log is read anew
	conditionsRead  = 20 * time.Second       // for each sort of events; what is older is left out then
	conditionsAwait = 500 * time.Millisecond // after it was begun to be read, until when the first who ask wait for it
)

// conditions keeps what is open: read from the store while others are answered by what was known, then kept up by the tail of
// the log, when it is asked for. It is read anew now and then, for what the tail does not tell, such as what was erased.
type conditions struct {
	mu      sync.Mutex
	held    *standing     // nil until it was read
	reading chan struct{} // closed when it was read; nil while nobody reads
	began   time.Time     // the reading
	failed  error         // of the last reading
	caught  time.Time     // when it was last begun to catch up
	drawn   time.Time
	last    Conditions
}

// standing is what is open up to a number of the log.
type standing struct {
	number int64
	since  time.Time // when it was read
	open   map[uuid.UUID]open
	ended  map[attempt]outcome
}

// open is a signal that lasts, or a rollout that is under way.
type open struct {
	Condition
	entities []int64
}

// attempt is what a later success makes good: deploys and rollbacks are one kind.
type attempt struct {
	entity      int64
	environment string
	kind        string
}

type outcome struct {
	Condition
	failed bool
}

// Conditions tells how every entity is now, which is never before the now of an earlier call. Over a large log it takes seconds to
// read it first: who asks before gets none after a while, and everything is calm.
func (r *Reader) Conditions(ctx context.Context, now time.Time) (Conditions, error) {
	c := &r.conditions
	asked := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && c.caught.After(asked) {
		return c.last, nil // who asked before caught up for all who waited
	}
	if c.reading == nil && (c.held == nil || now.Sub(c.held.since) > conditionsKept) {
		c.begin(ctx, r.Store, now)
	}
	if c.held == nil {
		if err := c.await(ctx); err != nil {
			return nil, err
		}
		if c.held == nil {
			return Conditions{}, nil
		}
	}
	caught := time.Now()
	moved, whole, err := c.held.catchUp(ctx, r.Store)
	if err != nil {
		return nil, err
	}
	if whole {
		c.caught = caught
	}
	if !whole && c.reading == nil && now.Sub(c.held.since) > conditionsLate {
		c.begin(ctx, r.Store, now)
	}
	if moved || now.Sub(c.drawn) > time.Minute {
		c.last, c.drawn = c.held.draw(now), now
	}
	return c.last, nil
}

// begin has it read by a goroutine, for all who ask meanwhile.
func (c *conditions) begin(ctx context.Context, store Store, now time.Time) {
	ctx = context.WithoutCancel(ctx)
	read := make(chan struct{})
	c.reading, c.began = read, time.Now()
	go func() {
		defer close(read)
		held, err := stand(ctx, store, now)
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil {
			c.held, c.drawn = held, time.Time{}
		}
		c.reading, c.failed = nil, err
	}()
}

// await waits for what is being read, without the lock.
func (c *conditions) await(ctx context.Context) error {
	read, late := c.reading, time.NewTimer(time.Until(c.began.Add(conditionsAwait)))
	c.mu.Unlock()
	defer c.mu.Lock()
	defer late.Stop()
	select {
	case <-read:
		return c.failure()
	case <-late.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *conditions) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// catchUp tells whether anything moved, and whether it came to the end.
func (s *standing) catchUp(ctx context.Context, store Store) (moved, whole bool, err error) {
	for range conditionsPages {
		tail, err := store.Tail(ctx, s.number, conditionsTail)
		if err != nil {
			return moved, false, err
		}
		for i := range tail {
			moved = s.take(&tail[i].Event) || moved
			s.number = tail[i].Number
		}
		if len(tail) < conditionsTail {
			return moved, true, nil
		}
	}
	return moved, false, nil
}

// stand reads what is open.
func stand(ctx context.Context, store Store, now time.Time) (*standing, error) {
	number, err := store.Log(ctx)
	if err != nil {
		return nil, err
	}
	s := &standing{number: number, since: now, open: map[uuid.UUID]open{}, ended: map[attempt]outcome{}}
	for _, filter := range []change.Filter{
		{Classes: []change.Class{change.ClassSignal}, Phases: []change.Phase{change.Started}, Since: now.Add(-signalsLast)},
		{Kinds: []string{"deploy", "rollback"}, Phases: []change.Phase{change.Started}, Since: now.Add(-rolloutsLast)},
		{Classes: []change.Class{change.ClassChange}, Phases: []change.Phase{change.Failed}, Since: now.Add(-failuresLast)},
	} {
		if _, err := s.read(ctx, store, filter); err != nil {
			return nil, err
		}
	}
	return s, s.forgive(ctx, store)
}

// forgive reads whether what failed succeeded since. Where there is more than can be read, what may have been made good is
// forgiven too.
func (s *standing) forgive(ctx context.Context, store Store) error {
	var entities []int64
	var kinds []string
	first := time.Time{}
	for what, how := range s.ended {
		entities = append(entities, what.entity)
		if kinds = append(kinds, what.kind); what.kind == "deploy" {
			kinds = append(kinds, "rollback")
		}
		if first.IsZero() || how.Since.Before(first) {
			first = how.Since
		}
	}
	if len(entities) == 0 {
		return nil
	}
	slices.Sort(entities)
	slices.Sort(kinds)
	since := change.Filter{Entities: slices.Compact(entities), Kinds: slices.Compact(kinds), Phases: []change.Phase{change.Succeeded}, Since: first}
	from, err := s.read(ctx, store, since)
	maps.DeleteFunc(s.ended, func(_ attempt, how outcome) bool { return how.Since.Before(from) })
	return err
}

// read takes in what passes a filter, the newest first, and tells from when on it was read where that was not all.
func (s *standing) read(ctx context.Context, store Store, filter change.Filter) (from time.Time, err error) {
	after := change.Cursor{}
	began := time.Now()
	for read := 0; read < mostOpen && time.Since(began) < conditionsRead; {
		page, err := store.Feed(ctx, filter, after, conditionsPage, false)
		if err != nil {
			return from, err
		}
		for i := range page.Events {
			s.take(&page.Events[i])
		}
		if page.Next == (change.Cursor{}) {
			return time.Time{}, nil
		}
		if n := len(page.Events); n > 0 {
			from = page.Events[n-1].StartedAt
		}
		if !page.SearchedUntil.IsZero() {
			from = page.SearchedUntil
		}
		read += len(page.Events)
		after = page.Next
	}
	return from, nil
}

// take takes one event in, as it is now, and tells whether it says anything of how its entities are.
func (s *standing) take(e *change.Event) bool {
	kind, _ := change.KindNamed(e.Kind)
	condition := Condition{Event: e.ID, Title: e.Title, Since: e.StartedAt}
	rollout := e.Kind == "deploy" || e.Kind == "rollback"
	switch {
	case kind.Class == change.ClassSignal && e.Kind == "incident":
		condition.Health = catalog.InIncident
	case kind.Class == change.ClassSignal:
		condition.Health = catalog.Alerting
	case rollout:
		condition.Health = catalog.RollingOut
	case kind.Class != change.ClassChange:
		return false
	}
	said := false
	if _, known := s.open[e.ID]; known {
		delete(s.open, e.ID)
		said = true
	}
	if e.Phase == change.Started {
		if condition.Health == "" || len(s.open) >= mostOpen {
			return said
		}
		s.open[e.ID] = open{condition, entitiesOf(e)}
		return true
	}
	if kind.Class != change.ClassChange || (e.Phase != change.Failed && e.Phase != change.Succeeded) {
		return said
	}
	name := e.Kind
	if rollout {
		name = "deploy"
	}
	for _, entity := range entitiesOf(e) {
		what := attempt{entity, e.Environment, name}
		if before, known := s.ended[what]; known && before.Since.After(e.StartedAt) && before.Event != e.ID {
			continue
		}
		if _, known := s.ended[what]; !known && e.Phase == change.Succeeded {
			continue // nothing failed before it
		}
		condition.Health = catalog.Failed
		s.ended[what] = outcome{condition, e.Phase == change.Failed}
		said = true
	}
	return said
}

func entitiesOf(e *change.Event) []int64 {
	var ids []int64
	for _, subject := range e.Subjects {
		if subject.Entity != 0 {
			ids = append(ids, subject.Entity)
		}
	}
	return ids
}

// draw forgets what is too old, and tells of each entity the worst that is left.
func (s *standing) draw(now time.Time) Conditions {
	drawn := Conditions{}
	tell := func(entity int64, condition Condition) {
		known, there := drawn[entity]
		if !there || condition.Health.Worse(known.Health) || (condition.Health == known.Health && condition.Since.After(known.Since)) {
			drawn[entity] = condition
		}
	}
	for id, one := range s.open {
		lasts := signalsLast
		if one.Health == catalog.RollingOut {
			lasts = rolloutsLast
		}
		if now.Sub(one.Since) > lasts {
			delete(s.open, id)
			continue
		}
		for _, entity := range one.entities {
			tell(entity, one.Condition)
		}
	}
	for what, how := range s.ended {
		switch {
		case now.Sub(how.Since) > failuresLast:
			delete(s.ended, what)
		case how.failed:
			tell(what.entity, how.Condition)
		}
	}
	return drawn
}
