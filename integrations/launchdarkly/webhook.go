package launchdarkly

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

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Sparing = (*Source)(nil)

// Signature is how LaunchDarkly signs.
var Signature = signature.HMAC{Header: "X-LD-Signature"}

// maxBody is more than an entry with both versions of a flag.
const maxBody = 5 << 20

// kinds are the kinds of entries that are mapped. All others are about who may use LaunchDarkly, and what it sends where.
var kinds = map[string]string{
	"flag": "flag", "segment": "flag", "experiment": "experiment", "holdout": "experiment", "metric": "experiment",
	"environment": "config", "project": "config",
}

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of LaunchDarkly" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one entry.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p entry
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	if p.ID == "" || p.Kind == "" {
		return out, fault.New(fault.Invalid, "the field _id or kind is missing")
	}
	out.Key = p.ID
	e, ignored, err := s.event(&p)
	if err != nil || ignored != "" {
		out.Ignored = ignored
		return out, err
	}
	out.Events = []change.Event{e}
	return out, nil
}

// event is what an entry tells, delivered or asked for.
func (s *Source) event(p *entry) (e change.Event, ignored string, err error) {
	kind, known := integration.OneOf(kinds, p.Kind)
	if !known {
		return e, fmt.Sprintf("a change of the kind %q does nothing to a service", integration.Clip(p.Kind)), nil
	}
	r := p.resource()
	if r.project == "" {
		return e, "", fault.New(fault.Invalid, "the field accesses names no project, as in proj/shop:env/production:flag/checkout-v2")
	}
	e = change.Event{
		Key: "entry/" + integration.Line(p.ID), Kind: kind, StartedAt: integration.Millis(p.Date), Actor: p.actor(),
		Title:       integration.Line(integration.Sentence(cmp.Or(p.TitleVerb, "changed the "+p.Kind)) + " " + cmp.Or(p.Name, r.key)),
		Subjects:    s.subjects(&r, p.services(s.config.Property)),
		Environment: s.config.Environment(r.environment),
	}
	e.Labels = integration.Labels(map[string]string{
		"project": r.project, p.Kind: r.key, "action": strings.Join(r.actions, ", "), "environments": strings.Join(r.environments, ", "),
	})
	description := ""
	if s.config.Descriptions {
		description = p.Description
	}
	e.Detail = integration.Paragraphs(p.Comment, description)
	if p.Kind == "flag" {
		switch {
		case strings.HasPrefix(p.TitleVerb, "turned on"):
			e.Diff = []change.Diff{{Field: integration.Clip(r.key), Old: "off", New: "on"}}
		case strings.HasPrefix(p.TitleVerb, "turned off"):
			e.Diff = []change.Diff{{Field: integration.Clip(r.key), Old: "on", New: "off"}}
		}
	}
	address := cmp.Or(p.Target.Links.Site.Href, p.Links.Site.Href)
	if strings.HasPrefix(address, "/") {
		address = s.config.address() + address
	}
	integration.Link(&e, "other", "The "+p.Kind+" in LaunchDarkly", address)
	return e, "", nil
}

// resource is what an entry is about.
type resource struct {
	project, environment, key string
	environments, actions     []string // where several were changed at once, environment is empty
	tags                      []string
}

// resource reads the names of all that was touched: one entry can tell of several environments.
func (p *entry) resource() resource {
	var r resource
	names := slices.Clone(p.Target.Resources)
	for _, access := range p.Accesses {
		names = append(names, access.Resource)
		if access.Action != "" && len(r.actions) < 10 && !slices.Contains(r.actions, access.Action) {
			r.actions = append(r.actions, access.Action)
		}
	}
	for _, name := range names {
		for part := range strings.SplitSeq(name, ":") {
			part, tags, _ := strings.Cut(part, ";")
			kind, key, _ := strings.Cut(part, "/")
			switch {
			case key == "" || strings.Contains(key, "*"):
			case kind == "proj":
				r.project = cmp.Or(r.project, key)
			case kind == "env" && !slices.Contains(r.environments, key) && len(r.environments) < 20:
				r.environments = append(r.environments, key)
			case kind == p.Kind:
				r.key = cmp.Or(r.key, key)
				for tag := range strings.SplitSeq(tags, ",") {
					if tag != "" && len(r.tags) < 50 && !slices.Contains(r.tags, tag) {
						r.tags = append(r.tags, tag)
					}
				}
			}
		}
	}
	if len(r.environments) == 1 {
		r.environment, r.environments = r.environments[0], nil
	}
	switch p.Kind {
	case "project":
		r.key = cmp.Or(r.key, r.project)
	case "environment":
		r.key = cmp.Or(r.key, r.environment)
	}
	return r
}

// actor is who did it: a token or an application is no person, even where it is somebody's.
func (p *entry) actor() change.Actor {
	switch {
	case p.Token != nil:
		return change.Actor{Type: change.ByAutomation, Name: integration.Line(cmp.Or(p.Token.Name, "a token")), Via: "LaunchDarkly"}
	case p.App != nil:
		return change.Actor{Type: change.ByAutomation, Name: integration.Line(cmp.Or(p.App.Name, "an application")), Via: "LaunchDarkly"}
	case p.Member != nil:
		name := cmp.Or(strings.TrimSpace(p.Member.FirstName+" "+p.Member.LastName), p.Member.Email)
		return change.Actor{Type: change.ByPerson, Name: integration.Line(name), Via: "LaunchDarkly"}
	case p.Subject != nil:
		return change.Actor{Type: change.ByUnknown, Name: integration.Line(p.Subject.Name), Via: "LaunchDarkly"}
	}
	return change.Actor{Type: change.ByUnknown, Via: "LaunchDarkly"}
}
