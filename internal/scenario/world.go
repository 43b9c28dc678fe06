//go:build unix

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// workload is what the cluster should have of one workload.
type workload struct {
	namespace, kind, name, service string

	incarnation int
	there       bool
	replicas    int
	revisions   []template // the latest last
	paused      bool
	suspended   bool
	schedule    string
	scaler      *scaler
	host        string   // of its Ingress; empty without one
	hostings    int      // how often it had an Ingress
	broken      bool     // its latest image cannot be pulled
	configs     []string // that it uses: configmap/settings
}

type template struct {
	image  string
	env    fields
	names  []string // of the variables, in the order in which they stand: another one makes another revision
	memory string
}

type scaler struct{ min, max int }

func (w *workload) object() string { return w.namespace + "/" + w.kind + "/" + w.name }

func (w *workload) template() template { return w.revisions[len(w.revisions)-1] }

// put makes a template the newest one, as a new revision or an earlier one that comes again.
func (w *workload) put(t template) {
	w.revisions = slices.DeleteFunc(w.revisions, func(old template) bool { return old.same(t) })
	w.revisions = append(w.revisions, t)
}

// hasEarlier reports whether there is a revision to go back to, and a good one.
func (w *workload) hasEarlier() bool {
	n := len(w.revisions)
	return n > 1 && !strings.Contains(w.revisions[n-2].image, "does-not-exist")
}

func (t template) same(other template) bool {
	return t.image == other.image && t.memory == other.memory && maps.Equal(t.env, other.env)
}

func (t template) with(change func(*template)) template {
	t.env = maps.Clone(t.env)
	change(&t)
	t.names = slices.Clone(t.names)
	for _, name := range slices.Sorted(maps.Keys(t.env)) {
		if !slices.Contains(t.names, name) {
			t.names = append(t.names, name) // as kubectl set env puts it
		}
	}
	return t
}

func (t template) fields() fields {
	f := fields{"image": t.image, "resources/limits.memory": t.memory}
	for name, value := range t.env {
		f["env/"+name] = value
	}
	return f
}

// data is a ConfigMap or a Secret.
type data struct {
	namespace, kind, name string
	keys                  fields
}

func (d *data) object() string { return d.namespace + "/" + d.kind + "/" + d.name }

// world is what the cluster should have.
type world struct {
	namespaces []string
	workloads  []*workload
	data       []*data
	canaries   []string
	numbers    int
	prefix     string // of the canaries
}

// secret makes a value that must never leave the cluster.
func (w *world) secret() string {
	value := fmt.Sprintf("%s%06dq", w.prefix, len(w.canaries))
	w.canaries = append(w.canaries, value)
	return value
}

func (w *world) image(name string) string {
	w.numbers++
	return fmt.Sprintf("registry.example.com/%s:1.%d.0", name, w.numbers)
}

func newWorld(run string, seed uint64) *world {
	w := &world{prefix: fmt.Sprintf("canary%sx", run), namespaces: []string{"s" + run + "-shop", "s" + run + "-pay"}}
	shop, pay := w.namespaces[0], w.namespaces[1]
	for _, d := range []*data{
		{namespace: shop, kind: "configmap", name: "settings"},
		{namespace: shop, kind: "secret", name: "database"},
		{namespace: pay, kind: "configmap", name: "limits"},
		{namespace: pay, kind: "secret", name: "provider"},
	} {
		d.keys = fields{"first": w.secret(), "second": w.secret()}
		w.data = append(w.data, d)
	}
	for _, spec := range []struct{ namespace, kind, name, config string }{
		{shop, "deployment", "cart", "configmap/settings"},
		{shop, "deployment", "checkout", "secret/database"},
		{shop, "deployment", "search", ""},
		{shop, "statefulset", "ledger", "secret/database"},
		{shop, "daemonset", "collector", ""},
		{shop, "cronjob", "nightly", "configmap/settings"},
		{pay, "deployment", "payments", "secret/provider"},
		{pay, "deployment", "refunds", "configmap/limits"},
		{pay, "deployment", "fraud", ""},
		{pay, "cronjob", "settle", ""},
		{pay, "deployment", "beacon", ""},
	} {
		load := &workload{
			namespace: spec.namespace, kind: spec.kind, name: spec.name, service: "s" + run + "-" + spec.name, there: true, incarnation: 1, replicas: 2,
			revisions: []template{{image: w.image(spec.name), env: fields{"LEVEL": w.secret()}, names: []string{"LEVEL"}, memory: "128Mi"}},
		}
		if spec.config != "" {
			load.configs = []string{spec.config}
		}
		if spec.kind == "cronjob" {
			load.schedule = "7 3 1 1 *"
		}
		w.workloads = append(w.workloads, load)
	}
	return w
}

