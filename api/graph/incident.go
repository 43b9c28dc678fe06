package graph

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
)

// Bounds of what is shown of incidents.
const (
	maxIncidents    = 200
	maxTimeline     = 500
	defaultTimeline = 200
	shownSignals    = 50
	shownVerdicts   = 200
)

// Incident is one trouble.
type Incident struct {
	*incident.Incident
	api *API
}

func (a *API) incident(i *incident.Incident) *Incident { return &Incident{Incident: i, api: a} }

// Severity is null where nobody said.
func (i *Incident) Severity() *int {
	if i.Incident.Severity == 0 {
		return nil
	}
	return &i.Incident.Severity
}

// Subjects are what is in trouble.
func (i *Incident) Subjects() []Subject { return subjects(i.api.deps.Roll, i.Incident.Subjects) }

// Impact is what is at stake in an incident.
type Impact struct {
	Tier       *int
	UserFacing *bool
	Callers    int
	First      []Entity
}

// shownCallers is how many callers an impact names.
const shownCallers = 3

// Impact is what the roll tells of what is in trouble, and of what stands on it.
func (i *Incident) Impact() *Impact {
	told := &Impact{First: []Entity{}}
	var roots []catalog.Ref
	for _, subject := range i.Incident.Subjects {
		e, known := i.api.deps.Roll.ByID(subject.Entity)
		if !known {
			continue
		}
		roots = append(roots, e.Ref())
		if e.Tier != nil && (told.Tier == nil || *e.Tier < *told.Tier) {
			told.Tier = e.Tier
		}
		if e.UserFacing != nil && (told.UserFacing == nil || *e.UserFacing) {
			told.UserFacing = e.UserFacing
		}
	}
	if len(roots) == 0 {
		return told
	}
	var callers []catalog.Placed
	for _, placed := range i.api.deps.Roll.Map(roots, catalog.Callers, catalog.MaxDepth, catalog.MaxPlaced).Placed {
		if placed.Distance != 0 {
			callers = append(callers, placed)
		}
	}
	told.Callers = len(callers)
	slices.SortStableFunc(callers, func(a, b catalog.Placed) int {
		return cmp.Or(cmp.Compare(unfelt(a.Entity), unfelt(b.Entity)), cmp.Compare(tierOf(a.Entity), tierOf(b.Entity)), cmp.Compare(b.Distance, a.Distance))
	})
	for _, placed := range callers[:min(len(callers), shownCallers)] {
		told.First = append(told.First, Entity{Entity: placed.Entity})
	}
	return told
}

// unfelt is 0 for what end users feel the loss of.
func unfelt(e *catalog.Entity) int {
	if e.UserFacing != nil && *e.UserFacing {
		return 0
	}
	return 1
}

// tierOf is the tier, beyond all where nobody said.
func tierOf(e *catalog.Entity) int {
	if e.Tier == nil {
		return math.MaxInt
	}
	return *e.Tier
}

// Onset is when it began.
func (i *Incident) Onset() time.Time { return i.Incident.Onset.At }

// OnsetBy is what the onset was estimated from.
func (i *Incident) OnsetBy() string { return string(i.Incident.Onset.By) }

// SignalCount is how many signals it lists.
func (i *Incident) SignalCount() int { return len(i.Incident.Signals) }

// Firing is how many of them go on.
func (i *Incident) Firing() int { return len(i.Incident.Firing) }

// IncidentRole is what somebody does in an incident.
type IncidentRole struct {
	Role, Person string
	roll         *catalog.Roll
}

// Roles are the usual ones in their order, and then others by name.
func (i *Incident) Roles() []IncidentRole {
	all := []IncidentRole{}
	for _, role := range i.RoleNames() {
		all = append(all, IncidentRole{Role: role, Person: i.Incident.Roles[role], roll: i.api.deps.Roll})
	}
	return all
}

