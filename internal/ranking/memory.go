package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/internal/simulator"
)

// memory is a reader over a log and a roll that are kept in memory. It joins events as the store does: by source and key,
// into stories by their keys, and into storms.
type memory struct {
	roll    *catalog.Roll
	weights *suspect.Weights
	reader  suspect.Reader
	last    suspect.Ranking // of the last question, for whoever learns from it

	byIdentity map[change.Digest]*change.Event
	sorted     []*change.Event // newest first
	bySubject  map[int64][]*change.Event
	byKey      map[change.Digest]uuid.UUID // a story by one of its keys
	joined     map[uuid.UUID]uuid.UUID     // a story that turned out to be another
	storms     map[change.Digest]*storm
	threads    map[uuid.UUID][]*change.Event
}

type storm struct {
	first, last time.Time
	events      []*change.Event
}

func newMemory(weights *suspect.Weights) *memory {
	m := &memory{
		roll: catalog.NewRoll(nil), weights: weights, byIdentity: map[change.Digest]*change.Event{}, bySubject: map[int64][]*change.Event{},
		byKey: map[change.Digest]uuid.UUID{}, joined: map[uuid.UUID]uuid.UUID{}, storms: map[change.Digest]*storm{}, threads: map[uuid.UUID][]*change.Event{},
	}
	m.reader = suspect.Reader{Roll: m.roll, Log: m, Weights: weights}
	return m
}

func (m *memory) describe(_ context.Context, documents string) error {
	for _, result := range descriptor.Read([]descriptor.Document{{Name: "organisation.yaml", Content: []byte(documents)}}) {
		for _, problem := range result.Faults {
			return fmt.Errorf("line %d: %s", problem.Line, problem.Detail)
		}
		for _, statement := range result.Statements {
			standing := make([]catalog.Standing, len(statement.Claims))
			for i, claim := range statement.Claims {
				standing[i] = catalog.Standing{Claim: claim, Source: descriptor.SourceOf("organisation.yaml")}
			}
			e := catalog.Merge(statement.Ref, catalog.Facts(standing))
			e.Name, e.ID = statement.Name, m.entity(statement.Ref)
			m.roll.Put(&e)
		}
	}
	return nil
}

// entity is the id of an entity, which is made where there is none.
func (m *memory) entity(ref catalog.Ref) int64 {
	if e, ok := m.roll.Get(ref); ok {
		return e.ID
	}
	e := catalog.Entity{ID: int64(m.roll.Version()) + 1, Kind: ref.Kind, Name: ref.Name}
	for {
		if _, taken := m.roll.ByID(e.ID); !taken {
			break
		}
		e.ID++
	}
	m.roll.Put(&e)
	return e.ID
}

func (m *memory) tell(_ context.Context, events []simulator.Event) error {
	for some := range slices.Chunk(events, batch) {
		body, err := json.Marshal(map[string]any{"events": some})
		if err != nil {
			return err
		}
		read, err := wire.Read(http.Header{"Content-Type": {"application/json"}}, body, time.Now())
		if err != nil {
			return err
		}
		for i := range read.Events {
			if err := m.add(read.Events[i]); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(m.sorted, newestFirst)
	for _, events := range m.bySubject {
		slices.SortStableFunc(events, newestFirst)
	}
	for _, events := range m.threads {
		slices.SortStableFunc(events, newestFirst)
	}
	return nil
}

func newestFirst(a, b *change.Event) int {
	return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.Seq, a.Seq))
}

func (m *memory) add(e change.Event) error {
	for i := range e.Subjects {
		if claimed := m.roll.Resolve(e.Subjects[i].Name); len(claimed) == 1 {
			e.Subjects[i] = change.Subject{Name: claimed[0].Ref().String(), Entity: claimed[0].ID, Outside: e.Subjects[i].Name}
			continue
		}
		ref, err := catalog.ParseRef(e.Subjects[i].Name, catalog.Service)
		if err != nil {
			return err
		}
		e.Subjects[i].Entity = m.entity(ref)
	}
	if known, ok := m.byIdentity[e.Identity()]; ok {
		known.Advance(e)
		m.join(known)
		return nil
	}
	e.Seq = int64(len(m.sorted)) + 1
	kept := &e
	m.byIdentity[e.Identity()] = kept
	m.sorted = append(m.sorted, kept)
	for _, subject := range e.Subjects {
		m.bySubject[subject.Entity] = append(m.bySubject[subject.Entity], kept)
	}
	m.join(kept)
	m.gather(kept)
	return nil
}

