package kubernetes

import (
	"regexp"
	"slices"
	"strings"
)

// image is a container image's name in its parts: the reference grammar of the OCI distribution specification.
type image struct {
	repository string // with the registry: "registry.example.com:5000/shop/cart"
	tag        string
	digest     string // "sha256:…"
}

func parseImage(text string) image {
	var i image
	i.repository, i.digest, _ = strings.Cut(text, "@")
	if colon := strings.LastIndexByte(i.repository, ':'); colon > strings.LastIndexByte(i.repository, '/') {
		i.repository, i.tag = i.repository[:colon], i.repository[colon+1:]
	}
	return i
}

// name is the last part of the repository: "cart".
func (i image) name() string { return i.repository[strings.LastIndexByte(i.repository, '/')+1:] }

// version is what people would call the version: the tag, or else a digest short enough to read. A tag that always
// means the newest is none.
func (i image) version() string {
	if i.tag != "" && !moving(i.tag) {
		return i.tag
	}
	if kind, sum, found := strings.Cut(i.digest, ":"); found && len(sum) > 12 {
		return kind + ":" + sum[:12]
	}
	return i.tag
}

var commitFormat = regexp.MustCompile(`^[0-9a-f]{7,40}$`)

// commit is the commit that the tag names: all of it, or its last part as in "main-1a2b3c4" and "v1.2-5-g1a2b3c4". A
// date is not one, and neither is a word.
func (i image) commit() string {
	last := i.tag[strings.LastIndexByte(i.tag, '-')+1:]
	if last != i.tag {
		last = strings.TrimPrefix(last, "g")
	}
	if commitFormat.MatchString(last) && strings.ContainsAny(last, "0123456789") && strings.ContainsAny(last, "abcdef") {
		return last
	}
	return ""
}

// sidecars are containers that stand beside the one that does the work, by the usual names.
var sidecars = []string{
	"istio-proxy", "linkerd-proxy", "envoy", "envoy-sidecar", "consul-dataplane", "kuma-sidecar", "cloud-sql-proxy", "cloudsql-proxy",
	"oauth2-proxy", "vault-agent", "datadog-agent", "otel-collector", "otc-container", "fluent-bit", "fluentd", "filebeat", "jaeger-agent",
	"config-reloader", "daprd", "aws-for-fluent-bit", "metrics-exporter",
}

// mainContainer is the container that does the work: the one that is named like the workload or what it belongs to, or
// whose image is; else the first that is neither there to prepare nor a known companion. It is -1 without containers.
func mainContainer(containers []Container, names ...string) int {
	for _, same := range []func(Container) string{
		func(c Container) string { return c.Name },
		func(c Container) string { return parseImage(c.Image).name() },
	} {
		for i, c := range containers {
			if !c.Init && slices.Contains(names, same(c)) {
				return i
			}
		}
	}
	first := -1
	for i, c := range containers {
		if c.Init {
			continue
		}
		if !slices.Contains(sidecars, c.Name) {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 && len(containers) > 0 {
		return 0
	}
	return first
}

// versionOf is what runs by the main container's image, or else by the label that says so.
func (w *Workload) versionOf(main int) (version, commit string) {
	label := ""
	for _, labels := range []map[string]string{w.Template.Labels, w.Labels} {
		for _, key := range []string{labelVersion, labelDatadogVersion} {
			if label == "" {
				label = labels[key]
			}
		}
	}
	if main < 0 {
		return label, ""
	}
	i := parseImage(w.Template.Containers[main].Image)
	version = i.version()
	if label != "" && (version == "" || moving(version)) {
		version = label
	}
	if version == "" {
		version = "latest" // what an image without a tag means
	}
	return version, i.commit()
}

// moving reports whether a tag says nothing of a version, since it always means the newest.
func moving(tag string) bool {
	return slices.Contains([]string{"latest", "stable", "main", "master", "edge"}, tag)
}
