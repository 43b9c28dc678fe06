package suspect

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
)

// Log is what the reader asks of the log.
type Log interface {
	// Latest gives, for each entity, the newest events of some kinds within a time; the order is of no meaning.
	Latest(ctx context.Context, ask change.Latest) ([]change.Event, error)
	// Feed is a page of the log, newest first.
	Feed(ctx context.Context, filter change.Filter, after change.Cursor, limit int, fold bool) (change.Page, error)
	// Steps are the events of stories, of each the newest at most limit, but for those whose numbers are known already; the order
	// is of no meaning.
	Steps(ctx context.Context, stories []uuid.UUID, limit int, known map[int64]bool) ([]change.Event, error)
}

// Past is what people found before.
type Past interface {
	History(ctx context.Context) (History, error)
}

// Reader answers questions: it gathers what the roll and the log know, and ranks it.
type Reader struct {
	Roll *catalog.Roll
	Log  Log
	// Past may be nil: nothing was judged yet.
	Past Past
	// Weights may be nil, which means those of Standard.
	Weights *Weights
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Bounds of what is gathered. Of each entity the newest changes are looked at, the nearer it is the more, so that a busy
// neighbourhood is looked at for hours and a quiet one for days.
const (
	usualReach  = 72 * time.Hour
	longReach   = 14 * 24 * time.Hour // for signals
	quiet       = 12                  // with fewer changes than these in the usual reach, it is looked farther
	aftermath   = time.Hour           // after the onset, for what was taken back and what is ruled out
	newest      = time.Hour           // before the onset, for changes of anything
	aroundAlert = 10 * time.Minute    // to either side of the onset, for alerts of the same trouble

	ofItself, ofNear, ofFar, ofSignals = 120, 40, 12, 4

	aroundReach = 12 * time.Hour // for what has no path
	ofAround    = 60
	ofElsewhere = 100

	mostNear, mostFar = 400, 400 // entities whose changes are read, the nearest of them

	mostCandidates = 500
	storyEvents    = 12
	// MostServices is how many services one question can name.
	MostServices = 50
)

// farther is how far back is looked where there is little, in steps.
var farther = []time.Duration{longReach, 90 * 24 * time.Hour, 365 * 24 * time.Hour}

// Doubts are how far an onset may be off, by what it was estimated from.
func doubt(by incident.OnsetBy) time.Duration {
	switch by {
	case incident.OnsetByPage:
		return 5 * time.Minute
	case incident.OnsetBySignal:
		return time.Minute
	}
	return 3 * time.Minute
}

// Find gives the ids of services by their names, or of other entities by their references.
func (r *Reader) Find(names []string) ([]int64, error) {
	if len(names) == 0 {
		return nil, fault.InvalidInput("query", []fault.Fault{{Pointer: "service", Detail: "is required: what is in trouble?"}})
	}
	if len(names) > MostServices {
		return nil, fault.New(fault.Invalid, "the question names %d services: at most %d", len(names), MostServices)
	}
	var ids []int64
	for _, name := range names {
		entity, err := r.find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, entity.ID) {
			ids = append(ids, entity.ID)
		}
	}
	return ids, nil
}

// Scores of a suggestion, from which on it is the same name in another spelling, and from which on it is worth a word.
const sameName, likeName = 0.8, 0.6

// find gives what is named: by its name, by what another tool calls it, or by the one name that is the same but for its
// spelling. A typo is not guessed at.
func (r *Reader) find(name string) (*catalog.Entity, error) {
	ref, wrong := catalog.ParseRef(name, catalog.Service)
	if entity, ok := r.Roll.Get(ref); ok {
		return entity, nil
	}
	if claimed := r.Roll.Resolve(strings.TrimSpace(name)); len(claimed) == 1 {
		return claimed[0], nil
	}
	alike := r.Roll.Suggest(name, 0)
	alike = slices.DeleteFunc(alike, func(s catalog.Suggestion) bool {
		return s.Score < likeName || wrong == nil && strings.Contains(name, ":") && s.Entity.Kind != ref.Kind
	})
	same := slices.DeleteFunc(slices.Clone(alike), func(s catalog.Suggestion) bool {
		return s.Score < max(sameName, alike[0].Score) && joined(s.Entity.Name) != joined(ref.Name)
	})
	if len(same) == 1 {
		return same[0].Entity, nil
	}
	if wrong != nil {
		return nil, fault.InvalidInput("query", []fault.Fault{{Pointer: "service", Detail: wrong.Error()}})
	}
	if len(alike) > 0 {
		return nil, fault.New(fault.NotFound, "there is no %s: is it %s?", ref, alike[0].Entity.Ref())
	}
	return nil, fault.New(fault.NotFound, "there is no %s", ref)
}

