package graph

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
)

// Bounds of the lists of entities.
const (
	maxParts     = 200    // of parts and owns, as the schema says
	maxEntities  = 20_000 // in one response: relations of relations grow fast
	maxRunning   = 200    // events that are looked back for what runs
	usualSteps   = 60     // of a migration
	maxHandovers = 50     // that are looked past for the last event of a past instant
	maxTroubles  = 10     // open incidents, as the schema says
)

// Entity is one entity, now or at an instant; nil when there is none.
func (q queries) Entity(ctx context.Context, ref string, at *time.Time) (*Entity, error) {
	parsed, err := catalog.ParseRef(ref, "")
	if err != nil {
		return nil, err
	}
	var then time.Time
	if at != nil {
		then = *at
	}
	entity, err := q.entityAt(ctx, parsed, then)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return entity, err
}

// Entities is a page of the catalog.
func (q queries) Entities(ctx context.Context, filter *catalog.Filter, sort *catalog.SortBy, after *string, first *int) (*EntityPage, error) {
	limit, err := bounded(first, catalog.DefaultPage, catalog.MaxPage)
	if err != nil {
		return nil, err
	}
	wanted, order := catalog.Filter{}, catalog.Sort{}
	if filter != nil {
		wanted = *filter
	}
	if sort != nil {
		order.By = *sort
	}
	if order.By == catalog.ByLastChange {
		if order.LastChange, err = q.recency.at(ctx, q.deps.Roll, q.deps.Feed.Store); err != nil {
			return nil, err
		}
	}
	if order.By == catalog.ByHealth || len(wanted.Healths) > 0 {
		conditions, err := responseOf(ctx).conditions(ctx, q.deps.Feed)
		if err != nil {
			return nil, err
		}
		wanted.HealthOf = conditions.Of
	}
	page, err := q.deps.Roll.List(wanted, order, valueOf(after), limit)
	if err != nil {
		return nil, err
	}
	nodes, err := q.present(ctx, page.Entities)
	return &EntityPage{Nodes: nodes, Total: page.Total, Next: optional(page.Next), filter: wanted}, err
}

// Search lists entities that match, best first.
func (q queries) Search(ctx context.Context, words string, kinds []catalog.Kind, first *int) ([]Entity, error) {
	limit, err := bounded(first, 20, catalog.MaxPage)
	if err != nil {
		return nil, err
	}
	return q.present(ctx, q.deps.Roll.Search(words, kinds, limit))
}

