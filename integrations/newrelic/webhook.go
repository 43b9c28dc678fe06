package newrelic

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook destination.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// maxBody is far above what the template gives: New Relic documents no bound.
const maxBody = 1 << 20

// maxEntities bounds the subjects of an issue that has an impact on everything.
const maxEntities = 50

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of New Relic" }

// Verify checks the token: New Relic signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// states are those of an issue: that it was acknowledged is none.
var states = map[string]change.Phase{
	"created": change.Started, "activated": change.Started, "deactivated": change.Started,
	"closed": change.Succeeded,
}

// Decode reads one delivery: all of them advance the event of their issue.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	err := integration.ReadJSON(d.Body, &p)
	switch {
	case p.Template != version:
		return out, fault.New(fault.Invalid, "the workflow in New Relic does not have the payload of this integration: paste this one:\n%s", template)
	case err != nil:
		return out, err
	case p.ID == "" || p.State == "":
		return out, fault.New(fault.Invalid, "the field id or state is missing")
	}
	out.Key = fmt.Sprintf("%s/%s/%s/%d", integration.Line(p.ID), integration.Line(p.State), integration.Line(p.Trigger), p.UpdatedAt)
	phase, known := integration.OneOf(states, p.State)
	if !known {
		out.Ignored = fmt.Sprintf("the state %q of an issue is none that is mapped", integration.Clip(p.State))
		return out, nil
	}
	labels := map[string]string{
		"priority": strings.ToLower(p.Priority), "policy": strings.Join(p.Policies, ", "), "condition": strings.Join(p.Conditions, ", "),
		"acknowledged_by": p.AcknowledgedBy,
	}
	e := change.Event{
		Key: "issue/" + integration.Line(p.ID), Kind: "alert", Phase: phase, Title: integration.Line(cmp.Or(p.Title, "Issue "+p.ID)),
		StartedAt: integration.Millis(p.CreatedAt), Actor: change.Actor{Type: change.ByAutomation, Name: "New Relic"}, Subjects: s.subjects(&p),
	}
	if at := integration.Millis(p.AcknowledgedAt); !at.IsZero() {
		labels["acknowledged_at"] = at.Format(time.RFC3339)
	}
	if phase == change.Succeeded {
		if e.EndedAt = integration.Millis(cmp.Or(p.ClosedAt, p.UpdatedAt)); e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
	}
	e.Labels = integration.Labels(labels)
	integration.Link(&e, "alert", "The issue in New Relic", p.URL)
	out.Events = []change.Event{e}
	return out, nil
}

// subjects are the entities that the issue has an impact on; one without is about its condition.
func (s *Source) subjects(p *payload) []change.Subject {
	var all []change.Subject
	for _, name := range p.Entities[:min(len(p.Entities), maxEntities)] {
		if name != "" {
			all = append(all, s.config.Subject(Spec.Name, "entity:"+name, name))
		}
	}
	if len(all) == 0 {
		condition := "unknown"
		if len(p.Conditions) > 0 {
			condition = cmp.Or(p.Conditions[0], condition)
		}
		all = append(all, change.Subject{Name: integration.Line(Spec.Name + ":condition:" + condition)})
	}
	return all
}
