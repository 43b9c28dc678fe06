package catalog

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"tidings.dev/tidings/fault"
)

// Dependency is one arrow of the map: From cannot do without To. It stands for one or several relations: a consumed API
// leads to those that provide it, and is then no stop of its own but named in Via.
type Dependency struct {
	From, To *Entity
	Via      []Ref // APIs, by name
	Evidence Evidence
	Since    time.Time
	LastSeen time.Time // zero where it is only declared
}

// Direction says which way a map is drawn from its roots.
type Direction string

// The directions.
const (
	BothWays Direction = "both"
	Callers  Direction = "callers"
	Calls    Direction = "calls"
)

// Placed is an entity on a map.
type Placed struct {
	*Entity
	// Distance is how many steps it is from the nearest root: those that depend on a root are below zero.
	Distance int
	// Dependants is how many entities of the whole roll depend on it, directly or through others.
	Dependants int
	// Circle numbers the group of entities that all depend on each other, from 1; zero is none.
	Circle int
}

// Map is a part of the roll with its dependencies. The retired are not on it.
type Map struct {
	Placed       []Placed // roots first, then by distance and name
	Dependencies []Dependency
	// Left counts what was left out because there was too much of it.
	Left int
}

// MaxPlaced is the most entities on one map.
const MaxPlaced = 20_000

// Map draws what the roots depend on and who depends on them, up to depth steps (1 to MaxDepth), nearest first. For an API
// stand those that provide it. Without roots it draws
// everything that depends on something or is depended on, each at distance zero.
func (x *Index) Map(roots []Ref, direction Direction, depth, limit int) Map {
	depth = min(max(depth, 1), MaxDepth)
	limit = min(max(limit, 1), MaxPlaced)
	x.mu.RLock()
	defer x.mu.RUnlock()
	web := x.web()
	places := map[int32]int{}
	var order []int32
	left := 0
	place := func(slot int32, distance int) bool {
		if _, seen := places[slot]; seen {
			return false
		}
		if len(order) == limit {
			left++
			return false
		}
		places[slot] = distance
		order = append(order, slot)
		return true
	}
	if len(roots) == 0 {
		for slot := range x.rows {
			if len(web.out[slot])+len(web.in[slot]) > 0 {
				place(int32(slot), 0)
			}
		}
	}
	var near []int32
	for _, root := range roots {
		slots := x.standingProviders(root)
		if slot, ok := x.byRef[root]; ok && len(slots) == 0 && !x.rows[slot].retired() {
			slots = append(slots, slot)
		}
		for _, slot := range slots {
			if place(slot, 0) {
				near = append(near, slot)
			}
		}
	}
	calls, callers := near, slices.Clone(near)
	for step := 1; step <= depth; step++ {
		var further []int32
		if direction != Callers {
			for _, slot := range calls {
				for _, way := range web.out[slot] {
					if place(way.to, step) {
						further = append(further, way.to)
					}
				}
			}
			calls = further
		}
		further = nil
		if direction != Calls {
			for _, slot := range callers {
				for _, from := range web.in[slot] {
					if place(from, -step) {
						further = append(further, from)
					}
				}
			}
			callers = further
		}
	}
	return Map{Placed: x.placed(web, order, places), Dependencies: x.between(web, order, places), Left: left}
}

