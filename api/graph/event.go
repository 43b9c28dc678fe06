package graph

import (
	"maps"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// Event is an event of the log, in which the roll knows the subjects and the actor.
type Event struct {
	*change.Event
	roll *catalog.Roll
}

// event shows an event; nil stays nil.
func (a *API) event(e *change.Event) *Event {
	if e == nil {
		return nil
	}
	return &Event{Event: e, roll: a.deps.Roll}
}

func (a *API) events(list []change.Event) []Event {
	shown := make([]Event, len(list))
	for i := range list {
		shown[i] = Event{Event: &list[i], roll: a.deps.Roll}
	}
	return shown
}

// Class is that of the event's kind.
func (e *Event) Class() change.Class {
	kind, _ := change.KindNamed(e.Kind)
	return kind.Class
}

// Subject is what an event is about.
type Subject struct {
	Ref     string
	Name    string
	Kind    *catalog.Kind // nil for an outside name
	Claimed bool
}

// Subjects lists what the event is about.
func (e *Event) Subjects() []Subject { return subjects(e.roll, e.Event.Subjects) }

// subjects are what events are about, by the names that the roll has for it now.
func subjects(roll *catalog.Roll, list []change.Subject) []Subject {
	shown := make([]Subject, len(list))
	for i, s := range list {
		shown[i] = Subject{Ref: s.Name, Name: s.Name}
		if s.Entity == 0 {
			continue
		}
		if entity, ok := roll.ByID(s.Entity); ok {
			shown[i] = Subject{Ref: entity.Ref().String(), Name: entity.Name, Kind: &entity.Kind, Claimed: true}
		}
	}
	return shown
}

// Actor is who did it.
type Actor struct {
	change.Actor
	roll *catalog.Roll
}

// Actor is who did it.
func (e *Event) Actor() *Actor { return &Actor{Actor: e.Event.Actor, roll: e.roll} }

// Person is the entity of a person who did it, where the roll knows them by that name or by the tool's.
func (a *Actor) Person() *Entity {
	if a.Type != change.ByPerson || a.Name == "" {
		return nil
	}
	if ref, err := catalog.NewRef(catalog.Person, a.Name); err == nil {
		if entity, ok := a.roll.Get(ref); ok {
			return &Entity{Entity: entity}
		}
	}
	if ref, ok := personCalled(a.roll, a.Via+":"+a.Name); ok {
		if entity, ok := a.roll.Get(ref); ok {
			return &Entity{Entity: entity}
		}
	}
	return nil
}

// personCalled finds the person of a reference or of an outside name.
func personCalled(roll *catalog.Roll, name string) (catalog.Ref, bool) {
	if ref, err := catalog.ParseRef(name, ""); err == nil {
		return ref, ref.Kind == catalog.Person
	}
	if found := roll.Resolve(name); len(found) == 1 && found[0].Kind == catalog.Person {
		return found[0].Ref(), true
	}
	return catalog.Ref{}, false
}

// Links are in the form of those of an entity.
func (e *Event) Links() []catalog.Link {
	list := make([]catalog.Link, len(e.Event.Links))
	for i, link := range e.Event.Links {
		list[i] = catalog.Link(link)
	}
	return list
}

// Labels are by key.
func (e *Event) Labels() []catalog.Tag {
	list := make([]catalog.Tag, 0, len(e.Event.Labels))
	for _, key := range slices.Sorted(maps.Keys(e.Event.Labels)) {
		list = append(list, catalog.Tag{Key: key, Value: e.Event.Labels[key]})
	}
	return list
}

// FeedRow is one line of the feed.
type FeedRow struct {
	feed.Row
	Event        Event
	Events       []Event // those beside the shown one
	Subjects     []Subject
	SubjectCount int
}

// row completes a line of the feed.
func (a *API) row(row feed.Row) FeedRow {
	beside := slices.DeleteFunc(row.Events, func(e change.Event) bool { return e.ID == row.Event.ID })
	return FeedRow{
		Row: row, Event: *a.event(&row.Event), Events: a.events(beside),
		Subjects:     subjects(a.deps.Roll, row.Subjects[:min(len(row.Subjects), feed.RowEvents)]),
		SubjectCount: len(row.Subjects),
	}
}

// Histogram counts events over time.
type Histogram struct{ feed.Histogram }

// BucketSeconds is how long a bucket is.
func (h *Histogram) BucketSeconds() int { return int(h.Bucket / time.Second) }
