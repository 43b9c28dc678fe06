package main

import (
	"context"
	"slices"
	"time"

	"tidings.dev/tidings/internal/simulator"
)

// asker is somebody who can be told and asked: a server, or a reader in this process.
type asker interface {
	describe(ctx context.Context, documents string) error
	tell(ctx context.Context, events []simulator.Event) error
	ask(ctx context.Context, q question) (answer, error)
}

type question struct {
	services            []string
	environment, region string
	at                  time.Time
}

// answer is what matters of a ranking.
type answer struct {
	Suspects []ranked
	RuledOut []ranked
	None     float64
}

// ranked is one suspect, or one change that was ruled out.
type ranked struct {
	refs        []simulator.Ref
	title       string
	probability float64
	strength    string
	why         string // of one that was ruled out
	evidence    map[string]float64
	at          time.Time
	moments     []moment // of its events; a server tells them
}

// moment is who told of an event, and when it was.
type moment struct {
	source string
	at     time.Time
}

func (r *ranked) is(cause []simulator.Ref) bool {
	return slices.ContainsFunc(r.refs, func(ref simulator.Ref) bool { return slices.Contains(cause, ref) })
}

// place is where the cause stands, from 1; zero where it is not among the suspects.
func (a *answer) place(cause []simulator.Ref) int {
	return slices.IndexFunc(a.Suspects, func(r ranked) bool { return r.is(cause) }) + 1
}

// world asks about every incident of a world when it happens: of what was told later, nothing is known then.
func (s *settings) world(ctx context.Context, world *simulator.World) (found results, err error) {
	asked, end, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if ended := end(); err == nil {
			err = ended
		}
	}()
	if err := asked.describe(ctx, world.Descriptors); err != nil {
		return nil, err
	}
	told := 0
	for i := range world.Incidents {
		incident := &world.Incidents[i]
		until := told
		for until < len(world.Events) && !world.Events[until].Told.After(incident.Asked) {
			until++
		}
		if err := asked.tell(ctx, world.Events[told:until]); err != nil {
			return nil, err
		}
		told = until
		r := result{shape: world.Shape.Name, held: world.Shape.Held, seed: world.Seed, incident: incident}
		q := question{services: incident.Services, environment: incident.Environment, region: incident.Region, at: incident.Onset}
		if r.answer, err = asked.ask(ctx, q); err != nil {
			return nil, err
		}
		for k, off := range []time.Duration{-time.Minute, time.Minute} {
			q.at = incident.Onset.Add(off)
			moved, err := asked.ask(ctx, q)
			if err != nil {
				return nil, err
			}
			r.moved[k] = moved.place(incident.Cause)
			r.lost = r.lost || moved.ruledOut(incident.Cause)
		}
		found = append(found, r)
	}
	return found, nil
}

// ruledOut reports whether the cause was ruled out.
func (a *answer) ruledOut(cause []simulator.Ref) bool {
	return a.place(cause) == 0 && slices.ContainsFunc(a.RuledOut, func(r ranked) bool { return r.is(cause) })
}
