package suspect

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// gathering reads what could be of a trouble: a bounded number of reads, each of a bounded number of rows.
type gathering struct {
	reader *Reader
	q      *Question
	places map[int64]Place
	since  time.Time
	events []change.Event
	spread *spread
	unread int // entities
}

func (g *gathering) gather(ctx context.Context, roots []*catalog.Entity) error {
	// None of these needs to know what another finds.
	beyond := &gathering{reader: g.reader, q: g.q, places: g.places}
	var near, anywhere []change.Event
	err := together(ctx, g.neighbours, beyond.elsewhere, func(ctx context.Context) (err error) {
		near, err = g.signalsNear(ctx)
		return err
	}, func(ctx context.Context) (err error) {
		anywhere, err = g.signalsAnywhere(ctx)
		return err
	})
	if err != nil {
		return err
	}
	g.events = append(g.events, beyond.events...)
	g.signals(roots, near, anywhere)
	return g.stories(ctx)
}

// readsAtOnce is how many reads of one question are under way at a time: the database answers several, and others ask as well.
const readsAtOnce = 4

// together reads at the same time what does not depend on each other.
func together(ctx context.Context, reads ...func(context.Context) error) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(readsAtOnce)
	for _, read := range reads {
		work.Go(func() error { return read(ctx) })
	}
	return work.Wait()
}

// neighbours reads the changes of the neighbourhood; where there are few, from farther back.
func (g *gathering) neighbours(ctx context.Context) error {
	itself, near, far := g.rings()
	if err := g.changes(ctx, itself, near, far); err != nil {
		return err
	}
	for _, reach := range farther {
		if len(g.events) >= quiet {
			break
		}
		g.since = g.q.Onset.Add(-reach)
		if err := g.changes(ctx, itself, near, far); err != nil {
			return err
		}
	}
	return nil
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
		slices.SortFunc(ring, func(a, b int64) int {
			p, q := g.places[a], g.places[b]
			return cmp.Or(cmp.Compare(p.Down+2*p.Up, q.Down+2*q.Up), cmp.Compare(a, b))
		})
	}
	g.unread = max(0, len(near)-mostNear) + max(0, len(far)-mostFar)
	return itself, near[:min(len(near), mostNear)], far[:min(len(far), mostFar)]
}

// notable are kinds of notes that may be changes.
var notable = []string{"note", "release"}

func kindsOf(class change.Class) []string {
	var names []string
	for _, kind := range change.Kinds() {
		if kind.Class == class {
			names = append(names, kind.Name)
		}
	}
	return names
}

// changes reads the changes of the neighbourhood. What machines do all day is read apart from the rest, so that an autoscaler
// does not hide a migration.
func (g *gathering) changes(ctx context.Context, itself, near, far []int64) error {
	machines := []string{"scaling", "restart"}
	others := slices.DeleteFunc(slices.Concat(kindsOf(change.ClassChange), notable), func(kind string) bool { return slices.Contains(machines, kind) })
	if g.since.Before(g.q.Onset.Add(-usualReach)) {
		machines = append(machines, "build") // where little is told, it may be all that tells of a deploy
	}
	until := g.q.Onset.Add(g.q.afterwards())
	var asks []change.Latest
	for _, ring := range []struct {
		entities []int64
		each     int
	}{{itself, ofItself}, {near, ofNear}, {far, ofFar}} {
		asks = append(asks,
			change.Latest{Entities: ring.entities, Kinds: others, Since: g.since, Until: until, Each: ring.each},
			change.Latest{Entities: ring.entities, Kinds: machines, Since: g.since, Until: until, Each: ring.each / 2},
		)
	}
	// What came after: what was taken back since, and what need not be looked at.
	asks = append(asks, change.Latest{
		Entities: slices.Concat(itself, near), Kinds: slices.Concat(kindsOf(change.ClassChange), notable), Since: until, Until: g.q.Now, Each: ofSignals,
	})
	found := make([][]change.Event, len(asks))
	var reads []func(context.Context) error
	for i, ask := range asks {
		reads = append(reads, func(ctx context.Context) (err error) {
			found[i], err = g.reader.Log.Latest(ctx, ask)
			return err
		})
	}
	err := together(ctx, reads...)
	g.events = slices.Concat(found...)
	return err
}

