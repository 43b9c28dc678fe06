package descriptor

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
)

// Target says onto what the annotations of Kubernetes are written. The zero Target is the workload that the entity has
// as an alias, or a Deployment of the entity's name.
type Target struct {
	Workload  string // KIND/NAME, such as deployment/pricing or sts/prices
	Namespace string // empty means the one that is current wherever the annotations are applied
	// Key is where the values of a chart take annotations: keys joined by dots, such as pricing.deploymentAnnotations.
	// Empty means annotations.
	Key string
}

// workload is an object of a cluster by which pods are run.
type workload struct {
	kind      workloadKind
	name      string
	namespace string
}

type workloadKind struct {
	kind    string   // Deployment
	version string   // apps/v1
	plural  string   // deployments
	short   []string // deploy
}

// words are how kubectl takes the kind, in lower case.
func (k workloadKind) words() []string {
	return append([]string{strings.ToLower(k.kind), k.plural}, k.short...)
}

// resource is how kubectl is told the kind without a doubt: kinds of extensions with their group.
func (k workloadKind) resource() string {
	if group, _, _ := strings.Cut(k.version, "/"); strings.Contains(group, ".") {
		return strings.ToLower(k.kind) + "." + group
	}
	return strings.ToLower(k.kind)
}

func workloadKinds() []workloadKind {
	return []workloadKind{
		{"Deployment", "apps/v1", "deployments", []string{"deploy"}},
		{"StatefulSet", "apps/v1", "statefulsets", []string{"sts"}},
		{"DaemonSet", "apps/v1", "daemonsets", []string{"ds"}},
		{"CronJob", "batch/v1", "cronjobs", []string{"cj"}},
		{"Job", "batch/v1", "jobs", nil},
		{"Rollout", "argoproj.io/v1alpha1", "rollouts", []string{"ro"}},
	}
}

var (
	// Names of objects and of namespaces: Kubernetes documentation, "Object names and IDs".
	objectName    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
	namespaceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	valuesKey     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*){0,9}$`)
)

// workloadOf is the workload that a target names.
func workloadOf(e catalog.Entity, to Target) (workload, error) {
	w := workload{namespace: to.Namespace}
	if to.Namespace != "" && !namespaceName.MatchString(to.Namespace) {
		return w, fault.New(fault.Invalid, "%q is no name of a namespace: lower-case letters, digits and '-', at most 63", clip(to.Namespace))
	}
	if to.Workload != "" {
		word, name, _ := strings.Cut(to.Workload, "/")
		kind, ok := kindOf(word)
		if !ok || !objectName.MatchString(name) {
			return w, fault.New(fault.Invalid, "%q is no workload: write KIND/NAME, such as deployment/pricing, with one of %s", clip(to.Workload), strings.Join(kindWords(), ", "))
		}
		w.kind, w.name = kind, name
		return w, nil
	}
	for _, known := range Workloads(e) {
		if to.Namespace == "" || known.Namespace == to.Namespace {
			return workloadOf(e, known)
		}
	}
	w.kind, w.name = workloadKinds()[0], strings.ToLower(strings.ReplaceAll(e.Name, "_", "-"))
	if !objectName.MatchString(w.name) {
		return w, fault.New(fault.Invalid, "%q is no name of a Kubernetes object: name the workload, such as deployment/pricing", clip(e.Name))
	}
	return w, nil
}

// Workloads are those that the entity has as aliases, kubernetes:CLUSTER/NAMESPACE/KIND/NAME, each once.
func Workloads(e catalog.Entity) []Target {
	var all []Target
	for _, alias := range e.Aliases {
		path, ok := strings.CutPrefix(alias, "kubernetes:")
		parts := strings.Split(path, "/")
		if !ok || len(parts) < 4 {
			continue
		}
		parts = parts[len(parts)-3:] // a cluster's name may hold "/"
		kind, known := kindOf(parts[1])
		if known && namespaceName.MatchString(parts[0]) && objectName.MatchString(parts[2]) {
			all = append(all, Target{Namespace: parts[0], Workload: strings.ToLower(kind.kind) + "/" + parts[2]})
		}
	}
	slices.SortFunc(all, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Workload, b.Workload))
	})
	return slices.Compact(all)
}

func kindOf(word string) (workloadKind, bool) {
	word, _, _ = strings.Cut(strings.ToLower(word), ".") // its group goes without saying
	for _, kind := range workloadKinds() {
		if slices.Contains(kind.words(), word) {
			return kind, true
		}
	}
	return workloadKind{}, false
}

func kindWords() []string {
	var words []string
	for _, kind := range workloadKinds() {
		words = append(words, strings.ToLower(kind.kind))
	}
	return words
}
