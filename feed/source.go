package feed

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// SourceCoverage is what arrived of a source, beside what usually does, and beside what was seen of the same entities.
type SourceCoverage struct {
	Since   time.Time
	Events  int
	Partial bool // there were more than could be counted; the newest were
	Kinds   []SourceKind
	Told    int     // in the last 24 hours
	Usual   float64 // in these hours of the week; less than zero where there is no rhythm yet
	// Entities is how many its names were resolved to; Unclaimed are the names that none answers to, most events first.
	Entities  int
	Unclaimed []SourceName
	// Of the deploys of those entities that were seen: how many this source told of, how many only others did, and how many
	// nobody did.
	SeenAndTold, SeenAndToldByOthers, SeenOnly int
}

// SourceKind is how much of a kind came.
type SourceKind struct {
	Kind   string
	Events int
	LastAt time.Time
}

// SourceName is a name that a source uses, and how many of its events have it.
type SourceName struct {
	Name   string
	Events int
}

// seenEntities bounds of how many entities it is asked what was seen.
const seenEntities = 200

// CoverageOf tells how much arrived of a source in the 30 days before an instant.
func (r *Reader) CoverageOf(ctx context.Context, source string, until time.Time) (SourceCoverage, error) {
	c := SourceCoverage{Since: until.Add(-coverageSpan), Usual: -1}
	page, err := r.Store.Feed(ctx, change.Filter{Sources: []string{source}, Since: c.Since, Until: until.Add(time.Microsecond)}, change.Cursor{}, coverageMost, false)
	if err != nil {
		return c, err
	}
	c.Events, c.Partial = len(page.Events), page.Next != (change.Cursor{})
	kinds, entities, names := map[string]SourceKind{}, map[int64]bool{}, map[string]int{}
	for i := range page.Events {
		e := &page.Events[i]
		k := kinds[e.Kind]
		kinds[e.Kind] = SourceKind{Kind: e.Kind, Events: k.Events + 1, LastAt: later(k.LastAt, e.At())}
		for _, s := range e.Subjects {
			if s.Entity != 0 {
				entities[s.Entity] = true
			} else {
				names[s.Name]++
			}
		}
	}
	c.Kinds = slices.SortedFunc(maps.Values(kinds), func(a, b SourceKind) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), strings.Compare(a.Kind, b.Kind))
	})
	c.Entities = len(entities)
	for name, events := range names {
		c.Unclaimed = append(c.Unclaimed, SourceName{Name: name, Events: events})
	}
	slices.SortFunc(c.Unclaimed, func(a, b SourceName) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), strings.Compare(a.Name, b.Name))
	})
	if err := r.seen(ctx, &c, source, slices.Sorted(maps.Keys(entities)), until); err != nil {
		return c, err
	}
	return c, r.usual(ctx, &c, source, until)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// seen counts the deploys of entities that were seen, by who told of them.
func (r *Reader) seen(ctx context.Context, c *SourceCoverage, source string, entities []int64, until time.Time) error {
	if len(entities) == 0 {
		return nil
	}
	if len(entities) > seenEntities {
		entities, c.Partial = entities[:seenEntities], true
	}
	filter := change.Filter{Entities: entities, Kinds: []string{"deploy", "rollback"}, Since: c.Since, Until: until.Add(time.Microsecond)}
	page, err := r.Store.Feed(ctx, filter, change.Cursor{}, coverageMost, false)
	if err != nil {
		return err
	}
	c.Partial = c.Partial || page.Next != (change.Cursor{})
	alone, threads := unannounced(page.Events)
	c.SeenOnly = alone
	if len(threads) == 0 {
		return nil
	}
	all, err := r.Store.Threads(ctx, threads, RowEvents)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		events := all[thread].Events
		told := func(e change.Event) bool { return !e.Dark && e.Source == source && e.Deploys() }
		switch {
		case slices.ContainsFunc(events, told):
			c.SeenAndTold++
		case Dark(events):
			c.SeenOnly++
		default:
			c.SeenAndToldByOthers++
		}
	}
	return nil
}

// usual counts what a source told in the last 24 hours, and what it usually tells in them.
func (r *Reader) usual(ctx context.Context, c *SourceCoverage, source string, until time.Time) error {
	tallies, err := r.Store.Tally(ctx, change.Filter{
		Sources: []string{source}, Since: until.Add(-(rhythmWeeks*week + 48) * time.Hour).Truncate(time.Hour), Until: until.Add(time.Hour),
	})
	if err != nil {
		return err
	}
	counts := map[time.Time]int64{}
	for _, t := range tallies {
		counts[t.At.Truncate(time.Hour)] += t.Events
		if t.At.After(until.Add(-24*time.Hour)) && !t.At.After(until) {
			c.Told += int(t.Events)
		}
	}
	if rhythm := NewRhythm(counts, until); rhythm.weeks >= leastWeeks {
		hour := rhythm.until.Unix() / 3600
		_, c.Usual = rhythm.score(hour-23, hour+1)
	}
	return nil
}
