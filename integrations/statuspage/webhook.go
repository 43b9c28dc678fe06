package statuspage

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one subscription.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const (
	maxBody = 2 << 20 // bytes: an incident with all of its updates; Statuspage documents no bound
	// maxComponents bounds the subjects of an incident of the whole page.
	maxComponents = 100
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Statuspage" }

// Verify checks the token in the query: a page sends neither a signature nor a header of one's own.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	query, err := url.ParseQuery(d.Query)
	if err != nil || query.Get("token") == "" {
		return fault.New(fault.Unauthenticated, "the address has no token: subscribe to /hooks/SOURCE?token=TOKEN, with the secret of the source")
	}
	return signature.Secrets(s.config.Valid()).Match(ctx, query.Get("token"))
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// steps are the states of an incident, and of maintenance.
var steps = map[string]change.Phase{
	"investigating": change.Started, "identified": change.Started, "monitoring": change.Started,
	"resolved": change.Succeeded, "postmortem": change.Succeeded,
	"scheduled": change.Planned, "in_progress": change.Started, "verifying": change.Started, "completed": change.Succeeded,
}

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	var e change.Event
	var err error
	switch {
	case p.Incident != nil:
		if len(p.Incident.Updates) > 0 {
			out.Key = integration.Line(p.Incident.Updates[0].ID)
		}
		if d.ReceivedAt.Add(change.MaxAhead).Before(p.Incident.ScheduledFor) {
			out.Ignored = "maintenance that is more than a day ahead is told when it begins"
			return out, nil
		}
		e, out.Ignored, err = s.incident(p.Incident, p.Page.ID)
	case p.ComponentUpdate != nil:
		out.Key = integration.Line(p.ComponentUpdate.ID)
		e, out.Ignored, err = s.component(&p)
	default:
		return out, fault.New(fault.Invalid, "the field incident or component_update is missing")
	}
	if err != nil || out.Ignored != "" {
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

func (s *Source) incident(i *incident, page string) (change.Event, string, error) {
	if i.ID == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field incident.id is missing")
	}
	phase, known := integration.OneOf(steps, i.Status)
	if !known {
		return change.Event{}, fmt.Sprintf("the state %q of an incident is none that is mapped", integration.Clip(i.Status)), nil
	}
	e := change.Event{
		Key: "incident/" + integration.Line(i.ID), Kind: "incident", Phase: phase, Title: integration.Line(cmp.Or(i.Name, "Incident "+i.ID)),
		StartedAt: integration.At(i.CreatedAt), SaidAt: integration.At(i.UpdatedAt), Labels: integration.Labels(map[string]string{"severity": i.Impact}),
	}
	if maintenance := integration.At(i.ScheduledFor); !maintenance.IsZero() || strings.EqualFold(i.Impact, "maintenance") {
		e.Kind, e.Labels = "maintenance", nil
		e.StartedAt = integration.At(i.ScheduledFor, i.CreatedAt)
	}
	if phase == change.Succeeded {
		if e.EndedAt = integration.At(i.ResolvedAt, i.UpdatedAt); e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
	}
	if len(i.Updates) > 0 {
		e.Detail = integration.ClipDetail(i.Updates[0].Body)
	}
	for _, c := range i.Components[:min(len(i.Components), maxComponents)] {
		if c.Name != "" {
			e.Subjects = append(e.Subjects, s.subject(c))
		}
	}
	if len(e.Subjects) == 0 {
		e.Subjects = []change.Subject{{Name: integration.Line(Spec.Name + ":page:" + cmp.Or(page, "unknown"))}}
	}
	integration.Link(&e, "ticket", "The incident on the page", i.Shortlink)
	return e, "", nil
}

// component reads that a component changed its state: an alert of that moment, because nothing ties it to the one that ends it.
func (s *Source) component(p *payload) (change.Event, string, error) {
	u, c := p.ComponentUpdate, p.Component
	at := integration.At(u.CreatedAt)
	switch {
	case u.ID == "" || c == nil || c.Name == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field component_update.id or component.name is missing")
	case u.OldStatus == u.NewStatus:
		return change.Event{}, "the component is as it was", nil
	}
	e := change.Event{
		Key: "component/" + integration.Line(u.ID), Kind: "alert", StartedAt: at, EndedAt: at, Subjects: []change.Subject{s.subject(*c)},
		Title:  integration.Line(fmt.Sprintf("%s: %s", c.Name, strings.ReplaceAll(u.NewStatus, "_", " "))),
		Labels: integration.Labels(map[string]string{"severity": u.NewStatus}),
		Diff:   []change.Diff{{Field: "status", Old: integration.Line(u.OldStatus), New: integration.Line(u.NewStatus)}},
	}
	switch u.NewStatus {
	case "operational":
		e.Kind = "note"
	case "under_maintenance":
		e.Kind = "maintenance"
	}
	return e, "", nil
}

func (s *Source) subject(c component) change.Subject {
	return s.config.Subject(Spec.Name, cmp.Or(c.ID, "component:"+c.Name), c.Name)
}
