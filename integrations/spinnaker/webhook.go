package spinnaker

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one Spinnaker.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const maxBody = 25 << 20 // bytes: executions carry all of their stages, and have several MB

// Describe says what it listens to.
func (s *Source) Describe() string { return "events of Spinnaker's echo" }

// Verify checks the token: echo signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than most executions have.
func (s *Source) MaxBody() int64 { return maxBody }

// ends are how an execution ends.
var ends = map[string]change.Phase{
	"succeeded": change.Succeeded, "failed_continue": change.Failed, "terminal": change.Failed, "stopped": change.Failed, "canceled": change.Cancelled,
}

// Stages that put something into service, and those that put back what was there.
var (
	deploying = []string{"deploy", "createServerGroup", "cloneServerGroup", "deployManifest", "patchManifest", "runningDeploy"}
	returning = []string{"rollbackServerGroup", "rollbackCluster", "undoRolloutManifest"}
)

// Decode reads one event.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	out.Key = p.EventID
	step, isPipeline := strings.CutPrefix(p.Details.Type, "orca:pipeline:")
	if !isPipeline {
		out.Ignored = fmt.Sprintf("the event %q is none of a pipeline", integration.Clip(p.Details.Type))
		return out, nil
	}
	x := p.Content.Execution
	if x == nil {
		return out, fault.New(fault.Invalid, "the field content.execution is missing: let echo send events as they are, without wrap, flatten or a template")
	}
	id, application := cmp.Or(x.ID, p.Content.ExecutionID), cmp.Or(x.Application, p.Details.Application)
	if id == "" || application == "" {
		return out, fault.New(fault.Invalid, "the field content.execution.id or content.execution.application is missing")
	}
	kind, returned := x.kind()
	e := change.Event{
		Key: "pipeline/" + id, Kind: kind, StartedAt: integration.Millis(x.StartTime), Actor: x.actor(),
		Commit: x.Trigger.commit(), Version: x.Trigger.version(), Story: "spinnaker:" + cmp.Or(x.Trigger.ParentExecution.ID, id),
	}
	switch step {
	case "starting":
		e.Phase = change.Started
	case "complete", "failed":
		phase, known := integration.OneOf(ends, x.Status)
		if !known && step == "failed" {
			phase, known = change.Failed, true
		}
		if !known {
			out.Ignored = fmt.Sprintf("the status %q is no end", integration.Clip(x.Status))
			return out, nil
		}
		e.Phase = phase
		if at := integration.Millis(x.EndTime); !at.Before(e.StartedAt) {
			e.EndedAt = at
		}
	default:
		out.Ignored = fmt.Sprintf("the step %q of a pipeline is not known", integration.Clip(step))
		return out, nil
	}
	account := ""
	for _, stage := range x.Stages {
		if slices.Contains(deploying, stage.Type) || slices.Contains(returning, stage.Type) {
			account = cmp.Or(stage.account(), account) // the last counts: pipelines go from the first place to the last
		}
	}
	e.Environment = s.config.EnvironmentAt(account, application+"/"+x.Name, x.Name)
	integration.Label(&e, "account", account)
	if kind == "deploy" && returned {
		integration.Label(&e, "rolled_back", "true")
	}
	integration.Label(&e, "trigger", x.Trigger.Type)
	name := application + "/" + cmp.Or(x.Name, "a pipeline")
	where := cmp.Or(e.Environment, account, "its account")
	switch e.Kind {
	case "deploy":
		e.Title = fmt.Sprintf("Deployed %s by %s to %s", cmp.Or(e.Version, integration.ShortCommit(e.Commit), application), name, where)
	case "rollback":
		e.Title = fmt.Sprintf("Rolled back by %s in %s", name, where)
	default:
		e.Title, e.Environment = "Ran "+name, ""
	}
	if s.config.Deck != "" {
		integration.Link(&e, "deploy", "The execution", strings.TrimRight(s.config.Deck, "/")+"/#/applications/"+url.PathEscape(application)+"/executions/details/"+url.PathEscape(id))
	}
	e.Subjects = []change.Subject{s.config.Subject("spinnaker", application)}
	out.Events = []change.Event{e}
	return out, nil
}

// kind is what a pipeline does. One that deploys and then rolls back is a rollback when it succeeds, and a deploy that
// failed when it does not.
func (x *execution) kind() (kind string, returned bool) {
	deploys, returns := false, false
	for _, stage := range x.Stages {
		deploys = deploys || slices.Contains(deploying, stage.Type)
		if slices.Contains(returning, stage.Type) {
			returns = true
			returned = returned || stage.Status != "" && stage.Status != "NOT_STARTED" && stage.Status != "SKIPPED"
		}
	}
	switch {
	case returns && !deploys || returned && strings.EqualFold(x.Status, "SUCCEEDED"):
		return "rollback", returned
	case deploys:
		return "deploy", returned
	}
	return "build", false
}

func (t trigger) commit() string {
	commit := t.Hash
	for _, scm := range t.BuildInfo.SCM {
		commit = cmp.Or(commit, scm.SHA1)
	}
	if !integration.IsCommit(commit) {
		return ""
	}
	return commit
}

func (t trigger) version() string {
	version := t.Tag
	for _, artifact := range t.Artifacts {
		if artifact.Type == "docker/image" {
			version = cmp.Or(version, artifact.Version)
		}
	}
	return version
}

func (x *execution) actor() change.Actor {
	user := cmp.Or(x.Trigger.User, x.Authentication.User)
	switch {
	case x.Trigger.Type != "" && x.Trigger.Type != "manual":
		return change.Actor{Type: change.ByAutomation, Name: x.Trigger.Type + " trigger", Via: "Spinnaker"}
	case user == "" || strings.Trim(user, "[]") == "anonymous":
		return change.Actor{Type: change.ByUnknown, Via: "Spinnaker"}
	}
	return change.Actor{Type: change.ByPerson, Name: user, Via: "Spinnaker"}
}
