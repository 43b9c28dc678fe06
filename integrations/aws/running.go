package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/observe"
)

// Running tells what an object runs just now.
func (Interpreter) Running(_ observe.Scope, text json.RawMessage) (observe.Running, bool) {
	s, err := read(text)
	if err != nil {
		return observe.Running{}, false
	}
	r := observe.Running{
		Kind: strings.TrimSuffix(s.what(), " "+s.Name), Group: s.Account, Name: s.Name, Environment: s.Environment, Cluster: s.Cluster, Region: s.Region,
		CreatedAt: s.CreatedAt, Phase: "complete",
	}
	switch {
	case s.Service != nil:
		s.Service.running(s.Name, &r)
	case s.Function != nil:
		s.Function.running(&r)
	default:
		g := s.Group
		r.Asked, r.Ready, r.Updated, r.Least, r.Most, r.Stopped = &g.Desired, g.InService, g.InService, g.Min, g.Max, g.Desired == 0
		r.Version = s.Group.Settings["launch_template"]
		if g.InService < g.Desired {
			r.Phase, r.Message = "progressing", fmt.Sprintf("%d of %d instances are in service", g.InService, g.Desired)
		}
		if g.Unhealthy > 0 {
			r.Troubles = append(r.Troubles, fmt.Sprintf("Instances that are not healthy: %d", g.Unhealthy))
		}
	}
	return r, true
}

func (s *service) running(name string, r *observe.Running) {
	r.Asked, r.Ready, r.Stopped = &s.Desired, s.Running, s.Desired == 0
	r.Version, r.Commit = s.version(name)
	main := s.main(name)
	for i, c := range s.Containers {
		image := observe.Image{Container: c.Name, Image: c.Image, Version: imageVersion(c.Image)}
		if i == main {
			r.Images = slices.Insert(r.Images, 0, image)
			continue
		}
		r.Images = append(r.Images, image)
	}
	for i := range s.Deployments {
		d := &s.Deployments[i]
		if d.Status != primary {
			continue
		}
		r.Updated, r.ChangedAt = d.Running, d.UpdatedAt
		switch s.phase(d) {
		case change.Failed:
			r.Phase, r.Message = "failed", d.Reason
		case change.Started:
			r.Phase, r.Message = "progressing", d.Reason
		}
		if d.Failed > 0 && s.phase(d) == change.Started {
			r.Troubles = append(r.Troubles, fmt.Sprintf("Tasks of the new version that failed: %d", d.Failed))
		}
	}
}

func (f *function) running(r *observe.Running) {
	r.Ready = 1
	for i := range f.Aliases {
		a := &f.Aliases[i]
		if r.Version != "" && a.Name != "live" && a.Name != "prod" && a.Name != "production" {
			continue
		}
		r.Version, r.Exposure = a.Version, nil
		for version, share := range a.Weights {
			exposure := min(max(share*100, 0), 100)
			r.Exposure, r.Phase, r.Message = &exposure, "progressing", fmt.Sprintf("%.4g %% goes to version %s", exposure, version)
		}
	}
}

// sidecars are containers that stand beside the one that does the work, by the usual names.
var sidecars = []string{"envoy", "aws-for-fluent-bit", "log_router", "log-router", "firelens", "datadog-agent", "xray-daemon", "aws-otel-collector", "otel-collector", "cloudwatch-agent", "ecs-service-connect"}

// main is the container that does the work: named like the service, or the first that must run and is no known companion.
func (s *service) main(name string) int {
	if i := slices.IndexFunc(s.Containers, func(c container) bool { return strings.EqualFold(c.Name, name) }); i >= 0 {
		return i
	}
	if i := slices.IndexFunc(s.Containers, func(c container) bool { return c.Essential && !slices.Contains(sidecars, strings.ToLower(c.Name)) }); i >= 0 {
		return i
	}
	return min(len(s.Containers), 1) - 1
}

// version is what the main container's image says, and the commit where its tag names one.
func (s *service) version(name string) (version, commit string) {
	i := s.main(name)
	if i < 0 {
		return "", ""
	}
	version = imageVersion(s.Containers[i].Image)
	tail := strings.TrimPrefix(version[strings.LastIndexByte(version, '-')+1:], "g")
	if commitFormat.MatchString(tail) && strings.ContainsAny(tail, "0123456789") && strings.ContainsAny(tail, "abcdef") {
		commit = tail
	}
	return version, commit
}

var commitFormat = regexp.MustCompile(`^[0-9a-f]{7,40}$`)

// imageVersion is the tag of an image, or else its digest, short enough to read; a tag that always means the newest is none.
func imageVersion(image string) string {
	repository, digest, _ := strings.Cut(image, "@")
	tag := ""
	if colon := strings.LastIndexByte(repository, ':'); colon > strings.LastIndexByte(repository, '/') {
		tag = repository[colon+1:]
	}
	if tag != "" && tag != "latest" && tag != "stable" {
		return tag
	}
	if kind, sum, found := strings.Cut(digest, ":"); found && len(sum) > 12 {
		return kind + ":" + sum[:12]
	}
	return tag
}
