package incident

import (
	"maps"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// relatedness is how the subjects of a signal stand to those of an incident.
type relatedness int

const (
	apartFrom relatedness = iota
	sharing
	neighbour
	same
)

// neighbourhood is what is around the subjects of a signal.
type neighbourhood struct {
	roll   *catalog.Roll
	names  map[string]bool
	ids    map[int64]bool
	next   map[int64]bool // what they call, and who calls them
	beside map[int64]bool // who calls what they call, where not everybody does
}

func (k *Keeper) around(subjects []change.Subject) *neighbourhood {
	n := &neighbourhood{roll: k.Roll, names: map[string]bool{}, ids: map[int64]bool{}, next: map[int64]bool{}, beside: map[int64]bool{}}
	var refs []catalog.Ref
	for _, s := range subjects {
		n.names[s.Name] = true
		if s.Outside != "" {
			n.names[s.Outside] = true
		}
		if ref, ok := n.ref(s); ok {
			n.ids[s.Entity] = true
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		return n
	}
	for id, steps := range k.Roll.Neighbourhood(refs, 1) {
		n.next[id] = true
		if steps == 1 {
			n.share(id)
		}
	}
	for _, ref := range refs {
		for _, id := range k.Roll.DependantIDs(ref) {
			n.next[id] = true
		}
	}
	return n
}

// share notes who else calls a dependency, by itself or by an API that it provides.
func (n *neighbourhood) share(dependency int64) {
	e, ok := n.roll.ByID(dependency)
	if !ok {
		return
	}
	called := []catalog.Ref{e.Ref()}
	for _, provided := range e.Related(catalog.FamilyProvides) {
		called = append(called, provided.Target)
	}
	for _, ref := range called {
		callers := n.roll.DependantIDs(ref)
		if len(callers) > hub {
			continue
		}
		for _, id := range callers {
			n.beside[id] = true
		}
	}
}

// ref is the entity of a subject that can be in trouble.
func (n *neighbourhood) ref(s change.Subject) (catalog.Ref, bool) {
	if s.Entity == 0 {
		return catalog.Ref{}, false
	}
	e, ok := n.roll.ByID(s.Entity)
	if !ok || !canFail(e.Ref().Kind) {
		return catalog.Ref{}, false
	}
	return e.Ref(), true
}

func canFail(kind catalog.Kind) bool { return kind != catalog.Team && kind != catalog.Person }

func (n *neighbourhood) to(subjects []change.Subject, closely bool) relatedness {
	how := apartFrom
	for _, s := range subjects {
		switch {
		case n.names[s.Name], n.ids[s.Entity]:
			return same
		case !n.next[s.Entity] && !n.beside[s.Entity]:
			continue
		}
		if _, ok := n.ref(s); !ok {
			continue
		}
		switch {
		case n.next[s.Entity]:
			how = neighbour
		case closely && how == apartFrom && len(subjects) <= openedAtOnce:
			how = sharing
		}
	}
	return how
}

// touched are the incidents that have something of a neighbourhood. To compare each subject of every incident that is open
// with it would cost, in a bad hour, more than to take the signals in.
func (b *batch) touched(n *neighbourhood) map[int64]bool {
	touched := map[int64]bool{}
	for name := range n.names {
		maps.Copy(touched, b.named[name])
	}
	for _, ids := range []map[int64]bool{n.ids, n.next, n.beside} {
		for id := range ids {
			maps.Copy(touched, b.at[id])
		}
	}
	return touched
}
