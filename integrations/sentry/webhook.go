package sentry

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one internal integration.
type Source struct{ config *Config }

var _ integration.Sparing = (*Source)(nil)

// Signature is how Sentry signs: the bare digits.
var Signature = signature.HMAC{Header: "Sentry-Hook-Signature"}

const (
	resourceHeader = "Sentry-Hook-Resource"
	timeHeader     = "Sentry-Hook-Timestamp"
	requestHeader  = "Request-Id"
	maxBody        = 5 << 20 // bytes: an event with its stack; Sentry documents no bound
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Sentry" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return []string{resourceHeader, timeHeader, requestHeader} }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	out := integration.Decoded{Key: d.Header.Get(requestHeader)}
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	at := d.ReceivedAt
	if seconds, err := strconv.ParseFloat(d.Header.Get(timeHeader), 64); err == nil {
		at = cmp.Or(secondsAt(seconds), at)
	}
	resource := d.Header.Get(resourceHeader)
	decode, mapped := map[string]func(*payload, time.Time) (change.Event, string, error){
		"metric_alert": s.metricAlert, "event_alert": s.eventAlert, "issue": s.issue,
	}[resource]
	if !mapped {
		out.Ignored = fmt.Sprintf("the resource %q tells of no alert", integration.Clip(resource))
		return out, nil
	}
	e, ignored, err := decode(&p, at)
	if err != nil || ignored != "" {
		out.Ignored = ignored
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// metricAlert reads a threshold that was crossed, or no longer is: all of it advances one event.
func (s *Source) metricAlert(p *payload, at time.Time) (change.Event, string, error) {
	a := p.Data.MetricAlert
	if a == nil {
		return change.Event{}, "", fault.New(fault.Invalid, "the field data.metric_alert is missing")
	}
	id := number(a.ID)
	if id == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field data.metric_alert.id is missing")
	}
	labels := map[string]string{"rule": a.Rule.Name}
	e := change.Event{
		Key: "metric/" + id, Kind: "alert", Phase: change.Started, StartedAt: cmp.Or(integration.ReadTime(a.DateStarted), at), Actor: application,
		Title:       integration.Line(cmp.Or(a.Rule.Name, a.Title, p.Data.DescriptionTitle, "A metric alert")),
		Environment: s.config.Environment(a.Rule.Environment), Detail: integration.ClipDetail(p.Data.DescriptionText),
	}
	switch p.Action {
	case "critical", "warning":
		labels["severity"] = p.Action
	case "resolved":
		e.Phase = change.Succeeded
		if e.EndedAt = cmp.Or(integration.ReadTime(a.DateClosed), at); e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
	default:
		return e, fmt.Sprintf("the action %q is none that is mapped", integration.Clip(p.Action)), nil
	}
	projects := a.Rule.Projects
	if len(projects) == 0 {
		projects = a.Projects
	}
	for _, project := range projects[:min(len(projects), 50)] {
		if project != "" {
			e.Subjects = append(e.Subjects, s.project(project))
		}
	}
	if len(e.Subjects) == 0 {
		e.Subjects = []change.Subject{{Name: integration.Line(Spec.Name + ":rule:" + cmp.Or(a.Rule.Name, id))}}
	}
	e.Labels = integration.Labels(labels)
	integration.Link(&e, "alert", "The alert in Sentry", p.Data.WebURL)
	return e, "", nil
}

// eventAlert reads that a rule of issues was met: an alert of one moment, of the story of its issue.
func (s *Source) eventAlert(p *payload, at time.Time) (change.Event, string, error) {
	v := p.Data.Event
	if v == nil || v.ID == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field data.event.event_id is missing")
	}
	if p.Action != "triggered" {
		return change.Event{}, fmt.Sprintf("the action %q is none that is mapped", integration.Clip(p.Action)), nil
	}
	e := change.Event{
		Key: "event/" + integration.Line(v.ID), Kind: "alert", StartedAt: cmp.Or(secondsAt(v.Timestamp), at), Actor: application,
		Title: integration.Line(cmp.Or(v.Title, p.Data.TriggeredRule, "An issue alert")), Detail: integration.Paragraphs(v.Culprit),
		Environment: s.config.Environment(cmp.Or(v.Environment, v.tag("environment"))), Version: integration.Line(cmp.Or(v.Release, v.tag("release"))),
		Labels: integration.Labels(map[string]string{"rule": p.Data.TriggeredRule, "severity": cmp.Or(v.Level, v.tag("level"))}),
	}
	if v.IssueID != "" {
		e.Story = "sentry:" + integration.Line(v.IssueID)
	}
	e.EndedAt = e.StartedAt
	// The event has the number of its project; the slug stands in its address.
	if project := projectOf(v.URL); project != "" {
		e.Subjects = []change.Subject{s.project(project)}
	} else {
		e.Subjects = []change.Subject{{Name: integration.Line(Spec.Name + ":rule:" + cmp.Or(p.Data.TriggeredRule, "unknown"))}}
	}
	integration.Link(&e, "alert", "The event in Sentry", v.WebURL)
	return e, "", nil
}

