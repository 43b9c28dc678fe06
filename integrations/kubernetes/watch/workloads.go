package watch

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// record is one workload, and what has to be remembered of it besides what the cluster says now.
type record struct {
	*workload
	collection string
	course     course
	phase      string               // that was put last
	suffers    map[string]suffering // by kind and container
	evicted    []ailment            // of pods that are gone
	decision   kubernetes.Autoscaler
	countsAt   time.Time // when nothing but counts was put last
	pause      time.Duration
}

// workload works in a change of a workload itself.
func (w *world) workload(o *object, before, after *workload) {
	now := newest(before, after)
	if now.part {
		w.run(o, before, after)
		return
	}
	m := now.meta
	name := name(m)
	if after == nil {
		r := w.workloads[name]
		delete(w.workloads, name)
		delete(w.byUID, o.uid)
		drop(w.byNamespace, m.Namespace, name)
		w.relate(name, before.core, nil)
		if r != nil {
			w.gone(name)
		}
		return
	}
	r := w.workloads[name]
	if r == nil {
		r = &record{collection: collectionOf(m.Kind)}
		w.workloads[name] = r
		w.byUID[o.uid] = r
		keep(w.byNamespace, m.Namespace, name, r)
	}
	var old *core
	if before != nil {
		old = before.core
		if reflect.DeepEqual(old, after.core) {
			after.core = old
		}
	}
	if _, waits := w.pending[name]; waits && old != nil && old != after.core && w.synced {
		w.compose(name) // what was gathered comes before what somebody changed
	}
	r.workload = after
	if old != after.core {
		w.relate(name, old, after.core)
		w.compose(name)
		return
	}
	if w.synced && w.rolled(r).Phase != r.phase {
		w.compose(name)
		return
	}
	if before == nil || !reflect.DeepEqual(before.status, after.status) {
		w.soon(name)
	}
}

func newest[T any](before, after *T) *T {
	if after != nil {
		return after
	}
	return before
}

// relate keeps what a workload has to do with others, and has them composed anew.
func (w *world) relate(name string, before, after *core) {
	var oldConfigs, newConfigs []string
	if before != nil {
		oldConfigs = objectsOf(before.meta.Namespace, before.configs)
	}
	if after != nil {
		newConfigs = objectsOf(after.meta.Namespace, after.configs)
	}
	for _, config := range oldConfigs {
		if !slices.Contains(newConfigs, config) {
			unlink(w.users, config, name)
			w.soon(config)
		}
	}
	for _, config := range newConfigs {
		if !slices.Contains(oldConfigs, config) {
			link(w.users, config, name)
			w.soon(config)
		}
	}
	if before == nil || after == nil || !maps.Equal(before.labels, after.labels) {
		for _, c := range []*core{before, after} {
			if c != nil {
				w.led(c)
			}
		}
	}
	if before != nil && before.release != "" {
		unlink(w.members, releaseName(before.release), name)
		w.soon(releaseName(before.release))
	}
	if after != nil && after.release != "" {
		link(w.members, releaseName(after.release), name)
		if before == nil || before.release != after.release {
			w.soon(releaseName(after.release))
		}
	}
	// A Rollout may take its template from this one.
	for other := range w.borrowers[name] {
		w.soon(other)
	}
	if before != nil && before.borrowed != "" {
		unlink(w.borrowers, before.borrowed, name)
	}
	if after != nil && after.borrowed != "" {
		link(w.borrowers, after.borrowed, name)
	}
}

func objectsOf(namespace string, refs []string) []string {
	made := make([]string, len(refs))
	for i, ref := range refs {
		made[i] = namespace + "/" + ref
	}
	return made
}

