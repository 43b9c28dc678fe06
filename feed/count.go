package feed

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// CountedAtMost is how many events are read to count what no kept count answers.
const CountedAtMost = 20_000

// Count is how many events there are of one kind, by one sort of actor, at one time.
type count struct {
	at          time.Time
	kind        string
	environment string
	actor       change.ActorType
	source      string
	team        string
	events      int64
}

// recountedAtMost is up to how many events are counted one by one for the sake of their teams, of which nothing is kept.
const recountedAtMost = 3000

// counts lists what passes the filter: from kept counts where they can answer and tell of more than so many events, else
// event by event, at most CountedAtMost of them; partial tells that there were more.
func (r *Reader) counts(ctx context.Context, scope Scope, more int64) (counts []count, partial bool, err error) {
	f := scope.Filter
	if f.Entities == nil && f.Text == "" && !f.Dark && len(f.Actors) == 0 && len(f.Phases) == 0 {
		tallies, err := r.Store.Tally(ctx, f)
		var total int64
		for _, t := range tallies {
			total += t.Events
			counts = append(counts, count{at: t.At, kind: t.Kind, environment: t.Environment, actor: t.ActorType, source: t.Source, events: t.Events})
		}
		if err != nil || total > more {
			return counts, false, err
		}
		counts = nil
	}
	var after change.Cursor
	for len(counts) < CountedAtMost {
		page, err := r.Store.Feed(ctx, f, after, 1000, false)
		if err != nil {
			return nil, false, err
		}
		for i := range page.Events {
			e := &page.Events[i]
			counts = append(counts, count{at: e.At(), kind: e.Kind, environment: e.Environment, actor: e.Actor.Type, source: e.Source, team: r.team(e), events: 1})
		}
		if page.Next == (change.Cursor{}) {
			return counts, false, nil
		}
		after = page.Next
	}
	return counts, true, nil
}

// team is who owns the first subject that anybody owns.
func (r *Reader) team(e *change.Event) string {
	for _, subject := range e.Subjects {
		if entity, ok := r.Roll.ByID(subject.Entity); ok && entity.Owner != nil && entity.Owner.Kind == catalog.Team {
			return entity.Owner.Name
		}
	}
	return ""
}

// Histogram counts events over time.
type Histogram struct {
	Since      time.Time
	Bucket     time.Duration
	People     []int // by bucket
	Automation []int // by bucket; unknown actors among them
	Events     int
	Partial    bool // there were more than could be counted
}

// MaxBuckets bounds a histogram.
const MaxBuckets = 500

// Histogram counts what passes from since to until in at most so many buckets, whose size is a round number of
// minutes.
func (r *Reader) Histogram(ctx context.Context, scope Scope, since, until time.Time, buckets int) (Histogram, error) {
	if buckets < 1 || buckets > MaxBuckets {
		return Histogram{}, fault.New(fault.Invalid, "buckets is from 1 to %d, not %d", MaxBuckets, buckets)
	}
	if !since.Before(until) || until.Sub(since) > 5*366*24*time.Hour {
		return Histogram{}, fault.New(fault.Invalid, "until is after since, and at most five years")
	}
	scope.Filter.Since, scope.Filter.Until = since, until
	counts, partial, err := r.counts(ctx, scope, 0)
	if err != nil {
		return Histogram{}, err
	}
	h := Histogram{Since: since, Bucket: round(until.Sub(since) / time.Duration(buckets)), Partial: partial}
	h.Since = since.Truncate(h.Bucket)
	n := int((until.Sub(h.Since) + h.Bucket - 1) / h.Bucket)
	h.People, h.Automation = make([]int, n), make([]int, n)
	for _, c := range counts {
		i := int(c.at.Sub(h.Since) / h.Bucket)
		if c.at.Before(h.Since) || i >= n {
			continue
		}
		h.Events += int(c.events)
		if c.actor == change.ByPerson {
			h.People[i] += int(c.events)
		} else {
			h.Automation[i] += int(c.events)
		}
	}
	return h, nil
}

// round widens a bucket to one that people read easily, and that kept counts can fill.
func round(d time.Duration) time.Duration {
	for _, size := range []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if d <= size {
			return size
		}
	}
	day := 24 * time.Hour
	return (d + day - 1) / day * day
}

// FacetValue is how many events have one value.
type FacetValue struct {
	Value string
	Label string
	Count int
}

// Facets count what passes by its values, most first. Teams are left out where there was too much to count.
type Facets struct {
	Kinds, Environments, Teams, Sources, ActorTypes []FacetValue
}

// Facets counts what passes from since to until.
func (r *Reader) Facets(ctx context.Context, scope Scope, since, until time.Time) (Facets, error) {
	scope.Filter.Since, scope.Filter.Until = since, until
	counts, _, err := r.counts(ctx, scope, recountedAtMost)
	if err != nil {
		return Facets{}, err
	}
	by := func(value func(count) string, label func(string) string) []FacetValue {
		sums := map[string]int{}
		for _, c := range counts {
			if v := value(c); v != "" {
				sums[v] += int(c.events)
			}
		}
		values := make([]FacetValue, 0, len(sums))
		for v, n := range sums {
			values = append(values, FacetValue{Value: v, Label: label(v), Count: n})
		}
		slices.SortFunc(values, func(a, b FacetValue) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		return values
	}
	same := func(v string) string { return v }
	return Facets{
		Kinds: by(func(c count) string { return c.kind }, func(v string) string {
			kind, _ := change.KindNamed(v)
			return kind.Title
		}),
		Environments: by(func(c count) string { return c.environment }, same),
		Sources:      by(func(c count) string { return c.source }, same),
		ActorTypes:   by(func(c count) string { return string(c.actor) }, same),
		Teams: by(func(c count) string { return c.team }, func(v string) string {
			if e, ok := r.Roll.Get(catalog.Ref{Kind: catalog.Team, Name: v}); ok {
				return cmp.Or(e.Title, e.Name)
			}
			return v
		}),
	}, nil
}
