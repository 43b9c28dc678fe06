package suspect

import (
	"slices"

	"tidings.dev/tidings/catalog"
)

// Bounds of a neighbourhood. A service that everybody calls has thousands of callers, of which the nearest will do.
const (
	farDown    = 4    // steps along what is depended on
	farUp      = 2    // steps along who depends
	mostDown   = 1000 // entities
	mostUp     = 300
	mostBeside = 100 // others on one resource
	mostRoots  = 50
)

// around tells where everything near some entities stands, by the id of the store; of several ways to one place, the
// shortest, and down before up.
func around(roll *catalog.Roll, roots []*catalog.Entity) map[int64]Place {
	places := map[int64]Place{}
	reached := map[int64]map[int64]bool{}
	for _, root := range roots {
		w := &walk{roll: roll, root: root, places: map[int64]Place{}}
		w.down()
		w.up()
		w.beside()
		for id, place := range w.places {
			if reached[id] == nil {
				reached[id] = map[int64]bool{}
			}
			reached[id][root.ID] = true
			if known, ok := places[id]; !ok || nearer(place, known) {
				places[id] = place
			}
		}
	}
	for id, place := range places {
		place.Roots = len(reached[id])
		places[id] = place
	}
	return places
}

// nearer orders places: fewer steps first, and of as many, those down.
func nearer(a, b Place) bool {
	if a.Down+a.Up != b.Down+b.Up {
		return a.Down+a.Up < b.Down+b.Up
	}
	if a.Up != b.Up {
		return a.Up < b.Up
	}
	if a.Observed != b.Observed {
		return a.Observed
	}
	return slices.Compare(a.Path, b.Path) < 0
}

// walk goes through the neighbourhood of one root, breadth first.
type walk struct {
	roll   *catalog.Roll
	root   *catalog.Entity
	places map[int64]Place
}

// put notes a place unless a nearer one is known.
func (w *walk) put(e *catalog.Entity, place Place) bool {
	if known, ok := w.places[e.ID]; ok && !nearer(place, known) {
		return false
	}
	w.places[e.ID] = place
	return true
}

func (w *walk) down() {
	w.put(w.root, Place{Path: []string{w.root.Name}, Observed: true})
	near := []*catalog.Entity{w.root}
	for step := 1; step <= farDown && len(near) > 0; step++ {
		var far []*catalog.Entity
		for _, from := range near {
			place := w.places[from.ID]
			for _, to := range w.targets(from) {
				next := Place{Down: step, Path: append(slices.Clone(place.Path), to.entity.Name), Observed: place.Observed && to.observed}
				if len(w.places) < mostDown && w.put(to.entity, next) {
					far = append(far, to.entity)
				}
			}
		}
		near = far
	}
}

type step struct {
	entity   *catalog.Entity
	observed bool
}

// targets are what an entity stands on: what it depends on or consumes, who provides an API, and what it is part of.
func (w *walk) targets(from *catalog.Entity) []step {
	var steps []step
	add := func(ref catalog.Ref, observed bool) {
		if e, ok := w.roll.Get(ref); ok {
			steps = append(steps, step{e, observed})
		}
	}
	providers := func(api catalog.Ref, observed bool) {
		for _, edge := range w.roll.Dependants(api) {
			if edge.Relation.Type == catalog.FamilyProvides && edge.Entity.ID != from.ID {
				steps = append(steps, step{edge.Entity, observed})
			}
		}
	}
	if from.Kind == catalog.API {
		providers(from.Ref(), true)
	}
	for _, relation := range from.Relations {
		observed := relation.Evidence != catalog.Declared
		switch relation.Type {
		case catalog.FamilyDependsOn, catalog.FamilyConsumes:
			add(relation.Target, observed)
			if relation.Target.Kind == catalog.API {
				providers(relation.Target, observed)
			}
		case catalog.FamilyProvides:
			if from.ID == w.root.ID {
				add(relation.Target, true)
			}
		case catalog.FamilyPartOf:
			if from.ID == w.root.ID && relation.Target.Kind == catalog.System {
				add(relation.Target, true)
			}
		}
	}
	return steps
}

// up goes to who calls.
func (w *walk) up() {
	near := []*catalog.Entity{w.root}
	found := 0
	for step := 1; step <= farUp && len(near) > 0; step++ {
		var far []*catalog.Entity
		for _, from := range near {
			place := w.places[from.ID]
			for _, caller := range w.callers(from) {
				next := Place{Up: step, Path: append(slices.Clone(place.Path), caller.entity.Name), Observed: place.Observed && caller.observed}
				if found < mostUp && w.put(caller.entity, next) {
					far = append(far, caller.entity)
					found++
				}
			}
		}
		near = far
	}
}

// callers are who depends on an entity, and on the APIs that it provides.
func (w *walk) callers(of *catalog.Entity) []step {
	var steps []step
	add := func(ref catalog.Ref) {
		for _, edge := range w.roll.Dependants(ref) {
			if edge.Relation.Type != catalog.FamilyProvides {
				steps = append(steps, step{edge.Entity, edge.Relation.Evidence != catalog.Declared})
			}
		}
	}
	add(of.Ref())
	for _, provided := range of.Related(catalog.FamilyProvides) {
		add(provided.Target)
	}
	return steps
}

// beside goes to who else stands on a resource of the root.
func (w *walk) beside() {
	for _, relation := range w.root.Related(catalog.FamilyDependsOn) {
		if relation.Target.Kind != catalog.Resource {
			continue
		}
		resource, ok := w.roll.Get(relation.Target)
		if !ok {
			continue
		}
		dependants := w.roll.Dependants(relation.Target)
		for _, edge := range dependants[:min(len(dependants), mostBeside)] {
			w.put(edge.Entity, Place{
				Down: 1, Up: 1, Path: []string{w.root.Name, resource.Name, edge.Entity.Name},
				Observed: relation.Evidence != catalog.Declared && edge.Relation.Evidence != catalog.Declared,
			})
		}
	}
}

// Direction says in a word which way a place lies: self, down, up or shared.
func (p *Place) Direction() string {
	switch {
	case p.Down > 0 && p.Up > 0:
		return "shared"
	case p.Down > 0:
		return "down"
	case p.Up > 0:
		return "up"
	}
	return "self"
}

// Near is where a change stands that has a place: the nearest of its subjects.
func (c *Candidate) Near() (Place, bool) {
	var best Place
	found := false
	for _, subject := range c.Head.Subjects {
		if place, ok := c.Places[subject.Entity]; ok && subject.Entity != 0 && (!found || nearer(place, best)) {
			best, found = place, true
		}
	}
	return best, found
}

// strangers counts the entities without a place that changes are of.
func strangers(changes []Candidate) int {
	names := map[string]bool{}
	for i := range changes {
		if _, near := changes[i].Near(); !near && len(changes[i].Head.Subjects) > 0 {
			names[changes[i].Head.Subjects[0].Name] = true
		}
	}
	return len(names)
}
