package catalog

import (
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
)

// Cycle names the claims of normal statements by which an entity would be owned by itself, or be part of itself, over
// any number of steps, as the roll stands with all of them. A fault's pointer is "/" and the field.
//
// Readers survive such cycles, for sources may disagree; this is for those who can still be told. Two that are written
// at the same moment are not seen.
func (x *Index) Cycle(statements []Statement) []fault.Fault {
	said := make(map[Ref]*Statement, len(statements))
	for i := range statements {
		said[statements[i].Ref] = &statements[i]
	}
	var faults []fault.Fault
	for i := range statements {
		for _, claim := range statements[i].Claims {
			family := claim.Field.Family()
			if claim.Field != FieldOwner && family != FamilyPartOf {
				continue
			}
			if target := claim.Target(); !target.IsZero() {
				if way := x.way(said, family, target, statements[i].Ref); way != nil {
					faults = append(faults, fault.Fault{Pointer: "/" + string(claim.Field), Detail: cycleDetail(family, way)})
				}
			}
		}
	}
	return faults
}

// way is the shortest way from one entity up to another, both included; nil when there is none.
func (x *Index) way(said map[Ref]*Statement, family string, from, to Ref) []Ref {
	before := map[Ref]Ref{from: {}}
	for queue := []Ref{from}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		if here == to {
			var way []Ref
			for ; !here.IsZero(); here = before[here] {
				way = append(way, here)
			}
			slices.Reverse(way)
			return way
		}
		for _, next := range x.above(said, family, here) {
			if _, seen := before[next]; !seen {
				before[next] = here
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// above is what owns an entity, or what it is part of: by the statements, and by the roll where they are silent.
func (x *Index) above(said map[Ref]*Statement, family string, ref Ref) []Ref {
	var refs []Ref
	if statement := said[ref]; statement != nil {
		for _, claim := range statement.Claims {
			if target := claim.Target(); claim.Field.Family() == family && !target.IsZero() {
				refs = append(refs, target)
			}
		}
		if !statement.Partial {
			return refs
		}
	}
	e, ok := x.Get(ref)
	if !ok || e.Retired {
		return refs
	}
	if family == string(FieldOwner) {
		if e.Owner != nil && len(refs) == 0 {
			refs = append(refs, *e.Owner)
		}
		return refs
	}
	for _, relation := range e.Related(FamilyPartOf) {
		refs = append(refs, relation.Target)
	}
	return refs
}

func cycleDetail(family string, way []Ref) string {
	verb := "is part of"
	if family == string(FieldOwner) {
		verb = "is owned by"
	}
	// The way ends where the claim begins.
	parts := []string{way[len(way)-1].String()}
	for _, ref := range way {
		parts = append(parts, ref.String())
	}
	if len(parts) > 6 {
		parts = slices.Concat(parts[:5], []string{"…"}, parts[len(parts)-1:])
	}
	return "makes a circle: " + strings.Join(parts, " "+verb+" ")
}
