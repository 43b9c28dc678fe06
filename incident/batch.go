package incident

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// What belongs together.
const (
	// near is how far from the time of an incident a signal of it, or of a neighbour, may begin.
	near = 15 * time.Minute
	// shared is the same for services that have but a dependency in common, and named for alerts of the same name on
	// services that have nothing in common that is known.
	shared = 5 * time.Minute
	named  = 2 * time.Minute
	// hub is how many may depend on something until having it in common says nothing.
	hub = 50
	// again is for how long the same alert opens a resolved incident again.
	again = time.Hour
	// settled is for how long the alerts of an incident must have been silent before it counts as over.
	settled = 5 * time.Minute
	// openedAtOnce is how many incidents of one environment may begin within near: the alerts beyond join the newest.
	openedAtOnce = 10
	// before bounds how many earlier alerts are looked at when an incident opens.
	before = 100
	// doneAtMost bounds the changes in one timeline: those that were made first.
	doneAtMost = 200
	// pastAlert is the age at which an alert that is over opens no incident any more.
	pastAlert = 24 * time.Hour
)

// batch is one group of signals on its way into incidents.
type batch struct {
	keeper *Keeper
	number int64 // of the newest incident
	now    time.Time
	write  Write

	all   map[int64]*draft
	order []*draft // the live ones, the latest active first
	keys  map[Key]int64
	// named and at are the incidents by the names and by the entities of what is, or was, in trouble.
	named map[string]map[int64]bool
	at    map[int64]map[int64]bool
}

// draft is an incident that the batch may change.
type draft struct {
	Incident
	live   bool // it is in the order of the batch
	before int64
	fresh  []Entry
	keys   []Key
}

func (b *batch) add(i Incident) *draft {
	if known, ok := b.all[i.Number]; ok {
		return known
	}
	d := &draft{Incident: i, before: i.Entries}
	b.all[i.Number] = d
	b.name(d, i.Subjects)
	return d
}

func (b *batch) name(d *draft, subjects []change.Subject) {
	for _, s := range subjects {
		note(b.named, s.Name, d.Number)
		if s.Entity != 0 {
			note(b.at, s.Entity, d.Number)
		}
	}
}

func note[K comparable](index map[K]map[int64]bool, key K, number int64) {
	if index[key] == nil {
		index[key] = map[int64]bool{}
	}
	index[key][number] = true
}

// about reports whether an incident was at some time about any of the subjects.
func (b *batch) about(d *draft, subjects []change.Subject) bool {
	return slices.ContainsFunc(subjects, func(s change.Subject) bool { return b.named[s.Name][d.Number] })
}

// takeAll works a group of the log in.
func (b *batch) takeAll(ctx context.Context, live []Incident, found []change.Committed) error {
	_, err := b.takeFor(ctx, live, found, 0)
	return err
}

// takeFor works as much of a group of the log in as a time allows, one event at least, and tells how many those were. Zero
// allows all.
func (b *batch) takeFor(ctx context.Context, live []Incident, found []change.Committed, allowed time.Duration) (int, error) {
	if err := b.load(ctx, live, found); err != nil {
		return 0, err
	}
	began := b.keeper.Now()
	for i := range found {
		if allowed > 0 && i > 0 && b.keeper.Now().Sub(began) > allowed {
			return i, nil
		}
		if err := b.take(ctx, &found[i].Event); err != nil {
			return i, err
		}
	}
	return len(found), nil
}

// load reads what the group needs to know: whatever has a key of one of its events.
func (b *batch) load(ctx context.Context, live []Incident, found []change.Committed) error {
	for i := range live {
		d := b.add(live[i])
		d.live = true
		b.order = append(b.order, d)
	}
	var asked []Key
	for i := range found {
		e := &found[i].Event
		if class(e) == change.ClassChange {
			for _, d := range b.doneIn(e) {
				asked = append(asked, doneKey(d.Number, e.ID))
			}
			continue
		}
		asked = append(asked, lookups(e)...)
	}
	if len(asked) == 0 {
		return nil
	}
	var err error
	if b.keys, err = b.keeper.Store.IncidentsByKey(ctx, asked); err != nil {
		return err
	}
	var missing []int64
	for _, number := range b.keys {
		if _, ok := b.all[number]; !ok {
			missing = append(missing, number)
		}
	}
	return b.fetch(ctx, missing)
}