func (x *Index) placed(web *web, order []int32, places map[int32]int) []Placed {
	list := make([]Placed, len(order))
	for i, slot := range order {
		list[i] = Placed{Entity: x.rows[slot].entity, Distance: places[slot], Dependants: int(web.dependants[slot]), Circle: int(web.circle[slot])}
	}
	slices.SortStableFunc(list, func(a, b Placed) int {
		return cmp.Or(cmp.Compare(max(a.Distance, -a.Distance), max(b.Distance, -b.Distance)), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (x *Index) between(web *web, order []int32, places map[int32]int) []Dependency {
	var list []Dependency
	for _, slot := range order {
		for _, way := range web.out[slot] {
			if _, there := places[way.to]; there {
				list = append(list, Dependency{
					From: x.rows[slot].entity, To: x.rows[way.to].entity, Via: way.via,
					Evidence: way.evidence, Since: way.since, LastSeen: way.lastSeen,
				})
			}
		}
	}
	return list
}

// Weights lists what the most entities of the roll depend on, directly or through others, the most first: what at least
// a quarter of those that depend on anything cannot do without, and at least three.
func (x *Index) Weights(limit int) []Placed {
	x.mu.RLock()
	defer x.mu.RUnlock()
	web := x.web()
	depending := 0
	for _, ways := range web.out {
		if len(ways) > 0 {
			depending++
		}
	}
	least := max(3, (depending+3)/4)
	var slots []int32
	for slot, count := range web.dependants {
		if int(count) >= least {
			slots = append(slots, int32(slot))
		}
	}
	list := x.placed(web, slots, nil)
	slices.SortStableFunc(list, func(a, b Placed) int { return cmp.Compare(b.Dependants, a.Dependants) })
	return list[:min(len(list), limit)]
}

// Circles lists the groups of entities that all depend on each other, each by name. Placed.Circle counts them from 1.
func (x *Index) Circles() [][]*Entity {
	x.mu.RLock()
	defer x.mu.RUnlock()
	web := x.web()
	list := make([][]*Entity, web.circles)
	for slot, circle := range web.circle {
		if circle > 0 {
			list[circle-1] = append(list[circle-1], x.rows[slot].entity)
		}
	}
	for _, members := range list {
		slices.SortFunc(members, func(a, b *Entity) int { return cmp.Compare(a.Name, b.Name) })
	}
	return list
}

// Bounds of a search for paths.
const (
	MaxPaths      = 20
	pathDetour    = 3      // steps beyond the shortest way
	pathAttempts  = 50_000 // steps that are tried
	maxPathLength = 30
)

// Paths lists ways by which one entity depends on another, each without a stop twice: the shortest first, and those that
// are at most three steps longer. None means that it does not depend on it. An unknown end is NotFound.
func (x *Index) Paths(from, to Ref, limit int) ([][]*Entity, error) {
	limit = min(max(limit, 1), MaxPaths)
	x.mu.RLock()
	defer x.mu.RUnlock()
	start, known := x.byRef[from]
	end, alsoKnown := x.byRef[to]
	if !known || !alsoKnown {
		missing := from
		if known {
			missing = to
		}
		return nil, fault.New(fault.NotFound, "there is no %s", missing)
	}
	web := x.web()
	// How far each is from the end, so that no step is tried that does not lead there.
	steps := map[int32]int{end: 0}
	for queue := []int32{end}; len(queue) > 0; queue = queue[1:] {
		for _, before := range web.in[queue[0]] {
			if _, seen := steps[before]; !seen {
				steps[before] = steps[queue[0]] + 1
				queue = append(queue, before)
			}
		}
	}
	shortest, reached := steps[start]
	if !reached || start == end {
		return nil, nil
	}
	var found [][]*Entity
	attempts := pathAttempts
	for length := shortest; length <= min(shortest+pathDetour, maxPathLength) && len(found) < limit; length++ {
		way := []int32{start}
		var walk func()
		walk = func() {
			here := way[len(way)-1]
			if here == end {
				if len(way)-1 == length {
					stops := make([]*Entity, len(way))
					for i, slot := range way {
						stops[i] = x.rows[slot].entity
					}
					found = append(found, stops)
				}
				return
			}
			for _, next := range web.out[here] {
				left, leads := steps[next.to]
				if attempts--; attempts < 0 || len(found) >= limit {
					return
				}
				if !leads || len(way)+left > length || slices.Contains(way, next.to) {
					continue
				}
				way = append(way, next.to)
				walk()
				way = way[:len(way)-1]
			}
		}
		walk()
	}
	return found, nil
}

// web is who depends on whom, by slot: kept until the roll changes.
type web struct {
	version    uint64
	out        [][]way
	in         [][]int32
	dependants []int32
	circle     []int32
	circles    int
}

type way struct {
	to       int32
	via      []Ref
	evidence Evidence
	since    time.Time
	lastSeen time.Time
}

// web gives the dependencies as the roll stands; whoever asks holds mu for reading.
func (x *Index) web() *web {
	if kept := x.dependencies.Load(); kept != nil && kept.version == x.puts {
		return kept
	}
	w := x.weave()
	w.measure()
	x.dependencies.Store(w)
	return w
}

func (x *Index) weave() *web {
	n := len(x.rows)
	w := &web{version: x.puts, out: make([][]way, n), in: make([][]int32, n)}
	for slot := range x.rows {
		r := &x.rows[slot]
		if r.retired() {
			continue
		}
		add := func(to int32, relation Relation, via ...Ref) {
			if to == int32(slot) || x.rows[to].retired() {
				return
			}
			i := slices.IndexFunc(w.out[slot], func(known way) bool { return known.to == to })
			if i < 0 {
				w.out[slot] = append(w.out[slot], way{to: to, via: via, evidence: relation.Evidence, since: relation.Since, lastSeen: relation.LastSeen})
				w.in[to] = append(w.in[to], int32(slot))
				return
			}
			known := &w.out[slot][i]
			known.via = append(known.via, via...)
			if known.evidence != relation.Evidence {
				known.evidence = Both
			}
			if relation.Since.Before(known.since) {
				known.since = relation.Since
			}
			if relation.LastSeen.After(known.lastSeen) {
				known.lastSeen = relation.LastSeen
			}
		}
		for _, relation := range r.entity.Relations {
			if relation.Type != FamilyDependsOn && relation.Type != FamilyConsumes {
				continue
			}
			providers := x.standingProviders(relation.Target)
			for _, provider := range providers {
				add(provider, relation, relation.Target)
			}
			if target, ok := x.byRef[relation.Target]; ok && len(providers) == 0 {
				add(target, relation)
			}
		}
	}
	return w
}

// standingProviders are those that provide an API and are not retired.
func (x *Index) standingProviders(api Ref) []int32 {
	if api.Kind != API {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(x.providers[api]), func(slot int32) bool { return x.rows[slot].retired() })
}

// measure finds the circles, and counts who depends on each, directly or through others.
func (w *web) measure() {
	n := len(w.out)
	component, components := w.components()
	size := make([]int32, components)
	for _, c := range component {
		size[c]++
	}
	w.circle = make([]int32, n)
	numbers := make([]int32, components)
	for slot, c := range component {
		if size[c] < 2 {
			continue
		}
		if numbers[c] == 0 {
			w.circles++
			numbers[c] = int32(w.circles)
		}
		w.circle[slot] = numbers[c]
	}
	// Arrows between components, each once; a component's number is above those of all that it calls.
	calls := make([][]int32, components)
	for slot, ways := range w.out {
		for _, to := range ways {
			if a, b := component[slot], component[to.to]; a != b {
				calls[a] = append(calls[a], b)
			}
		}
	}
	for c := range calls {
		slices.Sort(calls[c])
		calls[c] = slices.Compact(calls[c])
	}
	// Sixty-four callers at a time pass through all components, so that memory stays small.
	reached := make([]int32, components)
	marks := make([]uint64, components)
	for first := 0; first < components; first += 64 {
		clear(marks[:min(first+64, components)])
		for c := min(first+64, components) - 1; c >= 0; c-- {
			own := uint64(0)
			if c >= first {
				own = 1 << (c - first)
			}
			if marks[c]|own == 0 {
				continue
			}
			for rest := marks[c]; rest != 0; rest &= rest - 1 {
				reached[c] += size[first+bits.TrailingZeros64(rest)]
			}
			for _, to := range calls[c] {
				marks[to] |= marks[c] | own
			}
		}
	}
	w.dependants = make([]int32, n)
	for slot, c := range component {
		w.dependants[slot] = reached[c] + size[c] - 1
	}
}

// components numbers the strongly connected components, by Tarjan's algorithm without recursion: a component is
// numbered after all that it leads to.
func (w *web) components() (component []int32, count int) {
	n := len(w.out)
	component = make([]int32, n)
	index := make([]int32, n) // from 1 in the order of sight
	low := make([]int32, n)
	onStack := make([]bool, n)
	next := make([]int, n)
	var stack, path []int32
	seen := int32(0)
	for root := range n {
		if index[root] != 0 {
			continue
		}
		path = append(path, int32(root))
		for len(path) > 0 {
			v := path[len(path)-1]
			if index[v] == 0 {
				seen++
				index[v], low[v] = seen, seen
				stack = append(stack, v)
				onStack[v] = true
			}
			if next[v] < len(w.out[v]) {
				to := w.out[v][next[v]].to
				next[v]++
				if index[to] == 0 {
					path = append(path, to)
				} else if onStack[to] {
					low[v] = min(low[v], index[to])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				above := path[len(path)-1]
				low[above] = min(low[above], low[v])
			}
			if low[v] == index[v] {
				for {
					top := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					onStack[top] = false
					component[top] = int32(count)
					if top == v {
						break
					}
				}
				count++
			}
		}
	}
	return component, count
}
