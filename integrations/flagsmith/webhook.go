package flagsmith

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how Flagsmith signs.
var Signature = signature.HMAC{Header: "X-Flagsmith-Signature"}

const maxBody = 1 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Flagsmith" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	var err error
	var e change.Event
	switch p.EventType {
	case "FLAG_UPDATED", "FLAG_DELETED":
		e, out.Ignored, err = s.flag(&p)
	case "NEW_VERSION_PUBLISHED":
		e, err = s.version(&p.Data)
	case "":
		err = fault.New(fault.Invalid, "the field event_type is missing")
	default:
		out.Ignored = fmt.Sprintf("%q is told by the flag that was changed, or is about no flag", integration.Clip(p.EventType))
	}
	if err != nil || out.Ignored != "" {
		return out, err
	}
	out.Key = e.Key
	out.Events = []change.Event{e}
	return out, nil
}

// flag reads the state of a flag before and after.
func (s *Source) flag(p *payload) (change.Event, string, error) {
	state := p.Data.NewState
	if state == nil {
		state = p.Data.PreviousState
	}
	switch {
	case state == nil || state.Feature.Name == "" || state.Feature.ID == 0:
		return change.Event{}, "", fault.New(fault.Invalid, "the field data.new_state or data.previous_state with a feature is missing")
	case p.Data.Timestamp == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field data.timestamp is missing")
	case state.Identity != nil || state.IdentityIdentifier != nil:
		return change.Event{}, "a flag was changed for one identity", nil
	case s.config.Versions && p.EventType == "FLAG_UPDATED":
		return change.Event{}, "the environment has feature versioning: the version tells it", nil
	}
	name, environment := state.Feature.Name, cmp.Or(state.Environment.Name, s.config.EnvironmentName)
	e := s.event(name, cmp.Or(state.Feature.Project.Name, s.config.Project), environment)
	e.Key = integration.Line(fmt.Sprintf("flag/%d/%d/%s", state.Feature.ID, state.Environment.ID, p.Data.Timestamp))
	e.StartedAt = integration.ReadTime(p.Data.Timestamp)
	e.Actor = actor(p.Data.ChangedBy)
	e.Title = "Changed flag " + name
	before := p.Data.PreviousState
	switch {
	case p.EventType == "FLAG_DELETED":
		e.Title = "Deleted flag " + name
	case before == nil && state.Enabled:
		e.Title = "Created flag " + name + ", turned on"
	case before == nil:
		e.Title = "Created flag " + name + ", turned off"
	case before.Enabled != state.Enabled:
		e.Title = "Turned " + integration.OnOff(state.Enabled) + " flag " + name
		e.Diff = []change.Diff{{Field: integration.Clip(name), Old: integration.OnOff(before.Enabled), New: integration.OnOff(state.Enabled)}}
	case string(before.Value) != string(state.Value):
		e.Title = "Changed the value of flag " + name
	}
	if state.Segment() {
		e.Title += " for a segment"
		integration.Label(&e, "override", "segment")
	}
	e.Title = integration.Line(e.Title)
	return e, "", nil
}

// version reads a version of a flag that was published, in an environment with feature versioning.
func (s *Source) version(p *data) (change.Event, error) {
	if p.UUID == "" || p.Feature.Name == "" {
		return change.Event{}, fault.New(fault.Invalid, "the field data.uuid or data.feature.name is missing")
	}
	e := s.event(p.Feature.Name, s.config.Project, s.config.EnvironmentName)
	e.Key = integration.Line("version/" + p.UUID)
	e.Title = integration.Line("Published a version of flag " + p.Feature.Name)
	if p.PublishedBy != nil {
		e.Actor = actor(p.PublishedBy.Email)
	}
	return e, nil
}

func (s *Source) event(name, project, environment string) change.Event {
	names := []string{project + "/" + name, name}
	return change.Event{
		Kind: "flag", Environment: s.config.Environment(environment),
		Subjects: []change.Subject{s.config.Within("flagsmith", cmp.Or(project, name), names...)},
		Labels:   integration.Labels(map[string]string{"flag": name, "project": project}),
	}
}

// actor is who did it: a person by the address, or the name of a key of the API.
func actor(name string) change.Actor {
	a := change.Actor{Type: change.ByUnknown, Name: integration.Line(name), Via: "Flagsmith"}
	if strings.Contains(name, "@") {
		a.Type = change.ByPerson
	}
	return a
}
