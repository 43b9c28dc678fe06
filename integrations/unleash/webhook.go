package unleash

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// maxBody is more than any event: a strategy with long lists.
const maxBody = 5 << 20

// titles are the events that are mapped, with the beginning of their title.
var titles = map[string]string{
	"feature-created":                              "Created flag",
	"feature-updated":                              "Changed flag",
	"feature-deleted":                              "Deleted flag",
	"feature-archived":                             "Archived flag",
	"feature-revived":                              "Revived flag",
	"feature-environment-enabled":                  "Turned on flag",
	"feature-environment-disabled":                 "Turned off flag",
	"feature-strategy-add":                         "Added a strategy to flag",
	"feature-strategy-update":                      "Changed a strategy of flag",
	"feature-strategy-remove":                      "Removed a strategy from flag",
	"feature-variants-updated":                     "Changed variants of flag",
	"feature-environment-variants-updated":         "Changed variants of flag",
	"feature-project-change":                       "Moved to another project: flag",
	"change-request-applied":                       "Applied change request",
	"change-request-scheduled-application-success": "Applied change request",
	"change-request-scheduled-application-failure": "Failed to apply change request",
}

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Unleash" }

// Verify checks the token.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one event.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p event
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	if p.Type == "" || p.ID <= 0 {
		return out, fault.New(fault.Invalid, "the field type or id is missing: leave the body template of the webhook empty in Unleash")
	}
	out.Key = strconv.FormatInt(p.ID, 10)
	title, known := titles[p.Type]
	if !known {
		out.Ignored = fmt.Sprintf("%q changes nothing that a service does", integration.Clip(p.Type))
		return out, nil
	}
	request := cmp.Or(p.Data.ChangeRequestID, p.PreData.ChangeRequestID)
	name := p.FeatureName
	if strings.HasPrefix(p.Type, "change-request-") {
		name = ""
		if request > 0 {
			name = strconv.FormatInt(request, 10)
		}
	} else if name == "" {
		return out, fault.New(fault.Invalid, "the field featureName is missing")
	}
	if p.Project == "" {
		return out, fault.New(fault.Invalid, "the field project is missing")
	}
	names := []string{p.Project + "/" + p.FeatureName}
	for _, tag := range p.Tags[:min(len(p.Tags), 50)] {
		names = append(names, "tag:"+tag.Value)
	}
	e := change.Event{
		Key: "event/" + out.Key, Kind: "flag", StartedAt: integration.At(p.CreatedAt), Actor: p.actor(),
		Title:       integration.Line(strings.TrimSpace(title + " " + name)),
		Subjects:    []change.Subject{s.config.Within("unleash", p.Project, names...)},
		Environment: s.config.Environment(p.Environment),
		Labels:      integration.Labels(map[string]string{"project": p.Project, "flag": p.FeatureName}),
	}
	if p.Type == "change-request-scheduled-application-failure" {
		e.Phase = change.Failed
	}
	if request > 0 {
		e.Story = fmt.Sprintf("unleash:change-request/%s/%d", integration.Line(p.Project), request)
	}
	p.difference(&e)
	if s.config.Address != "" {
		path := "/projects/" + url.PathEscape(p.Project)
		if p.FeatureName != "" {
			path += "/features/" + url.PathEscape(p.FeatureName)
		}
		integration.Link(&e, "other", "In Unleash", strings.TrimSuffix(s.config.Address, "/")+path)
	}
	out.Events = []change.Event{e}
	return out, nil
}

// difference tells what changed, without whom it is for and without what variants carry.
func (p *event) difference(e *change.Event) {
	add := func(field, before, after string) {
		if before, after = integration.Clip(before), integration.Clip(after); before != after && len(e.Diff) < 100 {
			e.Diff = append(e.Diff, change.Diff{Field: integration.Clip(field), Old: before, New: after})
		}
	}
	switch {
	case p.Type == "feature-environment-enabled":
		add(p.FeatureName, "off", "on")
	case p.Type == "feature-environment-disabled":
		add(p.FeatureName, "on", "off")
	case strings.HasPrefix(p.Type, "feature-strategy-"):
		add("strategy", p.PreData.Name, p.Data.Name)
		add("rollout", percent(p.PreData.Rollout), percent(p.Data.Rollout))
		add("constraints", p.PreData.count(len(p.PreData.Constraints)), p.Data.count(len(p.Data.Constraints)))
		add("segments", p.PreData.count(len(p.PreData.Segments)), p.Data.count(len(p.Data.Segments)))
		if share, err := strconv.ParseFloat(p.Data.Rollout, 64); err == nil && share >= 0 && share <= 100 {
			e.Exposure = &share
		}
	case strings.HasSuffix(p.Type, "variants-updated"):
		before := map[string]string{}
		for _, v := range p.PreData.Variants {
			before[v.Name] = v.share()
		}
		for _, v := range p.Data.Variants {
			add("variant "+v.Name, before[v.Name], v.share())
			delete(before, v.Name)
		}
		for _, v := range p.PreData.Variants {
			add("variant "+v.Name, before[v.Name], "")
		}
	}
}

func percent(rollout string) string {
	if rollout == "" {
		return ""
	}
	return rollout + "%"
}

// count is how many there are; nothing where there is no state, and where there are none.
func (s *state) count(n int) string {
	if !s.there || n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (v variant) share() string { return strconv.FormatFloat(float64(v.Weight)/10, 'f', -1, 64) + "%" }

// actor is who did it: users of Unleash have ids, tokens and Unleash itself have none or ones below zero.
func (p *event) actor() change.Actor {
	a := change.Actor{Type: change.ByUnknown, Name: integration.Line(p.CreatedBy), Via: "Unleash"}
	switch {
	case p.CreatedByUserID > 0:
		a.Type = change.ByPerson
	case p.CreatedByUserID < 0:
		a.Type = change.ByAutomation
	}
	return a
}
