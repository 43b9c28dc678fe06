package pagerduty

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook subscription.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how PagerDuty signs webhooks: once for each secret that is live there.
var Signature = signature.HMAC{Header: "X-PagerDuty-Signature", Prefix: "v1=", List: true}

// maxBody is above PagerDuty's own bounds: 256 KiB of a webhook, 512 KiB of an event that is sent to it.
const maxBody = 1 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of PagerDuty" }

// Verify checks the signature of a webhook. A change event has none: its routing key is the secret.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	if d.Header.Get(Signature.Header) != "" {
		return Signature.Verify(ctx, d, s.config.Valid())
	}
	var p struct {
		RoutingKey string `json:"routing_key"`
	}
	if err := integration.ReadJSON(d.Body, &p); err != nil || p.RoutingKey == "" {
		return fault.New(fault.Unauthenticated, "neither the header %s of a webhook nor the routing_key of a change event is there: set the secret up in the tool", Signature.Header)
	}
	return signature.Secrets(s.config.Valid()).Match(ctx, p.RoutingKey)
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
	var e change.Event
	var err error
	switch {
	case p.Payload != nil && p.EventAction != "":
		out.Ignored = "an alert that is sent to PagerDuty is told by the webhook of its incident"
		return out, nil
	case p.Payload != nil:
		e, err = s.change(&p, d.ReceivedAt)
		out.Key = e.Key
		out.Answer = &integration.Answer{Status: 202, ContentType: "application/json", Body: []byte(`{"status":"success","message":"Event processed"}`)}
	case p.Event == nil:
		return out, fault.New(fault.Invalid, "the field event of a webhook, or payload of a change event, is missing")
	default:
		out.Key = p.Event.ID
		e, out.Ignored, err = s.event(p.Event)
	}
	if err != nil || out.Ignored != "" {
		out.Answer = nil
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

func (s *Source) event(v *event) (change.Event, string, error) {
	resource, _, _ := strings.Cut(v.Type, ".")
	switch {
	case v.Type == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field event.event_type is missing")
	case resource == "pagey":
		return change.Event{}, "a test of the webhook", nil
	case resource == "incident" && v.Data.Type != "incident":
		return change.Event{}, fmt.Sprintf("%s is no step of an incident", integration.Clip(v.Type)), nil
	case resource == "incident":
		return s.incident(v)
	case resource == "service":
		return s.service(v)
	}
	return change.Event{}, fmt.Sprintf("the event %q is none that is mapped", integration.Clip(v.Type)), nil
}

// incident reads any step of an incident: all of them advance one event. An incident that is opened again lives again, as
// another event of the same story, because what has ended does not begin anew.
func (s *Source) incident(v *event) (change.Event, string, error) {
	i := &v.Data
	if i.ID == "" || i.Service == nil || i.Service.ID == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field event.data.id or event.data.service.id is missing")
	}
	step := strings.TrimPrefix(v.Type, "incident.")
	occurred := integration.At(v.OccurredAt)
	e := change.Event{
		Key: "incident/" + integration.Line(i.ID), Story: "pagerduty:" + integration.Line(i.ID), Kind: "incident", Phase: change.Started,
		Title: integration.Line(cmp.Or(i.Title, i.Summary, "Incident "+i.ID)), StartedAt: integration.At(i.CreatedAt, occurred), SaidAt: occurred,
		Subjects: []change.Subject{s.config.Subject("pagerduty", i.Service.ID, i.Service.Summary)},
	}
	labels := map[string]string{
		"urgency": i.Urgency, "service": i.Service.Summary, "priority": summary(i.Priority), "escalation_policy": summary(i.EscalationPolicy),
		"team": teams(i.Teams),
	}
	if i.Number > 0 {
		labels["number"] = strconv.FormatInt(i.Number, 10)
	}
	if i.IncidentType != nil {
		labels["incident_type"] = i.IncidentType.Name
	}
	reopened := integration.At(i.ReopenedAt)
	if step == "reopened" {
		reopened = integration.At(i.ReopenedAt, occurred)
	}
	if !reopened.IsZero() {
		e.Key += "/" + reopened.Format(time.RFC3339Nano)
		e.StartedAt = reopened
		labels["reopened_at"] = stamp(reopened)
	}
	switch step {
	case "triggered", "reopened":
		e.Actor = actor(v.Agent)
	case "acknowledged":
		labels["acknowledged_at"], labels["acknowledged_by"] = stamp(occurred), summary(v.Agent)
	case "unacknowledged":
		labels["unacknowledged_at"] = stamp(occurred)
	case "escalated":
		labels["escalated_at"] = stamp(occurred)
	case "resolved":
		e.Phase = change.Succeeded
		if e.EndedAt = occurred; e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
		labels["resolved_by"] = cmp.Or(summary(v.Agent), "automation")
		if i.ResolveReason != nil {
			labels["resolve_reason"] = i.ResolveReason.Type
		}
	}
	e.Labels = integration.Labels(labels)
	integration.Link(&e, "ticket", "The incident", i.HTMLURL)
	integration.Link(&e, "other", "The service in PagerDuty", i.Service.HTMLURL)
	return e, "", nil
}

// service reads that somebody changed a service in PagerDuty. What was changed is not told.
func (s *Source) service(v *event) (change.Event, string, error) {
	verbs := map[string]string{"created": "Created", "updated": "Changed", "deleted": "Deleted", "custom_field_values.updated": "Changed custom fields of"}
	verb, known := verbs[strings.TrimPrefix(v.Type, "service.")]
	if !known {
		return change.Event{}, fmt.Sprintf("the event %q is none that is mapped", integration.Clip(v.Type)), nil
	}
	service := &v.Data.reference
	if v.Data.Service != nil {
		service = v.Data.Service
	}
	if service.ID == "" || v.ID == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field event.id or event.data.id is missing")
	}
	e := change.Event{
		Key: "service/" + integration.Line(service.ID) + "/" + integration.Line(v.ID), Kind: "catalog",
		Title:     fmt.Sprintf("%s %s in PagerDuty", verb, integration.Line(cmp.Or(service.Summary, service.ID))),
		StartedAt: integration.At(v.OccurredAt), Actor: actor(v.Agent),
		Subjects: []change.Subject{s.config.Subject("pagerduty", service.ID, service.Summary)},
		Labels:   integration.Labels(map[string]string{"team": teams(v.Data.Teams)}),
	}
	integration.Link(&e, "other", "The service in PagerDuty", service.HTMLURL)
	return e, "", nil
}

// actor is who did it: PagerDuty names nobody for what it does by itself.
func actor(agent *reference) change.Actor {
	switch {
	case agent == nil:
		return change.Actor{Type: change.ByAutomation, Name: "PagerDuty"}
	case agent.Type == "user_reference" || agent.Type == "user":
		return change.Actor{Type: change.ByPerson, Name: integration.Line(agent.Summary), Via: "PagerDuty"}
	}
	return change.Actor{Type: change.ByAutomation, Name: integration.Line(cmp.Or(agent.Summary, agent.ID, "PagerDuty")), Via: "PagerDuty"}
}

func summary(r *reference) string {
	if r == nil {
		return ""
	}
	return r.Summary
}

func teams(all []reference) string {
	var names []string
	for i := range all {
		if all[i].Summary != "" {
			names = append(names, all[i].Summary)
		}
	}
	return strings.Join(names, ", ")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
