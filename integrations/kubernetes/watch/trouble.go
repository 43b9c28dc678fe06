package watch

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"tidings.dev/tidings/integrations/kubernetes"
)

// suffering is what stays the same of a trouble while it lasts: the cluster's sentences name another pod each time.
type suffering struct {
	since   time.Time
	message string
	vague   bool
	node    string
}

// troubles folds what the pods of a workload suffer from, and says when something of it is over or begins by itself.
func (w *world) troubles(r *record) ([]kubernetes.Trouble, time.Time) {
	now := w.now()
	var next time.Time
	found := map[string]*kubernetes.Trouble{}
	fresh := map[string]suffering{}
	due := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	seen := map[string]bool{} // of one pod
	add := func(a ailment) {
		if a.from.After(now) {
			due(a.from)
			return
		}
		if !a.until.IsZero() {
			if !a.until.After(now) {
				return
			}
			due(a.until)
		}
		key := a.kind + "/" + a.container
		t := found[key]
		if t == nil {
			t = &kubernetes.Trouble{Kind: a.kind, Container: a.container, Since: a.since, Node: a.node, Message: a.message}
			found[key] = t
			fresh[key] = suffering{since: a.since, message: a.message, vague: a.vague, node: a.node}
		}
		f := fresh[key]
		if a.since.Before(f.since) {
			f.since = a.since
		}
		if f.vague && !a.vague || f.vague == a.vague && a.message < f.message {
			f.message, f.vague = a.message, a.vague
		}
		fresh[key] = f
		t.Count += a.count
		if !seen[key] {
			seen[key] = true
			t.Pods++
		}
	}
	uid := types.UID(r.meta.UID)
	namespace := r.meta.Namespace + "/"
	warned := func(kind, name string, p *pod) {
		for _, warning := range w.warnings[namespace+kind+"/"+name] {
			a := warning.ailment
			if warning.unready && !warning.explains(p) {
				continue
			}
			if a.kind == eviction && p != nil {
				a.node = p.node
			}
			add(a)
		}
	}
	owned := func(owner types.UID) {
		for name, p := range w.pods[owner] {
			clear(seen)
			for _, a := range p.ails {
				add(a)
			}
			if len(w.warnings) > 0 {
				warned("Pod", name, p)
			}
		}
	}
	owned(uid)
	for made, revision := range w.revisions[uid] {
		owned(made)
		if revision.name != "" {
			clear(seen)
			warned("ReplicaSet", revision.name, nil)
		}
	}
	for made, j := range w.jobs[uid] {
		owned(made)
		clear(seen)
		warned("Job", j.meta.Name, nil)
	}
	clear(seen)
	warned(r.meta.Kind, r.meta.Name, nil)
	r.evicted = slices.DeleteFunc(r.evicted, func(a ailment) bool { return !a.until.After(now) })
	for _, a := range r.evicted {
		clear(seen)
		add(a)
	}
	clear(seen)
	if r.status.refused != "" {
		add(ailment{kind: quota, message: r.status.refused, count: 1, since: r.status.refusedAt})
	}
	if r.status.failed {
		add(ailment{kind: jobFailed, message: r.status.message, count: 1, since: r.status.ended})
	}
	if runs := w.runs(r); len(runs) > 0 && runs[0].Failed {
		add(ailment{kind: jobFailed, message: runs[0].Message, count: 1, since: runs[0].EndedAt})
	}

	lasting := make(map[string]suffering, len(found))
	made := make([]kubernetes.Trouble, 0, len(found))
	for key, t := range found {
		is := fresh[key]
		if was, lasts := r.suffers[key]; lasts {
			is.since, is.node = was.since, cmp.Or(was.node, is.node)
			if !was.vague || is.vague {
				is.message, is.vague = was.message, was.vague
			}
		}
		lasting[key] = is
		t.Since, t.Message, t.Node, t.Count = is.since, is.message, is.node, steps(t.Count)
		made = append(made, *t)
	}
	r.suffers = lasting
	slices.SortFunc(made, func(a, b kubernetes.Trouble) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Container, b.Container))
	})
	if len(made) == 0 {
		return nil, next
	}
	return made, next
}

// lateWarning is how long before a pod was said to be unready the last warning of it can be: both tell whole seconds.
const lateWarning = 5 * time.Second

// explains reports whether a pod is unready because of what was warned of. It may be so again for another reason: what it was
// warned of before it was ready in between is over.
func (w *warning) explains(p *pod) bool {
	return p != nil && !p.unready.IsZero() && !w.last.Before(p.unready.Add(-lateWarning))
}

// steps rounds a count down, so that a state is not new with each restart: 1, 2, 3, 5, 10, 20, 50, 100 and so on.
func steps(n int) int {
	made := min(n, 3)
	for size := 1; size <= n; size *= 10 {
		for _, step := range [...]int{1, 2, 5} {
			if step*size <= n {
				made = max(made, step*size)
			}
		}
	}
	return made
}