// joined is a name without the marks between its parts.
func joined(name string) string { return strings.NewReplacer("-", "", "_", "", ".", "").Replace(name) }

// Of is the question that an incident asks. Its signals and verdicts are the caller's to add.
func (r *Reader) Of(one *incident.Incident) Question {
	q := Question{
		Environment: one.Environment, Region: one.Region, Cluster: one.Cluster, Onset: one.Onset.At, OnsetBy: one.Onset.By,
		Words: []string{one.Title},
	}
	for _, subject := range one.Subjects {
		if subject.Entity != 0 && !slices.Contains(q.Services, subject.Entity) && len(q.Services) < MostServices {
			q.Services = append(q.Services, subject.Entity)
		}
	}
	return q
}

// Ask answers a question. What it leaves open is filled: the onset is now, its doubt follows from what it was estimated
// from, and it is looked until shortly after it, or now. The context ends the reading.
func (r *Reader) Ask(ctx context.Context, q Question) (Ranking, error) {
	r.complete(&q)
	roots := r.roots(q.Services)
	places := around(r.Roll, roots)
	q.Mapped = mapped(places)
	q.Traced = slices.ContainsFunc(roots, func(root *catalog.Entity) bool { return traced(r.Roll, root) })
	q.Zone = r.zone(roots)
	g := &gathering{reader: r, q: &q, places: places, since: q.Onset.Add(-usualReach)}
	if err := g.gather(ctx, roots); err != nil {
		return Ranking{}, err
	}
	candidates := Stories(&q, g.events, places)
	told := len(candidates)
	candidates = nearest(&q, candidates)
	r.know(roots, candidates)
	g.alarm(candidates)
	var history History
	if r.Past != nil {
		var err error
		if history, err = r.Past.History(ctx); err != nil {
			return Ranking{}, err
		}
	}
	weights := r.Weights
	if weights == nil {
		weights = Standard()
	}
	ranking := weights.Rank(q, candidates, history)
	ranking.Since, ranking.Unranked, ranking.Unread = g.since, told-len(candidates), g.unread
	for _, root := range roots {
		ranking.Services = append(ranking.Services, root.Name)
	}
	r.help(&ranking, g.events)
	return ranking, nil
}

func (r *Reader) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Reader) complete(q *Question) {
	if q.Onset.IsZero() {
		q.Onset = r.now()
	}
	q.Onset = q.Onset.UTC().Truncate(time.Microsecond)
	if q.OnsetBy == "" {
		q.OnsetBy = incident.OnsetByPerson
	}
	if q.Doubt == 0 {
		q.Doubt = doubt(q.OnsetBy)
	}
	if q.Now.IsZero() {
		q.Now = r.now()
		if end := q.Onset.Add(aftermath); end.Before(q.Now) {
			q.Now = end
		}
	}
	if q.Now.Before(q.Onset) {
		q.Now = q.Onset
	}
	q.Environment = strings.ToLower(q.Environment)
}

// roots are the entities in trouble; of a system or a team those that are part of it, or that it owns.
func (r *Reader) roots(ids []int64) []*catalog.Entity {
	var roots []*catalog.Entity
	add := func(e *catalog.Entity) {
		if len(roots) < MostServices && !slices.ContainsFunc(roots, func(known *catalog.Entity) bool { return known.ID == e.ID }) {
			roots = append(roots, e)
		}
	}
	for _, id := range ids {
		e, ok := r.Roll.ByID(id)
		if !ok {
			continue
		}
		add(e)
		switch e.Kind {
		case catalog.System:
			for _, part := range r.Roll.PartsOf(e.Ref()) {
				add(part)
			}
		case catalog.Team:
			for _, owned := range r.Roll.Owned(e.Ref()) {
				add(owned)
			}
		}
	}
	return roots
}

