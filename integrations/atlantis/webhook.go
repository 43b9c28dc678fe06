package atlantis

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one Atlantis.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const maxBody = 5 << 20 // bytes: drift lists all projects of a repository

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhooks of Atlantis" }

// Verify checks the token: Atlantis signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than Atlantis sends.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one webhook: its shape says which it is.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	switch {
	case p.DetectionID != "":
		return s.drift(&p)
	case p.Success != nil && p.Repo.FullName != "":
		out.Events = []change.Event{s.apply(&p)}
		return out, nil
	case p.Success != nil:
		return out, fault.New(fault.Invalid, "the field Repo.FullName is missing")
	}
	out.Ignored = "it is neither an apply nor drift"
	return out, nil
}

// apply reads an apply. It has no time and no id: what was applied, and from which commit, is what makes it one.
func (s *Source) apply(p *payload) change.Event {
	place := place{repository: p.Repo.FullName, directory: p.Directory, workspace: p.Workspace, project: p.ProjectName}
	e := change.Event{
		Key:  fmt.Sprintf("apply/%s/%d/%s/%s", place.repository, p.Pull.Number, p.Pull.HeadCommit, place.rest()),
		Kind: "infrastructure", Phase: change.Succeeded, Commit: p.Pull.HeadCommit,
		Title: fmt.Sprintf("Applied %s by #%d", place.name(), p.Pull.Number), Actor: actor(p.User.Username),
		// One pull request is applied project by project.
		Story: fmt.Sprintf("atlantis:%s#%d", strings.ToLower(place.repository), p.Pull.Number),
	}
	if !*p.Success {
		e.Phase = change.Failed
	}
	s.locate(&e, place)
	if p.Pull.Author != p.User.Username {
		integration.Label(&e, "author", p.Pull.Author)
	}
	integration.Link(&e, "repo", fmt.Sprintf("Pull request #%d", p.Pull.Number), p.Pull.URL)
	return e
}

// drift reads what was detected: one alert for each project that drifted.
func (s *Source) drift(p *payload) (integration.Decoded, error) {
	out := integration.Decoded{Key: p.DetectionID}
	if p.Repository == "" {
		return out, fault.New(fault.Invalid, "the field repository is missing")
	}
	for _, project := range p.Projects {
		if !project.HasDrift {
			continue
		}
		place := place{repository: p.Repository, directory: project.Path, workspace: project.Workspace, project: project.Name}
		e := change.Event{
			Key: "drift/" + p.DetectionID + "/" + place.rest(), Kind: "alert", Phase: change.Started, Title: "Drifted: " + place.name(),
			Detail: integration.ClipDetail(project.Summary), Actor: change.Actor{Type: change.ByAutomation, Name: "Atlantis"},
		}
		s.locate(&e, place)
		integration.Label(&e, "branch", p.Ref)
		out.Events = append(out.Events, e)
	}
	if len(out.Events) == 0 {
		out.Ignored = "no project drifted"
	}
	return out, nil
}

// place is a project of Terraform within a repository.
type place struct{ repository, directory, workspace, project string }

func (p place) rest() string { return p.directory + "/" + p.workspace + "/" + p.project }

// path is the repository with the directory: acme/infra/payments.
func (p place) path() string { return path.Join(p.repository, p.directory) }

func (p place) name() string {
	if p.project == "" && p.workspace != "" && p.workspace != "default" {
		return p.path() + " (" + p.workspace + ")"
	}
	return cmp.Or(p.project, p.path())
}

// locate says which service and environment a place is of.
func (s *Source) locate(e *change.Event, p place) {
	e.Subjects = []change.Subject{s.config.Subject("atlantis", p.path(), p.project, p.repository)}
	e.Environment = s.config.EnvironmentAt(p.workspace, p.project, p.path(), p.directory)
	integration.Label(e, "workspace", p.workspace)
}

func actor(name string) change.Actor {
	switch {
	case name == "":
		return change.Actor{Type: change.ByUnknown, Via: "Atlantis"}
	case strings.HasSuffix(name, "[bot]"):
		return change.Actor{Type: change.ByAutomation, Name: name, Via: "Atlantis"}
	}
	return change.Actor{Type: change.ByPerson, Name: name, Via: "Atlantis"}
}