// Holder is null for nobody, and for one whom the roll does not know.
func (r *IncidentRole) Holder() *Entity {
	ref, known := personCalled(r.roll, r.Person)
	if !known {
		return nil
	}
	entity, known := r.roll.Get(ref)
	if !known {
		return nil
	}
	return &Entity{Entity: entity}
}

// Links are in the form of those of an entity.
func (i *Incident) Links() []catalog.Link {
	all := make([]catalog.Link, len(i.Incident.Links))
	for n, link := range i.Incident.Links {
		all[n] = catalog.Link(link)
	}
	return all
}

// Pagers are the sources through which somebody can be paged.
func (r incidents) Pagers(ctx context.Context, _ *Incident) ([]string, error) {
	return append([]string{}, r.deps.Incidents.Pagers(ctx)...), nil
}

// MergedInto is null for one of its own.
func (i *Incident) MergedInto() *int {
	if i.Incident.MergedInto == 0 {
		return nil
	}
	n := int(i.Incident.MergedInto)
	return &n
}

// IncidentEntry is a line of a timeline.
type IncidentEntry struct {
	*incident.Entry
	api *API
}

// RecordedAt is when it was learned.
func (e *IncidentEntry) RecordedAt() time.Time { return e.Recorded }

// By is who did it.
func (e *IncidentEntry) By() *Actor { return &Actor{Actor: e.Entry.By, roll: e.api.deps.Roll} }

// Text is what was written; of a role it says what became of it.
func (e *IncidentEntry) Text() string {
	if e.Kind == incident.EntryRole {
		return e.RoleWords()
	}
	return e.Entry.Text
}

// Fields are by name.
func (e *IncidentEntry) Fields() []catalog.Tag {
	all := []catalog.Tag{}
	for _, name := range slices.Sorted(maps.Keys(e.Entry.Fields)) {
		all = append(all, catalog.Tag{Key: name, Value: e.Entry.Fields[name]})
	}
	return all
}

// Subjects are those that it added.
func (e *IncidentEntry) Subjects() []Subject { return subjects(e.api.deps.Roll, e.Entry.Subjects) }

// Signals are the latest of its signals that the log still has, the earliest first.
func (r incidents) Signals(ctx context.Context, i *Incident) ([]Event, error) {
	ids := i.Incident.Signals
	all := []Event{}
	for _, id := range ids[max(0, len(ids)-shownSignals):] {
		e, err := r.deps.Feed.Store.Event(ctx, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, *r.event(&e))
	}
	return all, nil
}

// Timeline is what was said and done.
func (r incidents) Timeline(ctx context.Context, i *Incident, after, first *int) ([]IncidentEntry, error) {
	limit, err := bounded(first, defaultTimeline, maxTimeline)
	if err != nil {
		return nil, err
	}
	entries, err := r.deps.Incidents.Store.Timeline(ctx, i.Number, int64(valueOf(after)), limit)
	if err != nil {
		return nil, err
	}
	all := make([]IncidentEntry, len(entries))
	for n := range entries {
		all[n] = IncidentEntry{&entries[n], r.API}
	}
	return all, nil
}

// Verdicts are what people found of changes.
func (r incidents) Verdicts(ctx context.Context, i *Incident) ([]incident.Verdict, error) {
	return r.deps.Incidents.Store.Verdicts(ctx, i.Number, shownVerdicts)
}

// Suspects are what could be the cause.
func (r incidents) Suspects(ctx context.Context, i *Incident, again *bool, first *int) (*Suspects, error) {
	limit, err := bounded(first, defaultSuspects, maxSuspects)
	if err != nil {
		return nil, err
	}
	_, ranking, err := r.deps.Ranked.Rank(ctx, i.Number, valueOf(again))
	if err != nil {
		return nil, err
	}
	return r.ranking(&ranking, limit), nil
}

