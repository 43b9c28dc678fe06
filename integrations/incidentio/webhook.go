package incidentio

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const (
	idHeader = "Webhook-Id"
	maxBody  = 2 << 20 // bytes: an incident with all of its fields; incident.io documents no bound
	// maxServices bounds the subjects of an incident that affects everything.
	maxServices = 100
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of incident.io" }

// Verify checks the signature and its time.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Standard{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return []string{idHeader} }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// categories are those of the states of an incident.
var categories = map[string]change.Phase{
	"triage": change.Started, "live": change.Started, "paused": change.Started,
	"learning": change.Succeeded, "closed": change.Succeeded,
	"declined": change.Cancelled, "merged": change.Cancelled, "canceled": change.Cancelled,
}

// Decode reads one delivery: all of them advance the event of their incident.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	out := integration.Decoded{Key: d.Header.Get(idHeader)}
	var body map[string]json.RawMessage
	if err := integration.ReadJSON(d.Body, &body); err != nil {
		return out, err
	}
	var event string
	if err := json.Unmarshal(body["event_type"], &event); err != nil || event == "" {
		return out, fault.New(fault.Invalid, "the field event_type is missing")
	}
	switch event {
	case "public_incident.incident_created_v2", "public_incident.incident_updated_v2", "public_incident.incident_status_updated_v2":
	default:
		out.Ignored = fmt.Sprintf("the event %q is none that is mapped", integration.Clip(event))
		if strings.HasPrefix(event, "private_incident.") {
			out.Ignored = "of a private incident only the id is told"
		}
		return out, nil
	}
	// A change of state has the incident beside the state, the others are the incident.
	var told struct {
		incident

		Incident *incident `json:"incident"`
	}
	if err := integration.ReadJSON(body[event], &told); err != nil {
		return out, err
	}
	i := &told.incident
	if told.Incident != nil {
		i = told.Incident
	}
	if i.ID == "" {
		return out, fault.New(fault.Invalid, "the field id of the incident is missing")
	}
	phase, known := integration.OneOf(categories, i.Status.Category)
	switch {
	case i.Mode == "test" || i.Mode == "tutorial":
		out.Ignored = "a test of the process is no incident"
	case !known:
		out.Ignored = fmt.Sprintf("the category %q of a state is none that is mapped", integration.Clip(i.Status.Category))
	default:
		out.Events = []change.Event{s.event(i, phase)}
	}
	return out, nil
}

func (s *Source) event(i *incident, phase change.Phase) change.Event {
	labels := map[string]string{"number": i.Reference, "status": i.Status.Name}
	if i.Severity != nil {
		labels["severity"] = i.Severity.Name
	}
	if i.Type != nil {
		labels["incident_type"] = i.Type.Name
	}
	if at := i.timestamp("acknowledged", "accepted"); !at.IsZero() {
		labels["acknowledged_at"] = at.Format(time.RFC3339)
	}
	e := change.Event{
		Key: "incident/" + integration.Line(i.ID), Story: "incidentio:" + integration.Line(i.ID), Kind: "incident", Phase: phase,
		Title: integration.Line(cmp.Or(i.Name, i.Reference, "Incident "+i.ID)), Detail: integration.ClipDetail(i.Summary),
		StartedAt: integration.At(i.timestamp("impact started", "started"), i.CreatedAt), SaidAt: integration.At(i.UpdatedAt), Subjects: s.subjects(i),
		Environment: s.config.Environment(first(i.field(cmp.Or(s.config.EnvironmentField, "Environment")))),
		Labels:      integration.Labels(labels),
	}
	if i.Creator.User != nil && i.Creator.User.Name != "" {
		e.Actor = change.Actor{Type: change.ByPerson, Name: integration.Line(i.Creator.User.Name), Via: "incident.io"}
	}
	if phase != change.Started {
		if e.EndedAt = integration.At(i.timestamp("resolved", "fixed", "closed"), i.UpdatedAt); e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
	}
	integration.Link(&e, "ticket", "The incident", i.Permalink)
	return e
}

// serviceFields are what people call the custom field that names the services.
var serviceFields = []string{"Affected services", "Affected service", "Services", "Service"}

// subjects are the services that custom fields name; an incident without is about its type.
func (s *Source) subjects(i *incident) []change.Subject {
	fields := s.config.ServiceFields
	if len(fields) == 0 {
		fields = serviceFields
	}
	var all []change.Subject
	for _, field := range fields {
		for _, names := range i.field(field) {
			if len(all) < maxServices {
				all = append(all, s.config.Subject(Spec.Name, append([]string{"service:" + names[0]}, names...)...))
			}
		}
	}
	if len(all) == 0 {
		kind := "incident"
		if i.Type != nil {
			kind = cmp.Or(i.Type.Name, kind)
		}
		all = append(all, change.Subject{Name: integration.Line(Spec.Name + ":type:" + kind)})
	}
	return all
}

// field gives the names of each value of a custom field: an entry of the catalog has an external id as well.
func (i *incident) field(name string) [][]string {
	var all [][]string
	for _, field := range i.Fields {
		if !strings.EqualFold(field.Field.Name, name) {
			continue
		}
		for _, v := range field.Values {
			names := []string{v.Text}
			if v.Entry != nil {
				names = append(names, v.Entry.ExternalID, v.Entry.Name)
			}
			if v.Option != nil {
				names = append(names, v.Option.Value)
			}
			if names = slices.DeleteFunc(names, func(n string) bool { return n == "" }); len(names) > 0 {
				all = append(all, names)
			}
		}
	}
	return all
}

func first(names [][]string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0][len(names[0])-1]
}

// timestamp is one of those of the incident, which have names of an organisation's own: "Resolved at".
func (i *incident) timestamp(names ...string) time.Time {
	for _, name := range names {
		for _, t := range i.Timestamps {
			if t.Value != nil && strings.HasPrefix(strings.ToLower(t.Timestamp.Name), name) {
				return integration.At(t.Value.Value)
			}
		}
	}
	return time.Time{}
}
