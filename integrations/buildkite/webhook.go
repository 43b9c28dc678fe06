package buildkite

import (
	"cmp"
	"context"
	"fmt"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// How Buildkite proves that it is Buildkite.
var (
	Signature = signature.Stamped{Header: "X-Buildkite-Signature"}
	Token     = signature.Token{Header: "X-Buildkite-Token"}
)

const maxBody = 5 << 20 // bytes

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Buildkite" }

// Verify checks the signature, or the token where the configuration says that it is sent.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	if s.config.Signing == "token" {
		return Token.Verify(ctx, d, s.config.Valid())
	}
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than Buildkite sends.
func (s *Source) MaxBody() int64 { return maxBody }

// ends are the states that a build ends in.
var ends = map[string]change.Phase{
	"passed": change.Succeeded, "failed": change.Failed, "canceled": change.Cancelled, "not_run": change.Cancelled,
}

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	phase, mapped := map[string]change.Phase{
		"build.scheduled": change.Planned, "build.running": change.Started, "build.finished": change.Succeeded,
		"build.skipped": change.Cancelled,
	}[p.Event]
	if !mapped {
		out.Ignored = fmt.Sprintf("the event %q is none that changes a service", integration.Clip(p.Event))
		return out, nil
	}
	b := p.Build
	if b == nil || b.ID == "" || p.Pipeline.Slug == "" {
		return out, fault.New(fault.Invalid, "the field build.id or pipeline.slug is missing")
	}
	e := change.Event{
		Key: "build/" + b.ID, Kind: "build", Version: integration.Version(b.Tag), Actor: b.actor(),
		// What a build triggers is of one story with it.
		Story:     "buildkite:" + cmp.Or(b.TriggeredFrom.BuildID, b.ID),
		StartedAt: integration.At(integration.ReadTime(b.StartedAt), integration.ReadTime(b.CreatedAt)),
		Title:     fmt.Sprintf("Ran %s #%d on %s", p.Pipeline.Slug, b.Number, cmp.Or(b.Tag, b.Branch, "a branch")),
		Detail:    integration.ClipDetail(integration.FirstLine(b.Message)),
	}
	if integration.IsCommit(b.Commit) {
		e.Commit = b.Commit
	}
	if p.Event == "build.finished" {
		end, known := integration.OneOf(ends, b.State)
		switch {
		case b.Blocked || b.State == "blocked":
			phase, e.Detail = change.Started, "It waits for somebody to unblock it." // which is no end
		case known:
			phase = end
			if at := integration.ReadTime(b.FinishedAt); !at.Before(e.StartedAt) {
				e.EndedAt = at
			}
		default:
			out.Ignored = fmt.Sprintf("the state %q is no end", integration.Clip(b.State))
			return out, nil
		}
	}
	e.Phase = phase
	if environment, deploys := s.config.Deploy(p.Pipeline.Slug); deploys {
		e.Kind, e.Environment = "deploy", environment
		e.Title = fmt.Sprintf("Deployed %s by %s #%d to %s", cmp.Or(e.Version, integration.ShortCommit(e.Commit), "a build"), p.Pipeline.Slug, b.Number, cmp.Or(environment, "an environment"))
	}
	integration.Label(&e, "branch", b.Branch)
	integration.Label(&e, "trigger", b.Source)
	integration.Link(&e, "deploy", "The build", b.WebURL)
	e.Subjects = []change.Subject{s.config.SubjectOf("buildkite", p.Pipeline.Repository, p.Pipeline.Slug)}
	out.Events = []change.Event{e}
	return out, nil
}

func (b *build) actor() change.Actor {
	switch {
	case b.Source == "schedule" || b.Source == "trigger_job" || b.Source == "api":
		return change.Actor{Type: change.ByAutomation, Name: cmp.Or(b.Creator.Name, b.Source), Via: "Buildkite"}
	case b.Creator.Name != "":
		return change.Actor{Type: change.ByPerson, Name: b.Creator.Name, Via: "Buildkite"}
	}
	return change.Actor{Type: change.ByUnknown, Via: "Buildkite"}
}