// Incidents lists a page.
func (q queries) Incidents(ctx context.Context, filter *IncidentFilter, after *string, first *int) (*IncidentPage, error) {
	limit, err := bounded(first, 50, maxIncidents)
	if err != nil {
		return nil, err
	}
	var f incident.Filter
	if filter != nil {
		for _, status := range filter.Statuses {
			one := incident.Status(status)
			if one != incident.Open && one != incident.Acknowledged && one != incident.Resolved {
				return nil, fault.New(fault.Invalid, "%q is no status: use open, acknowledged or resolved", clip(status))
			}
			f.Statuses = append(f.Statuses, one)
		}
		scope, err := q.deps.Feed.Resolve(feed.Query{Services: filter.Services, Teams: filter.Teams, Systems: filter.Systems})
		if err != nil {
			return nil, err
		}
		f.Entities, f.Environments, f.Severity = scope.Filter.Entities, filter.Environments, valueOf(filter.Severity)
		f.Since, f.Until, f.Text = valueOf(filter.Since), valueOf(filter.Until), valueOf(filter.Q)
	}
	cursor, err := readIncidentCursor(valueOf(after))
	if err != nil {
		return nil, err
	}
	found, err := q.deps.Incidents.Store.ListIncidents(ctx, f, cursor, limit+1)
	if err != nil {
		return nil, err
	}
	page := &IncidentPage{Nodes: []Incident{}}
	if len(found) > limit {
		found = found[:limit]
		last := &found[limit-1]
		next := base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.OpenedAt.UnixMicro(), 36) + " " + strconv.FormatInt(last.Number, 36)))
		page.Next = &next
	}
	for i := range found {
		page.Nodes = append(page.Nodes, *q.incident(&found[i]))
	}
	return page, nil
}

