package aws

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

const groupsVersion = "2011-01-01"

// seeGroups looks at every Auto Scaling group, and at what they did of late.
func (p *place) seeGroups(ctx context.Context, _ func(string) string, to observe.Sink) error {
	var groups []wireGroup
	err := pages(ctx, func(token string) (string, error) {
		var answer describeGroups
		err := p.query(ctx, "autoscaling", groupsVersion, "DescribeAutoScalingGroups", query("MaxRecords", "100", "NextToken", token), &answer)
		groups = append(groups, answer.Result.Groups...)
		return answer.Result.Next, err
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	// One page of the activities of all groups, the newest first.
	var answer describeActivities
	if err := p.query(ctx, "autoscaling", groupsVersion, "DescribeScalingActivities", url.Values{"MaxRecords": {"100"}}, &answer); err != nil {
		return err
	}
	did := map[string][]activity{}
	for _, a := range slices.Backward(answer.Result.Activities) {
		list := append(did[a.Group], activity{
			ID: integration.Line(a.ID), Description: integration.Line(a.Description), Cause: integration.ClipDetail(a.Cause), Status: integration.Line(a.Status),
			Message: integration.Line(a.Message), StartedAt: integration.At(a.StartedAt.Time), EndedAt: integration.At(a.EndedAt.Time),
		})
		did[a.Group] = list[max(len(list)-mostActivities, 0):]
	}
	for i := range groups {
		w := &groups[i]
		if w.ARN == "" || w.Name == "" {
			continue
		}
		s := p.group(w, did[w.Name])
		if err := s.put(to, p.collection(lookAutoScaling)); err != nil {
			return err
		}
	}
	return nil
}

// group is the state of one group.
func (p *place) group(w *wireGroup, did []activity) *state {
	pairs := map[string]string{}
	for _, t := range w.Tags {
		pairs[t.Key] = t.Value
	}
	s := &state{
		ARN: integration.Line(w.ARN), Name: integration.Line(w.Name), Account: accountOf(w.ARN), Region: cmp.Or(regionOf(w.ARN), p.region), Tags: tagsOf(pairs),
		CreatedAt: integration.At(w.CreatedAt.Time),
		Group:     &group{Min: w.Min, Max: w.Max, Desired: w.Desired, Settings: map[string]string{}, Activities: did},
	}
	for _, i := range w.Instances {
		switch {
		case i.Health != "" && !strings.EqualFold(i.Health, "Healthy"):
			s.Group.Unhealthy++
		case i.State == "InService":
			s.Group.InService++
		}
	}
	var suspended []string
	for _, process := range w.Suspended {
		suspended = append(suspended, process.Name)
	}
	slices.Sort(suspended)
	template := w.Template
	if template.Name == "" && template.ID == "" {
		template = w.Mixed.Template
	}
	for name, value := range map[string]string{
		"launch_template": strings.Trim(cmp.Or(template.Name, template.ID)+":"+template.Version, ":"), "launch_configuration": w.Configuration,
		"suspended": strings.Join(suspended, ", "), "health_check": w.HealthCheck, "zones": strings.Join(slices.Sorted(slices.Values(w.Zones)), ", "),
	} {
		if value != "" {
			s.Group.Settings[name] = integration.Line(value)
		}
	}
	s.place(p.config, "autoscaling", w.Name, w.Name, s.Account)
	return s
}