// run works in a change of a Job that a CronJob made.
func (w *world) run(o *object, before, after *workload) {
	owner := newest(before, after).owner
	if after == nil {
		drop(w.jobs, owner, o.uid)
		delete(w.makers, o.uid)
	} else {
		keep(w.jobs, owner, o.uid, after)
		w.makers[o.uid] = owner
	}
	if before == nil || after == nil || !before.status.ended.Equal(after.status.ended) {
		w.touch(owner)
	}
}

// touch composes the workload anew that an object belongs to.
func (w *world) touch(owner types.UID) {
	if r := w.recordOf(owner); r != nil {
		w.soon(name(r.meta))
	}
}

func (w *world) recordOf(owner types.UID) *record {
	if r := w.byUID[owner]; r != nil {
		return r
	}
	return w.byUID[w.makers[owner]]
}

func (w *world) revision(o *object, before, after *revision) {
	owner := newest(before, after).owner
	if before != nil && after != nil {
		if after.earlier == "" {
			after.earlier = before.earlier
			if after.number > before.number && before.number > 0 {
				// A ControllerRevision does not tell that it is used again, but gets a new number.
				after.earlier = strconv.FormatInt(before.number, 10)
			}
		}
		if *before == *after {
			return
		}
	}
	if after == nil {
		drop(w.revisions, owner, o.uid)
		delete(w.makers, o.uid)
	} else {
		keep(w.revisions, owner, o.uid, after)
		w.makers[o.uid] = owner
	}
	w.touch(owner)
}

// template is the template that pods are made from, and its identity.
func (w *world) template(r *record) (*core, bool) {
	if r.borrowed == "" {
		return r.core, true
	}
	if lender := w.workloads[r.borrowed]; lender != nil {
		return lender.core, true
	}
	return r.core, false
}

func (w *world) rolled(r *record) kubernetes.Rollout {
	made := *r.workload
	if c, ok := w.template(r); ok && c != r.core {
		copied := *r.core
		copied.identity = c.identity
		made.core = &copied
	}
	if r.course.identity != made.identity {
		r.course = course{identity: made.identity, watched: r.course.identity != ""}
	}
	rollout := made.rollout(w.revisions[types.UID(r.meta.UID)], r.course)
	if stuck, again := made.stuck(&r.course, rollout.Phase, w.now()); stuck {
		rollout.Phase, rollout.ChangedAt = kubernetes.Stalled, r.course.moved.Add(stuckAfter).UTC()
		rollout.Reason, rollout.Message = "NoProgress", fmt.Sprintf("No further pod became ready within %.0f minutes; %d of %d have the new template.", stuckAfter.Minutes(), made.status.updated, made.asked())
	} else if !again.IsZero() {
		w.later(name(r.meta), again)
	}
	r.course.seen = r.course.seen || made.status.observed >= made.meta.Generation
	if r.course.seen && !rollout.Earlier && made.meta.Kind != "Rollout" { // which is told from its ReplicaSet by a hash that comes later
		r.course.fresh = cmp.Or(r.course.fresh, rollout.Revision)
	}
	r.course.finished = r.course.finished || rollout.Phase == kubernetes.Complete
	return rollout
}

