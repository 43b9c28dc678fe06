package opsgenie

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

// Source is one webhook integration.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// maxBody is far above what an alert can have: Opsgenie documents no bound of the webhook.
const maxBody = 1 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Opsgenie" }

// Verify checks the token: Opsgenie signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// steps are the actions that are steps of an alert; notes and custom actions are none.
var steps = map[string]change.Phase{
	"create": change.Started, "acknowledge": change.Started, "unacknowledge": change.Started, "escalate": change.Started,
	"escalatenext": change.Started, "escalatetonext": change.Started, "updatepriority": change.Started, "updatemessage": change.Started, "snooze": change.Started,
	"close": change.Succeeded, "delete": change.Cancelled,
}

// Decode reads one delivery: all actions advance the event of their alert.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	if p.Alert == nil || p.Alert.ID == "" || p.Action == "" {
		return out, fault.New(fault.Invalid, "the field action or alert.alertId is missing")
	}
	a := p.Alert
	out.Key = fmt.Sprintf("%s/%s/%d", integration.Line(a.ID), integration.Line(p.Action), a.UpdatedAt)
	phase, known := integration.OneOf(steps, p.Action)
	if !known {
		out.Ignored = fmt.Sprintf("the action %q is no step of an alert", integration.Clip(p.Action))
		return out, nil
	}
	updated := nanos(a.UpdatedAt)
	e := change.Event{
		Key: "alert/" + integration.Line(a.ID), Kind: "alert", Phase: phase, Title: integration.Line(cmp.Or(a.Message, "Alert "+a.ID)),
		StartedAt: integration.Millis(a.CreatedAt), SaidAt: updated, Subjects: []change.Subject{s.subject(&p)},
		Environment: s.config.Environment(cmp.Or(a.named("environment"), a.named("env"))), Region: integration.Line(a.named("region")),
	}
	labels := map[string]string{"priority": priority(a.Priority), "number": a.TinyID, "severity": a.named("severity"), "team": a.named("team")}
	switch strings.ToLower(p.Action) {
	case "create":
		e.Actor = actor(a.Username)
	case "acknowledge":
		labels["acknowledged_at"], labels["acknowledged_by"] = stamp(updated), a.Username
	case "unacknowledge":
		labels["unacknowledged_at"] = stamp(updated)
	case "escalate", "escalatenext", "escalatetonext":
		labels["escalated_at"] = stamp(updated)
	case "close", "delete":
		labels["resolved_by"] = a.Username
		if e.EndedAt = updated; e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
	}
	e.Labels = integration.Labels(labels)
	if s.config.URL != "" {
		integration.Link(&e, "ticket", "The alert", strings.TrimRight(s.config.URL, "/")+"/alert/detail/"+a.ID+"/details")
	}
	out.Events = []change.Event{e}
	return out, nil
}

// subject is what the alert says of the service: a detail or tag, or the entity; else what made it.
func (s *Source) subject(p *payload) change.Subject {
	if service := p.Alert.named("service"); service != "" {
		return s.config.Subject(Spec.Name, "service:"+service, service)
	}
	if p.Alert.Entity != "" {
		return s.config.Subject(Spec.Name, "entity:"+p.Alert.Entity, p.Alert.Entity, "entity:"+p.Alert.Entity)
	}
	return change.Subject{Name: integration.Line(Spec.Name + ":source:" + cmp.Or(p.Alert.Source, p.IntegrationName, "unknown"))}
}

// named is the value of a detail, or of a tag such as "service:checkout".
func (a *alert) named(name string) string {
	if value, ok := a.Details[name].(string); ok && value != "" {
		return value
	}
	for _, tag := range a.Tags {
		for _, mark := range []string{":", "="} {
			if key, value, found := strings.Cut(tag, mark); found && strings.EqualFold(key, name) {
				return value
			}
		}
	}
	return ""
}

// priority is P1 to P5, which older integrations send as a number.
func priority(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		if value >= 1 && value <= 5 {
			return fmt.Sprintf("P%d", int(value))
		}
	}
	return ""
}

// actor is a person where there is an address of one: integrations have names.
func actor(username string) change.Actor {
	switch {
	case strings.Contains(username, "@"):
		return change.Actor{Type: change.ByPerson, Name: integration.Line(username), Via: "Opsgenie"}
	case username == "":
		return change.Actor{Type: change.ByAutomation, Name: "Opsgenie"}
	}
	return change.Actor{Type: change.ByAutomation, Name: integration.Line(username), Via: "Opsgenie"}
}

func nanos(ns int64) time.Time {
	if ns <= 0 {
		return time.Time{}
	}
	return integration.At(time.Unix(0, ns))
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
