package datadog

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// maxBody is far above what a message of a monitor can have: Datadog documents no bound.
const maxBody = 1 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Datadog" }

// Verify checks the token: Datadog signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// transitions are what a monitor does, and how bad it then is.
var transitions = map[string]struct {
	phase    change.Phase
	severity string
}{
	"triggered": {change.Started, "alert"}, "re-triggered": {change.Started, "alert"}, "renotify": {change.Started, ""},
	"warn": {change.Started, "warning"}, "re-warn": {change.Started, "warning"},
	"no data": {change.Started, "no data"}, "re-no data": {change.Started, "no data"},
	"recovered": {change.Succeeded, ""},
}

// Decode reads one delivery. All transitions of one cycle, from the trigger until the recovery, advance one event.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	switch {
	case p.Template != version:
		return out, fault.New(fault.Invalid, "the webhook in Datadog does not have the payload of this integration: paste this one:\n%s", template)
	case p.AlertTransition == "" || p.CycleKey == "":
		out.Ignored = "it is of no monitor's alert"
		return out, nil
	}
	transition, known := integration.OneOf(transitions, p.AlertTransition.String())
	if !known {
		out.Ignored = fmt.Sprintf("the transition %q is none that is mapped", integration.Clip(p.AlertTransition.String()))
		return out, nil
	}
	ms, err := strconv.ParseInt(p.Date.String(), 10, 64)
	if err != nil {
		return out, fault.New(fault.Invalid, "the field date is no number of milliseconds")
	}
	at := integration.Millis(ms)
	out.Key = integration.Line(p.CycleKey.String() + "/" + p.AlertTransition.String() + "/" + p.Date.String())
	e := change.Event{
		Key: "alert/" + integration.Line(p.CycleKey.String()), Kind: "alert", Phase: transition.phase, StartedAt: at,
		Title: integration.Line(cmp.Or(p.AlertTitle.String(), p.EventTitle.String(), "Monitor "+p.AlertID.String())),
		Actor: change.Actor{Type: change.ByAutomation, Name: "Datadog"}, Environment: s.config.Environment(p.Environment.String()),
		Detail: integration.ClipDetail(p.EventMessage.String()), Subjects: s.subjects(&p),
		Labels: integration.Labels(map[string]string{
			"severity": transition.severity, "priority": p.AlertPriority.String(), "monitor": p.AlertID.String(), "host": p.Hostname.String(),
			"scope": p.AlertScope.String(), "team": p.Team.String(),
		}),
	}
	if e.Phase == change.Succeeded {
		e.EndedAt = at
	}
	integration.Link(&e, "alert", "The event in Datadog", p.EventURL.String())
	out.Events = []change.Event{e}
	return out, nil
}

// subjects are the services that the monitor is tagged with; one without is about its host, or itself.
func (s *Source) subjects(p *payload) []change.Subject {
	var all []change.Subject
	for name := range strings.SplitSeq(p.Service.String(), ",") {
		if name = strings.TrimSpace(name); name != "" && len(all) < 20 {
			all = append(all, s.config.Subject(Spec.Name, "service:"+name, name))
		}
	}
	switch {
	case len(all) > 0:
		return all
	case p.Hostname != "":
		return []change.Subject{s.config.Subject(Spec.Name, "host:"+p.Hostname.String())}
	}
	return []change.Subject{{Name: integration.Line(Spec.Name + ":monitor:" + cmp.Or(p.AlertID.String(), "unknown"))}}
}
