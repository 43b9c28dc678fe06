package graph

import (
	"cmp"
	"encoding/json"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/guide"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/source"
)

// Entity is an entity of the roll as it is, or as it held at an instant.
type Entity struct {
	*catalog.Entity
	at time.Time // zero for now
}

// Ref is the reference in its written form.
func (e *Entity) Ref() string { return e.Entity.Ref().String() }

// The optional texts are null where nobody said anything.

// Title is the entity's name for people.
func (e *Entity) Title() *string { return optional(e.Entity.Title) }

// Language is the language that it is written in.
func (e *Entity) Language() *string { return optional(e.Entity.Language) }

// LanguageVersion is the version of that language.
func (e *Entity) LanguageVersion() *string { return optional(e.Entity.LanguageVersion) }

// Lifecycle is one of catalog.Lifecycles.
func (e *Entity) Lifecycle() *string { return optional(e.Entity.Lifecycle) }

// Platform is one of catalog.Platforms.
func (e *Entity) Platform() *string { return optional(e.Entity.Platform) }

// DeployedBy is the tool or pipeline that deploys it.
func (e *Entity) DeployedBy() *string { return optional(e.Entity.DeployedBy) }

// Type is a source's finer kind.
func (e *Entity) Type() *string { return optional(e.Entity.Type) }

// Rpo is the recovery point objective.
func (e *Entity) Rpo() *string { return optional(e.RPO) }

// Rto is the recovery time objective.
func (e *Entity) Rto() *string { return optional(e.RTO) }

// Email is the address of a person or a team.
func (e *Entity) Email() *string { return optional(e.Entity.Email) }

// TimeZone is an IANA name.
func (e *Entity) TimeZone() *string { return optional(e.Entity.TimeZone) }

// Contacts lists the ways to reach the owners.
func (e *Entity) Contacts() []Contact {
	list := make([]Contact, len(e.Entity.Contacts))
	for i, contact := range e.Entity.Contacts {
		list[i] = Contact{Type: contact.Type, Value: contact.Value, Title: optional(contact.Title)}
	}
	return list
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Migration is how far a migration has come, with the owners as they are now.
type Migration struct {
	catalog.MigrationCount
	Teams []MigrationTeam
	Steps []catalog.MigrationStep
}

// MigrationTeam is what one owner has of it.
type MigrationTeam struct {
	catalog.MigrationCount
	Owner *Entity // nil for nobody
	Left  []string
}

// EntityPage is a page of the catalog, with the filter that its facets need.
type EntityPage struct {
	Nodes  []Entity
	Total  int
	Next   *string
	filter catalog.Filter
}

// Contact is a way to reach the owners.
type Contact struct {
	Type  string
	Value string
	Title *string
}

// OnCall is who answers a page, and from when until when where that is known.
type OnCall struct {
	Person *Entity // nil for an outside name
	Name   string
	Role   string
	From   time.Time
	Until  time.Time
}

// Condition is how an entity is: the worst of what is open of it.
type Condition struct {
	Health catalog.Health
	Event  *string // nil where nothing is open
	Title  string
	Since  *time.Time
}

// Relation is an arrow between two entities, seen from the one that was asked: Entity is the other.
type Relation struct {
	Type     string
	Entity   *Entity
	Evidence catalog.Evidence
	Since    time.Time
	LastSeen time.Time
}

// Fact is one field of an entity with its provenance.
type Fact struct {
	Field       catalog.Field
	Value       json.RawMessage
	Source      string
	Since       time.Time
	ConfirmedAt time.Time
	Disagreeing []OtherFact
}

// OtherFact is what a weaker source says.
type OtherFact struct {
	Value  json.RawMessage
	Source string
	Since  time.Time
}

// Source is a source and how it is doing.
type Source struct {
	Name string
	// Type is the integration, such as github.
	Type string
	// State is one word for people, such as working, failing or waiting.
	State string
	// Detail is a sentence; of a failure what to do about it.
	Detail      string
	LastEventAt time.Time // zero when there was none
	Events      int
	Observed    *Observed // nil for a source that no agent looks at
	LookedAt    time.Time // zero when it never did
	Backfill    *integration.Backfill
	Place       source.Place
	Delivers    bool
	SecretAt    time.Time // zero when none is known
	tool        *source.Tool
}

// Tool is what it is a source of.
func (s *Source) Tool() *Tool {
	if s.tool == nil {
		return nil
	}
	return &Tool{s.tool}
}

// Guide says how the tool is set up for this source.
func (s *Source) Guide(base string) *guide.Guide {
	if s.tool == nil {
		return nil
	}
	filled := s.tool.Guide.For(base, s.Name, "")
	return &filled
}

// Observed tells more of a source that an agent looks at.
type Observed struct {
	*integration.Observed
	LooksAt    string
	LagSeconds float64
}

func newSource(s source.Source) Source {
	state := s.State
	shown := Source{
		Place: s.Place, Delivers: s.Delivers, tool: s.Tool, LookedAt: state.LookedAt, Backfill: state.Backfill, SecretAt: s.SecretAt,
		Name: state.Name, Type: state.Type, State: string(state.State), Detail: cmp.Or(state.Fault, state.Detail),
		LastEventAt: state.LastEventAt, Events: state.Events,
	}
	if o := state.Observed; o != nil {
		shown.Observed = &Observed{o, state.Detail, o.Lag.Seconds()}
	}
	return shown
}

// Running is what an object of an entity runs, or what the log says was deployed last where nothing is seen.
type Running struct {
	observe.RunningObject
	Seen  bool
	Since time.Time
	Event *string
}
