package gitlab

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Token is how GitLab sends its secret token; signing tokens are Standard Webhooks.
var Token = signature.Token{Header: "X-Gitlab-Token"}

const (
	scheme     = "gitlab"              // of outside names
	keyHeader  = "Idempotency-Key"     // the same in every try, since GitLab 17.4
	uuidHeader = "X-Gitlab-Event-Uuid" // shared by all hooks that one event calls
	maxBody    = 25 << 20              // bytes: a push tells of no more than twenty commits, but their messages have no bound
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of GitLab" }

// Verify checks the token, or the signature where the configuration says that there is one.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	if s.config.Signing == "standard" {
		return signature.Standard{}.Verify(ctx, d, s.config.Valid())
	}
	return Token.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return []string{keyHeader, uuidHeader} }

// MaxBody is more than GitLab sends.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	out := integration.Decoded{Key: d.Header.Get(keyHeader)}
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	e, ignored, err := s.event(d, &p)
	if err != nil || ignored != "" {
		out.Ignored = ignored
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// event reads what a delivery tells, or what a list of the API has of the same: either way it is the same event.
func (s *Source) event(d integration.Delivery, p *payload) (e change.Event, ignored string, err error) {
	decode, mapped := map[string]func(integration.Delivery, *payload) (change.Event, string, error){
		"deployment": s.deployment, "pipeline": s.pipeline, "merge_request": s.mergeRequest, "push": s.push, "release": s.release,
		"feature_flag": s.flag,
	}[p.ObjectKind]
	if !mapped {
		return e, fmt.Sprintf("the event %q is none that changes a service", integration.Clip(p.ObjectKind)), nil
	}
	if p.Project.Path == "" {
		return e, "", fault.New(fault.Invalid, "the field project.path_with_namespace is missing")
	}
	if e, ignored, err = decode(d, p); err != nil || ignored != "" {
		return e, ignored, err
	}
	s.about(&e, p)
	e.Actor = actor(cmp.Or(p.User.Username, p.UserUsername))
	return e, "", nil
}

// deployed are the states of a deployment.
var deployed = map[string]change.Phase{
	"created": change.Planned, "blocked": change.Planned, "running": change.Started,
	"success": change.Succeeded, "failed": change.Failed, "canceled": change.Cancelled,
}

func (s *Source) deployment(_ integration.Delivery, p *payload) (change.Event, string, error) {
	if p.DeploymentID == 0 {
		return change.Event{}, "", fault.New(fault.Invalid, "the field deployment_id is missing")
	}
	phase, known := integration.OneOf(deployed, p.Status)
	if !known {
		return change.Event{}, fmt.Sprintf("the status %q of a deployment tells of no change", integration.Clip(p.Status)), nil
	}
	e := change.Event{
		Key: fmt.Sprintf("deployment/%d", p.DeploymentID), Kind: "deploy", Phase: phase, Version: integration.Version(p.Ref), Commit: p.ShortSHA,
		Environment: s.environment(p), Detail: integration.ClipDetail(p.CommitTitle),
	}
	// There is one time, that of the status.
	if at := integration.ReadTime(p.StatusChangedAt); phase == change.Planned || phase == change.Started {
		e.StartedAt = at
	} else {
		e.EndedAt = at
	}
	if hash := path.Base(p.CommitURL); integration.IsCommit(hash) {
		e.Commit = hash
	}
	e.Title = fmt.Sprintf("Deployed %s of %s to %s", cmp.Or(e.Version, integration.ShortCommit(e.Commit)), p.Project.Path, cmp.Or(e.Environment, "an environment"))
	integration.Label(&e, "tier", p.EnvironmentTier)
	integration.Link(&e, "deploy", "The job", p.DeployableURL)
	integration.Link(&e, "other", "What was deployed", p.EnvironmentURL)
	return e, "", nil
}

func (s *Source) environment(p *payload) string {
	return cmp.Or(s.config.EnvironmentAt(p.Environment, p.EnvironmentTier), p.Environment)
}

// ran are the states of a pipeline.
var ran = map[string]change.Phase{
	"created": change.Planned, "waiting_for_resource": change.Planned, "preparing": change.Planned, "pending": change.Planned,
	"scheduled": change.Planned, "manual": change.Planned, "running": change.Started,
	"success": change.Succeeded, "failed": change.Failed, "canceled": change.Cancelled, "canceling": change.Started,
}

func (s *Source) pipeline(_ integration.Delivery, p *payload) (change.Event, string, error) {
	a := p.Attributes
	if a.ID == 0 {
		return change.Event{}, "", fault.New(fault.Invalid, "the field object_attributes.id is missing")
	}
	if !a.Tag && p.Project.DefaultBranch != "" && a.Ref != p.Project.DefaultBranch {
		return change.Event{}, fmt.Sprintf("it ran on %s, not on %s", integration.Clip(a.Ref), integration.Clip(p.Project.DefaultBranch)), nil
	}
	phase, known := integration.OneOf(ran, a.Status)
	if !known {
		return change.Event{}, fmt.Sprintf("the status %q of a pipeline tells of no run", integration.Clip(a.Status)), nil
	}
	e := change.Event{
		Key: fmt.Sprintf("pipeline/%d", a.ID), Kind: "build", Phase: phase, Commit: a.SHA, StartedAt: integration.ReadTime(a.CreatedAt),
		Title: fmt.Sprintf("Ran pipeline #%d on %s", a.IID, cmp.Or(a.Ref, "a branch")), Detail: integration.ClipDetail(a.Name),
	}
	if at := integration.ReadTime(a.FinishedAt); phase != change.Planned && phase != change.Started && !at.Before(e.StartedAt) {
		e.EndedAt = at
	}
	if a.Tag {
		e.Version = integration.Version(a.Ref)
	}
	integration.Label(&e, "branch", a.Ref)
	integration.Label(&e, "trigger", a.Source)
	integration.Link(&e, "deploy", "The pipeline", cmp.Or(a.URL, fmt.Sprintf("%s/-/pipelines/%d", p.Project.WebURL, a.ID)))
	return e, "", nil
}

func (s *Source) mergeRequest(_ integration.Delivery, p *payload) (change.Event, string, error) {
	a := p.Attributes
	switch {
	case a.ID == 0:
		return change.Event{}, "", fault.New(fault.Invalid, "the field object_attributes.id is missing")
	case a.Action != "merge":
		return change.Event{}, "a merge request changes nothing before it is merged", nil
	case p.Project.DefaultBranch != "" && a.TargetBranch != p.Project.DefaultBranch:
		return change.Event{}, fmt.Sprintf("it was merged into %s, not into %s", integration.Clip(a.TargetBranch), integration.Clip(p.Project.DefaultBranch)), nil
	}
	e := change.Event{
		Key: fmt.Sprintf("merge_request/%d", a.ID), Kind: "merge", Commit: cmp.Or(a.MergeCommitSHA, a.SquashCommitSHA, a.LastCommit.hash()),
		Title: fmt.Sprintf("Merged !%d %s", a.IID, a.Title), Detail: integration.ClipDetail(a.Description), StartedAt: integration.ReadTime(a.UpdatedAt),
	}
	integration.Link(&e, "repo", fmt.Sprintf("Merge request !%d", a.IID), a.URL)
	return e, "", nil
}

// push reads what came to the default branch without a merge request.
func (s *Source) push(_ integration.Delivery, p *payload) (change.Event, string, error) {
	branch, isBranch := strings.CutPrefix(p.Ref, "refs/heads/")
	switch {
	case p.After == "":
		return change.Event{}, "", fault.New(fault.Invalid, "the field after is missing")
	case !isBranch || strings.Trim(p.After, "0") == "":
		return change.Event{}, "a push that deletes a branch changes no code", nil
	case p.Project.DefaultBranch != "" && branch != p.Project.DefaultBranch:
		return change.Event{}, fmt.Sprintf("it was pushed to %s, not to %s", integration.Clip(branch), integration.Clip(p.Project.DefaultBranch)), nil
	}
	message := ""
	for _, c := range p.Commits {
		if c.hash() == p.After {
			message = c.Message
		}
	}
	if strings.Contains(message, "See merge request ") {
		return change.Event{}, "its merge request tells of it", nil
	}
	e := change.Event{
		Key: "commit/" + strings.ToLower(p.Project.Path) + "/" + p.After, Kind: "merge", Commit: p.After,
		Title: "Pushed " + cmp.Or(integration.FirstLine(message), integration.ShortCommit(p.After)),
	}
	if p.Count > 1 {
		e.Detail = fmt.Sprintf("%d commits", p.Count)
	}
	integration.Label(&e, "merge_request", "none")
	if strings.Trim(p.Before, "0") != "" {
		integration.Link(&e, "repo", "What was pushed", p.Project.WebURL+"/-/compare/"+p.Before+"..."+p.After)
	}
	return e, "", nil
}

func (s *Source) release(_ integration.Delivery, p *payload) (change.Event, string, error) {
	tag, _ := p.Tag.(string)
	if p.Project.ID == 0 || tag == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field project.id or tag is missing")
	}
	if p.Action != "create" {
		return change.Event{}, "only a release that is created is told", nil
	}
	// It may be announced for later or earlier: it was created when it was. GitLab's API does not say its id.
	e := change.Event{
		Key: fmt.Sprintf("release/%d/%s", p.Project.ID, tag), Kind: "release", Version: tag, Commit: p.Commit.hash(), Title: "Released " + tag,
		Detail: integration.ClipDetail(p.Description), StartedAt: integration.ReadTime(p.CreatedAt),
	}
	if p.Name != "" && p.Name != tag {
		e.Title += ": " + p.Name
	}
	integration.Link(&e, "repo", "The release", p.URL)
	return e, "", nil
}

