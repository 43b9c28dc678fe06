package graph

import (
	"context"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
)

// Asker ranks what could be the cause of a trouble.
type Asker interface {
	// Find gives the ids of services by their names.
	Find(names []string) ([]int64, error)
	Ask(ctx context.Context, q suspect.Question) (suspect.Ranking, error)
}

// Bounds of a ranking that is shown.
const (
	defaultSuspects = 10
	maxSuspects     = 100
	maxRuledOut     = 100
)

// Suspects ranks without an incident.
func (q queries) Suspects(ctx context.Context, services []string, at *time.Time, environment, region, cluster *string, first *int) (*Suspects, error) {
	limit, err := bounded(first, defaultSuspects, maxSuspects)
	if err != nil {
		return nil, err
	}
	asked := suspect.Question{OnsetBy: incident.OnsetByPerson, Environment: valueOf(environment), Region: valueOf(region), Cluster: valueOf(cluster)}
	if at != nil {
		asked.Onset = *at
	}
	if asked.Services, err = q.deps.Suspects.Find(services); err != nil {
		return nil, err
	}
	ranking, err := q.deps.Suspects.Ask(ctx, asked)
	if err != nil {
		return nil, err
	}
	return q.ranking(&ranking, limit), nil
}

// Suspects is a ranking.
type Suspects struct {
	Services      []string
	Environment   string
	Onset         time.Time
	OnsetBy       incident.OnsetBy
	Since         time.Time
	Summary       string
	None          float64
	Suspects      []Suspect
	RuledOut      []RuledOut
	RuledOutCount int
	Considered    int
	Left          string
}

// Suspect is a change that could be the cause.
type Suspect struct {
	*suspect.Suspect
	api *API
}

// RuledOut is a change that could not.
type RuledOut struct {
	*suspect.Out
	api *API
}

// ranking shows a ranking, of whose suspects at most the limit.
func (a *API) ranking(r *suspect.Ranking, limit int) *Suspects {
	shown := &Suspects{
		Services: r.Services, Environment: r.Question.Environment, Onset: r.Question.Onset, OnsetBy: r.Question.OnsetBy, Since: r.Since,
		Summary: r.Summary, None: r.None, RuledOutCount: len(r.RuledOut), Considered: r.Considered, Left: r.Left(),
	}
	for i := range r.Suspects[:min(len(r.Suspects), limit)] {
		shown.Suspects = append(shown.Suspects, Suspect{&r.Suspects[i], a})
	}
	for i := range r.RuledOut[:min(len(r.RuledOut), maxRuledOut)] {
		shown.RuledOut = append(shown.RuledOut, RuledOut{&r.RuledOut[i], a})
	}
	return shown
}

// Event is that which could have had the effect.
func (s *Suspect) Event() *Event { return s.api.event(&s.Head) }

// Events are those of its story.
func (s *Suspect) Events() []Event { return s.api.events(s.Suspect.Events) }

// BeforeSeconds is how long before the onset it took effect.
func (s *Suspect) BeforeSeconds() int { return int(s.Before / time.Second) }

// Event is that which could have had the effect.
func (o *RuledOut) Event() *Event { return o.api.event(&o.Head) }

// Owner is who knows the changed thing.
func (s *Suspect) Owner() *SuspectOwner { return &SuspectOwner{&s.Suspect.Owner, s.api} }

// SuspectOwner is who knows the changed thing, and who is called for it just now.
type SuspectOwner struct {
	*suspect.Owner
	api *API
}

// Entity is the team; null where nobody owns the thing.
func (o *SuspectOwner) Entity(ctx context.Context) (*Entity, error) {
	if o.Team == "" {
		return nil, nil
	}
	return o.api.related(ctx, catalog.Ref{Kind: catalog.Team, Name: o.Team}, time.Time{})
}

// People are those who are called.
func (o *SuspectOwner) People(ctx context.Context) ([]OnCall, error) {
	calls := make([]catalog.OnCall, len(o.OnCall))
	for i, name := range o.OnCall {
		calls[i].Name = name
	}
	return o.api.called(ctx, calls, time.Time{})
}