func readIncidentCursor(text string) (incident.Cursor, error) {
	if text == "" {
		return incident.Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	at, number, _ := strings.Cut(string(raw), " ")
	micros, wrong := strconv.ParseInt(at, 36, 64)
	n, not := strconv.ParseInt(number, 36, 64)
	if err != nil || wrong != nil || not != nil || n < 1 {
		return incident.Cursor{}, fault.New(fault.Invalid, "the cursor %q was not made by this server: start again without one", clip(text))
	}
	return incident.Cursor{OpenedAt: time.UnixMicro(micros), Number: n}, nil
}

// Incident gives one; null where there is none.
func (q queries) Incident(ctx context.Context, number int) (*Incident, error) {
	i, err := q.deps.Incidents.Get(ctx, int64(number))
	if fault.Is(err, fault.NotFound) {
		return nil, nil //nolint:nilnil // null is how the schema says that there is none
	}
	if err != nil {
		return nil, err
	}
	return q.incident(&i), nil
}

// SuspectsRecord is the ranker's own track record.
func (q queries) SuspectsRecord(ctx context.Context) (*suspect.Track, error) {
	track, err := q.deps.Ranked.Record(ctx)
	return &track, err
}

// changed shows an incident that was changed.
func (m mutations) changed(i incident.Incident, err error) (*Incident, error) {
	if err != nil {
		return nil, err
	}
	return m.incident(&i), nil
}

// OpenIncident opens one by hand.
func (m mutations) OpenIncident(ctx context.Context, in OpenIncidentInput) (*Incident, error) {
	return m.changed(m.deps.Incidents.Open(ctx, incident.Draft{
		Title: in.Title, Services: in.Services, Environment: valueOf(in.Environment), Region: valueOf(in.Region), Cluster: valueOf(in.Cluster),
		Severity: valueOf(in.Severity), Onset: valueOf(in.Onset), Text: valueOf(in.Text),
	}))
}

// AcknowledgeIncident says that somebody took it.
func (m mutations) AcknowledgeIncident(ctx context.Context, number int) (*Incident, error) {
	return m.changed(m.deps.Incidents.Acknowledge(ctx, int64(number)))
}

// ResolveIncident says that it is over.
func (m mutations) ResolveIncident(ctx context.Context, number int, text *string) (*Incident, error) {
	return m.changed(m.deps.Incidents.Resolve(ctx, int64(number), valueOf(text)))
}

// ReopenIncident says that it is not over after all.
func (m mutations) ReopenIncident(ctx context.Context, number int) (*Incident, error) {
	return m.changed(m.deps.Incidents.Reopen(ctx, int64(number)))
}

// EditIncident corrects what is known of it.
func (m mutations) EditIncident(ctx context.Context, number int, in EditIncidentInput) (*Incident, error) {
	return m.changed(m.deps.Incidents.Edit(ctx, int64(number), incident.Edit{
		Title: in.Title, Environment: in.Environment, Region: in.Region, Cluster: in.Cluster, Severity: in.Severity, Onset: in.Onset, Services: in.Services,
	}))
}

// AssignRole gives a role to a person.
func (m mutations) AssignRole(ctx context.Context, number int, role string, person *string) (*Incident, error) {
	return m.changed(m.deps.Incidents.Assign(ctx, int64(number), role, valueOf(person)))
}

// NoteIncident writes into the timeline.
func (m mutations) NoteIncident(ctx context.Context, number int, text string) (*Incident, error) {
	return m.changed(m.deps.Incidents.Note(ctx, int64(number), text))
}

// PageForIncident pages whoever is on call.
func (m mutations) PageForIncident(ctx context.Context, number int, source, text *string) (*Incident, error) {
	return m.changed(m.deps.Incidents.Call(ctx, int64(number), valueOf(source), valueOf(text)))
}

// MergeIncident says that it is another one.
func (m mutations) MergeIncident(ctx context.Context, number, into int) (*Incident, error) {
	return m.changed(m.deps.Incidents.Merge(ctx, int64(number), int64(into)))
}

// SplitIncident takes signals out that are another trouble.
func (m mutations) SplitIncident(ctx context.Context, number int, signals []string) (*Incident, error) {
	ids := make([]uuid.UUID, len(signals))
	for i, text := range signals {
		var err error
		if ids[i], err = uuid.Parse(text); err != nil {
			return nil, fault.New(fault.Invalid, "%q is not the id of an event: that is a UUID", clip(text))
		}
	}
	return m.changed(m.deps.Incidents.Split(ctx, int64(number), ids))
}

// JudgeChange says what a change had to do with an incident.
func (m mutations) JudgeChange(ctx context.Context, number int, event, finding string, reason *string) (*incident.Verdict, error) {
	id, err := uuid.Parse(event)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%q is not the id of an event: that is a UUID", clip(event))
	}
	v, err := m.deps.Incidents.Judge(ctx, int64(number), id, incident.Finding(finding), valueOf(reason))
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// changesAtOnce is how many entries one look reads.
const changesAtOnce = 200

// IncidentChanges are what is added to timelines.
func (s subscriptions) IncidentChanges(ctx context.Context, number, after *int) (<-chan *IncidentChange, error) {
	last := int64(valueOf(after))
	if after == nil {
		state, err := s.deps.Incidents.Store.IncidentState(ctx)
		if err != nil {
			return nil, err
		}
		last = state.Entry
	}
	changed, leave := s.deps.Incidents.Watch()
	out := make(chan *IncidentChange)
	go func() {
		defer close(out)
		defer leave()
		defer func() {
			if value := recover(); value != nil {
				fail(ctx, recovered(ctx, value))
			}
		}()
		for {
			found, err := s.deps.Incidents.Entries(ctx, last, changesAtOnce)
			if err != nil {
				if ctx.Err() == nil {
					fail(ctx, err)
				}
				return
			}
			for i := range found {
				e := &found[i]
				last = e.Number
				if number != nil && e.Entry.Incident != int64(*number) {
					continue
				}
				select {
				case out <- &IncidentChange{
					Cursor: int(e.Number), Incident: int(e.Entry.Incident), Sequence: int(e.Entry.Sequence), Kind: string(e.Entry.Kind),
					Entry: &IncidentEntry{&e.Entry, s.API},
				}:
				case <-ctx.Done():
					return
				}
			}
			if len(found) == changesAtOnce {
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
	}()
	return out, nil
}
