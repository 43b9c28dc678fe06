// Package feed is the log as people read it: filters by what the roll knows, stories and storms as one line, counts
// over time, and a live stream. It reads; it never writes. Imports: catalog, change and fault.
package feed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Store is the storage that the feed needs; its order is newest first.
type Store interface {
	Feed(ctx context.Context, filter change.Filter, after change.Cursor, limit int, fold bool) (change.Page, error)
	Threads(ctx context.Context, threads []uuid.UUID, limit int) (map[uuid.UUID]change.Thread, error)
	Event(ctx context.Context, id uuid.UUID) (change.Event, error)
	// Newest is the newest event of each entity that has one, other than a handover.
	Newest(ctx context.Context, entities []int64) (map[int64]change.Event, error)
	Tally(ctx context.Context, filter change.Filter) ([]change.Tally, error)
	Tail(ctx context.Context, after int64, limit int) ([]change.Committed, error)
	Log(ctx context.Context) (int64, error)
	Unclaimed(ctx context.Context, after change.Unclaimed, limit int) ([]change.Unclaimed, int, error)
	Outside(ctx context.Context, alias string, limit int) ([]change.Event, error)
}

// Query is a filter in the words of a reader. The lists of entities are references; a bare name is of the list's own
// kind. An event passes when it is about any of the entities that all given lists have in common.
type Query struct {
	change.Filter
	Services []string
	Entities []string // references of any kind
	Teams    []string // what they own, and what their sub-teams own
	Systems  []string // what is part of them
	Tags     []string // "key" or "key:value"; what carries them all
	// Depth adds what the entities depend on, to so many steps (1 to MaxDepth); zero adds nothing.
	Depth int
}

// MaxDepth is how far dependencies can be followed.
const MaxDepth = 10

// MaxEntities is how many entities one filter can name in all; beyond it the feed is filtered row by row.
const MaxEntities = 100_000

// Reader answers questions about the log.
type Reader struct {
	Roll  *catalog.Roll
	Store Store
	Hub   *Hub

	conditions conditions
}

// Scope is a query resolved against the roll: the filter, and how far each entity is from those that were named.
type Scope struct {
	Filter    change.Filter
	Distances map[int64]int // nil when dependencies were not asked for
}

// Resolve turns the words of a query into ids. A name that the roll does not know is a fault.
func (r *Reader) Resolve(q Query) (Scope, error) {
	if err := q.Filter.Normalize(); err != nil {
		return Scope{}, err
	}
	if q.Depth < 0 || q.Depth > MaxDepth {
		return Scope{}, fault.New(fault.Invalid, "depth is from 1 to %d, not %d", MaxDepth, q.Depth)
	}
	scope := Scope{Filter: q.Filter}
	narrow := func(ids []int64) {
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if scope.Filter.Entities == nil {
			scope.Filter.Entities = append([]int64{}, ids...)
			return
		}
		scope.Filter.Entities = slices.DeleteFunc(scope.Filter.Entities, func(id int64) bool {
			_, found := slices.BinarySearch(ids, id)
			return !found
		})
	}
	for _, list := range []struct {
		name  string
		kind  catalog.Kind
		items []string
		ids   func(catalog.Ref, *catalog.Entity) []int64
	}{
		{"service", catalog.Service, q.Services, itself},
		{"entity", "", q.Entities, itself},
		{"team", catalog.Team, q.Teams, func(ref catalog.Ref, e *catalog.Entity) []int64 { return append(r.Roll.OwnedBy(ref), e.ID) }},
		{"system", catalog.System, q.Systems, func(ref catalog.Ref, e *catalog.Entity) []int64 {
			ids := []int64{e.ID}
			for _, part := range r.Roll.PartsOf(ref) {
				ids = append(ids, part.ID)
			}
			return ids
		}},
	} {
		if len(list.items) == 0 {
			continue
		}
		if len(list.items) > change.MaxFilterValues {
			return Scope{}, fault.InvalidInput("filter", []fault.Fault{{Pointer: list.name, Detail: fmt.Sprintf("has %d values: at most %d", len(list.items), change.MaxFilterValues)}})
		}
		var ids []int64
		for _, item := range list.items {
			ref, entity, err := r.find(list.name, item, list.kind)
			if err != nil {
				return Scope{}, err
			}
			ids = append(ids, list.ids(ref, entity)...)
		}
		narrow(ids)
	}
	if len(q.Tags) > 0 {
		filter := catalog.Filter{Tags: q.Tags}
		if err := filter.Validate(); err != nil {
			return Scope{}, err
		}
		narrow(r.Roll.Select(filter))
	}
	if q.Depth > 0 && scope.Filter.Entities != nil {
		scope.widen(r.Roll, q.Depth)
	}
	if len(scope.Filter.Entities) > MaxEntities {
		return Scope{}, fault.New(fault.Invalid, "the filter names %d entities: at most %d", len(scope.Filter.Entities), MaxEntities)
	}
	return scope, nil
}

func itself(_ catalog.Ref, e *catalog.Entity) []int64 { return []int64{e.ID} }

