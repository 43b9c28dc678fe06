package rest

import (
	"context"
	"net/http"
	"slices"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
)

// Relations is what an entity has to do with others, in both directions.
type Relations struct {
	Roll *catalog.Roll
	Now  func() time.Time
}

// maxRelated bounds one list of an answer.
const maxRelated = 5000

func (h *Relations) routes() []route {
	return []route{{method: http.MethodGet, op: access.ReadRoll, path: entityPath + "/relations", query: []string{"depth", "at"}, serve: h.get}}
}

// relationsAnswer has a list for each type of relation and direction; a list is followed along its own type.
type relationsAnswer struct {
	Entity       catalog.Ref  `json:"entity"`
	At           wire.Time    `json:"at,omitzero"`
	Owner        *catalog.Ref `json:"owner,omitempty"`
	Owns         []related    `json:"owns"`
	DependsOn    []related    `json:"depends_on"`
	DependedOnBy []related    `json:"depended_on_by"`
	PartOf       []related    `json:"part_of"`
	Parts        []related    `json:"parts"`
	Provides     []related    `json:"provides"`
	ProvidedBy   []related    `json:"provided_by"`
	Consumes     []related    `json:"consumes"`
	ConsumedBy   []related    `json:"consumed_by"`
	// Truncated tells that a list was cut.
	Truncated bool `json:"truncated,omitempty"`
}

// related is an entity at the other end, nearest first.
type related struct {
	Entity   catalog.Ref      `json:"entity"`
	Distance int              `json:"distance"`
	Via      *catalog.Ref     `json:"via,omitempty"` // the step before, from a distance of 2 on
	Evidence catalog.Evidence `json:"evidence,omitempty"`
	Since    wire.Time        `json:"since,omitzero"`
	LastSeen wire.Time        `json:"last_seen,omitzero"`
}

func (h *Relations) get(w http.ResponseWriter, r *http.Request) error {
	root, err := ref(r)
	if err != nil {
		return err
	}
	q := newQuery(r, h.Now())
	depth, at := q.number("depth", 1, catalog.MaxDepth, 1), q.instant("at")
	if err := q.err(); err != nil {
		return err
	}
	e, err := h.Roll.At(r.Context(), root, at, time.Time{})
	if err != nil {
		return err
	}
	walk := &walk{roll: h.Roll, at: at, depth: depth, root: root}
	a := relationsAnswer{Entity: root, At: wire.Time{Time: at}, Owner: e.Owner}
	if a.Owns, err = h.owns(r.Context(), root, at); err != nil {
		return err
	}
	for _, list := range []struct {
		family  string
		out, in *[]related
	}{
		{catalog.FamilyDependsOn, &a.DependsOn, &a.DependedOnBy},
		{catalog.FamilyPartOf, &a.PartOf, &a.Parts},
		{catalog.FamilyProvides, &a.Provides, &a.ProvidedBy},
		{catalog.FamilyConsumes, &a.Consumes, &a.ConsumedBy},
	} {
		if *list.out, err = walk.along(r.Context(), list.family, walk.targets); err != nil {
			return err
		}
		if *list.in, err = walk.along(r.Context(), list.family, walk.sources); err != nil {
			return err
		}
	}
	a.Truncated = walk.truncated
	return answer(w, http.StatusOK, a)
}

// owns lists what an entity owns, or owned.
func (h *Relations) owns(ctx context.Context, owner catalog.Ref, at time.Time) ([]related, error) {
	all := []related{}
	if at.IsZero() {
		for _, owned := range h.Roll.Owned(owner) {
			all = append(all, related{Entity: owned.Ref(), Distance: 1})
		}
		return all, nil
	}
	edges, err := h.Roll.PointingAt(ctx, owner, at, time.Time{})
	if err != nil {
		return nil, err
	}
	for _, edge := range edges {
		if edge.Relation.Type != string(catalog.FieldOwner) {
			continue
		}
		// A stronger source may have said otherwise.
		owned, err := h.Roll.At(ctx, edge.Entity.Ref(), at, time.Time{})
		if err != nil {
			return nil, err
		}
		if owned.Owner != nil && *owned.Owner == owner {
			all = append(all, related{Entity: owned.Ref(), Distance: 1})
		}
	}
	return all, nil
}

// walk follows relations breadth first.
type walk struct {
	roll      *catalog.Roll
	at        time.Time
	depth     int
	root      catalog.Ref
	truncated bool
}

// along lists what is reached by one type of relation, each entity once and at its least distance.
func (k *walk) along(ctx context.Context, family string, next func(context.Context, string, catalog.Ref) ([]related, error)) ([]related, error) {
	found := []related{}
	seen := map[catalog.Ref]bool{k.root: true}
	near := []catalog.Ref{k.root}
	for distance := 1; distance <= k.depth && len(near) > 0; distance++ {
		var far []catalog.Ref
		for _, from := range near {
			steps, err := next(ctx, family, from)
			if err != nil {
				return nil, err
			}
			for _, step := range steps {
				if seen[step.Entity] {
					continue
				}
				if len(found) == maxRelated {
					k.truncated = true
					return found, nil
				}
				seen[step.Entity] = true
				step.Distance = distance
				if distance > 1 {
					step.Via = &from
				}
				found = append(found, step)
				far = append(far, step.Entity)
			}
		}
		near = far
	}
	return found, nil
}

func relatedBy(entity catalog.Ref, relation catalog.Relation) related {
	return related{
		Entity: entity, Evidence: relation.Evidence,
		Since: wire.Time{Time: relation.Since}, LastSeen: wire.Time{Time: relation.LastSeen},
	}
}

// targets are the ends of the arrows from an entity.
func (k *walk) targets(ctx context.Context, family string, from catalog.Ref) ([]related, error) {
	e, err := k.roll.At(ctx, from, k.at, time.Time{})
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []related
	for _, relation := range e.Related(family) {
		all = append(all, relatedBy(relation.Target, relation))
	}
	return all, nil
}

// sources are the beginnings of the arrows to an entity.
func (k *walk) sources(ctx context.Context, family string, to catalog.Ref) ([]related, error) {
	edges := k.roll.Dependants(to)
	switch {
	case !k.at.IsZero():
		var err error
		if edges, err = k.roll.PointingAt(ctx, to, k.at, time.Time{}); err != nil {
			return nil, err
		}
	case family == catalog.FamilyPartOf:
		edges = nil
		for _, part := range k.roll.PartsOf(to) {
			i := slices.IndexFunc(part.Relations, func(r catalog.Relation) bool { return r.Type == family && r.Target == to })
			if i >= 0 {
				edges = append(edges, catalog.Edge{Entity: part, Relation: part.Relations[i]})
			}
		}
	}
	var all []related
	for _, edge := range edges {
		if edge.Relation.Type == family {
			all = append(all, relatedBy(edge.Entity.Ref(), edge.Relation))
		}
	}
	return all, nil
}
