package flux

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one provider.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how Flux signs today; it keeps others of the family open.
var Signature = signature.HMAC{Header: "X-Signature", Prefix: "sha256="}

// signatures are those that Flux documents, by the name that stands before the sum. The name chooses among hashes that are
// all fit, and never whether there is one.
var signatures = []signature.HMAC{
	Signature,
	{Header: "X-Signature", Prefix: "sha224=", Hash: signature.SHA224},
	{Header: "X-Signature", Prefix: "sha384=", Hash: signature.SHA384},
	{Header: "X-Signature", Prefix: "sha512=", Hash: signature.SHA512},
}

const maxBody = 1 << 20 // bytes

// Describe says what it listens to.
func (s *Source) Describe() string { return "notifications of Flux" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	for _, one := range signatures {
		if strings.HasPrefix(d.Header.Get(one.Header), one.Prefix) {
			return one.Verify(ctx, d, s.config.Valid())
		}
	}
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads.
func (s *Source) Headers() []string { return nil }

// MaxBody is more than Flux sends.
func (s *Source) MaxBody() int64 { return maxBody }

// groups are the kinds that deploy, and the group under which their controller writes metadata.
var groups = map[string]string{"Kustomization": "kustomize.toolkit.fluxcd.io", "HelmRelease": "helm.toolkit.fluxcd.io"}

// applied is a message of what a Kustomization has applied. Its reason is that of the state that the Kustomization is in
// meanwhile, which is another from version to version.
var applied = regexp.MustCompile(`(?m)^\S+/\S+ (created|configured|deleted)$`)

// Decode reads one event.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p payload
	var out integration.Decoded
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	o := p.Object
	group, deploys := groups[o.Kind]
	if !deploys {
		out.Ignored = fmt.Sprintf("a %s deploys nothing", integration.Clip(cmp.Or(o.Kind, "thing without a kind")))
		return out, nil
	}
	if o.Name == "" || o.UID == "" {
		return out, fault.New(fault.Invalid, "the field involvedObject.name or involvedObject.uid is missing")
	}
	e, ignored := p.course()
	if ignored != "" {
		out.Ignored = ignored
		return out, nil
	}
	revision := p.metadata(group+"/revision", "revision")
	if revision == "" {
		out.Ignored = "it names no revision, and so nothing that was deployed"
		return out, nil
	}
	commit, version := at(revision)
	e.Commit, e.Version = commit, version
	// What is deployed again, after something else was, is another deploy: the time tells them apart, and is the same when
	// the event is sent again. What fails is tried over and over, and is one failure.
	e.Key = strings.Join([]string{strings.ToLower(o.Kind), o.UID, revision, p.Timestamp}, "/")
	if e.Phase == change.Failed {
		e.Key = strings.Join([]string{strings.ToLower(o.Kind), o.UID, revision, p.metadata(group + "/token"), p.Reason}, "/")
	}
	if o.Kind == "HelmRelease" {
		// The revision is that of the chart; what runs in it has a version of its own.
		e.Version = cmp.Or(p.metadata(group+"/app-version"), version)
		integration.Label(&e, "chart", version)
	}
	e.Environment = cmp.Or(s.config.EnvironmentAt(p.metadata("env", "environment"), p.metadata("cluster"), o.Namespace), p.metadata("env", "environment"))
	e.Cluster, e.Region = p.metadata("cluster"), p.metadata("region")
	e.Actor = change.Actor{Type: change.ByAutomation, Name: "Flux"}
	verb := "Deployed"
	if e.Kind == "rollback" {
		verb = "Rolled back"
	}
	e.Title = fmt.Sprintf("%s %s/%s to %s", verb, o.Namespace, o.Name, cmp.Or(e.Environment, e.Cluster, "its cluster"))
	if commit != "" || version != "" {
		e.Title += " at " + cmp.Or(version, integration.ShortCommit(commit))
	}
	if page := p.metadata("commit_url"); page != "" {
		integration.Link(&e, "repo", "The commit", page)
	}
	e.Subjects = []change.Subject{s.config.Subject("flux", o.Namespace+"/"+o.Name, o.Name)}
	out.Events = []change.Event{e}
	return out, nil
}

// course says what an event tells of a deploy, or why it tells nothing.
func (p *payload) course() (e change.Event, ignored string) {
	e = change.Event{Kind: "deploy", Phase: change.Succeeded, StartedAt: integration.ReadTime(p.Timestamp), Detail: integration.ClipDetail(p.Message)}
	switch {
	case strings.HasPrefix(p.Reason, "Uninstall") || strings.HasPrefix(p.Reason, "Test") || strings.HasPrefix(p.Reason, "Dependency"):
		return e, fmt.Sprintf("%s is no deploy", integration.Clip(p.Reason))
	case p.Severity == "error":
		e.Phase = change.Failed
		if strings.HasPrefix(p.Reason, "Rollback") {
			e.Kind = "rollback"
		}
	case p.Object.Kind == "Kustomization" && applied.MatchString(p.Message), p.Reason == "InstallSucceeded", p.Reason == "UpgradeSucceeded":
	case p.Reason == "RollbackSucceeded":
		e.Kind = "rollback"
	default:
		return e, fmt.Sprintf("the reason %q tells of nothing that was deployed", integration.Clip(p.Reason))
	}
	return e, ""
}

var revisionHash = regexp.MustCompile(`(?:sha(?:1|256):|^|/)([0-9a-f]{40,64})$`)

// at takes a revision apart: main@sha1:9f1c…, main/9f1c…, v2.14.0@sha1:9f1c…, or the version of a chart.
func at(revision string) (commit, version string) {
	digest := strings.Contains(revision, "@sha256:")
	if hash := revisionHash.FindStringSubmatch(revision); hash != nil && !digest {
		commit = hash[1]
	}
	name, _, _ := strings.Cut(revision, "@")
	if commit != "" {
		name = strings.TrimSuffix(strings.TrimSuffix(name, commit), "/")
	}
	return commit, integration.Version(name)
}
