package bitbucket

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

// Signature is how Bitbucket signs: by SHA-256, in the header that others use for SHA-1.
var Signature = signature.HMAC{Header: "X-Hub-Signature", Prefix: "sha256="}

const (
	eventHeader   = "X-Event-Key"
	requestHeader = "X-Request-Uuid"
	maxBody       = 1 << 20 // bytes: Bitbucket sends no more than 256 KB
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Bitbucket Cloud" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return []string{eventHeader, requestHeader} }

// MaxBody is more than Bitbucket sends.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	out := integration.Decoded{Key: d.Header.Get(requestHeader)}
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	name := d.Header.Get(eventHeader)
	decode, mapped := map[string]func(*payload) ([]change.Event, string, error){
		"repo:push": s.push, "repo:commit_status_created": s.status, "repo:commit_status_updated": s.status,
		"pullrequest:fulfilled": s.merge,
	}[name]
	if !mapped {
		out.Ignored = fmt.Sprintf("the event %q is none that changes a service", integration.Clip(name))
		return out, nil
	}
	if p.Repository.FullName == "" {
		return out, fault.New(fault.Invalid, "the field repository.full_name is missing")
	}
	var err error
	if out.Events, out.Ignored, err = decode(&p); err != nil {
		return out, err
	}
	for i := range out.Events {
		out.Events[i].Subjects = []change.Subject{s.config.Subject("bitbucket", p.Repository.FullName)}
		if out.Events[i].Actor.Type == "" {
			out.Events[i].Actor = actor(p.Actor)
		}
	}
	return out, nil
}

// states are those of a build status.
var states = map[string]change.Phase{
	"inprogress": change.Started, "successful": change.Succeeded, "failed": change.Failed, "stopped": change.Cancelled,
}

// status reads what Pipelines, or another tool that builds, says of a commit.
func (s *Source) status(p *payload) ([]change.Event, string, error) {
	b := p.CommitStatus
	if b == nil || b.Key == "" {
		return nil, "", fault.New(fault.Invalid, "the field commit_status.key is missing")
	}
	phase, known := integration.OneOf(states, b.State)
	if !known {
		return nil, fmt.Sprintf("the state %q of a build status is not known", integration.Clip(b.State)), nil
	}
	environment, deploys := s.config.Deploy(b.Key, b.Name)
	if b.Refname != "" && !deploys && !s.config.counts(b.Refname) {
		return nil, fmt.Sprintf("it is a build of %s, which is none of the branches that count", integration.Clip(b.Refname)), nil
	}
	hash := cmp.Or(b.Commit.Hash, path.Base(b.Links.Commit.Href))
	if !integration.IsCommit(hash) {
		return nil, "", fault.New(fault.Invalid, "the field commit_status.commit.hash is missing")
	}
	e := change.Event{
		Key: statusKey(p.Repository.FullName, hash, b), Kind: "build", Phase: phase, Commit: hash, StartedAt: integration.At(b.CreatedOn),
		Title: "Ran " + cmp.Or(b.Name, b.Key), Detail: integration.ClipDetail(b.Description),
	}
	if deploys {
		e.Kind, e.Environment = "deploy", environment
		e.Title = fmt.Sprintf("Deployed %s of %s to %s", integration.ShortCommit(hash), p.Repository.FullName, environment)
	}
	if at := integration.At(b.UpdatedOn); phase != change.Started && !at.Before(e.StartedAt) {
		e.EndedAt = at
	}
	integration.Label(&e, "branch", b.Refname)
	integration.Link(&e, "deploy", "The build", b.URL)
	return []change.Event{e}, "", nil
}

// pipelineRun finds the number of a run of Pipelines in the address of its page.
var pipelineRun = regexp.MustCompile(`^https://bitbucket\.org/.*\bpipelines\b.*\bresults/(\d+)$`)

// statusKey is the run of Pipelines, since one that is run again on its commit has the status key of the first; the status of
// the commit for any other tool.
func statusKey(repository, hash string, b *commitStatus) string {
	if run := pipelineRun.FindStringSubmatch(b.URL); run != nil {
		return "pipeline/" + strings.ToLower(repository) + "/" + run[1]
	}
	return "status/" + strings.ToLower(repository) + "/" + hash + "/" + b.Key
}

