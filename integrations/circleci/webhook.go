package circleci

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

// Signature is how CircleCI signs: a list, of which v1 is known.
var Signature = signature.HMAC{Header: "Circleci-Signature", Prefix: "v1=", List: true}

const maxBody = 1 << 20 // bytes

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of CircleCI" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than CircleCI sends.
func (s *Source) MaxBody() int64 { return maxBody }

// ends are how a workflow or a job ends.
var ends = map[string]change.Phase{
	"success": change.Succeeded, "failed": change.Failed, "error": change.Failed, "unauthorized": change.Failed,
	"infrastructure_fail": change.Failed, "timedout": change.Failed, "canceled": change.Cancelled,
}

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	out.Key = p.ID
	var r *run
	switch p.Type {
	case "workflow-completed":
		r = p.Workflow
	case "job-completed":
		r = p.Job
	default:
		out.Ignored = fmt.Sprintf("the event %q is none that changes a service", integration.Clip(p.Type))
		return out, nil
	}
	if r == nil || r.ID == "" || p.Project.Slug == "" {
		return out, fault.New(fault.Invalid, "the field project.slug, workflow.id or job.id is missing")
	}
	workflow := ""
	if p.Workflow != nil {
		workflow = p.Workflow.Name
	}
	names := []string{r.Name}
	if p.Type == "job-completed" {
		names = append(names, workflow+"/"+r.Name)
	}
	environment, deploys := s.config.Deploy(names...)
	if p.Type == "job-completed" && !deploys {
		out.Ignored = "a job that is not listed as one that deploys: its workflow tells of it"
		return out, nil
	}
	phase, known := integration.OneOf(ends, r.Status)
	if !known {
		out.Ignored = fmt.Sprintf("the status %q tells of no run", integration.Clip(r.Status))
		return out, nil
	}
	git, trigger, vcs := p.Pipeline.Parameters.Git, p.Pipeline.Parameters.GitLab, p.Pipeline.VCS
	tag, branch := cmp.Or(vcs.Tag, git.Tag), cmp.Or(vcs.Branch, git.Branch)
	e := change.Event{
		Key: p.Type + "/" + r.ID, Kind: "build", Phase: phase, Commit: cmp.Or(vcs.Revision, git.Revision), Version: integration.Version(tag),
		StartedAt: integration.At(integration.ReadTime(r.StartedAt), integration.ReadTime(r.CreatedAt)), Actor: p.actor(),
		Title:  fmt.Sprintf("Ran %s #%d of %s on %s", cmp.Or(r.Name, "a workflow"), p.Pipeline.Number, p.Project.Name, cmp.Or(tag, branch, "a branch")),
		Detail: integration.ClipDetail(cmp.Or(vcs.Commit.Subject, trigger.Title)),
	}
	if deploys {
		e.Kind, e.Environment = "deploy", environment
		e.Title = fmt.Sprintf("Deployed %s of %s to %s", cmp.Or(e.Version, integration.ShortCommit(e.Commit), "#"+fmt.Sprint(p.Pipeline.Number)), p.Project.Name, cmp.Or(environment, "an environment"))
	}
	if at := integration.ReadTime(cmp.Or(r.StoppedAt, p.HappenedAt)); !at.Before(e.StartedAt) {
		e.EndedAt = at
	}
	if p.Pipeline.ID != "" {
		e.Story = "circleci:" + p.Pipeline.ID
	}
	integration.Label(&e, "branch", branch)
	integration.Label(&e, "trigger", p.Pipeline.Trigger.Type)
	integration.Label(&e, "author", cmp.Or(vcs.Commit.Author.Name, trigger.Author))
	if p.Workflow != nil {
		integration.Link(&e, "deploy", "The workflow", p.Workflow.URL)
	}
	e.Subjects = []change.Subject{s.config.SubjectOf("circleci", cmp.Or(vcs.Repository, git.Repository), p.Project.Slug)}
	out.Events = []change.Event{e}
	return out, nil
}

// actor is who or what set the pipeline off. Of a push CircleCI tells who wrote the commit, not who pushed it.
func (p *payload) actor() change.Actor {
	switch {
	case p.Pipeline.Trigger.Type == "scheduled_pipeline" || p.Pipeline.Trigger.Type == "schedule":
		return change.Actor{Type: change.ByAutomation, Name: "schedule", Via: "CircleCI"}
	case p.Pipeline.Parameters.GitLab.Username != "":
		return change.Actor{Type: change.ByPerson, Name: p.Pipeline.Parameters.GitLab.Username, Via: "CircleCI"}
	}
	return change.Actor{Type: change.ByUnknown, Via: "CircleCI"}
}
