package graph

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Bounds of a map.
const (
	maxMapNodes   = 1000 // that are drawn by themselves
	maxMapGroups  = 100  // that are drawn at once, beside what is in focus: the lines between more are a ball of wool
	maxMapFocus   = 50
	mapChanges    = 1000 // events that are read for the marks of recent change, and again for those of trouble
	mapSince      = 24 * time.Hour
	troubleSince  = 7 * 24 * time.Hour
	maxMapSingles = 20
	maxMapCircles = 20
	maxMapCircle  = 50
)

// Map draws who depends on whom.
func (q queries) Map(ctx context.Context, focus []string, direction *catalog.Direction, depth, groupBeyond *int, since *time.Time, environments []string) (*Map, error) {
	steps, err := bounded(depth, 2, catalog.MaxDepth)
	if err != nil {
		return nil, err
	}
	beyond, err := bounded(groupBeyond, 40, maxMapNodes)
	if err != nil {
		return nil, err
	}
	roots, err := q.mapRoots(focus)
	if err != nil {
		return nil, err
	}
	way := catalog.BothWays
	if direction != nil {
		way = *direction
	}
	drawn := q.deps.Roll.Map(roots, way, steps, catalog.MaxPlaced)
	if err := spend(ctx, len(drawn.Placed)); err != nil {
		return nil, err
	}
	from := time.Now().Add(-mapSince)
	if since != nil {
		from = *since
	}
	marks, err := q.mapMarks(ctx, drawn, len(roots) == 0, from, environments)
	if err != nil {
		return nil, err
	}
	sheet := &mapSheet{
		api: q.API, marks: marks, grouped: len(drawn.Placed) > beyond, whole: len(roots) == 0,
		nodes: map[string]*MapNode{}, at: map[int64]string{}, single: map[int64]bool{},
	}
	for _, heavy := range q.deps.Roll.Weights(maxMapNodes) {
		sheet.single[heavy.ID] = true
	}
	return sheet.draw(drawn), nil
}

// mapRoots are the entities in focus: of a team what it owns, of a system its parts. An empty one has none but itself.
func (q queries) mapRoots(focus []string) ([]catalog.Ref, error) {
	if len(focus) > maxMapFocus {
		return nil, fault.New(fault.Invalid, "the focus is of at most %d entities, not %d", maxMapFocus, len(focus))
	}
	var roots []catalog.Ref
	for _, text := range focus {
		ref, err := catalog.ParseRef(text, catalog.Service)
		if err != nil {
			return nil, err
		}
		if _, known := q.deps.Roll.Get(ref); !known {
			return nil, fault.New(fault.NotFound, "there is no %s", ref)
		}
		before := len(roots)
		switch ref.Kind {
		case catalog.Team, catalog.Person:
			for _, id := range q.deps.Roll.OwnedBy(ref) {
				if owned, ok := q.deps.Roll.ByID(id); ok {
					roots = append(roots, owned.Ref())
				}
			}
		case catalog.System:
			for _, part := range q.deps.Roll.PartsOf(ref) {
				roots = append(roots, part.Ref())
			}
		default:
		}
		if len(roots) == before {
			roots = append(roots, ref)
		}
	}
	return roots, nil
}

// mapMarks are the newest change and the newest open trouble of each entity, and how many there are.
type mapMarks struct{ changes, troubles map[int64][]*change.Event }

