package kubernetes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// place says where a route leads in from.
func (r *Route) place() string {
	if len(r.Hosts) > 0 {
		return someOf(r.Hosts)
	}
	if r.Type != "" {
		return "service " + r.Name + " (" + r.Type + ")"
	}
	return strings.ToLower(r.Kind) + " " + r.Name
}

// someOf names the first of many.
func someOf(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:2], ", ") + " and " + count(len(names)-2, "other")
	}
	return strings.Join(names, ", ")
}

// behind names what a route leads to.
func behind(objects []string) string {
	names := make([]string, len(objects))
	for i, object := range objects {
		_, names[i] = cutLast(object, "/")
	}
	return someOf(names)
}

func (r *Route) whole() []change.Diff {
	var d difference
	d.text("hosts", "", strings.Join(r.Hosts, ", "))
	d.text("backends", "", strings.Join(r.Backends, ", "))
	d.text("type", "", r.Type)
	d.text("class", "", r.Class)
	d.text("addresses", "", r.addresses())
	return d.diff
}

// inside reports whether a Service is for the cluster alone: it is known for where it leads to.
func (r *Route) inside() bool {
	return r.Endpoints != nil && len(r.Hosts) == 0 && r.Type == "ClusterIP"
}

// leadsOut reports whether what is behind a Service is outside of the cluster.
func (r *Route) leadsOut() bool { return r.Type == "ExternalName" || r.addresses() != "" }

// addresses are those outside of the cluster that somebody wrote down as a Service's endpoints.
func (r *Route) addresses() string {
	if r.Endpoints == nil {
		return ""
	}
	return strings.Join(r.Endpoints.Outside, ", ")
}

// target names what a Service leads to.
func (r *Route) target() string {
	switch {
	case r.Type == "ExternalName":
		return someOf(r.Backends)
	case r.addresses() != "":
		return someOf(r.Endpoints.Outside)
	}
	return behind(r.Workloads)
}

func (t *turn) routeCreated(r *Route) {
	t.memory.Held = time.Time{}
	if r.inside() && !t.look.After.IsZero() && r.CreatedAt.Before(t.look.After) {
		return // it was there, and an agent begins to look at its like
	}
	if len(r.Workloads) == 0 {
		t.memory.Held = t.between(r.CreatedAt) // told once something stands behind it
		return
	}
	t.exposed(r, r.CreatedAt)
}

func (t *turn) exposed(r *Route, at time.Time) {
	title, what := fmt.Sprintf("Exposed %s at %s", behind(r.Workloads), r.place()), "exposed"
	switch {
	case r.leadsOut() && len(r.Hosts) == 0 && r.Kind == "Service":
		title, what = fmt.Sprintf("Pointed service %s to %s", r.Name, r.target()), "created"
	case r.inside():
		return // as little as of a Service with a selector
	}
	t.tell(change.Event{
		Key: "created/" + r.UID, Kind: "traffic", Phase: change.Succeeded, Title: title,
		StartedAt: at, Diff: r.whole(), Subjects: t.aliases(r.Workloads), Labels: map[string]string{"change": what},
	}, t.origin("create", &r.Meta, r.Writers, "exposure", "spec"))
}

// pointed tells that somebody changed where a Service leads to, or that it leads nowhere any more, or somewhere again. How
// many of several endpoints are ready is no news, and how many pods a workload has is told of the workload.
func (t *turn) pointed(before, after *Route) {
	a, b := before.Endpoints, after.Endpoints
	if a == nil || b == nil {
		return
	}
	var d difference
	d.text("addresses", before.addresses(), after.addresses())
	if !after.leadsOut() && !before.leadsOut() && len(before.Workloads) > 0 && len(after.Workloads) > 0 {
		d.text("workloads", behind(before.Workloads), behind(after.Workloads))
	}
	pointed := len(d.diff) > 0
	if (a.Ready == 0) != (b.Ready == 0) {
		d.put("ready endpoints", strconv.Itoa(a.Ready), strconv.Itoa(b.Ready))
	}
	if len(d.diff) == 0 {
		return
	}
	var title string
	switch {
	case b.Ready == 0 && after.target() == "":
		title = fmt.Sprintf("Service %s leads nowhere: it has no endpoints any more", after.Name)
	case b.Ready == 0:
		title = fmt.Sprintf("Service %s leads nowhere: of its endpoints none is ready (%s)", after.Name, after.target())
	case pointed && a.Ready > 0 && after.addresses() != "" && before.addresses() != "":
		title = fmt.Sprintf("Pointed service %s to %s, and no longer to %s", after.Name, listed(b.Outside, a.Outside), listed(a.Outside, b.Outside))
		switch {
		case missing(b.Outside, a.Outside) == 0:
			title = fmt.Sprintf("Pointed service %s no longer to %s", after.Name, listed(a.Outside, b.Outside))
		case missing(a.Outside, b.Outside) == 0:
			title = fmt.Sprintf("Pointed service %s to %s as well", after.Name, listed(b.Outside, a.Outside))
		}
	case pointed && a.Ready > 0:
		title = fmt.Sprintf("Pointed service %s to %s, and no longer to %s", after.Name, after.target(), before.target())
	case before.target() == "":
		title = fmt.Sprintf("Pointed service %s to %s", after.Name, after.target())
	default:
		title = fmt.Sprintf("Service %s leads to %s again", after.Name, after.target())
	}
	subjects := joined(after.Workloads, before.Workloads)
	if len(subjects) == 0 {
		subjects = []string{after.object()}
	}
	o := t.origin("update", &after.Meta, after.Writers, "endpoints")
	// The endpoints are another object, and an act upon it comes as one upon the Service.
	o.UID, o.Beside = EndpointsOf(after.Namespace+"/"+after.Name), true
	o.Group = fmt.Sprintf("%s/%d", o.UID, t.look.SeenAt.UnixMicro())
	t.tell(change.Event{
		Key: fmt.Sprintf("endpoints/%s/%s/%d", after.UID, sum(fmt.Sprint(d.diff)), t.look.SeenAt.Unix()), Kind: "traffic", Phase: change.Succeeded,
		Title: title, Diff: d.diff, Subjects: t.aliases(subjects),
	}, o)
}

