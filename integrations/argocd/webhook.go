package argocd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one Argo CD.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const (
	template = "tidings/1"
	maxBody  = 1 << 20 // bytes: the template writes few of an application's fields
)

// Describe says what it listens to.
func (s *Source) Describe() string { return "notifications of Argo CD" }

// Verify checks the token: Argo CD signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than the template writes.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one notification.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	switch {
	case p.Template != template:
		return out, fault.New(fault.Invalid, "the body was not written by our template (%q, not %q): paste the one of the README of argocd into argocd-notifications-cm", integration.Clip(p.Template), template)
	case p.App.Name == "" || p.App.UID == "":
		return out, fault.New(fault.Invalid, "the field app.name or app.uid is missing")
	}
	e, ignored, err := s.read(&p)
	if err != nil || ignored != "" {
		out.Ignored = ignored
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// read makes an event of what a notification tells.
func (s *Source) read(p *payload) (e change.Event, ignored string, err error) {
	switch p.About {
	case "sync":
		e, ignored, err = s.sync(p)
	case "health":
		e, ignored, err = s.health(p)
	default:
		ignored = fmt.Sprintf("a notification about %q is none of a change", integration.Clip(p.About))
	}
	if err != nil || ignored != "" {
		return e, ignored, err
	}
	a := p.App
	e.Subjects = []change.Subject{s.subject(a)}
	e.Cluster = a.Cluster
	integration.Link(&e, "deploy", "The application", a.page(p.Server))
	e.Environment = s.environment(a)
	return e, "", nil
}

func (s *Source) subject(a app) change.Subject {
	return s.config.Subject("argocd", a.Namespace+"/"+a.Name, a.Name)
}

// page is the address of the application's page.
func (a app) page(base string) string {
	return strings.TrimRight(base, "/") + "/applications/" + a.Namespace + "/" + a.Name
}

// environment is what the application's label says, or where it is deployed to.
func (s *Source) environment(a app) string {
	if a.Environment != "" {
		return s.config.Environment(a.Environment)
	}
	return s.config.EnvironmentAt(a.Cluster+"/"+a.Target, a.Target, a.Cluster, a.Project)
}

// phases are those of an operation. One that is terminated goes on until that is done, and ends as failed, with a message.
var phases = map[string]change.Phase{
	"running": change.Started, "succeeded": change.Succeeded, "failed": change.Failed, "error": change.Failed, "terminating": change.Started,
}

func (s *Source) sync(p *payload) (change.Event, string, error) {
	o := p.Operation
	if o == nil || o.StartedAt == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field operation.started_at is missing")
	}
	if o.DryRun {
		return change.Event{}, "a dry run changes nothing", nil
	}
	phase, known := integration.OneOf(phases, o.Phase)
	if !known {
		return change.Event{}, fmt.Sprintf("the phase %q of an operation is not known", integration.Clip(o.Phase)), nil
	}
	if phase == change.Failed && strings.Contains(strings.ToLower(o.Message), "operation terminated") {
		phase = change.Cancelled
	}
	e := change.Event{
		Key: "sync/" + p.App.UID + "/" + string(o.StartedAt), Kind: "deploy", Phase: phase, StartedAt: integration.At(o.StartedAt.time()),
		Detail: integration.ClipDetail(o.Message), Actor: o.actor(), Labels: map[string]string{},
	}
	if at := integration.At(o.FinishedAt.time()); phase != change.Started && !at.Before(e.StartedAt) {
		e.EndedAt = at
	}
	if p.App.Project != "" {
		e.Labels["project"] = p.App.Project
	}
	revision := first(o.Revision, o.Revisions)
	previous, back := p.before(o, revision)
	if back {
		e.Kind = "rollback"
	}
	if revision != "" && previous != "" && revision != previous {
		e.Diff = []change.Diff{{Field: "revision", Old: previous, New: revision}}
	}
	e.Version = p.version(s.subject(p.App).Name)
	switch {
	case s.config.Commit == "image":
		if tag := strings.TrimPrefix(e.Version, "sha-"); integration.IsCommit(tag) {
			e.Commit = tag
		}
	case integration.IsCommit(revision):
		e.Commit = revision
	}
	e.Title = fmt.Sprintf("Deployed %s to %s", p.App.Name, cmp.Or(s.environment(p.App), p.App.Target, "its cluster"))
	if back {
		e.Title = "Rolled back" + strings.TrimPrefix(e.Title, "Deployed")
	}
	switch {
	case integration.IsCommit(revision):
		e.Title += " at " + integration.ShortCommit(revision)
	case revision != "": // the version of a chart
		e.Labels["revision"] = revision
		e.Title += " at " + integration.Clip(revision)
	}
	return e, "", nil
}

// before is the revision that the application was at before an operation; back is whether the operation goes back to one
// that was there before that.
func (p *payload) before(o *operation, revision string) (previous string, back bool) {
	var past []string
	for _, h := range p.History {
		if h.StartedAt != o.StartedAt {
			past = append(past, first(h.Revision, h.Revisions))
		}
	}
	if len(past) == 0 {
		return "", false
	}
	previous = past[len(past)-1]
	return previous, revision != "" && revision != previous && slices.Contains(past, revision)
}

// version is the tag of the application's image: of the only one, or of the one that is named like the application or the
// service. What is live counts only where it was looked at after the sync.
func (p *payload) version(subject string) string {
	images := p.Images
	if finished := p.Operation.FinishedAt.time(); len(images) == 0 && !finished.IsZero() && !p.ReconciledAt.time().Before(finished) {
		images = p.LiveImages
	}
	found := ""
	for _, image := range images {
		image, _, _ = strings.Cut(image, "@")
		name, tag, tagged := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
		if tagged && (len(images) == 1 || strings.EqualFold(name, p.App.Name) || strings.EqualFold("service:"+name, subject)) {
			found = tag
		}
	}
	return found
}

func first(one string, many []string) string {
	if one == "" && len(many) > 0 {
		return many[0]
	}
	return one
}

func (o *operation) actor() change.Actor {
	switch {
	case o.Automated:
		return change.Actor{Type: change.ByAutomation, Name: "Argo CD"}
	case strings.HasPrefix(o.Username, "proj:"): // the token of a project's role
		return change.Actor{Type: change.ByAutomation, Name: o.Username, Via: "Argo CD"}
	case o.Username != "":
		return change.Actor{Type: change.ByPerson, Name: o.Username, Via: "Argo CD"}
	}
	return change.Actor{Type: change.ByUnknown, Via: "Argo CD"}
}

func (s *Source) health(p *payload) (change.Event, string, error) {
	h := p.Health
	if h == nil || h.Status == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field health.status is missing")
	}
	if h.Status != "Degraded" {
		return change.Event{}, fmt.Sprintf("health %s is no trouble", integration.Clip(h.Status)), nil
	}
	// Without the time of the change it is one alert for each sync.
	since := h.Since
	if since == "" && p.Operation != nil {
		since = p.Operation.StartedAt
	}
	e := change.Event{
		Key: "health/" + p.App.UID + "/" + string(since), Kind: "alert", Phase: change.Started, StartedAt: integration.At(h.Since.time()),
		Title: fmt.Sprintf("%s is degraded in %s", p.App.Name, cmp.Or(s.environment(p.App), p.App.Target, "its cluster")),
		Actor: change.Actor{Type: change.ByAutomation, Name: "Argo CD"},
	}
	if len(h.Degraded) > 0 {
		e.Detail = integration.ClipDetail("Degraded: " + strings.Join(h.Degraded, ", "))
	}
	return e, "", nil
}