// issue reads that an issue is new, came again, or was dealt with.
func (s *Source) issue(p *payload, at time.Time) (change.Event, string, error) {
	i := p.Data.Issue
	if i == nil || i.ID == "" || i.Project.Slug == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field data.issue.id or data.issue.project.slug is missing")
	}
	id := integration.Line(i.ID)
	labels := map[string]string{"severity": i.Level, "priority": i.Priority, "number": i.ShortID}
	e := change.Event{
		Key: "issue/" + id, Story: "sentry:" + id, Kind: "alert", Phase: change.Started, Title: integration.Line(cmp.Or(i.Title, i.ShortID, "Issue "+id)),
		Detail: integration.Paragraphs(i.Culprit), StartedAt: cmp.Or(integration.ReadTime(i.FirstSeen), at), Subjects: []change.Subject{s.project(i.Project.Slug)},
	}
	switch p.Action {
	case "created":
		e.Actor = application
	case "unresolved":
		// What has ended does not begin anew: that it came again is an alert of its own, of the same story.
		e.Key += "/unresolved/" + at.UTC().Format(time.RFC3339)
		e.Phase, e.StartedAt, e.EndedAt, e.Actor, e.Title = change.Succeeded, at, at, by(p.Actor), integration.Line("Again: "+e.Title)
	case "resolved", "archived", "ignored":
		e.Phase, e.EndedAt = change.Succeeded, at
		if p.Action != "resolved" {
			e.Phase = change.Cancelled
		}
		if e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
		labels["resolved_by"] = p.Actor.Name
	default:
		return e, fmt.Sprintf("the action %q of an issue is no step of it", integration.Clip(p.Action)), nil
	}
	e.Labels = integration.Labels(labels)
	integration.Link(&e, "ticket", "The issue in Sentry", cmp.Or(i.WebURL, i.Permalink))
	return e, "", nil
}

func (s *Source) project(slug string) change.Subject {
	return s.config.Subject(Spec.Name, "project:"+slug, slug)
}

var application = change.Actor{Type: change.ByAutomation, Name: "Sentry"}

func by(a actor) change.Actor {
	if a.Type == "user" && a.Name != "" {
		return change.Actor{Type: change.ByPerson, Name: integration.Line(a.Name), Via: "Sentry"}
	}
	return application
}

// projectOf is the slug in the address of an event: "…/api/0/projects/ORGANISATION/PROJECT/events/…".
func projectOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	_, rest, found := strings.Cut(u.Path, "/projects/")
	parts := strings.Split(rest, "/")
	if !found || len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// tag is one of the event's tags, which come as pairs.
func (v *event) tag(name string) string {
	for _, pair := range v.Tags {
		if len(pair) == 2 && pair[0] != nil && pair[1] != nil && *pair[0] == name {
			value, _ := (*pair[1]).(string)
			return value
		}
	}
	return ""
}

func number(id any) string {
	switch id := id.(type) {
	case string:
		return integration.Line(id)
	case float64:
		if id > 0 && id < math.MaxInt32 {
			return strconv.Itoa(int(id))
		}
	}
	return ""
}

// secondsAt is a time in seconds with a fraction; zero where it cannot be true.
func secondsAt(seconds float64) time.Time {
	if seconds <= 0 || seconds > math.MaxInt32*4 {
		return time.Time{}
	}
	return integration.At(time.UnixMicro(int64(seconds * 1e6)))
}
