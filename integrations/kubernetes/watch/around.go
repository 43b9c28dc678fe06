package watch

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"tidings.dev/tidings/integrations/kubernetes"
)

// What is around workloads: configurations, routes, releases, nodes and namespaces.

func (w *world) config(before, after *config) {
	name := name(newest(before, after).Meta)
	if after == nil {
		delete(w.configs, name)
		w.gone(name)
		return
	}
	w.configs[name] = after
	w.compose(name)
}

// route works in a change of an Ingress, a Gateway route or a Service.
func (w *world) route(o *object, before, after *route) {
	if before != nil && after != nil && reflect.DeepEqual(before, after) {
		return
	}
	name := name(newest(before, after).Meta)
	for _, r := range []*route{before, after} {
		if r == nil {
			continue
		}
		if r.inner {
			if r == after {
				keep(w.services, o.namespace, o.name, after)
			}
			w.behindSoon(o.namespace, r)
			for other := range w.leading[o.key()] {
				w.soon(other)
			}
			if after == nil {
				drop(w.services, o.namespace, o.name)
			}
			continue
		}
		for _, service := range r.services {
			if r == after {
				link(w.leading, service, name)
			} else {
				unlink(w.leading, service, name)
			}
			namespace, serviceName, _ := strings.Cut(service, "/")
			if s := w.services[namespace][serviceName]; s != nil {
				w.behindSoon(namespace, s)
			}
		}
	}
	if after == nil {
		delete(w.routes, name)
		w.gone(name)
		return
	}
	w.routes[name] = after
	w.compose(name)
}

// behindSoon composes the workloads anew that a Service leads to.
func (w *world) behindSoon(namespace string, s *route) {
	if !w.synced {
		return
	}
	for name, r := range w.byNamespace[namespace] {
		if s.leads(r.labels) {
			w.soon(name)
		}
	}
	if s.Endpoints != nil {
		for _, name := range w.pointed(namespace + "/" + s.Name) {
			w.soon(name)
		}
	}
}

// led composes the routes anew that lead to a workload.
func (w *world) led(c *core) {
	if !w.synced {
		return
	}
	for name, s := range w.services[c.meta.Namespace] {
		if !s.leads(c.labels) {
			continue
		}
		if s.open {
			w.soon(named(c.meta.Namespace, "service", name))
		}
		for other := range w.leading[c.meta.Namespace+"/"+name] {
			w.soon(other)
		}
	}
}

// behind are the workloads behind a route.
func (w *world) behind(r *route) []string {
	var made []string
	add := func(namespace string, s *route) {
		for name, record := range w.byNamespace[namespace] {
			if s.leads(record.labels) {
				made = append(made, name)
			}
		}
		if s.Endpoints != nil {
			made = append(made, w.pointed(namespace+"/"+s.Name)...)
		}
		if w.outside(namespace, s) {
			made = append(made, named(namespace, "service", s.Name))
		}
	}
	if r.inner {
		add(r.Namespace, r)
	}
	for _, service := range r.services {
		namespace, name, _ := strings.Cut(service, "/")
		if s := w.services[namespace][name]; s != nil {
			add(namespace, s)
		}
	}
	made = tidy(made)
	return made[:min(len(made), maxNamed)]
}

// hosts are the names under which a workload is exposed.
func (w *world) hosts(r *record) []string {
	var made []string
	self := name(r.meta)
	for name, s := range w.services[r.meta.Namespace] {
		leading := w.leading[r.meta.Namespace+"/"+name]
		if len(leading) == 0 || !s.leads(r.labels) && (s.Endpoints == nil || !slices.Contains(w.pointed(r.meta.Namespace+"/"+name), self)) {
			continue
		}
		for route := range leading {
			if known := w.routes[route]; known != nil {
				made = append(made, known.Hosts...)
			}
		}
	}
	made = tidy(made)
	return made[:min(len(made), maxNamed)]
}

// maxNamed bounds the others that a state names.
const maxNamed = 100

// releaseName is what a release is called on the way: of "shop/cart".
func releaseName(release string) string {
	namespace, name, _ := strings.Cut(release, "/")
	return named(namespace, "HelmRelease", name)
}

// release works in a change of one revision of a release.
func (w *world) release(o *object, before, after *release) {
	if before != nil && after != nil && reflect.DeepEqual(before, after) {
		return
	}
	object := name(newest(before, after).Meta)
	was := w.latest(object)
	if after == nil {
		drop(w.releases, object, o.name)
	} else {
		keep(w.releases, object, o.name, after)
	}
	is := w.latest(object)
	switch {
	case is == nil:
		delete(w.installed, object)
		w.gone(object)
	case was == nil || was.Revision != is.Revision || after != nil && after.Revision == is.Revision:
		w.compose(object)
	}
	if was == nil || is == nil || was.Revision != is.Revision {
		for member := range w.members[object] {
			w.soon(member)
		}
	}
}