func (r *Reader) find(list, name string, kind catalog.Kind) (catalog.Ref, *catalog.Entity, error) {
	ref, err := catalog.ParseRef(name, kind)
	if err != nil {
		return ref, nil, fault.InvalidInput("filter", []fault.Fault{{Pointer: list, Detail: fmt.Sprintf("%q: %s", name, err)}})
	}
	entity, ok := r.Roll.Get(ref)
	if !ok {
		return ref, nil, fault.InvalidInput("filter", []fault.Fault{{Pointer: list, Detail: fmt.Sprintf("there is no %s", ref)}})
	}
	return ref, entity, nil
}

// widen adds what the named entities depend on.
func (s *Scope) widen(roll *catalog.Roll, depth int) {
	roots := make([]catalog.Ref, 0, len(s.Filter.Entities))
	for _, id := range s.Filter.Entities {
		if e, ok := roll.ByID(id); ok {
			roots = append(roots, e.Ref())
		}
	}
	s.Distances = roll.Neighbourhood(roots, depth)
	s.Filter.Entities = s.Filter.Entities[:0]
	for id := range s.Distances {
		s.Filter.Entities = append(s.Filter.Entities, id)
	}
	slices.Sort(s.Filter.Entities)
}

// Shape is what a row of the feed stands for.
type Shape string

// The shapes.
const (
	Lone  Shape = "event"
	Story Shape = "story"
	Storm Shape = "storm"
)

// Row is one line of the feed.
type Row struct {
	ID    uuid.UUID // of the story, the storm or the lone event; it stays while steps land
	Shape Shape
	Event change.Event // the newest that passes the filter
	// Events are those of the story, oldest first, or the newest of the storm, newest first; at most RowEvents.
	Events []change.Event
	Count  int
	// Subjects are what the row is about, each once; of a storm at most fifty.
	Subjects []change.Subject
	Dark     bool // it was seen by looking, and told by nobody: not by any of its events
	Distance *int // steps of dependency from what was named; nil when that was not asked for
}

// RowEvents is how many events a row carries.
const RowEvents = 20

// Rows is a page of the feed as lines.
type Rows struct {
	Rows          []Row
	Next          change.Cursor
	SearchedUntil time.Time
}

// Rows is a page of stories, storms and lone events, newest first.
func (r *Reader) Rows(ctx context.Context, scope Scope, after change.Cursor, limit int) (Rows, error) {
	page, err := r.Store.Feed(ctx, scope.Filter, after, limit, true)
	if err != nil {
		return Rows{}, err
	}
	var keys []uuid.UUID
	for i := range page.Events {
		if thread := page.Events[i].Thread; thread != uuid.Nil {
			keys = append(keys, thread)
		}
	}
	threads, err := r.Store.Threads(ctx, keys, RowEvents)
	if err != nil {
		return Rows{}, err
	}
	rows := Rows{Next: page.Next, SearchedUntil: page.SearchedUntil, Rows: make([]Row, 0, len(page.Events))}
	for i := range page.Events {
		// A story that somebody told of is not dark, although one of its events is: the page is then shorter.
		if row := r.row(page.Events[i], threads, scope.Distances); row.Dark || !scope.Filter.Dark {
			rows.Rows = append(rows.Rows, row)
		}
	}
	return rows, nil
}

func (r *Reader) row(e change.Event, threads map[uuid.UUID]change.Thread, distances map[int64]int) Row {
	row := Row{ID: e.ID, Shape: Lone, Event: e, Events: []change.Event{e}, Count: 1}
	if thread := threads[e.Thread]; e.Thread != uuid.Nil && thread.Count > 1 {
		row.ID, row.Count, row.Events, row.Shape = e.Thread, thread.Count, thread.Events, Storm
		if _, folds := e.StormKey(); !folds {
			row.Shape = Story
			slices.Reverse(row.Events)
		}
	}
	row.Dark = Dark(row.Events)
	row.Subjects = subjects(row.Events)
	if names := threads[e.Thread].Names; names != nil {
		row.Subjects = r.named(names)
	}
	if distances != nil {
		for _, subject := range e.Subjects {
			if d, ok := distances[subject.Entity]; ok && (row.Distance == nil || d < *row.Distance) {
				row.Distance = &d
			}
		}
	}
	return row
}

// subjects are what events are about, each once, in order.
func subjects(events []change.Event) []change.Subject {
	var all []change.Subject
	for i := range events {
		for _, subject := range events[i].Subjects {
			if !slices.ContainsFunc(all, func(s change.Subject) bool { return s.Name == subject.Name }) {
				all = append(all, subject)
			}
		}
	}
	return all
}

// named makes subjects of kept names.
func (r *Reader) named(names []string) []change.Subject {
	all := make([]change.Subject, len(names))
	for i, name := range names {
		all[i].Name = name
		if ref, err := catalog.ParseRef(name, ""); err == nil {
			if e, ok := r.Roll.Get(ref); ok {
				all[i].Entity = e.ID
			}
		}
	}
	return all
}

// Story lists the events of a story or storm by its id, oldest first; of a lone event just that one.
func (r *Reader) Story(ctx context.Context, id uuid.UUID) ([]change.Event, error) {
	threads, err := r.Store.Threads(ctx, []uuid.UUID{id}, 500)
	if err != nil {
		return nil, err
	}
	if thread, ok := threads[id]; ok {
		slices.Reverse(thread.Events)
		return thread.Events, nil
	}
	e, err := r.Store.Event(ctx, id)
	if err != nil {
		return nil, err
	}
	return []change.Event{e}, nil
}