func (q queries) mapMarks(ctx context.Context, drawn catalog.Map, whole bool, since time.Time, environments []string) (mapMarks, error) {
	filter := change.Filter{Classes: []change.Class{change.ClassChange}, Since: since, Environments: slices.Clone(environments)}
	if !whole {
		filter.Entities = make([]int64, len(drawn.Placed))
		for i, placed := range drawn.Placed {
			filter.Entities[i] = placed.ID
		}
		slices.Sort(filter.Entities)
	}
	if err := filter.Normalize(); err != nil {
		return mapMarks{}, err
	}
	read := func(filter change.Filter) (map[int64][]*change.Event, error) {
		page, err := q.deps.Feed.Store.Feed(ctx, filter, change.Cursor{}, mapChanges, false)
		if err != nil {
			return nil, err
		}
		found := map[int64][]*change.Event{}
		for i := range page.Events {
			for _, subject := range page.Events[i].Subjects {
				if subject.Entity != 0 {
					found[subject.Entity] = append(found[subject.Entity], &page.Events[i])
				}
			}
		}
		return found, nil
	}
	changes, err := read(filter)
	if err != nil {
		return mapMarks{}, err
	}
	filter.Classes, filter.Phases, filter.Since = []change.Class{change.ClassSignal}, []change.Phase{change.Started}, time.Now().Add(-troubleSince)
	troubles, err := read(filter)
	return mapMarks{changes: changes, troubles: troubles}, err
}

// mapSheet is a map being drawn.
type mapSheet struct {
	api            *API
	marks          mapMarks
	grouped, whole bool
	single         map[int64]bool
	nodes          map[string]*MapNode
	order          []string
	at             map[int64]string // the node of each entity
}

func (s *mapSheet) draw(drawn catalog.Map) *Map {
	shown := &Map{Total: len(drawn.Placed), Left: drawn.Left, Circles: [][]Entity{}}
	sizes := map[string]int{}
	for _, placed := range drawn.Placed {
		sizes[s.group(placed)]++
	}
	circles, all := map[int]int{}, s.api.deps.Roll.Circles()
	for _, placed := range drawn.Placed {
		id := s.group(placed)
		if id == "" || sizes[id] == 1 {
			id = placed.Entity.Ref().String()
		}
		s.put(id, placed)
		if s.single[placed.ID] {
			shown.SinglePoints = append(shown.SinglePoints, SinglePoint{Entity: &Entity{Entity: placed.Entity}, Dependants: placed.Dependants})
		}
		// The roll may have moved on since it was drawn: a circle that is gone is not told of.
		if placed.Circle == 0 || placed.Circle > len(all) {
			continue
		}
		if _, listed := circles[placed.Circle]; !listed && len(shown.Circles) < maxMapCircles {
			var members []Entity
			for _, member := range all[placed.Circle-1][:min(len(all[placed.Circle-1]), maxMapCircle)] {
				members = append(members, Entity{Entity: member})
			}
			shown.Circles = append(shown.Circles, members)
			circles[placed.Circle] = len(shown.Circles)
		}
		if place, listed := circles[placed.Circle]; listed {
			s.nodes[id].Circle = &place
		}
	}
	slices.SortStableFunc(shown.SinglePoints, func(a, b SinglePoint) int { return cmp.Compare(b.Dependants, a.Dependants) })
	shown.SinglePoints = shown.SinglePoints[:min(len(shown.SinglePoints), maxMapSingles)]
	shown.Left += s.choose()
	for _, id := range s.order {
		shown.Nodes = append(shown.Nodes, *s.nodes[id])
	}
	shown.Edges = s.edges(drawn.Dependencies)
	return shown
}

// choose leaves of very many groups those in trouble and those that the most depend on, and counts the members of the others.
func (s *mapSheet) choose() (left int) {
	if !s.grouped || len(s.order) <= maxMapGroups {
		return 0
	}
	const inFocus, inTrouble, calm = 0, 1, 2
	rank := func(id string) int {
		switch node := s.nodes[id]; {
		case node.Distance == 0 && !s.whole:
			return inFocus
		case node.Troubles > 0:
			return inTrouble
		}
		return calm
	}
	ranked := slices.Clone(s.order)
	slices.SortStableFunc(ranked, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(s.nodes[b].Dependants, s.nodes[a].Dependants))
	})
	for _, id := range ranked[maxMapGroups:] {
		if rank(id) == inFocus {
			continue
		}
		left += s.nodes[id].Members
		delete(s.nodes, id)
	}
	s.order = slices.DeleteFunc(s.order, func(id string) bool { return s.nodes[id] == nil })
	return left
}