// latest is the newest revision of a release, by what it is called on the way.
func (w *world) latest(object string) *release {
	var made *release
	for _, r := range w.releases[object] {
		if made == nil || r.Revision > made.Revision {
			made = r
		}
	}
	return made
}

func (w *world) putRelease(object string) {
	latest := w.latest(object)
	if latest == nil {
		return
	}
	state := latest.HelmRelease
	state.Environment = w.environment(state.Namespace)
	state.Workloads = slices.Sorted(maps.Keys(w.members[object]))
	state.Workloads = state.Workloads[:min(len(state.Workloads), maxNamed)]
	// Helm takes the workloads away before the release: what it was of is known to the end.
	if len(state.Workloads) == 0 {
		state.Workloads = w.installed[object]
	}
	w.installed[object] = state.Workloads
	w.put(object, kubernetes.HelmReleases, &state.Meta, func() ([]byte, error) { return encode(state) })
}

func (w *world) node(before, after *node) {
	n := newest(before, after).Name
	object := "node/" + n
	if after == nil {
		delete(w.nodes, n)
		delete(w.stranded, n)
		w.gone(object)
		return
	}
	w.nodes[n] = after
	switch {
	case after.well():
		delete(w.stranded, n)
	case w.stranded[n] == nil && w.synced:
		// They are moved elsewhere before long.
		w.stranded[n] = w.on(n)
	}
	w.compose(object)
}

// on are the workloads with pods on a node.
func (w *world) on(node string) []string {
	made := []string{}
	for owner, pods := range w.pods {
		for _, p := range pods {
			if p.node == node {
				if r := w.recordOf(owner); r != nil {
					made = append(made, name(r.meta))
				}
				break
			}
		}
	}
	made = tidy(made)
	return made[:min(len(made), maxNamed)]
}

func (w *world) namespace(before, after *namespace) {
	n := newest(before, after).Name
	was := w.environment(n)
	if after == nil {
		delete(w.namespaces, n)
		w.gone("namespace/" + n)
		return
	}
	w.namespaces[n] = after
	w.compose("namespace/" + n)
	if was == w.environment(n) || !w.synced {
		return
	}
	for name := range w.sent {
		if namespace, _, _ := strings.Cut(name, "/"); namespace == n {
			w.soon(name)
		}
	}
}

// environment is what a namespace says of everything in it.
func (w *world) environment(namespace string) string {
	n := w.namespaces[namespace]
	if n == nil {
		return ""
	}
	return cmp.Or(n.Annotations[ours+"environment"], n.Labels[ours+"environment"])
}

func (w *world) pod(o *object, before, after *pod) {
	if before != nil && after != nil && reflect.DeepEqual(before, after) {
		return
	}
	if before != nil && (after == nil || before.owner != after.owner) {
		drop(w.pods, before.owner, o.name)
	}
	if after != nil {
		keep(w.pods, after.owner, o.name, after)
	}
	if waiting := w.awaited[o.key()]; after != nil && waiting != nil {
		delete(w.awaited, o.key())
		for name := range waiting {
			w.soon(name)
		}
	}
	owner := newest(before, after).owner
	if before != nil && len(before.ails) > 0 || after != nil && len(after.ails) > 0 || len(w.warnings[o.namespace+"/Pod/"+o.name]) > 0 {
		if after == nil {
			w.mourn(o, before)
		}
		w.touch(owner)
	}
}

// mourn remembers of a pod that is gone that it was evicted.
func (w *world) mourn(o *object, p *pod) {
	r := w.recordOf(p.owner)
	if r == nil {
		return
	}
	add := func(a ailment) {
		if a.kind == eviction && len(r.evicted) < maxNamed {
			r.evicted = append(r.evicted, a)
		}
	}
	for _, a := range p.ails {
		add(a)
	}
	for _, warning := range w.warnings[o.namespace+"/Pod/"+o.name] {
		a := warning.ailment
		a.node = p.node
		add(a)
	}
}

func (w *world) warning(o *object, before, after *warning) {
	now := newest(before, after)
	key := o.namespace + "/" + now.kind + "/" + now.object
	if now.rescaled != "" {
		if after != nil {
			at := after.until.Add(-lasting)
			if scaler := o.namespace + "/" + now.object; at.After(w.rescaled[scaler].at) {
				w.rescaled[scaler] = rescale{because: after.rescaled, at: at}
				for target, of := range w.scalers {
					if of[now.object] != nil && strings.HasPrefix(target, o.namespace+"/") {
						w.soon(target)
					}
				}
			}
		}
		return
	}
	if after == nil {
		drop(w.warnings, key, o.name)
	} else {
		keep(w.warnings, key, o.name, after)
	}
	if after == nil || !w.synced {
		return // it is over before its event is forgotten
	}
	switch now.kind {
	case "Pod":
		for s, have := range w.have {
			if s.name == "pods" {
				if p := have[o.namespace+"/"+now.object]; p != nil {
					w.touch(p.body.(*pod).owner)
				}
			}
		}
	default:
		w.touch(types.UID(now.uid))
	}
}
