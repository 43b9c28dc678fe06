package catalog

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tidings.dev/tidings/fault"
)

// Archive is the storage that the roll needs. Zero instants mean now.
type Archive interface {
	// Entities lists what changed after a revision and id, in that order, at most limit; with the last of both.
	Entities(ctx context.Context, rev, id int64, limit int) (entities []*Entity, lastRev, lastID int64, err error)
	// Claims lists the claims about an entity that held at one instant, as believed at another.
	Claims(ctx context.Context, entity int64, held, believed time.Time) ([]Standing, error)
	// Pointing lists, by entity, the claims whose relation points at ref.
	Pointing(ctx context.Context, ref Ref, held, believed time.Time) (map[int64][]Standing, error)
	// Spans lists the claims of some fields of entities over all time, as believed now.
	Spans(ctx context.Context, entities []int64, fields []Field) ([]Span, error)
}

// Roll is what readers ask: the present from memory, the past from the archive.
type Roll struct {
	*Index
	archive Archive

	refreshing sync.Mutex
	rev, id    int64
	version    atomic.Uint64
}

// NewRoll makes an empty roll; Refresh fills it.
func NewRoll(archive Archive) *Roll { return &Roll{Index: NewIndex(), archive: archive} }

// refreshedAtOnce bounds the memory of one step of Refresh.
const refreshedAtOnce = 2000

// Refresh reads what was committed since the last time, by this server or another, and reports whether anything was. At
// the start that is everything: one step is read while the one before is put in its place.
func (r *Roll) Refresh(ctx context.Context) (changed bool, err error) {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	var putting sync.WaitGroup
	defer putting.Wait()
	for {
		entities, rev, id, err := r.archive.Entities(ctx, r.rev, r.id, refreshedAtOnce)
		if err != nil {
			return changed, err
		}
		putting.Wait()
		if len(entities) > 0 {
			changed = true
			putting.Go(func() {
				r.Put(entities...)
				r.version.Add(1)
			})
		}
		r.rev, r.id = rev, id
		if len(entities) < refreshedAtOnce {
			return changed, nil
		}
	}
}

// Version is another number after each Refresh that changed anything, so that what was worked out from the roll can tell
// cheaply whether it still holds. Who asks for it first and works it out then never keeps what is stale.
func (r *Roll) Version() uint64 { return r.version.Load() }

// Facts are the facts about an entity with their sources: now, or as they held at an instant, as believed at another.
func (r *Roll) Facts(ctx context.Context, entity int64, held, believed time.Time) ([]Fact, error) {
	claims, err := r.archive.Claims(ctx, entity, held, believed)
	if err != nil {
		return nil, err
	}
	return Facts(claims), nil
}

// At is an entity as it held at an instant, as believed at another. It is NotFound when nobody claimed it then.
func (r *Roll) At(ctx context.Context, ref Ref, held, believed time.Time) (*Entity, error) {
	now, ok := r.Get(ref)
	if !ok {
		return nil, fault.New(fault.NotFound, "there is no %s", ref)
	}
	if held.IsZero() && believed.IsZero() {
		return now, nil
	}
	facts, err := r.Facts(ctx, now.ID, held, believed)
	if err != nil {
		return nil, err
	}
	if len(facts) == 0 {
		return nil, fault.New(fault.NotFound, "nobody knew of %s at %s", ref, held.UTC().Format(time.RFC3339))
	}
	then := Merge(ref, facts)
	then.ID = now.ID
	for _, fact := range facts {
		if fact.HeldFrom.After(then.UpdatedAt) {
			then.UpdatedAt = fact.HeldFrom
		}
	}
	return &then, nil
}

// PointingAt lists the arrows that ended at ref at an instant, as believed at another.
func (r *Roll) PointingAt(ctx context.Context, ref Ref, held, believed time.Time) ([]Edge, error) {
	pointing, err := r.archive.Pointing(ctx, ref, held, believed)
	if err != nil {
		return nil, err
	}
	var edges []Edge
	for id, claims := range pointing {
		from, ok := r.ByID(id)
		if !ok {
			continue
		}
		for _, fact := range Facts(claims) {
			edges = append(edges, Edge{Entity: from, Relation: relation(fact.Field.Family(), fact)})
		}
	}
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.Relation.Type, b.Relation.Type), cmp.Compare(a.Entity.Name, b.Entity.Name))
	})
	return edges, nil
}