// join puts an event into its story.
func (m *memory) join(e *change.Event) {
	for _, key := range e.StoryKeys() {
		thread, ok := m.byKey[key]
		switch {
		case !ok && e.Thread == uuid.Nil:
			e.Thread = uuid.New()
			m.threads[e.Thread] = append(m.threads[e.Thread], e)
			m.byKey[key] = e.Thread
		case !ok:
			m.byKey[key] = e.Thread
		case e.Thread == uuid.Nil:
			e.Thread = m.story(thread)
			m.threads[e.Thread] = append(m.threads[e.Thread], e)
		default:
			if one := m.story(thread); one != e.Thread {
				other := e.Thread
				for _, moved := range m.threads[other] {
					moved.Thread = one
				}
				m.threads[one] = append(m.threads[one], m.threads[other]...)
				delete(m.threads, other)
				m.joined[other] = one
			}
		}
	}
}

func (m *memory) story(thread uuid.UUID) uuid.UUID {
	for {
		next, ok := m.joined[thread]
		if !ok {
			return thread
		}
		thread = next
	}
}

// gather puts an event into its storm.
func (m *memory) gather(e *change.Event) {
	key, folds := e.StormKey()
	if !folds || e.Thread != uuid.Nil {
		return
	}
	s := m.storms[key]
	if s == nil || e.StartedAt.Sub(s.last).Abs() > change.StormGap || e.StartedAt.Sub(s.first) > change.StormSpan {
		s = &storm{first: e.StartedAt}
		m.storms[key] = s
	}
	s.last = e.StartedAt
	s.events = append(s.events, e)
	if len(s.events) < change.StormSize {
		return
	}
	thread := s.events[0].Thread
	if thread == uuid.Nil {
		thread = uuid.New()
	}
	for _, member := range s.events {
		if member.Thread == uuid.Nil {
			member.Thread = thread
			m.threads[thread] = append(m.threads[thread], member)
		}
	}
}

func (m *memory) ask(ctx context.Context, q question) (answer, error) {
	ids, err := m.reader.Find(q.services)
	if err != nil {
		return answer{}, err
	}
	m.last, err = m.reader.Ask(ctx, suspect.Question{
		Services: ids, Environment: q.environment, Region: q.region, Onset: q.at, OnsetBy: incident.OnsetByPerson,
	})
	return answerOf(&m.last), err
}

func answerOf(ranking *suspect.Ranking) answer {
	a := answer{None: ranking.None}
	for i := range ranking.Suspects {
		s := &ranking.Suspects[i]
		r := rankedOf(&s.Candidate)
		r.probability, r.strength = s.Probability, string(s.Strength)
		for _, e := range s.Evidence {
			r.evidence[e.Name] += e.Weight
		}
		a.Suspects = append(a.Suspects, r)
	}
	for i := range ranking.RuledOut {
		r := rankedOf(&ranking.RuledOut[i].Candidate)
		r.why = string(ranking.RuledOut[i].Reason)
		a.RuledOut = append(a.RuledOut, r)
	}
	return a
}

func rankedOf(c *suspect.Candidate) ranked {
	r := ranked{title: c.Head.Title, at: c.Head.StartedAt, evidence: map[string]float64{}}
	for i := range c.Events {
		r.refs = append(r.refs, simulator.Ref{Source: c.Events[i].Source, Key: c.Events[i].Key})
	}
	return r
}

// How many events of an entity are looked at for each that is wanted, and at most: as by the store.
const (
	lookedForEach = 8
	mostLooked    = 1000
)

// Latest is as that of the store, which looks at a bounded number of events for those of the kinds that are asked for.
func (m *memory) Latest(_ context.Context, ask change.Latest) ([]change.Event, error) {
	var found []change.Event
	seen := map[uuid.UUID]bool{}
	for _, entity := range ask.Entities {
		n, looked := 0, 0
		for _, e := range m.bySubject[entity] {
			if e.StartedAt.Before(ask.Since) || e.StartedAt.After(ask.Until) {
				continue
			}
			if looked++; n == ask.Each || looked > min(ask.Each*lookedForEach, mostLooked) {
				break
			}
			if ask.Kinds == nil || slices.Contains(ask.Kinds, e.Kind) {
				n++
				if !seen[e.ID] {
					seen[e.ID] = true
					found = append(found, *e)
				}
			}
		}
	}
	return found, nil
}

// Feed is as that of the store, without pages.
func (m *memory) Feed(_ context.Context, filter change.Filter, _ change.Cursor, limit int, _ bool) (change.Page, error) {
	var page change.Page
	for _, e := range m.sorted {
		if len(page.Events) == limit || e.StartedAt.Before(filter.Since) {
			break // the newest come first
		}
		if filter.Match(e) {
			page.Events = append(page.Events, *e)
		}
	}
	return page, nil
}

// Steps is as that of the store.
func (m *memory) Steps(_ context.Context, stories []uuid.UUID, limit int, known map[int64]bool) ([]change.Event, error) {
	var found []change.Event
	for _, id := range stories {
		events := m.threads[id]
		for _, e := range events[:min(len(events), limit)] {
			if !known[e.Seq] {
				found = append(found, *e)
			}
		}
	}
	return found, nil
}
