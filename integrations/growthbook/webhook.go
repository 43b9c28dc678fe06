package growthbook

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how GrowthBook signs.
var Signature = signature.HMAC{Header: "X-GrowthBook-Signature"}

const maxBody = 5 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of GrowthBook" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// verbs are the steps that are mapped, with the beginning of their title.
var verbs = map[string]string{
	"feature.created": "Created feature", "feature.updated": "Changed feature", "feature.deleted": "Deleted feature",
	"feature.revision.published":    "Published a revision of feature",
	"feature.revision.reverted":     "Reverted feature",
	"feature.saferollout.rollback":  "Safe rollout fails, to be rolled back: feature",
	"feature.saferollout.unhealthy": "Safe rollout is not healthy: feature",
	"experiment.created":            "Created experiment", "experiment.updated": "Changed experiment", "experiment.deleted": "Deleted experiment",
}

// Decode reads one event.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	if p.Event == "" {
		return out, fault.New(fault.Invalid, "the field event is missing")
	}
	verb, known := verbs[p.Event]
	switch {
	case p.Event == "webhook.test":
		out.Ignored = "a test of the webhook"
		return out, nil
	case !known:
		out.Ignored = fmt.Sprintf("%q changes nothing that a service does", integration.Clip(p.Event))
		return out, nil
	}
	o := &p.Data.Object
	id := cmp.Or(o.ID, o.FeatureID)
	if id == "" || p.Created <= 0 {
		return out, fault.New(fault.Invalid, "the field data.object.id or created is missing")
	}
	object, _, _ := strings.Cut(p.Event, ".")
	name := cmp.Or(o.Name, id)
	e := change.Event{
		Key: integration.Line(fmt.Sprintf("%s/%s/%d", p.Event, id, int64(p.Created))), Kind: "flag", StartedAt: integration.Millis(int64(p.Created)), Actor: p.actor(),
		Labels: integration.Labels(map[string]string{object: id, "project": o.Project, "changed": strings.Join(p.Data.changed(), ", ")}),
	}
	switch {
	case object == "experiment":
		e.Kind = "experiment"
	case strings.HasPrefix(p.Event, "feature.saferollout."):
		e.Kind = "alert"
	}
	verb = p.difference(&e, verb)
	e.Title = integration.Line(verb + " " + name)
	switch environments := p.Environments; {
	case e.Environment != "":
		e.Environment = s.config.Environment(e.Environment)
	case len(environments) == 1:
		e.Environment = s.config.Environment(environments[0])
	default:
		integration.Label(&e, "environments", strings.Join(environments, ", "))
	}
	names := []string{id}
	for _, tag := range p.Tags[:min(len(p.Tags), 50)] {
		names = append(names, "tag:"+tag)
	}
	e.Subjects = []change.Subject{s.config.Within("growthbook", cmp.Or(o.Project, id), names...)}
	out.Key = e.Key
	out.Events = []change.Event{e}
	return out, nil
}

// difference tells which environments were turned on or off, and which status an experiment has. Values and rules are
// never read: they can hold secrets, and name people.
func (p *payload) difference(e *change.Event, verb string) string {
	before, after := p.Data.Previous.Environments, p.Data.Object.Environments
	var turned []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		now, still := after[name]
		if was := before[name]; still && was.Enabled != nil && now.Enabled != nil && *was.Enabled != *now.Enabled && len(e.Diff) < 100 {
			e.Diff = append(e.Diff, change.Diff{Field: integration.Clip(name), Old: integration.OnOff(*was.Enabled), New: integration.OnOff(*now.Enabled)})
			turned = append(turned, name)
		}
	}
	if len(turned) == 1 {
		e.Environment = turned[0]
		return "Turned " + e.Diff[len(e.Diff)-1].New + " feature"
	}
	if was, now := p.Data.Previous.Status, p.Data.Object.Status; was != "" && now != "" && was != now {
		e.Diff = append(e.Diff, change.Diff{Field: "status", Old: integration.Clip(was), New: integration.Clip(now)})
		switch now {
		case "running":
			return "Started experiment"
		case "stopped":
			return "Stopped experiment"
		}
	}
	return verb
}

// actor is who did it: GrowthBook names nobody for what it does by itself.
func (p *payload) actor() change.Actor {
	switch {
	case p.User == nil || p.User.Type == "system":
		return change.Actor{Type: change.ByAutomation, Name: "GrowthBook"}
	case p.User.Type == "dashboard":
		return change.Actor{Type: change.ByPerson, Name: integration.Line(cmp.Or(p.User.Name, p.User.Email)), Via: "GrowthBook"}
	case p.User.Type == "api_key":
		return change.Actor{Type: change.ByAutomation, Name: integration.Line(cmp.Or(p.User.Name, "a key of the API")), Via: "GrowthBook"}
	}
	return change.Actor{Type: change.ByUnknown, Name: integration.Line(p.User.Name), Via: "GrowthBook"}
}