// fetch reads incidents, and those that they were merged into.
func (b *batch) fetch(ctx context.Context, numbers []int64) error {
	for len(numbers) > 0 {
		more, err := b.keeper.Store.Incidents(ctx, numbers)
		if err != nil {
			return err
		}
		numbers = nil
		for _, number := range slices.Sorted(maps.Keys(more)) {
			d := b.add(more[number])
			if _, ok := b.all[d.MergedInto]; d.MergedInto != 0 && !ok {
				numbers = append(numbers, d.MergedInto)
			}
		}
	}
	return nil
}

func class(e *change.Event) change.Class {
	kind, _ := change.KindNamed(e.Kind)
	return kind.Class
}

// get finds an incident by a key, or the one that it was merged into.
func (b *batch) get(key Key) *draft {
	d := b.all[b.keys[key]]
	for steps := 0; d != nil && d.MergedInto != 0 && steps < retries; steps++ {
		d = b.all[d.MergedInto]
	}
	return d
}

// The keys of a signal.
func storyKey(e *change.Event) Key { return keyOf("story", e.Source, e.Story) }

func alertKey(e *change.Event) Key {
	subject := ""
	if len(e.Subjects) > 0 {
		subject = e.Subjects[0].Name
	}
	return keyOf("alert", e.Environment, e.Cluster, subject, alertName(e))
}

func urlKey(url string) Key { return keyOf("url", strings.TrimSuffix(url, "/")) }

func doneKey(number int64, event uuid.UUID) Key {
	return keyOf("done", strconv.FormatInt(number, 10), event.String())
}

// lookups are the keys by which an incident may know a signal.
func lookups(e *change.Event) []Key {
	keys := []Key{eventKey(e.ID), alertKey(e)}
	if e.Story != "" {
		keys = append(keys, storyKey(e))
	}
	return append(keys, addresses(e)...)
}

// addresses are the keys of what a signal links to, or names in a label.
func addresses(e *change.Event) []Key {
	var keys []Key
	for _, link := range e.Links {
		keys = append(keys, urlKey(link.URL))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Labels)) {
		if value := e.Labels[name]; strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://") {
			keys = append(keys, urlKey(value))
		}
	}
	return keys
}

// own are the keys that a signal gives to its incident.
func own(e *change.Event) []Key {
	keys := []Key{eventKey(e.ID), alertKey(e)}
	if e.Kind == "incident" && e.Story != "" {
		keys = append(keys, storyKey(e))
	}
	for _, link := range e.Links {
		if link.Type == "ticket" {
			keys = append(keys, urlKey(link.URL))
		}
	}
	return keys
}

// take works one event in.
func (b *batch) take(ctx context.Context, e *change.Event) error {
	switch class(e) {
	case change.ClassChange:
		b.takeChange(e)
		return nil
	case change.ClassNote:
		return nil
	case change.ClassSignal:
	}
	if e.Source == access.Tidings.Name || e.Phase == change.Planned {
		return nil // what the keeper itself told of
	}
	if d := b.get(eventKey(e.ID)); d != nil {
		b.join(d, e)
		return nil
	}
	opens := b.keeper.policy().Opens(e)
	if d := b.belongs(e, opens); d != nil {
		b.join(d, e)
		return nil
	}
	if !opens || e.Kind != "incident" && ended(e) && b.now.Sub(e.StartedAt) > pastAlert {
		return nil
	}
	return b.open(ctx, e)
}

// belongs finds the incident that a signal is part of. What would open one is in none that is full: nobody would find there
// what somebody was called for.
func (b *batch) belongs(e *change.Event, opens bool) *draft {
	if e.Story != "" {
		if d := b.get(storyKey(e)); d != nil {
			return d
		}
	}
	for _, key := range addresses(e) {
		if d := b.get(key); d != nil && apart(d, e) < again && d.takes(e, opens) {
			return d
		}
	}
	if d := b.get(alertKey(e)); d != nil && (d.Status != Resolved || apart(d, e) < again) && !older(d, e) && d.takes(e, opens) {
		return d
	}
	return b.match(e, opens)
}

// takes reports whether an incident can list a signal and what that is about, or need not, since it opens none.
func (d *draft) takes(e *change.Event, opens bool) bool {
	if !opens {
		return true
	}
	subjects := d.Subjects
	for _, s := range inTrouble(e.Subjects) {
		subjects = AddSubject(subjects, s)
	}
	return len(d.Signals) < MaxSignals && (len(subjects) <= subjectsAtMost || len(subjects) == len(d.Subjects))
}