// joined are the names of two lists, each once.
func joined(some, others []string) []string {
	made := slices.Clone(some)
	for _, name := range others {
		if !slices.Contains(made, name) {
			made = append(made, name)
		}
	}
	return made
}

func (t *turn) routeChanged(before, after *Route) {
	if held := t.memory.Held; !held.IsZero() && len(after.Workloads) > 0 {
		t.memory.Held = time.Time{}
		if t.look.Before.Sub(held) < patience {
			t.exposed(after, held)
			return
		}
		if after.Endpoints == nil {
			return
		}
	}
	t.pointed(before, after)
	var d difference
	if after.Kind != "Service" || before.Type != after.Type || !slices.Equal(before.Backends, after.Backends) {
		// The address of a load balancer comes by itself, some time after it was asked for.
		d.text("hosts", strings.Join(before.Hosts, ", "), strings.Join(after.Hosts, ", "))
	}
	d.text("backends", strings.Join(before.Backends, ", "), strings.Join(after.Backends, ", "))
	d.text("type", before.Type, after.Type)
	d.text("class", before.Class, after.Class)
	d.text("tls", fmt.Sprint(before.TLS), fmt.Sprint(after.TLS))
	subjects := joined(after.Workloads, before.Workloads)
	if len(d.diff) == 0 || len(subjects) == 0 {
		return
	}
	o := t.origin("update", &after.Meta, after.Writers, "exposure", "spec", "annotations")
	// The canary weights of some ingress controllers are annotations, which no generation counts.
	weights := len(d.diff) == 1 && d.diff[0].Field == "backends"
	if weights && o.Writer != nil && slices.Contains([]string{"Argo Rollouts", "Flagger"}, known(o.Writer.Manager)) {
		return // a step of a canary, which the rollout tells
	}
	var title string
	switch {
	case after.Type == "ExternalName" && before.Type == after.Type:
		title = fmt.Sprintf("Pointed service %s to %s, and no longer to %s", after.Name, after.target(), before.target())
	case weights:
		title = fmt.Sprintf("Shifted traffic of %s to %s", after.place(), someOf(after.Backends))
	case d.diff[0].Field == "hosts":
		title = fmt.Sprintf("Exposed %s at %s, and no longer at %s", behind(subjects), listed(after.Hosts, before.Hosts), listed(before.Hosts, after.Hosts))
		switch {
		case missing(after.Hosts, before.Hosts) == 0:
			title = fmt.Sprintf("Hid %s: no longer at %s", behind(subjects), listed(before.Hosts, after.Hosts))
		case missing(before.Hosts, after.Hosts) == 0:
			title = fmt.Sprintf("Exposed %s at %s", behind(subjects), listed(after.Hosts, before.Hosts))
		}
	default:
		title = fmt.Sprintf("Changed traffic to %s: %s", behind(subjects), summary(d.diff))
	}
	t.tell(change.Event{
		Key: fmt.Sprintf("traffic/%s/%s/%s", after.UID, t.nth(t.counted(before.Generation, after.Generation)), sum(fmt.Sprint(d.diff))), Kind: "traffic", Phase: change.Succeeded,
		Title: title, Diff: d.diff, Subjects: t.aliases(subjects),
	}, o)
}

// listed names what is in one list and not in another; missing counts it.
func listed(in, other []string) string {
	var names []string
	for _, name := range in {
		if !slices.Contains(other, name) {
			names = append(names, name)
		}
	}
	return someOf(names)
}

func missing(in, other []string) int {
	n := 0
	for _, name := range in {
		if !slices.Contains(other, name) {
			n++
		}
	}
	return n
}

func (t *turn) routeRemoved(r *Route) {
	if len(r.Workloads) == 0 || r.inside() && !r.leadsOut() {
		return
	}
	title, what := fmt.Sprintf("Hid %s: no longer at %s", behind(r.Workloads), r.place()), "hidden"
	if r.leadsOut() && len(r.Hosts) == 0 && r.Kind == "Service" {
		title, what = fmt.Sprintf("Removed service %s, which led to %s", r.Name, r.target()), "removed"
	}
	t.tell(change.Event{
		Key: "removed/" + r.UID, Kind: "traffic", Phase: change.Succeeded, Title: title,
		Diff: reversed(r.whole()), Subjects: t.aliases(r.Workloads), Labels: map[string]string{"change": what},
	}, t.origin("delete", &r.Meta, nil))
}