// mapped reports whether the roll knows any dependency around what is in trouble.
func mapped(places map[int64]Place) bool {
	for _, place := range places {
		if place.Down+place.Up > 0 {
			return true
		}
	}
	return false
}

// zone is where the owners of what is in trouble are, if the roll knows it.
func (r *Reader) zone(roots []*catalog.Entity) *time.Location {
	for _, root := range roots {
		if root.Owner == nil {
			continue
		}
		if owner, ok := r.Roll.Get(*root.Owner); ok && owner.TimeZone != "" {
			if zone, err := time.LoadLocation(owner.TimeZone); err == nil {
				return zone
			}
		}
	}
	return nil
}

// know fills in what the roll knows of the candidates.
func (r *Reader) know(roots []*catalog.Entity, candidates []Candidate) {
	kin := map[catalog.Ref]bool{}
	for _, root := range roots {
		for _, ref := range families(root) {
			kin[ref] = true
		}
	}
	type known struct{ kin, traced, mapped bool }
	entities := map[int64]known{} // many changes are of one
	for i := range candidates {
		c := &candidates[i]
		for _, subject := range c.Head.Subjects {
			of, asked := entities[subject.Entity]
			if e, ok := r.Roll.ByID(subject.Entity); ok && subject.Entity != 0 && !asked {
				of.kin = slices.ContainsFunc(families(e), func(ref catalog.Ref) bool { return kin[ref] })
				of.traced = traced(r.Roll, e)
				of.mapped = len(e.Related(catalog.FamilyDependsOn))+len(e.Related(catalog.FamilyConsumes)) > 0 || len(r.Roll.DependantIDs(e.Ref())) > 0
				entities[subject.Entity] = of
			}
			c.Kin, c.Traced, c.Mapped = c.Kin || of.kin, c.Traced || of.traced, c.Mapped || of.mapped
		}
	}
}

// traced reports whether calls from or to an entity were seen in traffic.
func traced(roll *catalog.Roll, e *catalog.Entity) bool {
	seen := func(relation catalog.Relation) bool { return relation.Evidence != catalog.Declared }
	if slices.ContainsFunc(e.Related(catalog.FamilyDependsOn), seen) || slices.ContainsFunc(e.Related(catalog.FamilyConsumes), seen) {
		return true
	}
	ref := e.Ref()
	calls := func(relation catalog.Relation) bool {
		return relation.Target == ref && (relation.Type == catalog.FamilyDependsOn || relation.Type == catalog.FamilyConsumes) && seen(relation)
	}
	return slices.ContainsFunc(roll.CallerIDs(ref), func(id int64) bool {
		caller, ok := roll.ByID(id)
		return ok && slices.ContainsFunc(caller.Relations, calls)
	})
}

// families are the systems and the owner of an entity.
func families(e *catalog.Entity) []catalog.Ref {
	var all []catalog.Ref
	if e.Owner != nil {
		all = append(all, *e.Owner)
	}
	for _, system := range e.Related(catalog.FamilyPartOf) {
		all = append(all, system.Target)
	}
	return all
}

// nearest keeps the candidates that lie nearest before the onset, where there are too many; what came after it goes first.
func nearest(q *Question, candidates []Candidate) []Candidate {
	if len(candidates) <= mostCandidates {
		return candidates
	}
	far := func(c *Candidate) time.Duration {
		lag := q.Onset.Sub(c.Head.StartedAt)
		if lag < 0 {
			lag = -10 * lag
		}
		place, near := c.Near()
		if !near {
			return lag * 50
		}
		return lag * time.Duration(1+place.Down+3*place.Up)
	}
	type placed struct {
		at  int
		far time.Duration
	}
	order := make([]placed, len(candidates))
	for i := range candidates {
		order[i] = placed{i, far(&candidates[i])}
	}
	slices.SortFunc(order, func(a, b placed) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.at, b.at)) })
	kept := make([]Candidate, mostCandidates)
	for i := range kept {
		kept[i] = candidates[order[i].at]
	}
	return kept
}
