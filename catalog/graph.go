package catalog

import (
	"cmp"
	"slices"
)

// Edge is a relation seen from its target: Entity is the one that has it.
type Edge struct {
	Entity   *Entity
	Relation Relation
}

// MaxDepth is the most steps that Neighbourhood goes.
const MaxDepth = 10

// Owned lists what a team or person owns itself, by name, without the retired.
func (x *Index) Owned(owner Ref) []*Entity {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.named(x.owned[owner])
}

// PartsOf lists what is directly part of an entity, by name, without the retired.
func (x *Index) PartsOf(ref Ref) []*Entity {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.named(x.parts[ref])
}

// Dependants lists who depends on, consumes or provides an entity, by name and then by type of relation, without the
// retired.
func (x *Index) Dependants(ref Ref) []Edge {
	x.mu.RLock()
	defer x.mu.RUnlock()
	slots := slices.Concat(x.callers[ref], x.providers[ref])
	slices.Sort(slots)
	var edges []Edge
	for _, entity := range x.named(slices.Compact(slots)) {
		from := len(edges)
		for _, relation := range entity.Relations {
			if relation.Target == ref && relation.Type != FamilyPartOf {
				edges = append(edges, Edge{Entity: entity, Relation: relation})
			}
		}
		slices.SortStableFunc(edges[from:], func(a, b Edge) int { return cmp.Compare(a.Relation.Type, b.Relation.Type) })
	}
	return edges
}

// DependantIDs are the ids of who depends on, consumes or provides an entity, in no order, without the retired. It costs a
// fraction of Dependants where many do.
func (x *Index) DependantIDs(ref Ref) []int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	slots := slices.Concat(x.callers[ref], x.providers[ref])
	slices.Sort(slots)
	return x.ids(slices.Compact(slots))
}

// CallerIDs are the ids of who depends on or consumes an entity, in no order, without the retired.
func (x *Index) CallerIDs(ref Ref) []int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.ids(x.callers[ref])
}

// ids are those of some slots, without the retired.
func (x *Index) ids(slots []int32) []int64 {
	ids := make([]int64, 0, len(slots))
	for _, slot := range slots {
		if r := &x.rows[slot]; !r.retired() {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// Neighbourhood tells how many steps away each entity is that the roots call, by id: the roots are 0, what they depend
// on or consume is 1, and so on up to depth, which is held within 1 and MaxDepth. Who provides an API stands as near as
// the API itself. Unknown roots and targets are left out; the retired are in, for their past.
func (x *Index) Neighbourhood(roots []Ref, depth int) map[int64]int {
	depth = min(max(depth, 1), MaxDepth)
	x.mu.RLock()
	defer x.mu.RUnlock()
	steps := make(map[int64]int, 2*len(roots))
	var near, far []int32
	reach := func(slot int32, step int) {
		id := x.rows[slot].id
		if _, seen := steps[id]; !seen {
			steps[id] = step
			far = append(far, slot)
		}
	}
	for _, root := range roots {
		if slot, ok := x.byRef[root]; ok {
			reach(slot, 0)
		}
	}
	for step := 1; step <= depth && len(far) > 0; step++ {
		near, far = far, near[:0]
		for _, slot := range near {
			r := &x.rows[slot]
			if r.ref.Kind == API {
				for _, provider := range x.providers[r.ref] {
					reach(provider, step)
				}
			}
			for _, relation := range r.entity.Relations {
				if relation.Type != FamilyDependsOn && relation.Type != FamilyConsumes {
					continue
				}
				if target, ok := x.byRef[relation.Target]; ok {
					reach(target, step)
				}
				if relation.Target.Kind == API {
					for _, provider := range x.providers[relation.Target] {
						reach(provider, step)
					}
				}
			}
		}
	}
	return steps
}

// OwnedBy lists the ids of everything that a team owns, or a team that is part of it to any depth, ascending. The
// retired are in, for their past.
func (x *Index) OwnedBy(team Ref) []int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var ids []int64
	seen := map[Ref]bool{team: true}
	for teams := []Ref{team}; len(teams) > 0; teams = teams[1:] {
		for _, slot := range x.owned[teams[0]] {
			ids = append(ids, x.rows[slot].id)
		}
		for _, slot := range x.parts[teams[0]] {
			if ref := x.rows[slot].ref; ref.Kind == Team && !seen[ref] {
				seen[ref] = true
				teams = append(teams, ref)
			}
		}
	}
	slices.Sort(ids)
	return ids
}
