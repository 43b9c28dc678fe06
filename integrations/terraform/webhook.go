package terraform

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is the notifications of an organisation.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how HCP Terraform signs. It sends no header where the notification has no token: that is refused.
var Signature = signature.HMAC{Header: "X-Tfe-Notification-Signature", Hash: signature.SHA512}

const maxBody = 1 << 20 // bytes

// Describe says what it listens to.
func (s *Source) Describe() string { return "notifications of HCP Terraform" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than HCP Terraform sends.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one notification.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	e, ignored, err := s.event(d, &p)
	if out.Ignored = ignored; err != nil || ignored != "" {
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// event reads what a notification tells, or what a list of the API has of the same: either way it is the same event.
func (s *Source) event(d integration.Delivery, p *payload) (e change.Event, ignored string, err error) {
	organization, workspace := p.Organization, p.Workspace
	switch {
	case len(p.Notifications) > 0 && p.Notifications[0].Trigger == "verification":
		// The call that must be answered before a notification can be saved: any 200 does.
		ignored = "HCP Terraform verifies that somebody listens"
	case len(p.Notifications) > 0:
		e, ignored, err = p.run()
	case p.Details != nil:
		organization, workspace = p.Details.Organization, p.Details.Workspace
		e, ignored, err = p.assess(d)
	default:
		err = fault.New(fault.Invalid, "the field notifications or details is missing")
	}
	if err != nil || ignored != "" {
		return e, ignored, err
	}
	if organization == "" || workspace == "" {
		return e, "", fault.New(fault.Invalid, "the field organization_name or workspace_name is missing")
	}
	e.Title = fmt.Sprintf("%s %s", e.Title, workspace)
	e.Environment = s.config.EnvironmentAt(organization+"/"+workspace, workspace)
	e.Subjects = []change.Subject{s.config.Subject("terraform", organization+"/"+workspace, workspace)}
	if u, err := url.Parse(p.ConfigurationURL); err == nil && len(e.Links) == 0 {
		page := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/app/" + organization + "/workspaces/" + workspace}
		integration.Link(&e, "deploy", "The workspace", page.String())
	}
	return e, "", nil
}

// ends are the states that a run ends in. What was planned and had nothing to change is no change.
var ends = map[string]change.Phase{
	"applied": change.Succeeded, "errored": change.Failed, "policy_soft_failed": change.Failed,
	"canceled": change.Cancelled, "force_canceled": change.Cancelled, "discarded": change.Cancelled,
}

// run reads the steps of a run from its apply on: until then nothing changes.
func (p *payload) run() (change.Event, string, error) {
	if p.RunID == "" {
		return change.Event{}, "", fault.New(fault.Invalid, "the field run_id is missing")
	}
	last := p.Notifications[len(p.Notifications)-1]
	e := change.Event{Key: "run/" + p.RunID, Kind: "infrastructure", Title: "Applied", Detail: integration.ClipDetail(p.RunMessage), Actor: actor(cmp.Or(p.RunCreatedBy, last.RunUpdatedBy))}
	integration.Link(&e, "deploy", "The run", p.RunURL)
	at := integration.ReadTime(last.RunUpdatedAt)
	switch last.Trigger {
	case "run:applying":
		e.Phase, e.StartedAt = change.Started, at
	case "run:completed", "run:errored":
		phase, known := integration.OneOf(ends, last.RunStatus)
		if !known {
			return e, fmt.Sprintf("a run that ends as %q changed nothing", integration.Clip(last.RunStatus)), nil
		}
		e.Phase, e.EndedAt = phase, at
	default:
		return e, fmt.Sprintf("%s changes nothing yet", integration.Clip(cmp.Or(last.Trigger, "a notification without a trigger"))), nil
	}
	return e, "", nil
}

// assess reads what is told of a workspace as such.
func (p *payload) assess(d integration.Delivery) (change.Event, string, error) {
	e := change.Event{Kind: "alert", Phase: change.Started, Actor: change.Actor{Type: change.ByAutomation, Name: "HCP Terraform"}}
	switch p.Trigger {
	case "workspace:auto_destroy_reminder":
		// It is for later, perhaps for much later: the event is that somebody said so.
		e.Key, e.Kind, e.Phase = strings.Join([]string{"destroy", p.Details.Organization, p.Details.Workspace, p.Details.AutoDestroyAt}, "/"), "maintenance", change.Planned
		e.Title, e.Detail = "To be destroyed:", "At "+cmp.Or(p.Details.AutoDestroyAt, "a time that it does not say")+"."
		return e, "", nil
	case "workspace:auto_destroy_results":
		return p.destroyed(d)
	case "assessment:drifted", "assessment:check_failure", "assessment:failed":
	default:
		return e, fmt.Sprintf("%q is no trouble and no change", integration.Clip(p.Trigger)), nil
	}
	result, prior := p.Details.New, p.Details.Prior
	if result == nil || result.ID == "" {
		return e, "", fault.New(fault.Invalid, "the field details.new_assessment_result.id is missing")
	}
	known := false
	switch p.Trigger {
	case "assessment:drifted":
		e.Title, e.Detail = "Drifted:", fmt.Sprintf("%d resources differ from the state.", result.ResourcesDrifted)
		known = prior != nil && prior.Drifted && prior.ResourcesDrifted == result.ResourcesDrifted
	case "assessment:check_failure":
		e.Title, e.Detail = "Checks fail:", fmt.Sprintf("%d checks fail, %d could not be made.", result.ChecksFailed, result.ChecksErrored)
		known = prior != nil && prior.ChecksFailed == result.ChecksFailed && prior.ChecksErrored == result.ChecksErrored
	default:
		e.Title = "Could not be assessed:"
		known = prior != nil && prior.ID != "" && !prior.Succeeded
	}
	if known {
		return e, "the assessment before found the same", nil
	}
	e.Key, e.StartedAt = strings.TrimPrefix(p.Trigger, "assessment:")+"/"+result.ID, integration.ReadTime(result.CreatedAt)
	return e, "", nil
}

// destroyed reads what came of a workspace that was to be destroyed: a run, of which more may be told by itself.
func (p *payload) destroyed(d integration.Delivery) (change.Event, string, error) {
	e := change.Event{Kind: "infrastructure", Title: "Destroyed", Detail: integration.ClipDetail(p.Details.RunError), Actor: change.Actor{Type: change.ByAutomation, Name: "auto-destroy", Via: "HCP Terraform"}}
	if p.Details.RunID == "" {
		e.Key = "destroy/" + p.Details.Organization + "/" + p.Details.Workspace + "/" + cmp.Or(p.Details.RunCreatedAt, d.ReceivedAt.UTC().Format("2006-01-02"))
		e.Phase, e.EndedAt = change.Failed, integration.ReadTime(p.Details.RunCreatedAt)
		return e, "", nil
	}
	phase, known := integration.OneOf(ends, p.Details.RunStatus)
	if !known {
		return e, fmt.Sprintf("a run that ends as %q changed nothing", integration.Clip(p.Details.RunStatus)), nil
	}
	e.Key, e.Phase, e.StartedAt = "run/"+p.Details.RunID, phase, integration.ReadTime(p.Details.RunCreatedAt)
	return e, "", nil
}

// actor is who created a run: tokens of teams and organisations have users whose names say so.
func actor(name string) change.Actor {
	switch {
	case name == "":
		return change.Actor{Type: change.ByUnknown, Via: "HCP Terraform"}
	case strings.HasPrefix(name, "api-"):
		return change.Actor{Type: change.ByAutomation, Name: name, Via: "HCP Terraform"}
	}
	return change.Actor{Type: change.ByPerson, Name: name, Via: "HCP Terraform"}
}
