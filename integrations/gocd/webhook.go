package gocd

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one GoCD server.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const maxBody = 5 << 20 // bytes

// Describe says what it listens to.
func (s *Source) Describe() string { return "notifications of GoCD" }

// Verify checks the token: nothing is signed.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than GoCD makes.
func (s *Source) MaxBody() int64 { return maxBody }

// states are those of a stage.
var states = map[string]change.Phase{
	"building": change.Started, "passed": change.Succeeded, "failed": change.Failed, "failing": change.Started, "cancelled": change.Cancelled,
}

// Decode reads one notification.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	e, ignored, err := s.event(&p)
	if out.Ignored = ignored; err != nil || ignored != "" {
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// event reads what a notification tells, or what the API has of the same: either way it is the same event.
func (s *Source) event(p *payload) (e change.Event, ignored string, err error) {
	line, stage := p.Pipeline, p.Pipeline.Stage
	counter := number(line.Counter)
	if stage == nil || line.Name == "" || counter == "" || stage.Name == "" {
		return e, "", fault.New(fault.Invalid, "the field pipeline.name, pipeline.counter or pipeline.stage.name is missing")
	}
	phase, known := integration.OneOf(states, stage.State)
	if !known {
		return e, fmt.Sprintf("the state %q of a stage tells of no run", integration.Clip(stage.State)), nil
	}
	e = change.Event{
		Key: "stage/" + line.locator(), Kind: "build", Phase: phase, StartedAt: integration.ReadTime(stage.CreateTime), Version: integration.Version(line.Label),
		Title: fmt.Sprintf("Ran %s of %s #%s", stage.Name, line.Name, counter), Story: "gocd:" + line.Name + "/" + counter, Actor: stage.actor(),
	}
	if at := integration.ReadTime(stage.LastTransition); phase != change.Started && !at.Before(e.StartedAt) {
		e.EndedAt = at
	}
	repository := ""
	// The first of the repositories that changed, or the first of all: others may be those of scripts.
	for _, changed := range []bool{true, false} {
		for _, c := range line.BuildCause {
			if strings.EqualFold(c.Material.Type, "git") && c.Changed == changed && len(c.Modifications) > 0 && repository == "" {
				repository = c.Material.Git.URL
				if integration.IsCommit(c.Modifications[0].Revision) {
					e.Commit = c.Modifications[0].Revision
				}
				integration.Label(&e, "branch", c.Material.Git.Branch)
			}
		}
	}
	if environment, deploys := s.config.Deploy(line.Name+"/"+stage.Name, stage.Name); deploys {
		e.Kind, e.Environment = "deploy", environment
		e.Title = fmt.Sprintf("Deployed %s by %s #%s to %s", cmp.Or(e.Version, integration.ShortCommit(e.Commit), line.Name), line.Name, counter, cmp.Or(environment, "an environment"))
	}
	integration.Label(&e, "group", line.Group)
	if s.config.Address != "" {
		integration.Link(&e, "deploy", "The stage", s.config.address()+"/go/pipelines/"+(&url.URL{Path: line.locator()}).EscapedPath())
	}
	e.Subjects = []change.Subject{s.config.SubjectOf("gocd", repository, line.Name)}
	return e, "", nil
}

// locator names one run of a stage, as GoCD does.
func (p *pipeline) locator() string {
	return strings.Join([]string{p.Name, number(p.Counter), p.Stage.Name, cmp.Or(number(p.Stage.Counter), "1")}, "/")
}

// number is a counter, whichever way it is written.
func number(counter any) string {
	switch n := counter.(type) {
	case string:
		return n
	case float64:
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return ""
}

func (s *stage) actor() change.Actor {
	switch s.ApprovedBy {
	case "":
		return change.Actor{Type: change.ByUnknown, Via: "GoCD"}
	case "changes", "timer", "cruise_timer":
		return change.Actor{Type: change.ByAutomation, Name: s.ApprovedBy, Via: "GoCD"}
	}
	return change.Actor{Type: change.ByPerson, Name: s.ApprovedBy, Via: "GoCD"}
}