// group is where an entity stands together with others; empty when it stands by itself.
func (s *mapSheet) group(placed catalog.Placed) string {
	if !s.grouped || (placed.Distance == 0 && !s.whole) {
		return ""
	}
	side := "group:"
	switch {
	case placed.Distance < 0:
		side = "callers:"
	case placed.Distance > 0:
		side = "calls:"
	}
	if placed.Owner == nil {
		return side
	}
	return side + placed.Owner.String()
}

func (s *mapSheet) put(id string, placed catalog.Placed) {
	s.at[placed.ID] = id
	node, there := s.nodes[id]
	if !there {
		node = &MapNode{ID: id, Distance: placed.Distance, Entity: &Entity{Entity: placed.Entity}}
		if placed.Owner != nil {
			if owner, ok := s.api.deps.Roll.Get(*placed.Owner); ok {
				node.Owner = &Entity{Entity: owner}
			}
		}
		s.nodes[id] = node
		s.order = append(s.order, id)
	} else {
		node.Entity = nil
	}
	node.Members++
	node.Dependants = max(node.Dependants, placed.Dependants)
	node.Single = node.Single || s.single[placed.ID]
	node.Changes += len(s.marks.changes[placed.ID])
	node.Troubles += len(s.marks.troubles[placed.ID])
	node.Change = s.newest(node.Change, s.marks.changes[placed.ID])
	node.Trouble = s.newest(node.Trouble, s.marks.troubles[placed.ID])
}

// newest is the newer of what is known and the first of a list, which is newest first.
func (s *mapSheet) newest(known *Event, list []*change.Event) *Event {
	if len(list) == 0 {
		return known
	}
	found := s.api.event(list[0])
	if known != nil && !known.StartedAt.Before(found.StartedAt) {
		return known
	}
	return found
}

// edges are the dependencies between nodes; those within a group are not told.
func (s *mapSheet) edges(dependencies []catalog.Dependency) []MapEdge {
	type ends struct{ from, to string }
	places := map[ends]int{}
	var list []MapEdge
	for _, d := range dependencies {
		between := ends{s.at[d.From.ID], s.at[d.To.ID]}
		if between.from == between.to || s.nodes[between.from] == nil || s.nodes[between.to] == nil {
			continue
		}
		via := make([]string, len(d.Via))
		for i, api := range d.Via {
			via[i] = api.String()
		}
		place, there := places[between]
		if !there {
			places[between] = len(list)
			edge := MapEdge{From: between.from, To: between.to, Count: 1, Evidence: string(d.Evidence), Via: via, Since: d.Since}
			if !d.LastSeen.IsZero() {
				seen := d.LastSeen
				edge.LastSeen = &seen
			}
			list = append(list, edge)
			continue
		}
		edge := &list[place]
		edge.Count++
		if edge.Evidence != string(d.Evidence) {
			edge.Evidence = string(catalog.Both)
		}
		if d.Since.Before(edge.Since) {
			edge.Since = d.Since
		}
		if seen := d.LastSeen; !seen.IsZero() && (edge.LastSeen == nil || edge.LastSeen.Before(seen)) {
			edge.LastSeen = &seen
		}
	}
	return list
}

// Paths lists the ways from one entity to another.
func (q queries) Paths(ctx context.Context, from, to string, first *int) ([]Path, error) {
	limit, err := bounded(first, 5, catalog.MaxPaths)
	if err != nil {
		return nil, err
	}
	start, err := catalog.ParseRef(from, catalog.Service)
	if err != nil {
		return nil, err
	}
	end, err := catalog.ParseRef(to, catalog.Service)
	if err != nil {
		return nil, err
	}
	found, err := q.deps.Roll.Paths(start, end, limit)
	if err != nil {
		return nil, err
	}
	paths := make([]Path, len(found))
	for i, stops := range found {
		if paths[i].Stops, err = q.present(ctx, stops); err != nil {
			return nil, err
		}
	}
	return paths, nil
}