// apart is how far before or behind the time of an incident a signal began.
func apart(d *draft, e *change.Event) time.Duration {
	first, last := d.Onset.At, d.ActiveAt
	for _, at := range []time.Time{d.OpenedAt, d.ResolvedAt} { // one that was opened by hand has no signals yet
		last = later(last, at)
	}
	switch {
	case e.StartedAt.Before(first):
		return first.Sub(e.StartedAt)
	case e.StartedAt.After(last):
		return e.StartedAt.Sub(last)
	}
	return 0
}

// older reports whether a signal began too long before an incident to be of it.
func older(d *draft, e *change.Event) bool { return d.Onset.At.Sub(e.StartedAt) > near }

// match finds the incident of the same trouble by where and when a signal is.
func (b *batch) match(e *change.Event, opens bool) *draft {
	var hood *neighbourhood
	var touched map[int64]bool
	var best *draft
	bestRank := 0
	name := alertName(e)
	recent := 0
	for _, d := range b.order {
		if d.MergedInto != 0 || !compatible(d.Environment, e.Environment) || older(d, e) {
			continue
		}
		gap := apart(d, e)
		if gap <= near && e.StartedAt.Sub(d.Onset.At) <= near {
			recent++
		}
		if d.Status == Resolved {
			// What is over is not opened again by another alert; one that came late, of its time, is of it.
			if gap > 0 && !e.StartedAt.Before(d.Onset.At) {
				continue
			}
		}
		if gap > near && !b.about(d, e.Subjects) {
			continue
		}
		if hood == nil {
			hood = b.keeper.around(e.Subjects)
			touched = b.touched(hood)
		}
		rank, how := 0, apartFrom
		if touched[d.Number] {
			how = hood.to(d.Subjects, gap <= shared)
		}
		switch {
		case how == same && (gap <= near || d.Status != Resolved && gap <= liveFor):
			rank = 5
		case how == neighbour && gap <= near:
			rank = 4
		case how == sharing && gap <= shared:
			rank = 3
		case gap <= named && d.Environment == e.Environment && name == alertTitle(d):
			rank = 2
		}
		if rank > bestRank && d.takes(e, opens) {
			best, bestRank = d, rank
		}
	}
	// An alert may be one more of a storm; what somebody was called for stands by itself.
	if best == nil && recent >= openedAtOnce && e.Kind != "incident" && opens {
		for _, d := range b.order {
			if d.MergedInto == 0 && d.Status != Resolved && compatible(d.Environment, e.Environment) && !older(d, e) && apart(d, e) <= near && d.takes(e, opens) {
				return d
			}
		}
	}
	return best
}

func alertTitle(d *draft) string { return strings.ToLower(d.Title) }

func compatible(a, b string) bool { return a == "" || b == "" || a == b }

// open begins an incident, with the alerts of before that are of it.
func (b *batch) open(ctx context.Context, e *change.Event) error {
	b.number++
	d := b.add(Incident{Number: b.number})
	d.before, d.live = 0, true
	b.order = append([]*draft{d}, b.order...)
	fields := map[string]string{
		FieldTitle: titleOf(e), FieldEnvironment: e.Environment, FieldRegion: e.Region, FieldCluster: e.Cluster,
		FieldOnset: e.StartedAt.Format(time.RFC3339Nano), FieldOnsetBy: string(onsetOf(e).By),
		FieldKind: e.Kind, FieldPhase: Begun, FieldName: alertName(e),
	}
	if level := Severity(e); level > 0 {
		fields[FieldSeverity] = strconv.Itoa(level)
	}
	for name, value := range fields {
		if value == "" {
			delete(fields, name)
		}
	}
	b.entry(d, Entry{
		Kind: EntryOpened, At: e.StartedAt, By: e.Actor, Text: e.Title, Event: e.ID, Fields: fields,
		Subjects: inTrouble(e.Subjects), Links: e.Links,
	})
	b.learn(d, own(e))
	if err := b.lookBack(ctx, d, e); err != nil {
		return err
	}
	b.join(d, e) // it may be acknowledged, or over, already
	return nil
}

func inTrouble(subjects []change.Subject) []change.Subject {
	var all []change.Subject
	for _, s := range subjects {
		kind, _, _ := strings.Cut(s.Name, ":")
		if canFail(catalog.Kind(kind)) && len(all) < subjectsAtMost {
			all = append(all, s)
		}
	}
	return all
}

const subjectsAtMost = 100

// aroundAtMost bounds the neighbours of which earlier alerts are looked for.
const aroundAtMost = 200

