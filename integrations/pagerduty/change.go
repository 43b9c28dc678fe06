package pagerduty

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// change reads a change event as somebody sends it to the Events API v2. It has no id: one that is sent again is known by
// its time and its words; without a time, by the minute in which it came.
func (s *Source) change(p *payload, received time.Time) (change.Event, error) {
	c := p.Payload
	if strings.TrimSpace(c.Summary) == "" {
		return change.Event{}, fault.New(fault.Invalid, "the field payload.summary is missing")
	}
	at := integration.ReadTime(c.Timestamp)
	id := cmp.Or(c.Timestamp, received.UTC().Truncate(time.Minute).Format(time.RFC3339))
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", id, c.Source, c.Summary, p.Links))
	e := change.Event{
		Key: "change/" + hex.EncodeToString(sum[:16]), Kind: cmp.Or(s.config.ChangeKind, "deploy"), Title: integration.FirstLine(c.Summary), StartedAt: at,
		Version: text(c.Details.Version), Environment: s.config.Environment(text(c.Details.Environment)),
		Subjects: []change.Subject{s.changed(c)}, Labels: integration.Labels(map[string]string{"origin": c.Source}),
	}
	if kind, known := change.KindNamed(text(c.Details.Kind)); known {
		e.Kind = kind.Name
	}
	if commit := text(c.Details.Commit); integration.IsCommit(commit) {
		e.Commit = commit
	}
	if name := cmp.Or(text(c.Details.Actor), text(c.Details.User)); name != "" {
		e.Actor = change.Actor{Type: change.ByUnknown, Name: name}
	}
	for _, l := range p.Links[:min(len(p.Links), 10)] {
		integration.Link(&e, "deploy", integration.Line(cmp.Or(l.Text, "More")), l.Href)
	}
	return e, nil
}

// changed is what a change event is about: the service that it names, or that its origin is mapped to; else the one that
// the source is for, as with an integration key of PagerDuty; else its origin.
func (s *Source) changed(c *changePayload) change.Subject {
	if service := text(c.Details.Service); service != "" {
		return s.config.Subject("pagerduty", "service:"+service, service)
	}
	// Where it came from is no name of a service, unless the configuration says which.
	origin := "source:" + cmp.Or(c.Source, "unknown")
	subject := s.config.Subject("pagerduty", origin, c.Source, origin)
	if s.config.ChangeService != "" && !strings.HasPrefix(subject.Name, "service:") {
		return change.Subject{Name: "service:" + s.config.ChangeService}
	}
	return subject
}

// text is a detail that is a text, and nothing else.
func text(value any) string {
	s, _ := value.(string)
	return integration.Line(s)
}
