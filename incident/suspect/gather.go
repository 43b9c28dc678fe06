package suspect

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// gathering reads what could be of a trouble: a bounded number of reads, each of a bounded number of rows.
type gathering struct {
	reader *Reader
	q      *Question
	places map[int64]Place
	since  time.Time
	events []change.Event
}

func (g *gathering) gather(ctx context.Context) error {
	itself, near, far := g.rings()
	if err := g.changes(ctx, itself, near, far); err != nil {
		return err
	}
	if len(g.events) < quiet {
		g.since, g.events = g.q.Onset.Add(-longReach), nil
		if err := g.changes(ctx, itself, near, far); err != nil {
			return err
		}
	}
	if err := g.elsewhere(ctx); err != nil {
		return err
	}
	if err := g.signals(ctx); err != nil {
		return err
	}
	return g.stories(ctx)
}

// rings are the entities of the neighbourhood by how near they are.
func (g *gathering) rings() (itself, near, far []int64) {
	for id, place := range g.places {
		switch place.Down + place.Up {
		case 0:
			itself = append(itself, id)
		case 1:
			near = append(near, id)
		default:
			far = append(far, id)
		}
	}
	for _, ring := range [][]int64{itself, near, far} {
		slices.Sort(ring)
	}
	return itself, near, far
}

func kindsOf(class change.Class) []string {
	var names []string
	for _, kind := range change.Kinds() {
		if kind.Class == class {
			names = append(names, kind.Name)
		}
	}
	return names
}

// changes reads the changes of the neighbourhood.
func (g *gathering) changes(ctx context.Context, itself, near, far []int64) error {
	for _, ring := range []struct {
		entities []int64
		each     int
		reach    time.Duration
	}{{itself, ofItself, 0}, {near, ofNear, 0}, {far, ofFar, 0}} {
		found, err := g.reader.Log.Latest(ctx, change.Latest{
			Entities: ring.entities, Kinds: kindsOf(change.ClassChange), Since: g.since, Until: g.q.Onset.Add(2 * g.q.Doubt), Each: ring.each,
		})
		if err != nil {
			return err
		}
		g.events = append(g.events, found...)
	}
	// What came after: what was taken back since, and what need not be looked at.
	found, err := g.reader.Log.Latest(ctx, change.Latest{
		Entities: slices.Concat(itself, near), Kinds: kindsOf(change.ClassChange), Since: g.q.Onset.Add(2 * g.q.Doubt), Until: g.q.Now, Each: ofSignals,
	})
	g.events = append(g.events, found...)
	return err
}

// elsewhere reads what has no path: what everything stands on, and the newest of all.
func (g *gathering) elsewhere(ctx context.Context) error {
	until := g.q.Onset.Add(2*g.q.Doubt + time.Microsecond)
	for _, ask := range []struct {
		filter change.Filter
		limit  int
	}{
		{change.Filter{Kinds: []string{"infrastructure"}, Since: g.q.Onset.Add(-aroundReach), Until: until}, ofAround},
		{change.Filter{Kinds: []string{"traffic"}, Since: g.q.Onset.Add(-aroundReach), Until: until}, ofAround},
		{change.Filter{Kinds: []string{"maintenance"}, Since: g.q.Onset.Add(-aroundReach), Until: until}, ofAround},
		{change.Filter{Classes: []change.Class{change.ClassChange}, Since: g.q.Onset.Add(-beforeAlert), Until: until}, ofElsewhere},
	} {
		page, err := g.reader.Log.Feed(ctx, ask.filter, change.Cursor{}, ask.limit, false)
		if err != nil {
			return err
		}
		g.events = append(g.events, page.Events...)
	}
	return nil
}

// signals reads which of the neighbours are in trouble as well: the path that fails leads through them. Those of the
// services themselves tell of the trouble, where the question brought none.
func (g *gathering) signals(ctx context.Context) error {
	var entities []int64
	for id, place := range g.places {
		if place.Down+place.Up <= 2 {
			entities = append(entities, id)
		}
	}
	slices.Sort(entities)
	until := g.q.Onset.Add(max(2*g.q.Doubt, 5*time.Minute))
	if until.After(g.q.Now) {
		until = g.q.Now
	}
	found, err := g.reader.Log.Latest(ctx, change.Latest{
		Entities: entities, Kinds: kindsOf(change.ClassSignal), Since: g.q.Onset.Add(-beforeAlert), Until: until, Each: ofSignals,
	})
	if err != nil {
		return err
	}
	slices.SortFunc(found, oldestFirst)
	failing := map[int64]bool{}
	brought := len(g.q.Signals) > 0
	for i := range found {
		s := &found[i]
		if otherEnvironment(s.Environment, g.q.Environment) || otherRegion(s.Region, g.q.Region) {
			continue
		}
		// An alert that ended long before is of another trouble.
		if !s.EndedAt.IsZero() && s.EndedAt.Before(g.q.Onset.Add(-max(2*g.q.Doubt, 5*time.Minute))) {
			continue
		}
		own := false
		for _, subject := range s.Subjects {
			place, ok := g.places[subject.Entity]
			own = own || ok && place.Down+place.Up == 0
			failing[subject.Entity] = true
		}
		if own && !brought && g.q.Onset.Sub(s.StartedAt) < beforeAlert/2 {
			g.q.Signals = append(g.q.Signals, *s)
		}
	}
	g.fail(failing)
	return nil
}

// fail marks the places that the failing path leads to: those with a signal of their own, and those beyond such a one.
func (g *gathering) fail(failing map[int64]bool) {
	names := map[string]bool{}
	for id := range failing {
		if place, ok := g.places[id]; ok && place.Down+place.Up > 0 {
			names[place.Path[len(place.Path)-1]] = true
		}
	}
	for id, place := range g.places {
		place.Failing = place.Down+place.Up > 0 && len(place.Path) > 1 && names[place.Path[1]]
		g.places[id] = place
	}
}

// stories completes what belongs together.
func (g *gathering) stories(ctx context.Context) error {
	var threads []uuid.UUID
	known := map[uuid.UUID]bool{}
	for i := range g.events {
		if thread := g.events[i].Thread; thread != uuid.Nil && !known[thread] {
			known[thread] = true
			threads = append(threads, thread)
		}
	}
	found, err := g.reader.Log.Threads(ctx, threads, storyEvents)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		for _, e := range found[thread].Events {
			// What was not known at the time of the question tells nothing of it.
			if !e.StartedAt.After(g.q.Now) {
				g.events = append(g.events, e)
			}
		}
	}
	return nil
}