// lookBack finds the alerts that began about when an incident did, of what is in trouble and of its neighbours: nobody was
// called by them.
func (b *batch) lookBack(ctx context.Context, d *draft, e *change.Event) error {
	entities := b.keeper.entities(e.Subjects)
	if len(entities) == 0 || b.keeper.Log == nil {
		return nil
	}
	hood := b.keeper.around(e.Subjects)
	for _, id := range slices.Sorted(maps.Keys(hood.next)) {
		if len(entities) < aroundAtMost && !slices.Contains(entities, id) {
			entities = append(entities, id)
		}
	}
	page, err := b.keeper.Log.Feed(ctx, change.Filter{
		Entities: entities, Classes: []change.Class{change.ClassSignal}, Since: e.StartedAt.Add(-near), Until: e.StartedAt.Add(near),
	}, change.Cursor{}, before, false)
	if err != nil {
		return err
	}
	var keys []Key
	for i := range page.Events {
		keys = append(keys, eventKey(page.Events[i].ID))
	}
	if len(keys) == 0 {
		return nil
	}
	known, err := b.keeper.Store.IncidentsByKey(ctx, keys)
	if err != nil {
		return err
	}
	for i := len(page.Events) - 1; i >= 0; i-- {
		earlier := &page.Events[i]
		_, elsewhere := known[eventKey(earlier.ID)]
		_, here := b.keys[eventKey(earlier.ID)]
		if elsewhere || here || earlier.Source == access.Tidings.Name || earlier.Phase == change.Planned || !compatible(d.Environment, earlier.Environment) {
			continue
		}
		if ended(earlier) && endOf(earlier).Before(e.StartedAt.Add(-near/3)) {
			continue // it was over before
		}
		b.join(d, earlier)
	}
	return nil
}

// entities are the ids of what can be in trouble.
func (k *Keeper) entities(subjects []change.Subject) []int64 {
	n := neighbourhood{roll: k.Roll}
	var ids []int64
	for _, s := range subjects {
		if _, ok := n.ref(s); ok {
			ids = append(ids, s.Entity)
		}
	}
	return ids
}

// join adds to an incident what a signal says that it does not know.
func (b *batch) join(d *draft, e *change.Event) {
	known := slices.Contains(d.Signals, e.ID)
	over := ended(e)
	firing := slices.Contains(d.Firing, e.ID)
	if !known && len(d.Signals) >= MaxSignals {
		b.learn(d, own(e))
		return
	}
	if d.Status == Resolved && d.MergedInto == 0 && !known && !over && !d.ResolvedAt.IsZero() && e.StartedAt.After(d.ResolvedAt) {
		b.entry(d, Entry{
			Kind: EntryReopened, At: e.StartedAt, By: e.Actor, Text: e.Title, Event: e.ID,
			Fields: map[string]string{FieldKind: e.Kind, FieldPhase: Begun, FieldName: alertName(e)},
		})
		known, firing = true, true
	}
	one := Entry{Kind: EntrySignal, At: e.StartedAt, By: e.Actor, Text: e.Title, Event: e.ID, Fields: map[string]string{}}
	said := !known
	one.Fields[FieldKind], one.Fields[FieldName] = e.Kind, alertName(e)
	switch {
	case over && (firing || !known):
		one.Fields[FieldPhase], one.At, said = Ended, endOf(e), true
	case !known:
		one.Fields[FieldPhase] = Begun
	}
	if level := Severity(e); level > 0 && (d.Severity == 0 || level < d.Severity) && !slices.Contains(d.Set, FieldSeverity) {
		one.Fields[FieldSeverity], said = strconv.Itoa(level), true
	}
	// What the tool that calls people names the trouble is what people call it, whatever alert came first.
	if title := titleOf(e); e.Kind == "incident" && !d.Called && title != "" && title != d.Title && !slices.Contains(d.Set, FieldTitle) {
		one.Fields[FieldTitle], said = title, true
	}
	if d.Environment == "" && e.Environment != "" {
		one.Fields[FieldEnvironment], said = e.Environment, true
	}
	// What a neighbour alerts for may be older than this trouble: a change would be taken to come after it.
	if better := d.Onset.earlier(onsetOf(e)); better != d.Onset && d.has(e.Subjects) {
		one.Fields[FieldOnset], one.Fields[FieldOnsetBy], said = better.At.Format(time.RFC3339Nano), string(better.By), true
		if better.By == OnsetBySignal {
			one.Text += " · taken for the beginning"
		}
	}
	all := d.Subjects
	for _, s := range inTrouble(e.Subjects) {
		if next := AddSubject(all, s); len(all) < subjectsAtMost && !slices.Equal(next, all) {
			all, said = next, true
			one.Subjects = append(one.Subjects, s)
		}
	}
	for _, link := range e.Links {
		if !slices.ContainsFunc(d.Links, func(l change.Link) bool { return l.URL == link.URL }) && len(d.Links)+len(one.Links) < linksAtMost {
			one.Links, said = append(one.Links, link), true
		}
	}
	if said {
		b.entry(d, one)
	}
	b.learn(d, own(e))
	if at, who := acknowledgement(e); d.Status == Open && !at.IsZero() {
		b.entry(d, Entry{Kind: EntryAcknowledged, At: at, By: person(who, e), Event: e.ID})
	}
	if e.Kind == "incident" && over && d.Status != Resolved && len(d.Paging) == 0 {
		b.entry(d, Entry{Kind: EntryResolved, At: later(endOf(e), d.OpenedAt), By: person(e.Labels["resolved_by"], e), Event: e.ID})
	}
}

