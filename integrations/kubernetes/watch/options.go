package watch

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes"
)

// Options narrow what is looked at. The zero value looks at everything but the namespaces of Kubernetes itself.
type Options struct {
	// Namespaces are the ones to look at, each asked for by itself, so that roles in them suffice; empty for all but the
	// system's.
	Namespaces []string
	// ExcludeNamespaces are left out, besides the system's own.
	ExcludeNamespaces []string
	// Kinds are the collections to look at, such as "deployments"; empty for all.
	Kinds []string
	// WithoutSecrets leaves out Secrets, and with them the releases of Helm, which are kept in Secrets. No right to read
	// them is needed then.
	WithoutSecrets bool
}

// systemNamespaces are left out unless they are named: what changes there is the platform's own business.
var systemNamespaces = [...]string{"kube-node-lease", "kube-public", "kube-system"}

// Collections are all that can be looked at, in the order in which they are sent: what others are told by comes first.
func Collections() []string {
	return []string{
		kubernetes.Namespaces, kubernetes.Nodes, kubernetes.HelmReleases,
		kubernetes.Deployments, kubernetes.StatefulSets, kubernetes.DaemonSets, kubernetes.Rollouts, kubernetes.CronJobs, kubernetes.Jobs,
		kubernetes.ConfigMaps, kubernetes.Secrets,
		kubernetes.Services, kubernetes.Ingresses, kubernetes.HTTPRoutes, kubernetes.GRPCRoutes,
	}
}

// Validate reports everything that is wrong with the options.
func (o Options) Validate() error {
	var faults []fault.Fault
	say := func(option, detail string) {
		faults = append(faults, fault.Fault{Pointer: "/" + option, Detail: detail})
	}
	for _, kind := range o.Kinds {
		if _, ok := collection(kind); !ok {
			say("kinds", "there is no kind "+quote(kind)+"; known are "+strings.Join(Collections(), ", "))
		} else if c, _ := collection(kind); o.WithoutSecrets && (c == kubernetes.Secrets || c == kubernetes.HelmReleases) {
			say("kinds", quote(kind)+" is asked for and Secrets are left out: say only one of the two")
		}
	}
	for _, list := range []struct {
		field string
		names []string
	}{{"namespaces", o.Namespaces}, {"exclude_namespaces", o.ExcludeNamespaces}} {
		for _, name := range list.names {
			if !namespaceName(name) {
				say(list.field, quote(name)+" is not the name of a namespace: lower case letters, digits and dashes, at most 63")
			}
		}
	}
	for _, name := range o.Namespaces {
		if slices.Contains(o.ExcludeNamespaces, name) {
			say("exclude_namespaces", quote(name)+" is asked for and left out: say only one of the two")
		}
	}
	return fault.InvalidInput("what to look at", faults)
}

// Collections are the ones that these options ask for, in the order in which they are sent.
func (o Options) Collections() []string {
	var kinds []string
	for _, kind := range o.Kinds {
		if c, ok := collection(kind); ok {
			kinds = append(kinds, c)
		}
	}
	var asked []string
	for _, c := range Collections() {
		if len(kinds) > 0 && !slices.Contains(kinds, c) || o.WithoutSecrets && (c == kubernetes.Secrets || c == kubernetes.HelmReleases) {
			continue
		}
		asked = append(asked, c)
	}
	return asked
}

// excluded are the namespaces that are left out.
func (o Options) excluded() []string {
	if len(o.Namespaces) > 0 {
		return nil
	}
	names := slices.Concat(systemNamespaces[:], o.ExcludeNamespaces)
	slices.Sort(names)
	return slices.Compact(names)
}

// Extent says which namespaces are looked at: the same ones, in whatever order they were named, give the same text.
func (o Options) Extent() string {
	text, names := "namespaces", slices.Clone(o.Namespaces)
	if len(names) == 0 {
		text, names = "without", slices.Clone(o.ExcludeNamespaces)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	text += " " + strings.Join(slices.Compact(names), ", ")
	if len(text) > maxExtent {
		sum := sha256.Sum256([]byte(text))
		text = fmt.Sprintf("%d names, %x", len(names), sum[:16])
	}
	return text
}

// maxExtent bounds the text in bytes.
const maxExtent = 200

// collection is the collection that a word means: "deployments", "Deployment".
func collection(word string) (string, bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	for _, c := range Collections() {
		if word == c || word == strings.TrimSuffix(c, "s") || c == kubernetes.Ingresses && word == "ingress" {
			return c, true
		}
	}
	return "", false
}

func namespaceName(name string) bool {
	if name == "" || len(name) > 63 || name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func quote(text string) string {
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "…"
	}
	return "“" + text + "”"
}

// Looks reports whether a namespace is looked at; an empty name stands for what lies in none.
func (o Options) Looks(namespace string) bool {
	if namespace == "" {
		return true
	}
	if len(o.Namespaces) > 0 {
		return slices.Contains(o.Namespaces, namespace)
	}
	return !slices.Contains(o.excluded(), namespace)
}