// elsewhere reads what has no path: what everything stands on, and the newest of all.
func (g *gathering) elsewhere(ctx context.Context) error {
	until := g.q.Onset.Add(g.q.afterwards() + time.Microsecond)
	for _, ask := range []struct {
		filter change.Filter
		limit  int
	}{
		{change.Filter{Kinds: []string{"infrastructure"}, Since: g.q.Onset.Add(-aroundReach), Until: until}, ofAround},
		{change.Filter{Kinds: []string{"traffic"}, Since: g.q.Onset.Add(-aroundReach), Until: until}, ofAround},
		{change.Filter{Kinds: []string{"maintenance"}, Since: g.q.Onset.Add(-aroundReach), Until: until}, ofAround},
	} {
		if _, err := g.feed(ctx, ask.filter, ask.limit); err != nil {
			return err
		}
	}
	return g.anywhere(ctx, until)
}

// anywhere reads the newest changes of all: the farther back, the less is known of what depends on what, and the less there is.
func (g *gathering) anywhere(ctx context.Context, until time.Time) error {
	reaches := append([]time.Duration{newest, usualReach}, farther...)
	enough := quiet
	if !g.q.Mapped {
		reaches, enough = reaches[1:], ofElsewhere/2
	}
	filter := change.Filter{Kinds: slices.Concat(kindsOf(change.ClassChange), notable), Until: until}
	for _, reach := range reaches {
		before := len(g.events)
		filter.Since = g.q.Onset.Add(-reach)
		found, err := g.feed(ctx, filter, ofElsewhere)
		if err != nil || found >= enough {
			return err
		}
		enough = ofElsewhere / 2
		if reach != reaches[len(reaches)-1] {
			g.events = g.events[:before] // the same again, and more
		}
	}
	return nil
}

// feed reads some of the newest events, and tells how many there were.
func (g *gathering) feed(ctx context.Context, filter change.Filter, limit int) (int, error) {
	page, err := g.reader.Log.Feed(ctx, filter, change.Cursor{}, limit, false)
	for i := range page.Events {
		if !g.own(&page.Events[i]) {
			g.events = append(g.events, page.Events[i])
		}
	}
	return len(page.Events), err
}

// own reports whether an event is of this program alone, and that is not in the neighbourhood: its own starts are no suspects
// for what others do.
func (g *gathering) own(e *change.Event) bool {
	return e.Source == ourselves && !slices.ContainsFunc(e.Subjects, func(s change.Subject) bool {
		_, near := g.places[s.Entity]
		return near
	})
}

// ourselves is the source of what this program tells of itself.
const ourselves = "tidings"

// signalsNear reads the alerts of the neighbourhood.
func (g *gathering) signalsNear(ctx context.Context) ([]change.Event, error) {
	var entities []int64
	for id, place := range g.places {
		if place.Down+place.Up <= 3 {
			entities = append(entities, id)
		}
	}
	slices.Sort(entities)
	return g.reader.Log.Latest(ctx, change.Latest{
		Entities: entities, Kinds: kindsOf(change.ClassSignal), Since: g.q.Onset.Add(-longReach), Until: g.signalsUntil(), Each: ofSignals,
	})
}

// signalsUntil is when the last alert began that can speak of the trouble.
func (g *gathering) signalsUntil() time.Time {
	if until := g.q.Onset.Add(g.around()); until.Before(g.q.Now) {
		return until
	}
	return g.q.Now
}

// signalsAnywhere reads the alerts of the time, wherever they are: of a dependency that nobody declared both ends alert.
func (g *gathering) signalsAnywhere(ctx context.Context) ([]change.Event, error) {
	filter := change.Filter{Classes: []change.Class{change.ClassSignal}, Since: g.q.Onset.Add(-g.around()), Until: g.signalsUntil().Add(time.Microsecond)}
	page, err := g.reader.Log.Feed(ctx, filter, change.Cursor{}, ofElsewhere, false)
	return page.Events, err
}