func (s *Source) merge(p *payload) ([]change.Event, string, error) {
	r := p.PullRequest
	if r == nil || r.ID == 0 {
		return nil, "", fault.New(fault.Invalid, "the field pullrequest.id is missing")
	}
	if branch := r.Destination.Branch.Name; !s.config.counts(branch) {
		return nil, fmt.Sprintf("it was merged into %s, which is none of the branches that count", integration.Clip(branch)), nil
	}
	e := change.Event{
		Key: fmt.Sprintf("pull/%s/%d", strings.ToLower(p.Repository.FullName), r.ID), Kind: "merge", Commit: r.MergeCommit.Hash,
		Title: fmt.Sprintf("Merged #%d %s", r.ID, r.Title), Detail: integration.ClipDetail(r.Description), StartedAt: integration.At(r.UpdatedOn),
		Actor: actor(cmp.Or(r.ClosedBy, p.Actor)),
	}
	if author := actor(r.Author); author.Name != e.Actor.Name {
		integration.Label(&e, "author", author.Name)
	}
	integration.Link(&e, "repo", fmt.Sprintf("Pull request #%d", r.ID), r.Links.HTML.Href)
	return []change.Event{e}, "", nil
}

// push reads the tags and the branches that were pushed: one delivery can hold several.
func (s *Source) push(p *payload) (events []change.Event, ignored string, err error) {
	if p.Push == nil {
		return nil, "", fault.New(fault.Invalid, "the field push is missing")
	}
	ignored = "a push that deletes changes no code"
	for i := range p.Push.Changes {
		c := &p.Push.Changes[i]
		if c.New == nil {
			continue
		}
		if !integration.IsCommit(c.New.Target.Hash) {
			return nil, "", fault.New(fault.Invalid, "the field push.changes.new.target.hash is missing")
		}
		var e change.Event
		reason := ""
		if c.New.Type == "tag" {
			e = tagged(p.Repository.FullName, c.New)
		} else if e, reason = s.branch(p.Repository.FullName, c); reason != "" {
			ignored = reason
			continue
		}
		events = append(events, e)
	}
	if len(events) > 0 {
		ignored = ""
	}
	return events, ignored, nil
}

// tagged reads a tag. One that was moved is another release.
func tagged(repository string, tag *reference) change.Event {
	e := change.Event{
		Key: "tag/" + strings.ToLower(repository) + "/" + tag.Target.Hash + "/" + tag.Name, Kind: "release", Version: tag.Name, Commit: tag.Target.Hash,
		Title: "Released " + tag.Name, Detail: integration.ClipDetail(strings.TrimSpace(tag.Message)), StartedAt: integration.At(tag.Date),
	}
	integration.Link(&e, "repo", "The tag", tag.Links.HTML.Href)
	return e
}

// merged is in the message that Bitbucket proposes for the commit of a pull request.
var merged = regexp.MustCompile(`\(pull request #\d+\)`)

// branch reads what came to a branch without a pull request.
func (s *Source) branch(repository string, c *pushed) (change.Event, string) {
	head := c.New.Target
	switch {
	case !s.config.counts(c.New.Name):
		return change.Event{}, fmt.Sprintf("it was pushed to %s, which is none of the branches that count", integration.Clip(c.New.Name))
	case merged.MatchString(integration.FirstLine(head.Message)):
		return change.Event{}, "its pull request tells of it"
	}
	e := change.Event{
		Key: "commit/" + strings.ToLower(repository) + "/" + head.Hash, Kind: "merge", Commit: head.Hash,
		Title: "Pushed " + cmp.Or(integration.FirstLine(head.Message), integration.ShortCommit(head.Hash)),
	}
	switch n := len(c.Commits); {
	case c.Truncated:
		e.Detail = fmt.Sprintf("more than %d commits", n)
	case n > 1:
		e.Detail = fmt.Sprintf("%d commits", n)
	}
	integration.Label(&e, "pull_request", "none")
	if c.Forced {
		integration.Label(&e, "forced", "true")
	}
	integration.Link(&e, "repo", "What was pushed", c.Links.HTML.Href)
	return e, ""
}

func actor(a account) change.Actor {
	name := cmp.Or(a.Nickname, a.DisplayName)
	switch {
	case name == "":
		return change.Actor{Type: change.ByUnknown}
	case a.Type != "user":
		return change.Actor{Type: change.ByAutomation, Name: name}
	}
	return change.Actor{Type: change.ByPerson, Name: name}
}
