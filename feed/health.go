package feed

import (
	"cmp"
	"context"
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
	conditionsPages = 10   // looks; beyond that it is quicker to read all anew
	conditionsPage  = 1000
	mostOpen        = 20_000 // events that are open, each of them a few hundred bytes
	conditionsKept  = 10 * time.Minute
)

// conditions keeps what is open: read once from the store, then kept up by the tail of the log, when it is asked for. It is
// read anew now and then, for what the tail does not tell, such as what was erased.
type conditions struct {
	mu     sync.Mutex
	number int64 // of the log, up to which it holds
	filled time.Time
	drawn  time.Time
	open   map[uuid.UUID]open
	ended  map[attempt]outcome
	last   Conditions
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

// Conditions tells how every entity is now, which is never before the now of an earlier call.
func (r *Reader) Conditions(ctx context.Context, now time.Time) (Conditions, error) {
	c := &r.conditions
	c.mu.Lock()
	defer c.mu.Unlock()
	moved, caughtUp := false, false
	if now.Sub(c.filled) < conditionsKept {
		var err error
		if moved, caughtUp, err = c.catchUp(ctx, r.Store); err != nil {
			return nil, err
		}
	}
	if !caughtUp {
		if err := c.fill(ctx, r.Store, now); err != nil {
			return nil, err
		}
		moved = true
	}
	if moved || now.Sub(c.drawn) > time.Minute {
		c.last, c.drawn = c.draw(now), now
	}
	return c.last, nil
}

// catchUp tells whether anything moved, and whether it came to the end.
func (c *conditions) catchUp(ctx context.Context, store Store) (moved, whole bool, err error) {
	for range conditionsPages {
		tail, err := store.Tail(ctx, c.number, conditionsTail)
		if err != nil {
			return moved, false, err
		}
		for i := range tail {
			moved = c.take(&tail[i].Event) || moved
			c.number = tail[i].Number
		}
		if len(tail) < conditionsTail {
			return moved, true, nil
		}
	}
	return moved, false, nil
}

// fill reads what is open.
func (c *conditions) fill(ctx context.Context, store Store, now time.Time) error {
	number, err := store.Log(ctx)
	if err != nil {
		return err
	}
	c.number, c.filled = number, time.Time{}
	c.open, c.ended = map[uuid.UUID]open{}, map[attempt]outcome{}
	for _, filter := range []change.Filter{
		{Classes: []change.Class{change.ClassSignal}, Phases: []change.Phase{change.Started}, Since: now.Add(-signalsLast)},
		{Kinds: []string{"deploy", "rollback"}, Phases: []change.Phase{change.Started}, Since: now.Add(-rolloutsLast)},
		{Classes: []change.Class{change.ClassChange}, Phases: []change.Phase{change.Failed}, Since: now.Add(-failuresLast)},
	} {
		if err := c.read(ctx, store, filter); err != nil {
			return err
		}
	}
	if err := c.forgive(ctx, store); err != nil {
		return err
	}
	c.filled = now
	return nil
}

// forgive reads whether what failed succeeded since.
func (c *conditions) forgive(ctx context.Context, store Store) error {
	var entities []int64
	var kinds []string
	first := time.Time{}
	for what, how := range c.ended {
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
	return c.read(ctx, store, since)
}

func (c *conditions) read(ctx context.Context, store Store, filter change.Filter) error {
	after := change.Cursor{}
	for read := 0; read < mostOpen; {
		page, err := store.Feed(ctx, filter, after, conditionsPage, false)
		if err != nil {
			return err
		}
		for i := range page.Events {
			c.take(&page.Events[i])
		}
		if page.Next == (change.Cursor{}) {
			break
		}
		read += max(len(page.Events), 1)
		after = page.Next
	}
	return nil
}

// take takes one event in, as it is now, and tells whether it says anything of how its entities are.
func (c *conditions) take(e *change.Event) bool {
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
	if _, known := c.open[e.ID]; known {
		delete(c.open, e.ID)
		said = true
	}
	if e.Phase == change.Started {
		if condition.Health == "" || len(c.open) >= mostOpen {
			return said
		}
		c.open[e.ID] = open{condition, entitiesOf(e)}
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
		if before, known := c.ended[what]; known && before.Since.After(e.StartedAt) && before.Event != e.ID {
			continue
		}
		if _, known := c.ended[what]; !known && e.Phase == change.Succeeded {
			continue // nothing failed before it
		}
		condition.Health = catalog.Failed
		c.ended[what] = outcome{condition, e.Phase == change.Failed}
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
func (c *conditions) draw(now time.Time) Conditions {
	drawn := Conditions{}
	tell := func(entity int64, condition Condition) {
		known, there := drawn[entity]
		if !there || condition.Health.Worse(known.Health) || (condition.Health == known.Health && condition.Since.After(known.Since)) {
			drawn[entity] = condition
		}
	}
	for id, one := range c.open {
		lasts := signalsLast
		if one.Health == catalog.RollingOut {
			lasts = rolloutsLast
		}
		if now.Sub(one.Since) > lasts {
			delete(c.open, id)
			continue
		}
		for _, entity := range one.entities {
			tell(entity, one.Condition)
		}
	}
	for what, how := range c.ended {
		switch {
		case now.Sub(how.Since) > failuresLast:
			delete(c.ended, what)
		case how.failed:
			tell(what.entity, how.Condition)
		}
	}
	return drawn
}