// putWorkload puts a workload with all that belongs to it.
func (w *world) putWorkload(object string, r *record) {
	if !w.synced || !w.asked[r.collection] {
		return
	}
	state := r.state()
	state.Environment = w.environment(state.Namespace)
	c, _ := w.template(r)
	state.Rollout = w.rolled(r)
	state.Autoscaler = w.scaler(object, r)
	var next time.Time
	state.Troubles, next = w.troubles(r)
	if !next.IsZero() {
		defer func() { w.later(object, next) }()
	}
	state.Hosts = w.hosts(r)
	state.Runs = w.runs(r)
	if newest := w.latest(releaseName(r.release)); newest != nil {
		state.Release += "@" + strconv.Itoa(newest.Revision)
	}
	bare := state
	bare.Writers = nil
	if state.Autoscaler != nil {
		scaler := *state.Autoscaler
		scaler.Writers = nil
		bare.Autoscaler = &scaler
	}
	whole, err := encodeWorkload(bare, c.template)
	if err != nil {
		return
	}
	hash := digest(whole)
	old, known := w.sent[object]
	if known && old.whole == hash {
		return
	}
	r.phase = state.Rollout.Phase
	bare.Rollout.Pods, bare.Rollout.Updated, bare.Rollout.Ready, bare.Rollout.Available = 0, 0, 0, 0
	rest, err := encodeWorkload(bare, c.template)
	if err != nil {
		return
	}
	kept := digest(rest)
	now := w.now()
	if known && old.kept == kept && state.Rollout.Phase == kubernetes.Complete {
		// Pods come and go without anybody having changed anything.
		if at := r.countsAt.Add(r.pause); r.pause > 0 && at.After(now) {
			w.later(object, at)
			return
		}
		if now.Sub(r.countsAt) > 2*longPause {
			r.pause = 0
		}
		r.pause = min(max(shortPause, 2*r.pause), longPause)
		r.countsAt = now
	}
	raw, err := encodeWorkload(state, c.template)
	if err != nil {
		return
	}
	w.sent[object] = sent{collection: r.collection, whole: hash, kept: kept}
	w.to.Put(observe.Observation{Object: object, Collection: r.collection, State: raw, SeenAt: now.UTC()})
}

// runs are the jobs of a CronJob that ended last.
func (w *world) runs(r *record) []kubernetes.Run {
	var made []kubernetes.Run
	for _, j := range w.jobs[types.UID(r.meta.UID)] {
		if !j.status.ended.IsZero() {
			made = append(made, run(j))
		}
	}
	slices.SortFunc(made, func(a, b kubernetes.Run) int {
		if c := b.EndedAt.Compare(a.EndedAt); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return made[:min(len(made), maxRuns)]
}

const maxRuns = 3

// rescale is what an autoscaler said of a decision, and when.
type rescale struct {
	because string
	at      time.Time
}

func (w *world) autoscaler(o *object, before, after *autoscaler) {
	if after != nil {
		w.stands.put(scalersName+"/"+o.key(), stand{object: after.target, uid: after.UID}, w.now())
	} else {
		w.stands.forget(scalersName+"/"+o.key(), w.now())
	}
	if before != nil && after != nil && reflect.DeepEqual(before, after) {
		return
	}
	if before != nil {
		drop(w.scalers, before.target, o.name)
		if after == nil || before.target != after.target {
			w.soon(before.target)
		}
	}
	if after == nil {
		delete(w.rescaled, o.key())
		return
	}
	keep(w.scalers, after.target, o.name, after)
	if before == nil || before.Min != after.Min || before.Max != after.Max || !slices.Equal(before.Targets, after.Targets) {
		if w.workloads[after.target] != nil {
			w.compose(after.target)
		}
		return
	}
	if before.Desired != after.Desired || !before.ScaledAt.Equal(after.ScaledAt) || !reflect.DeepEqual(before.Writers, after.Writers) {
		w.soon(after.target)
	}
}

// scaler is the autoscaler of a workload, with what led to its last decision and to none before or after it.
func (w *world) scaler(object string, r *record) *kubernetes.Autoscaler {
	of := w.scalers[object]
	if len(of) == 0 {
		r.decision = kubernetes.Autoscaler{}
		return nil
	}
	made := of[slices.Min(slices.Collect(maps.Keys(of)))].Autoscaler
	last := r.decision
	said := w.rescaled[r.meta.Namespace+"/"+made.Name]
	switch {
	case made.ScaledAt.IsZero():
		made.Because = "" // it has not decided anything yet
	case said.because != "" && said.at.Sub(made.ScaledAt).Abs() < time.Minute:
		made.Because = said.because
	case last.UID == made.UID && last.ScaledAt.Equal(made.ScaledAt):
		made.Because = last.Because
	}
	r.decision = made
	return &made
}
