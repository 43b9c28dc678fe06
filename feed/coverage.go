package feed

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Dark reports whether a line of events was seen by looking and told by nobody. Signals and notes neither make it dark nor
// light.
func Dark(events []change.Event) bool {
	dark := false
	for i := range events {
		if kind, _ := change.KindNamed(events[i].Kind); kind.Class != change.ClassChange {
			continue
		}
		if !events[i].Dark {
			return false
		}
		dark = true
	}
	return dark
}

// Coverage is how many of the changes of an entity that were seen were also told.
type Coverage struct {
	Since   time.Time
	Seen    int
	Told    int
	Partial bool // there were more than could be counted; the newest were
}

// Bounds of what is counted.
const (
	coverageSpan = 30 * 24 * time.Hour
	coverageMost = 1000 // events
)

// Coverage counts over the 30 days before an instant. A story counts once, and so does a storm.
func (r *Reader) Coverage(ctx context.Context, entity int64, until time.Time) (Coverage, error) {
	c := Coverage{Since: until.Add(-coverageSpan)}
	filter := change.Filter{Entities: []int64{entity}, Classes: []change.Class{change.ClassChange}, Since: c.Since, Until: until.Add(time.Microsecond)}
	page, err := r.Store.Feed(ctx, filter, change.Cursor{}, coverageMost, false)
	if err != nil {
		return c, err
	}
	c.Partial = page.Next != (change.Cursor{})
	alone, threads := unannounced(page.Events)
	c.Seen = alone
	if len(threads) == 0 {
		return c, nil
	}
	all, err := r.Store.Threads(ctx, threads, RowEvents)
	if err != nil {
		return c, err
	}
	c.Seen += len(threads)
	for _, thread := range threads {
		if !Dark(all[thread].Events) {
			c.Told++
		}
	}
	return c, nil
}

// unannounced counts the dark events that are of no story, and gives the stories of the others, each once.
func unannounced(events []change.Event) (alone int, threads []uuid.UUID) {
	known := map[uuid.UUID]bool{}
	for i := range events {
		e := &events[i]
		switch {
		case !e.Dark:
		case e.Thread == uuid.Nil:
			alone++
		case !known[e.Thread]:
			known[e.Thread] = true
			threads = append(threads, e.Thread)
		}
	}
	return alone, threads
}
