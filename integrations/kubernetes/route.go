package kubernetes

import (
	"fmt"
	"slices"
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
	return d.diff
}

func (t *turn) routeCreated(r *Route) {
	t.memory.Held = time.Time{}
	if len(r.Workloads) == 0 {
		t.memory.Held = t.between(r.CreatedAt) // told once something stands behind it
		return
	}
	t.exposed(r, r.CreatedAt)
}

func (t *turn) exposed(r *Route, at time.Time) {
	t.tell(change.Event{
		Key: "created/" + r.UID, Kind: "traffic", Phase: change.Succeeded, Title: fmt.Sprintf("Exposed %s at %s", behind(r.Workloads), r.place()),
		StartedAt: at, Diff: r.whole(), Subjects: t.aliases(r.Workloads), Labels: map[string]string{"change": "exposed"},
	}, t.origin("create", &r.Meta, r.Writers, "exposure", "spec"))
}

func (t *turn) routeChanged(before, after *Route) {
	if held := t.memory.Held; !held.IsZero() && len(after.Workloads) > 0 {
		t.memory.Held = time.Time{}
		if t.look.Before.Sub(held) < patience {
			t.exposed(after, held)
		}
		return
	}
	var d difference
	if after.Kind != "Service" || before.Type != after.Type || !slices.Equal(before.Backends, after.Backends) {
		// The address of a load balancer comes by itself, some time after it was asked for.
		d.text("hosts", strings.Join(before.Hosts, ", "), strings.Join(after.Hosts, ", "))
	}
	d.text("backends", strings.Join(before.Backends, ", "), strings.Join(after.Backends, ", "))
	d.text("type", before.Type, after.Type)
	d.text("class", before.Class, after.Class)
	d.text("tls", fmt.Sprint(before.TLS), fmt.Sprint(after.TLS))
	subjects := slices.Clone(after.Workloads)
	for _, object := range before.Workloads {
		if !slices.Contains(subjects, object) {
			subjects = append(subjects, object)
		}
	}
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
	if len(r.Workloads) == 0 {
		return
	}
	t.tell(change.Event{
		Key: "removed/" + r.UID, Kind: "traffic", Phase: change.Succeeded, Title: fmt.Sprintf("Hid %s: no longer at %s", behind(r.Workloads), r.place()),
		Diff: reversed(r.whole()), Subjects: t.aliases(r.Workloads), Labels: map[string]string{"change": "hidden"},
	}, t.origin("delete", &r.Meta, nil))
}
