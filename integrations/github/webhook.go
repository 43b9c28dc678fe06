package github

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is what calls us: a webhook of a repository or an organisation.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how GitHub signs. The older header with SHA-1 is not read.
var Signature = signature.HMAC{Header: "X-Hub-Signature-256", Prefix: "sha256="}

const (
	scheme         = "github" // of outside names
	eventHeader    = "X-Github-Event"
	deliveryHeader = "X-Github-Delivery"
	maxBody        = 25 << 20 // bytes: "Webhook events and payloads", payload cap
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of GitHub" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return []string{eventHeader, deliveryHeader} }

// MaxBody is GitHub's own bound.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	out := integration.Decoded{Key: d.Header.Get(deliveryHeader)}
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	e, ignored, err := s.event(d.Header.Get(eventHeader), &p)
	if err != nil || ignored != "" {
		out.Ignored = ignored
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// event reads what a delivery tells, or what a list of the API has of the same: either way it is the same event.
func (s *Source) event(name string, p *payload) (e change.Event, ignored string, err error) {
	decode, mapped := map[string]func(*payload) (change.Event, string, error){
		"deployment": s.deployment, "deployment_status": s.deployment, "workflow_run": s.workflowRun,
		"pull_request": s.pullRequest, "push": s.push, "release": s.release,
	}[name]
	if !mapped {
		return e, fmt.Sprintf("the event %q is none that changes a service", integration.Clip(name)), nil
	}
	if p.Repository.FullName == "" {
		return e, "", fault.New(fault.Invalid, "the field repository.full_name is missing")
	}
	if e, ignored, err = decode(p); err != nil || ignored != "" {
		return e, ignored, err
	}
	s.about(&e, p)
	return e, "", nil
}

// about says what an event is about: the repository's service, or those services of a monorepo of which files were changed
// or which a tag names.
func (s *Source) about(e *change.Event, p *payload) {
	repository := p.Repository.FullName
	folders := s.config.Folders(scheme, repository)
	if len(folders) == 0 {
		e.Subjects = []change.Subject{s.config.Subject(scheme, repository)}
		return
	}
	if p.Release != nil {
		if folder, version, ok := folders.OfTag(p.Release.TagName); ok {
			e.Subjects, e.Version = []change.Subject{s.config.Folder(scheme, repository, folder)}, version
			return
		}
	}
	e.Subjects = s.config.Changed(scheme, repository, folders, p.changed())
}

// phases are the states of a deployment; inactive only says that a newer one took its place.
var phases = map[string]change.Phase{
	"queued": change.Planned, "pending": change.Planned, "waiting": change.Planned, "requested": change.Planned,
	"in_progress": change.Started,
	"success":     change.Succeeded, "failure": change.Failed, "error": change.Failed,
}

// deployment reads deployment and deployment_status: they are steps of one event.
func (s *Source) deployment(p *payload) (change.Event, string, error) {
	d, status := p.Deployment, p.DeploymentStatus
	if d == nil || d.ID == 0 {
		return change.Event{}, "", fault.New(fault.Invalid, "the field deployment.id is missing")
	}
	e := change.Event{
		Key: fmt.Sprintf("deployment/%d", d.ID), Kind: "deploy", Phase: change.Planned, Commit: d.SHA, StartedAt: integration.At(d.CreatedAt),
		Environment: s.config.Environment(cmp.Or(d.Environment, d.OriginalEnvironment)), Actor: actor(d.Creator), Detail: d.Description,
	}
	if strings.EqualFold(d.Task, "rollback") {
		e.Kind = "rollback"
	}
	e.Version = integration.Version(d.Ref)
	if status != nil {
		phase, known := integration.OneOf(phases, status.State)
		if !known {
			return e, fmt.Sprintf("the state %q of a deployment tells of no change", integration.Clip(status.State)), nil
		}
		e.Phase = phase
		if phase == change.Succeeded || phase == change.Failed {
			// GitHub's own clocks differ: a status can be some milliseconds older than what it is of.
			if e.EndedAt = integration.At(status.UpdatedAt, status.CreatedAt); !e.EndedAt.IsZero() && e.EndedAt.Before(e.StartedAt) {
				e.EndedAt = e.StartedAt
			}
		}
		e.Detail = cmp.Or(status.Description, e.Detail)
		e.Environment = s.config.Environment(cmp.Or(status.Environment, d.Environment))
		integration.Link(&e, "deploy", "Log of the deployment", cmp.Or(status.LogURL, status.TargetURL))
		integration.Link(&e, "other", "What was deployed", status.EnvironmentURL)
	}
	e.Title = fmt.Sprintf("Deployed %s of %s to %s", cmp.Or(e.Version, integration.ShortCommit(d.SHA)), p.Repository.FullName, cmp.Or(e.Environment, "an environment"))
	return e, "", nil
}

// conclusions are how a run ends; the others are no end that anybody waits for.
var conclusions = map[string]change.Phase{
	"success": change.Succeeded, "neutral": change.Succeeded, "failure": change.Failed, "timed_out": change.Failed,
	"startup_failure": change.Failed, "action_required": change.Planned, "cancelled": change.Cancelled, "stale": change.Cancelled, "skipped": change.Cancelled,
}

func (s *Source) workflowRun(p *payload) (change.Event, string, error) {
	r := p.WorkflowRun
	if r == nil || r.ID == 0 {
		return change.Event{}, "", fault.New(fault.Invalid, "the field workflow_run.id is missing")
	}
	e := change.Event{
		Key: fmt.Sprintf("run/%d/%d", r.ID, max(r.RunAttempt, 1)), Kind: "build", Phase: change.Started, Commit: r.HeadSHA,
		StartedAt: integration.At(r.RunStartedAt, r.CreatedAt), Actor: actor(cmp.Or(r.Actor, p.Sender)),
		Title:  fmt.Sprintf("Ran %s #%d on %s", cmp.Or(r.Name, "a workflow"), r.RunNumber, cmp.Or(r.HeadBranch, "a branch")),
		Detail: r.DisplayTitle, Labels: map[string]string{"branch": r.HeadBranch, "trigger": r.Event},
	}
	switch {
	case r.Conclusion != "":
		phase, known := integration.OneOf(conclusions, r.Conclusion)
		if !known {
			return e, fmt.Sprintf("the conclusion %q of a run is not known", integration.Clip(r.Conclusion)), nil
		}
		e.Phase = phase
		if e.EndedAt = integration.At(r.UpdatedAt); e.EndedAt.Before(e.StartedAt) {
			e.EndedAt = e.StartedAt
		}
	case r.Status == "queued" || r.Status == "requested" || r.Status == "pending" || r.Status == "waiting":
		e.Phase = change.Planned
	}
	integration.Link(&e, "deploy", "The run", r.HTMLURL)
	return e, "", nil
}

func (s *Source) pullRequest(p *payload) (change.Event, string, error) {
	r := p.PullRequest
	if r == nil || r.Number == 0 {
		return change.Event{}, "", fault.New(fault.Invalid, "the field pull_request.number is missing")
	}
	if p.Action != "closed" || !r.Merged {
		return change.Event{}, "a pull request changes nothing before it is merged", nil
	}
	if p.Repository.DefaultBranch != "" && r.Base.Ref != p.Repository.DefaultBranch {
		return change.Event{}, fmt.Sprintf("it was merged into %s, not into %s", integration.Clip(r.Base.Ref), integration.Clip(p.Repository.DefaultBranch)), nil
	}
	e := change.Event{
		Key: fmt.Sprintf("pull/%s/%d", strings.ToLower(p.Repository.FullName), r.Number), Kind: "merge", Commit: r.MergeCommitSHA,
		Title: fmt.Sprintf("Merged #%d %s", r.Number, r.Title), Detail: integration.ClipDetail(r.Body), StartedAt: integration.At(r.MergedAt),
		Actor: actor(cmp.Or(r.MergedBy, p.Sender)),
	}
	if r.User.Login != "" && r.User.Login != e.Actor.Name {
		e.Labels = map[string]string{"author": r.User.Login}
	}
	integration.Link(&e, "repo", fmt.Sprintf("Pull request #%d", r.Number), r.HTMLURL)
	return e, "", nil
}

// merged are the first lines of commits that a pull request made: the pull request itself tells of those.
var merged = regexp.MustCompile(`^Merge pull request #\d+ |\(#\d+\)$`)

// push reads what came to the default branch without a pull request.
func (s *Source) push(p *payload) (change.Event, string, error) {
	branch, isBranch := strings.CutPrefix(p.Ref, "refs/heads/")
	switch {
	case !isBranch || p.Deleted || p.HeadCommit == nil:
		return change.Event{}, "a push of tags, or one that deletes a branch, changes no code", nil
	case p.Repository.DefaultBranch != "" && branch != p.Repository.DefaultBranch:
		return change.Event{}, fmt.Sprintf("it was pushed to %s, not to %s", integration.Clip(branch), integration.Clip(p.Repository.DefaultBranch)), nil
	case merged.MatchString(integration.FirstLine(p.HeadCommit.Message)):
		return change.Event{}, "its pull request tells of it", nil
	case p.HeadCommit.ID == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field head_commit.id is missing")
	}
	e := change.Event{
		Key: "commit/" + strings.ToLower(p.Repository.FullName) + "/" + p.HeadCommit.ID, Kind: "merge", Commit: p.HeadCommit.ID,
		Title: "Pushed " + cmp.Or(integration.FirstLine(p.HeadCommit.Message), integration.ShortCommit(p.HeadCommit.ID)), Actor: actor(p.Sender),
		Labels: map[string]string{"pull_request": "none"},
	}
	if n := len(p.Commits); n > 1 {
		e.Detail = fmt.Sprintf("%d commits", n)
	}
	if p.Forced {
		e.Labels["forced"] = "true"
	}
	integration.Link(&e, "repo", "What was pushed", p.Compare)
	return e, "", nil
}

func (s *Source) release(p *payload) (change.Event, string, error) {
	r := p.Release
	if r == nil || r.ID == 0 || r.TagName == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field release.id or release.tag_name is missing")
	}
	// "released" comes beside "published" and says the same.
	if p.Action != "published" || r.Draft {
		return change.Event{}, "only a release that is published is told", nil
	}
	e := change.Event{
		Key: fmt.Sprintf("release/%d", r.ID), Kind: "release", Version: r.TagName, Title: "Released " + r.TagName,
		Detail: integration.ClipDetail(r.Body), StartedAt: integration.At(r.PublishedAt, r.CreatedAt), Actor: actor(cmp.Or(r.Author, p.Sender)),
	}
	if r.Name != "" && r.Name != r.TagName {
		e.Title += ": " + r.Name
	}
	if r.Prerelease {
		e.Labels = map[string]string{"prerelease": "true"}
	}
	integration.Link(&e, "repo", "The release", r.HTMLURL)
	return e, "", nil
}

func actor(u user) change.Actor {
	switch {
	case u.Login == "":
		return change.Actor{Type: change.ByUnknown}
	case u.Type == "Bot" || strings.HasSuffix(u.Login, "[bot]"):
		return change.Actor{Type: change.ByAutomation, Name: u.Login}
	}
	return change.Actor{Type: change.ByPerson, Name: u.Login}
}
