package aws

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// alarm is a state of an alarm of CloudWatch, however it was told.
type alarm struct {
	name, arn, description, reason string
	state, before                  string
	at, beforeAt                   time.Time // beforeAt is when it came into the state before; zero where that is not told
	unending                       bool      // its end will not be told as such
	namespace                      string
	dimensions                     map[string]string
}

// alarmEvent reads an alarm by EventBridge, which tells when the state before began: so its end is that of its start.
func (s *Source) alarmEvent(p *envelope) (change.Event, string, error) {
	var v alarmDetail
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	a := alarm{
		name: v.Name, description: v.Configuration.Description, reason: v.State.Reason, state: v.State.Value, before: v.Previous.Value,
		at: cmp.Or(integration.ReadTime(v.State.At), integration.At(p.Time)), beforeAt: integration.ReadTime(v.Previous.At),
	}
	for _, arn := range p.Resources {
		a.arn = cmp.Or(a.arn, arn)
	}
	for _, m := range v.Configuration.Metrics {
		if a.namespace == "" && m.Stat.Metric.Namespace != "" {
			a.namespace, a.dimensions = m.Stat.Metric.Namespace, m.Stat.Metric.Dimensions
		}
	}
	return s.alarmed(p, &a)
}

// alarm reads an alarm by SNS, which does not tell when the state before began.
func (s *Source) alarm(p *envelope) (change.Event, string, error) {
	var v alarmMessage
	if err := integration.ReadJSON(p.Detail, &v); err != nil {
		return change.Event{}, "", err
	}
	a := alarm{
		name: v.Name, arn: v.ARN, description: v.Description, reason: v.Reason, state: v.State, before: v.Before,
		at: cmp.Or(integration.ReadTime(v.At), integration.At(p.Time)), namespace: v.Trigger.Namespace, dimensions: map[string]string{},
		unending: true,
	}
	p.Account = v.Account
	if part := strings.Split(v.ARN, ":"); len(part) > 4 {
		p.Region = part[3] // the field Region holds a name for people: "EU (Ireland)"
	}
	// Alarms on one metric have dimensions here, those on an expression have them within each of its metrics.
	raw := []json.RawMessage{v.Trigger.Dimensions}
	for _, m := range v.Trigger.Metrics {
		a.namespace = cmp.Or(a.namespace, m.Stat.Metric.Namespace)
		raw = append(raw, m.Stat.Metric.Dimensions)
	}
	for _, list := range raw {
		var pairs []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		}
		if json.Unmarshal(list, &pairs) != nil || len(a.dimensions) > 0 {
			continue
		}
		for _, pair := range pairs {
			a.dimensions[pair.Name] = pair.Value
		}
	}
	return s.alarmed(p, &a)
}

// alarmed makes an event of an alarm: one life of it, where its start is known, and else a moment of it.
func (s *Source) alarmed(p *envelope, a *alarm) (change.Event, string, error) {
	switch {
	case a.name == "" || a.state == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the name or the state of the alarm is missing")
	case a.at.IsZero():
		return change.Event{}, "", fault.New(fault.Invalid, "the time of the alarm's state is missing")
	case a.state == a.before:
		return change.Event{}, "the alarm is in the state that it was in", nil
	case a.state != "ALARM" && a.before != "ALARM":
		return change.Event{}, "an alarm that did not fire is as well as it was", nil
	}
	id := cmp.Or(a.arn, a.name)
	e := change.Event{
		Kind: "alert", Phase: change.Started, StartedAt: a.at, Title: integration.Line(a.name), Detail: integration.Paragraphs(a.description, a.reason),
		Actor:  change.Actor{Type: change.ByAutomation, Name: "CloudWatch"},
		Labels: integration.Labels(map[string]string{"alertname": a.name, "namespace": a.namespace}),
	}
	s.alarmSubject(p, a, &e)
	begun := a.at
	if a.state != "ALARM" {
		if begun = a.beforeAt; begun.After(a.at) {
			begun = a.at
		}
	}
	if begun.IsZero() { // nobody says of which life it is the end
		e.Kind, e.Phase, e.EndedAt, e.Title = "note", change.Succeeded, a.at, integration.Line("Over: "+a.name)
		e.Key = integration.Line("alarm/" + id + "/over/" + a.at.Format(time.RFC3339Nano))
		return e, "", nil
	}
	e.Key, e.StartedAt = integration.Line("alarm/"+id+"/"+begun.Format(time.RFC3339Nano)), begun
	switch {
	case a.state != "ALARM":
		e.Phase, e.EndedAt = change.Succeeded, a.at
		integration.Label(&e, "state", strings.ToLower(integration.Line(a.state)))
	case a.unending:
		e.Phase, e.EndedAt = change.Succeeded, a.at
	}
	integration.Link(&e, "alert", "The alarm in CloudWatch", console(p.Region, "cloudwatch/home", "#alarmsV2:alarm/"+a.name))
	return e, "", nil
}

// alarmSubject is what the metric is of: a service, a function, a group; the alarm itself where that is none of them.
func (s *Source) alarmSubject(p *envelope, a *alarm, e *change.Event) {
	d := a.dimensions
	places := []string{p.Account}
	switch own := "alarm/" + a.name; {
	case d["ServiceName"] != "" && d["ClusterName"] != "":
		at := d["ClusterName"] + "/" + d["ServiceName"]
		e.Subjects = []change.Subject{s.config.Within("aws", "ecs/"+at, own, "ecs/"+at, at, d["ServiceName"])}
		e.Cluster, places = integration.Line(d["ClusterName"]), []string{d["ClusterName"], p.Account}
	case d["FunctionName"] != "":
		e.Subjects = []change.Subject{s.config.Within("aws", "lambda/"+d["FunctionName"], own, "lambda/"+d["FunctionName"], d["FunctionName"])}
	case d["AutoScalingGroupName"] != "":
		e.Subjects = []change.Subject{s.config.Within("aws", "autoscaling/"+d["AutoScalingGroupName"], own, "autoscaling/"+d["AutoScalingGroupName"], d["AutoScalingGroupName"])}
	default:
		e.Subjects = []change.Subject{s.config.Subject("aws", own, a.name)}
	}
	e.Environment = s.config.EnvironmentAt(places...)
}