const linksAtMost = 50

// has reports whether any of the subjects is in trouble already.
func (d *draft) has(subjects []change.Subject) bool {
	return slices.ContainsFunc(subjects, func(of change.Subject) bool {
		return slices.ContainsFunc(d.Subjects, func(s change.Subject) bool {
			return s.Name == of.Name || s.Entity != 0 && s.Entity == of.Entity
		})
	})
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// person is whom a tool names, or the tool.
func person(name string, e *change.Event) change.Actor {
	if name == "" || name == "automation" {
		return change.Actor{Type: change.ByAutomation, Name: cmp.Or(e.Actor.Via, e.Source)}
	}
	return change.Actor{Type: change.ByPerson, Name: name, Via: e.Source}
}

// learn gives keys to an incident.
func (b *batch) learn(d *draft, keys []Key) {
	for _, key := range keys {
		if b.keys[key] == d.Number {
			continue
		}
		b.keys[key] = d.Number
		d.keys = append(d.keys, key)
	}
}

// entry adds a line to a timeline.
func (b *batch) entry(d *draft, e Entry) {
	e.ID, e.Incident, e.Sequence, e.Recorded = newID(), d.Number, d.Entries+1, b.now
	d.Apply(&e)
	b.name(d, e.Subjects)
	d.fresh = append(d.fresh, e)
}

// doneIn finds the incidents that a change was made in: by then they were open, and it is of what is in trouble.
func (b *batch) doneIn(e *change.Event) []*draft {
	if e.Phase == change.Planned || e.Phase == change.Cancelled {
		return nil
	}
	numbers := map[int64]bool{}
	for _, subject := range e.Subjects {
		maps.Copy(numbers, b.named[subject.Name])
	}
	var in []*draft
	for _, number := range slices.Sorted(maps.Keys(numbers)) {
		d := b.all[number]
		if !d.live || d.MergedInto != 0 || d.Done >= doneAtMost || e.StartedAt.Before(d.OpenedAt) || !d.ResolvedAt.IsZero() && e.StartedAt.After(d.ResolvedAt) || !compatible(d.Environment, e.Environment) {
			continue
		}
		if d.has(e.Subjects) {
			in = append(in, d)
		}
	}
	return in
}

func (b *batch) takeChange(e *change.Event) {
	for _, d := range b.doneIn(e) {
		key := doneKey(d.Number, e.ID)
		if _, stands := b.keys[key]; stands {
			continue
		}
		b.entry(d, Entry{Kind: EntryDone, At: e.StartedAt, By: e.Actor, Text: e.Title, Event: e.ID, Fields: map[string]string{FieldKind: e.Kind}})
		b.learn(d, []Key{key})
	}
}

// settle ends the incidents whose alerts have been silent for a while.
func (b *batch) settle() {
	for _, d := range b.order {
		if d.Status == Resolved || d.Called || len(d.Firing) > 0 || len(d.Signals) == 0 || b.now.Sub(d.ActiveAt) < settled {
			continue
		}
		b.entry(d, Entry{
			Kind: EntryResolved, At: later(d.ActiveAt, d.OpenedAt), By: change.Actor{Type: change.ByAutomation, Name: access.Tidings.Name},
			Text: "Its alerts have ended.",
		})
	}
}

// gather puts what changed into the write.
func (b *batch) gather() {
	for _, number := range slices.Sorted(maps.Keys(b.all)) {
		if d := b.all[number]; len(d.fresh) > 0 || len(d.keys) > 0 {
			b.write.Incidents = append(b.write.Incidents, Changed{Incident: d.Incident, Before: d.before, Entries: d.fresh, Keys: d.keys})
		}
	}
}

func newID() uuid.UUID {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.New()
	}
	return id
}