// Migration tells how far a migration has come.
func (q queries) Migration(ctx context.Context, what string, filter *catalog.Filter, steps *int) (*Migration, error) {
	wanted := catalog.Filter{}
	if filter != nil {
		wanted = *filter
	}
	if len(wanted.Healths) > 0 {
		conditions, err := responseOf(ctx).conditions(ctx, q.deps.Feed)
		if err != nil {
			return nil, err
		}
		wanted.HealthOf = conditions.Of
	}
	most := usualSteps
	if steps != nil {
		most = *steps
	}
	found, err := q.deps.Roll.Migration(ctx, what, wanted, most, time.Now())
	if err != nil {
		return nil, err
	}
	shown := &Migration{MigrationCount: found.MigrationCount, Steps: found.Steps, Teams: make([]MigrationTeam, len(found.Teams))}
	for i, team := range found.Teams {
		one := &shown.Teams[i]
		one.MigrationCount, one.Left = team.MigrationCount, make([]string, len(team.Left))
		for j, left := range team.Left {
			one.Left[j] = left.Name
		}
		if team.Owner.IsZero() {
			continue
		}
		if one.Owner, err = q.related(ctx, team.Owner, time.Time{}); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// Facets counts the values of what passes the page's filter.
func (p entityPages) Facets(ctx context.Context, page *EntityPage) ([]catalog.Facet, error) {
	conditions, err := responseOf(ctx).conditions(ctx, p.deps.Feed)
	if err != nil {
		return nil, err
	}
	filter := page.filter
	filter.HealthOf = conditions.Of
	return p.deps.Roll.Facets(filter), nil
}

// entityAt is an entity now or at an instant; NotFound when there is none.
func (a *API) entityAt(ctx context.Context, ref catalog.Ref, at time.Time) (*Entity, error) {
	if err := spend(ctx, 1); err != nil {
		return nil, err
	}
	entity, err := a.deps.Roll.At(ctx, ref, at, time.Time{})
	if err != nil {
		return nil, err
	}
	return &Entity{Entity: entity, at: at}, nil
}

// related is the entity at the other end of an arrow. The roll makes whatever is pointed at; should an entity not have
// been known at the instant, it is there by its name alone.
func (a *API) related(ctx context.Context, ref catalog.Ref, at time.Time) (*Entity, error) {
	entity, err := a.entityAt(ctx, ref, at)
	if fault.Is(err, fault.NotFound) {
		return &Entity{Entity: &catalog.Entity{Kind: ref.Kind, Name: ref.Name, UpdatedAt: time.Unix(0, 0)}, at: at}, nil
	}
	return entity, err
}

// present are entities as they are now.
func (a *API) present(ctx context.Context, found []*catalog.Entity) ([]Entity, error) {
	if err := spend(ctx, len(found)); err != nil {
		return nil, err
	}
	shown := make([]Entity, len(found))
	for i, entity := range found {
		shown[i] = Entity{Entity: entity}
	}
	return shown, nil
}

// spend takes entities out of the budget of a response.
func spend(ctx context.Context, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if shared, ok := ctx.Value(responseKey{}).(*response); ok && shared.left.Add(-int64(n)) < 0 {
		return fault.New(fault.TooLarge, "the answer would hold more than %d entities: ask for fewer relations of relations", maxEntities)
	}
	return nil
}

// Owner is the team or person that owns the entity.
func (r entities) Owner(ctx context.Context, e *Entity) (*Entity, error) {
	if e.Entity.Owner == nil {
		return nil, nil
	}
	return r.related(ctx, *e.Entity.Owner, e.at)
}

// OnCall lists who answers a page, the primary first: who is named for the entity, or else for its owner.
func (r entities) OnCall(ctx context.Context, e *Entity) ([]OnCall, error) {
	duty, err := r.duty(ctx, e)
	if err != nil {
		return nil, err
	}
	return r.called(ctx, duty.Now, e.at)
}

// NextOnCall lists who takes over, of each role the first to do so.
func (r entities) NextOnCall(ctx context.Context, e *Entity) ([]OnCall, error) {
	duty, err := r.duty(ctx, e)
	if err != nil {
		return nil, err
	}
	return r.called(ctx, duty.Next, e.at)
}

// duty is who answers for an entity at its instant.
func (a *API) duty(ctx context.Context, e *Entity) (catalog.Duty, error) {
	if e.at.IsZero() {
		return a.deps.Roll.Duty(e.Entity, time.Now()), nil
	}
	all := []*catalog.Entity{e.Entity}
	if e.Entity.Owner != nil && len(e.Entity.OnCall)+len(e.Entity.NextOnCall) == 0 {
		owner, err := a.related(ctx, *e.Entity.Owner, e.at)
		if err != nil {
			return catalog.Duty{}, err
		}
		all = append(all, owner.Entity)
	}
	return catalog.DutyOf(e.at, all...), nil
}

// called shows who is on call as the roll had them at an instant.
func (a *API) called(ctx context.Context, calls []catalog.OnCall, at time.Time) ([]OnCall, error) {
	list := make([]OnCall, 0, len(calls))
	for _, entry := range calls {
		shown := OnCall{Name: entry.Name, Role: entry.Role, From: entry.From, Until: entry.Until}
		if ref, ok := personCalled(a.deps.Roll, entry.Name); ok {
			person, err := a.related(ctx, ref, at)
			if err != nil {
				return nil, err
			}
			shown.Person, shown.Name = person, cmp.Or(person.Entity.Title, person.Entity.Name)
		}
		list = append(list, shown)
	}
	return list, nil
}

// PartOf lists what the entity is part of.
func (r entities) PartOf(ctx context.Context, e *Entity) ([]Entity, error) {
	var list []Entity
	for _, relation := range e.Related(catalog.FamilyPartOf) {
		whole, err := r.related(ctx, relation.Target, e.at)
		if err != nil {
			return nil, err
		}
		list = append(list, *whole)
	}
	return list, nil
}

// Parts lists what is part of the entity, by name.
func (r entities) Parts(ctx context.Context, e *Entity) ([]Entity, error) {
	if e.at.IsZero() {
		return r.present(ctx, most(r.deps.Roll.PartsOf(e.Entity.Ref())))
	}
	return r.pointingAt(ctx, e, catalog.FamilyPartOf, func(*Entity) bool { return true })
}

// Owns lists what the entity owns, by name.
func (r entities) Owns(ctx context.Context, e *Entity) ([]Entity, error) {
	ref := e.Entity.Ref()
	if e.at.IsZero() {
		return r.present(ctx, most(r.deps.Roll.Owned(ref)))
	}
	// A source may have named this owner while a stronger one named another.
	return r.pointingAt(ctx, e, string(catalog.FieldOwner), func(owned *Entity) bool {
		return owned.Entity.Owner != nil && *owned.Entity.Owner == ref
	})
}

func most(found []*catalog.Entity) []*catalog.Entity { return found[:min(len(found), maxParts)] }

// pointingAt lists the entities that had one type of arrow to e at its instant, by name.
func (a *API) pointingAt(ctx context.Context, e *Entity, relation string, keep func(*Entity) bool) ([]Entity, error) {
	edges, err := a.deps.Roll.PointingAt(ctx, e.Entity.Ref(), e.at, time.Time{})
	if err != nil {
		return nil, err
	}
	var list []Entity
	for _, edge := range edges {
		if edge.Relation.Type != relation || len(list) == maxParts {
			continue
		}
		from, err := a.related(ctx, edge.Entity.Ref(), e.at)
		if err != nil {
			return nil, err
		}
		if keep(from) {
			list = append(list, *from)
		}
	}
	return list, nil
}

// DependsOn lists what the entity depends on.
func (r entities) DependsOn(ctx context.Context, e *Entity) ([]Relation, error) {
	return r.outgoing(ctx, e, catalog.FamilyDependsOn)
}

// Provides lists the APIs that the entity provides.
func (r entities) Provides(ctx context.Context, e *Entity) ([]Relation, error) {
	return r.outgoing(ctx, e, catalog.FamilyProvides)
}

// Consumes lists the APIs that the entity consumes.
func (r entities) Consumes(ctx context.Context, e *Entity) ([]Relation, error) {
	return r.outgoing(ctx, e, catalog.FamilyConsumes)
}

// DependedOnBy lists who depends on the entity or consumes it.
func (r entities) DependedOnBy(ctx context.Context, e *Entity) ([]Relation, error) {
	return r.incoming(ctx, e, catalog.FamilyDependsOn, catalog.FamilyConsumes)
}

// ProvidedBy lists who provides the API.
func (r entities) ProvidedBy(ctx context.Context, e *Entity) ([]Relation, error) {
	return r.incoming(ctx, e, catalog.FamilyProvides)
}

func (a *API) outgoing(ctx context.Context, e *Entity, family string) ([]Relation, error) {
	var list []Relation
	for _, relation := range e.Related(family) {
		target, err := a.related(ctx, relation.Target, e.at)
		if err != nil {
			return nil, err
		}
		list = append(list, relationTo(target, relation))
	}
	return list, nil
}

func (a *API) incoming(ctx context.Context, e *Entity, families ...string) ([]Relation, error) {
	edges := a.deps.Roll.Dependants(e.Entity.Ref())
	if !e.at.IsZero() {
		var err error
		if edges, err = a.deps.Roll.PointingAt(ctx, e.Entity.Ref(), e.at, time.Time{}); err != nil {
			return nil, err
		}
	}
	var list []Relation
	for _, edge := range edges {
		if !slices.Contains(families, edge.Relation.Type) {
			continue
		}
		from, err := a.related(ctx, edge.Entity.Ref(), e.at)
		if err != nil {
			return nil, err
		}
		list = append(list, relationTo(from, edge.Relation))
	}
	return list, nil
}

func relationTo(other *Entity, r catalog.Relation) Relation {
	return Relation{Type: r.Type, Entity: other, Evidence: r.Evidence, Since: r.Since, LastSeen: r.LastSeen}
}

// Facts lists every fact with its source.
func (r entities) Facts(ctx context.Context, e *Entity) ([]Fact, error) {
	facts, err := r.deps.Roll.Facts(ctx, e.ID, e.at, time.Time{})
	if err != nil {
		return nil, err
	}
	shown := make([]Fact, len(facts))
	for i, fact := range facts {
		shown[i] = Fact{Field: fact.Field, Value: fact.Value, Source: fact.Source.Name, Since: fact.HeldFrom, ConfirmedAt: fact.ConfirmedAt}
		for _, other := range fact.Others {
			shown[i].Disagreeing = append(shown[i].Disagreeing, OtherFact{Value: other.Value, Source: other.Source.Name, Since: other.HeldFrom})
		}
	}
	return shown, nil
}

// Descriptor writes the entity as a descriptor.
func (entities) Descriptor(_ context.Context, e *Entity, format, workload, namespace, key *string) (string, error) {
	to := descriptor.Target{Workload: valueOf(workload), Namespace: valueOf(namespace), Key: valueOf(key)}
	written, err := descriptor.Render(cmp.Or(valueOf(format), "tidings"), *e.Entity, to)
	return string(written), err
}

// Workloads lists those that the entity has as aliases.
func (e *Entity) Workloads() []string {
	var all []string
	for _, to := range descriptor.Workloads(*e.Entity) {
		all = append(all, to.Namespace+"/"+to.Workload)
	}
	return all
}

// Running lists what agents see, and of each environment in which they see nothing the latest successful deploy or
// rollback.
func (r entities) Running(ctx context.Context, e *Entity) ([]Running, error) {
	var list []Running
	if e.at.IsZero() {
		seen, err := r.deps.Seen.Running(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		for _, object := range seen {
			since := cmp.Or(object.ChangedAt, object.CreatedAt, object.SeenAt)
			list = append(list, Running{RunningObject: object, Seen: true, Since: since})
		}
	}
	filter := change.Filter{Entities: []int64{e.ID}, Kinds: []string{"deploy", "rollback"}, Phases: []change.Phase{change.Succeeded}, Until: until(e.at)}
	page, err := r.deps.Feed.Store.Feed(ctx, filter, change.Cursor{}, maxRunning, false)
	if err != nil {
		return nil, err
	}
	for i := range page.Events {
		event := &page.Events[i]
		if slices.ContainsFunc(list, func(r Running) bool { return r.Environment == event.Environment }) {
			continue
		}
		id := event.ID.String()
		told := Running{Since: cmp.Or(event.EndedAt, event.StartedAt), Event: &id}
		told.Environment, told.Version, told.Commit = event.Environment, event.Version, event.Commit
		told.Cluster, told.Region = event.Cluster, event.Region
		list = append(list, told)
	}
	slices.SortStableFunc(list, func(a, b Running) int { return strings.Compare(a.Environment, b.Environment) })
	return list, nil
}

// Coverage counts the changes of the last 30 days that were seen, and those of them that were also told.
func (r entities) Coverage(ctx context.Context, e *Entity) (*feed.Coverage, error) {
	coverage, err := r.deps.Feed.Coverage(ctx, e.ID, cmp.Or(e.at, time.Now()))
	return &coverage, err
}

// OpenIncidents are what it is in trouble with now.
func (r entities) OpenIncidents(ctx context.Context, e *Entity) ([]Incident, error) {
	if !e.at.IsZero() {
		return []Incident{}, nil
	}
	lasting := incident.Filter{Statuses: []incident.Status{incident.Open, incident.Acknowledged}, Entities: []int64{e.ID}}
	found, err := r.deps.Incidents.Store.ListIncidents(ctx, lasting, incident.Cursor{}, maxTroubles)
	if err != nil {
		return nil, err
	}
	shown := make([]Incident, len(found))
	for i := range found {
		shown[i] = *r.incident(&found[i])
	}
	return shown, nil
}

// LastEvent is the newest event of the entity.
func (r entities) LastEvent(ctx context.Context, e *Entity) (*Event, error) {
	if e.at.IsZero() {
		newest, err := responseOf(ctx).newest.get(ctx, e.ID)
		return r.event(newest), err
	}
	page, err := r.deps.Feed.Store.Feed(ctx, change.Filter{Entities: []int64{e.ID}, Until: until(e.at)}, change.Cursor{}, maxHandovers, false)
	last := slices.IndexFunc(page.Events, func(e change.Event) bool { return e.Kind != change.Handover })
	if err != nil || last < 0 {
		return nil, err
	}
	return r.event(&page.Events[last]), nil
}

// Condition is the worst of what is open.
func (r entities) Condition(ctx context.Context, e *Entity) (*Condition, error) {
	if !e.at.IsZero() {
		return nil, nil
	}
	conditions, err := responseOf(ctx).conditions(ctx, r.deps.Feed)
	if err != nil {
		return nil, err
	}
	shown := &Condition{Health: conditions.Of(e.ID)}
	if worst, open := conditions[e.ID]; open {
		id := worst.Event.String()
		shown.Event, shown.Title, shown.Since = &id, worst.Title, &worst.Since
	}
	return shown, nil
}

// until is the end of a filter that takes in the instant itself; zero for now.
func until(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(time.Microsecond)
}

// bounded is how many of a list are wanted.
func bounded(first *int, otherwise, most int) (int, error) {
	if first == nil {
		return otherwise, nil
	}
	if *first < 1 || *first > most {
		return 0, fault.New(fault.Invalid, "first is from 1 to %d, not %d", most, *first)
	}
	return *first, nil
}
