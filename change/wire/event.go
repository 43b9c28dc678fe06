package wire

import (
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Event is the public JSON of an event, as REST, the stream and the command line show it. What is not known is left
// out; times are RFC 3339 in UTC with microseconds. Read takes it back: what Tidings sets by itself is then ignored.
type Event struct {
	ID          uuid.UUID         `json:"id"`
	Source      string            `json:"source"`
	Key         string            `json:"key"`
	Kind        string            `json:"kind"`
	Class       change.Class      `json:"class,omitempty"`
	Phase       change.Phase      `json:"phase"`
	Title       string            `json:"title"`
	Detail      string            `json:"detail,omitempty"` // Markdown, untrusted
	Subjects    []string          `json:"subjects"`
	Environment string            `json:"environment,omitempty"`
	Region      string            `json:"region,omitempty"`
	Cluster     string            `json:"cluster,omitempty"`
	Actor       change.Actor      `json:"actor"`
	StartedAt   Time              `json:"started_at"`
	EndedAt     Time              `json:"ended_at,omitzero"`
	ReceivedAt  Time              `json:"received_at"`
	Version     string            `json:"version,omitempty"`
	Previous    string            `json:"previous,omitempty"`
	Commit      string            `json:"commit,omitempty"`
	Diff        []change.Diff     `json:"diff,omitempty"`
	Exposure    *float64          `json:"exposure,omitempty"` // per cent of traffic or hosts
	Links       []change.Link     `json:"links,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Story       string            `json:"story,omitempty"`   // the source's own key of a story
	StoryID     uuid.UUID         `json:"story_id,omitzero"` // shared by the events that the feed shows as one line
	Dark        bool              `json:"dark,omitempty"`    // seen, and told by nobody
	History     []Step            `json:"history,omitempty"` // by time; only of events with more than one phase
	Ramp        []Exposed         `json:"ramp,omitempty"`    // by time; only of events whose exposure was told more than once
	RecordedBy  string            `json:"recorded_by,omitempty"`
	Redacted    []string          `json:"redacted,omitempty"` // the fields that secrets were taken out of
}

// Step is one step of an event's life.
type Step struct {
	Phase      change.Phase `json:"phase"`
	At         Time         `json:"at"`
	ReceivedAt Time         `json:"received_at"`
}

// Exposed is how much of the traffic, or how many of the hosts, a change reached at a time.
type Exposed struct {
	Exposure float64 `json:"exposure"` // per cent
	At       Time    `json:"at"`
}

// Time is an instant that is written in UTC with exactly six digits of a second, so that texts sort as times do.
type Time struct{ time.Time }

const timeLayout = `"2006-01-02T15:04:05.000000Z"`

// MarshalJSON writes the time as text.
func (t Time) MarshalJSON() ([]byte, error) { return t.UTC().AppendFormat(nil, timeLayout), nil }

// New is the public form of an event; it shares the event's lists.
func New(e *change.Event) Event {
	kind, _ := change.KindNamed(e.Kind)
	public := Event{
		ID: e.ID, Source: e.Source, Key: e.Key, Kind: e.Kind, Class: kind.Class, Phase: e.Phase,
		Title: e.Title, Detail: e.Detail, Subjects: make([]string, len(e.Subjects)),
		Environment: e.Environment, Region: e.Region, Cluster: e.Cluster, Actor: e.Actor,
		StartedAt: Time{e.StartedAt}, EndedAt: Time{e.EndedAt}, ReceivedAt: Time{e.ReceivedAt},
		Version: e.Version, Previous: e.Previous, Commit: e.Commit, Diff: e.Diff, Exposure: e.Exposure,
		Links: e.Links, Labels: e.Labels, Story: e.Story, StoryID: e.Thread, Dark: e.Dark, RecordedBy: e.RecordedBy, Redacted: e.Redacted,
	}
	for i, subject := range e.Subjects {
		public.Subjects[i] = subject.Name
	}
	for _, step := range e.History {
		public.History = append(public.History, Step{step.Phase, Time{step.At}, Time{step.ReceivedAt}})
	}
	for _, step := range e.Ramp {
		public.Ramp = append(public.Ramp, Exposed{step.Exposure, Time{step.At}})
	}
	return public
}

// Append writes the public JSON of an event: what New gives, by hand.
func Append(b []byte, e *change.Event) []byte { return e.AppendPublic(b) }