// users of a ConfigMap or Secret, by service.
func (w *world) users(d *data) []string {
	var services []string
	for _, load := range w.workloads {
		if load.there && load.namespace == d.namespace && slices.Contains(load.configs, d.kind+"/"+d.name) {
			services = append(services, load.service)
		}
	}
	return services
}

// manifest of a workload, as kubectl apply takes it.
func (w *workload) manifest() string {
	t := w.template()
	labels := fmt.Sprintf("{app: %s, app.kubernetes.io/name: %s}", w.name, w.service)
	var pod strings.Builder
	fmt.Fprintf(&pod, "metadata: {labels: %s}\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: main\n    image: %s\n", labels, t.image)
	fmt.Fprintf(&pod, "    args: [serve, --password=%s]\n", w.name+"Hunter2Canary")
	fmt.Fprintf(&pod, "    resources: {requests: {memory: 64Mi}, limits: {memory: %s}}\n    env:\n", t.memory)
	for _, name := range t.names {
		fmt.Fprintf(&pod, "    - {name: %s, value: %q}\n", name, t.env[name])
	}
	for _, config := range w.configs {
		kind, name, _ := strings.Cut(config, "/")
		fmt.Fprintf(&pod, "    envFrom: [{%s: {name: %s}}]\n", either(kind == "secret", "secretRef", "configMapRef"), name)
	}
	switch w.kind {
	case "daemonset":
		pod.WriteString("  nodeSelector: {topology.kubernetes.io/zone: zone-1}\n")
	case "cronjob":
		pod.WriteString("  restartPolicy: Never\n")
	}
	kind := map[string]string{"deployment": "Deployment", "statefulset": "StatefulSet", "daemonset": "DaemonSet", "cronjob": "CronJob"}[w.kind]
	var spec string
	switch w.kind {
	case "cronjob":
		spec = fmt.Sprintf("  schedule: %q\n  suspend: %v\n  jobTemplate:\n    spec:\n      template:\n%s", w.schedule, w.suspended, indent(pod.String(), 8))
	default:
		spec = fmt.Sprintf("  selector: {matchLabels: {app: %s}}\n  template:\n%s", w.name, indent(pod.String(), 4))
		if w.kind != "daemonset" && w.scaler == nil {
			spec += "  replicas: " + strconv.Itoa(w.replicas) + "\n"
		}
		switch w.kind {
		case "deployment":
			spec += fmt.Sprintf("  progressDeadlineSeconds: 60\n  strategy: {rollingUpdate: {maxSurge: 1}}\n  paused: %v\n", w.paused)
		case "statefulset":
			spec += "  serviceName: " + w.name + "\n  podManagementPolicy: Parallel\n"
		case "daemonset":
			spec += "  updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}\n"
		}
	}
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n  namespace: %s\n  labels: %s\nspec:\n%s",
		either(w.kind == "cronjob", "batch/v1", "apps/v1"), kind, w.name, w.namespace, labels, spec)
}

// front is the Service before a workload.
func (w *workload) front() string {
	return fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec:\n  selector: {app: %s}\n  ports: [{port: 80}]\n", w.name, w.namespace, w.name)
}

// ingress exposes a workload at its host.
func (w *workload) ingress() string {
	return fmt.Sprintf(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s, namespace: %s}
spec:
  rules:
  - host: %s
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}]}
`, w.name, w.namespace, w.host, w.name)
}

func (d *data) manifest() string {
	text := fmt.Sprintf("apiVersion: v1\nkind: %s\nmetadata: {name: %s, namespace: %s}\n%s:\n", either(d.kind == "secret", "Secret", "ConfigMap"), d.name, d.namespace, either(d.kind == "secret", "stringData", "data"))
	for _, key := range slices.Sorted(maps.Keys(d.keys)) {
		text += fmt.Sprintf("  %s: %q\n", key, d.keys[key])
	}
	return text
}

func indent(text string, spaces int) string {
	pad := strings.Repeat(" ", spaces)
	return pad + strings.TrimSuffix(strings.ReplaceAll(text, "\n", "\n"+pad), pad)
}
