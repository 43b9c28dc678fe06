package jenkins

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one Jenkins.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

const maxBody = 5 << 20 // bytes: the log may be sent as well, and is not read

// Describe says what it listens to.
func (s *Source) Describe() string { return "notifications of Jenkins" }

// Verify checks the password: Jenkins signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than a notification without logs.
func (s *Source) MaxBody() int64 { return maxBody }

// results are how a build ends.
var results = map[string]change.Phase{
	"success": change.Succeeded, "failure": change.Failed, "unstable": change.Failed, "aborted": change.Cancelled,
}

// Decode reads one notification.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	b := p.Build
	path := job(p.URL)
	if b == nil || b.Number == 0 || len(path) == 0 {
		return out, fault.New(fault.Invalid, "the field url, build or build.number is missing")
	}
	name := strings.Join(path, "/")
	e := change.Event{
		Key: fmt.Sprintf("build/%s/%d", name, b.Number), Kind: "build", Commit: b.SCM.Commit,
		Title: fmt.Sprintf("Ran %s #%d", name, b.Number), Actor: change.Actor{Type: change.ByUnknown, Via: "Jenkins"},
	}
	at := integration.Millis(b.Timestamp)
	switch b.Phase {
	case "STARTED":
		e.Phase, e.StartedAt = change.Started, at
	case "FINALIZED":
		phase, known := integration.OneOf(results, b.Status)
		if !known {
			out.Ignored = fmt.Sprintf("a build that ended as %q built nothing", integration.Clip(b.Status))
			return out, nil
		}
		e.Phase, e.EndedAt = phase, at
		// It began about then: the report of the start knows better.
		if length := time.Duration(b.Duration) * time.Millisecond; !at.IsZero() && length > 0 && length < 30*24*time.Hour {
			e.StartedAt = at.Add(-length)
		}
		if b.Status == "UNSTABLE" {
			integration.Label(&e, "result", "unstable")
		}
	default:
		out.Ignored = fmt.Sprintf("STARTED and FINALIZED say all that %s does", integration.Clip(b.Phase))
		return out, nil
	}
	branch := strings.TrimPrefix(b.SCM.Branch, "origin/")
	integration.Label(&e, "branch", branch)
	e.Version = integration.Version(strings.TrimPrefix(branch, "tags/"))
	// The job of a branch is one of the multibranch job above it.
	names := []string{name}
	if len(path) > 1 {
		names = append(names, strings.Join(path[:len(path)-1], "/"))
	}
	if environment, deploys := s.config.Deploy(names...); deploys {
		e.Kind = "deploy"
		e.Environment = cmp.Or(environment, s.config.Environment(b.parameter(s.config.EnvironmentParameter)))
		e.Version = cmp.Or(b.parameter(s.config.VersionParameter), e.Version)
		e.Title = fmt.Sprintf("Deployed %s to %s by #%d", cmp.Or(e.Version, name), cmp.Or(e.Environment, "an environment"), b.Number)
	}
	e.Subjects = []change.Subject{s.config.SubjectOf("jenkins", b.SCM.URL, names...)}
	integration.Link(&e, "deploy", "The build", b.FullURL)
	out.Events = []change.Event{e}
	return out, nil
}

// job is a job's path with its folders: job/shop/job/payments/ is shop and payments.
func job(address string) []string {
	var path []string
	for i, part := range strings.Split(strings.Trim(address, "/"), "/") {
		if i%2 == 0 {
			continue // "job"
		}
		if name, err := url.PathUnescape(part); err == nil {
			part = name
		}
		path = append(path, part)
	}
	return path
}

// parameter is a parameter that the configuration names.
func (b *build) parameter(name string) string {
	value, _ := b.Parameters[name].(string)
	return value
}