// flag reads a feature flag that was turned on or off. There is no time and no id of the change: the delivery's own makes
// the key.
func (s *Source) flag(d integration.Delivery, p *payload) (change.Event, string, error) {
	a := p.Attributes
	if a.ID == 0 || a.Name == "" || a.Active == nil {
		return change.Event{}, "", fault.New(fault.Invalid, "the field object_attributes.id, name or active is missing")
	}
	e := change.Event{
		Key:  fmt.Sprintf("flag/%d/%s", a.ID, cmp.Or(d.Header.Get(uuidHeader), d.Header.Get(keyHeader), d.ReceivedAt.UTC().Format("2006-01-02T15:04:05.000"))),
		Kind: "flag", Title: "Turned flag " + a.Name + " on", Detail: integration.ClipDetail(a.Description),
		Diff: []change.Diff{{Field: a.Name, Old: "off", New: "on"}},
	}
	if !*a.Active {
		e.Title, e.Diff[0].Old, e.Diff[0].New = "Turned flag "+a.Name+" off", "on", "off"
	}
	e.Diff[0].Field = integration.Clip(a.Name)
	integration.Link(&e, "other", "Flags of the project", p.Project.WebURL+"/-/feature_flags")
	return e, "", nil
}

// bots are users that GitLab makes for the access tokens of projects and groups.
var bots = regexp.MustCompile(`^(project|group)_\d+_bot`)

func actor(username string) change.Actor {
	switch {
	case username == "":
		return change.Actor{Type: change.ByUnknown}
	case bots.MatchString(username):
		return change.Actor{Type: change.ByAutomation, Name: username}
	}
	return change.Actor{Type: change.ByPerson, Name: username}
}