// signals learns who else is in trouble, and what is said of it. An alert that has been firing for long is of another one.
func (g *gathering) signals(roots []*catalog.Entity, found, anywhere []change.Event) {
	slices.SortFunc(found, func(a, b change.Event) int { return oldestFirst(&a, &b) })
	s := &spread{roll: g.reader.Roll, nodes: map[int64]*node{}, troubled: map[int64]bool{}, alerting: map[int64]bool{}, known: map[int64]bool{}, found: map[string]Alarm{}, mapped: g.q.Mapped}
	g.spread = s
	for _, root := range roots {
		s.troubled[root.ID] = true
	}
	g.q.Since = g.older(found)
	for i := range found {
		speaks := g.speaks(&found[i])
		if speaks {
			g.q.Around = append(g.q.Around, found[i])
		}
		for _, subject := range found[i].Subjects {
			s.known[subject.Entity] = true
			if place, near := g.places[subject.Entity]; speaks && near && (s.troubled[subject.Entity] || len(s.troubled) < mostTroubled) {
				s.troubled[subject.Entity], s.alerting[subject.Entity], place.Alerts = true, true, true
				g.places[subject.Entity] = place
			}
		}
	}
	g.q.Troubled, s.pressed = len(s.troubled), said(g.q)[pressing]
	g.signalsElsewhere(anywhere)
	g.q.Regional = g.q.region() == "" && len(s.alerting) > 0 && regional(found)
}

// older is when the first alert of what is in trouble began, of those that fire still and began before others would be of this
// trouble.
func (g *gathering) older(signals []change.Event) time.Time {
	for i := range signals {
		s := &signals[i]
		itself := slices.ContainsFunc(s.Subjects, func(subject change.Subject) bool { return g.spread.troubled[subject.Entity] })
		before := g.q.Onset.Sub(s.StartedAt)
		if itself && g.q.Signals == nil && g.here(s) && before > g.around() && before <= latePage && (s.EndedAt.IsZero() || s.EndedAt.After(g.q.Onset)) {
			return s.StartedAt
		}
	}
	return time.Time{}
}

// latePage is how long after its beginning people may learn of a trouble.
const latePage = 90 * time.Minute

// regional reports whether some events name regions as a rule.
func regional(events []change.Event) bool {
	var r regions
	for i := range events {
		r = r.add(&events[i])
	}
	return r.regional()
}

// signalsElsewhere notes what alerts and has no path.
func (g *gathering) signalsElsewhere(signals []change.Event) {
	for i := range signals {
		if !g.speaks(&signals[i]) {
			continue
		}
		for _, subject := range signals[i].Subjects {
			if _, near := g.places[subject.Entity]; !near && subject.Entity != 0 {
				g.spread.alerting[subject.Entity], g.spread.known[subject.Entity] = true, true
			}
		}
	}
}

// around is how far from the onset an alert can lie that speaks of the same trouble.
func (g *gathering) around() time.Duration { return max(2*g.q.Doubt, aroundAlert) }

// stories completes what belongs together. Storms are left as they are: what else they did was done to something else, and is
// looked at where that is near.
func (g *gathering) stories(ctx context.Context) error {
	var stories []uuid.UUID
	known := make(map[int64]bool, len(g.events))
	for i := range g.events {
		known[g.events[i].Seq] = true
		if thread := g.events[i].Thread; thread != uuid.Nil && !g.events[i].Folds() {
			stories = append(stories, thread)
		}
	}
	slices.SortFunc(stories, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	stories = slices.Compact(stories)
	parts := slices.Collect(slices.Chunk(stories, max(1, (len(stories)+storiesAtOnce-1)/storiesAtOnce)))
	found := make([][]change.Event, len(parts))
	var reads []func(context.Context) error
	for i, part := range parts {
		reads = append(reads, func(ctx context.Context) (err error) {
			found[i], err = g.reader.Log.Steps(ctx, part, storyEvents, known)
			return err
		})
	}
	if err := together(ctx, reads...); err != nil {
		return err
	}
	for _, part := range found {
		// What was not known at the time of the question tells nothing of it.
		part = slices.DeleteFunc(part, func(e change.Event) bool { return e.StartedAt.After(g.q.Now) })
		g.events = append(g.events, part...)
	}
	return nil
}

// storiesAtOnce is in how many parts stories are read at the same time.
const storiesAtOnce = 3

// alarm fills in how well the alerts fit each candidate.
func (g *gathering) alarm(candidates []Candidate) {
	for i := range candidates {
		c := &candidates[i]
		var entities []int64
		for _, subject := range c.Head.Subjects {
			if subject.Entity != 0 && !slices.Contains(entities, subject.Entity) && len(entities) < mostTroubled {
				entities = append(entities, subject.Entity)
			}
		}
		if _, near := c.Near(); !near && pervasive(c.Kind) && g.q.Mapped {
			c.Alarm = g.spread.everywhere()
		} else {
			c.Alarm = g.spread.alarm(entities, loads(c.Kind))
		}
	}
}
