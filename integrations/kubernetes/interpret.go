package kubernetes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/observe"
)

// away is how long an interval must be for an observer to have been away, and not watching.
const away = 20 * time.Second

// turn is the work on one look.
type turn struct {
	look    observe.Look
	memory  *memory
	finding observe.Finding
	meta    *Meta    // of the object as it is, or as it was when it is gone
	writers []Writer // as they were before
	fresh   []fresh
}

// fresh is an event that is told for the first time.
type fresh struct {
	key   string
	group string
}

// Interpret compares what is known of an object with what was seen of it.
func (Interpreter) Interpret(look observe.Look) observe.Finding {
	look.Before = cmp.Or(look.Before, look.SeenAt)
	t := &turn{look: look, memory: readMemory(look.Known.Memory)}
	before, after := t.read(look.Known.State), t.read(look.State)
	if before != nil {
		t.writers = before.meta().Writers
		if load, ok := before.(*Workload); ok && load.Autoscaler != nil {
			t.writers = slices.Concat(t.writers, load.Autoscaler.Writers)
		}
	}
	if look.Act != nil {
		t.finding.Subject = t.subject(before)
		t.act(*look.Act)
		return t.finding
	}
	if look.Gone {
		after = nil
	}
	switch {
	case after != nil:
		t.meta = after.meta()
	case before != nil:
		t.meta = before.meta()
	default: // gone, and never seen
		t.finding.Forget = true
		t.finding.Statements = t.memory.say(nil)
		return t.finding
	}
	switch {
	case before == nil:
		if !look.First && t.meta.UID != t.memory.UID {
			t.created(after)
		}
	case after == nil:
		t.removed(before)
	case before.meta().UID != after.meta().UID && t.look.Collection != HelmReleases: // each revision of a release is another object
		t.meta = before.meta()
		t.removed(before)
		t.meta = after.meta()
		t.created(after)
	default:
		t.changed(before, after)
	}
	t.standing(before, after)
	if after != nil {
		t.memory.UID = t.meta.UID
		t.absorb(before)
	}
	t.stories()
	t.finding.Memory = t.memory.write(look.Before)
	if look.Gone {
		t.finding.Forget = !slices.ContainsFunc(t.memory.Recent, func(r recent) bool { return !r.Sure && r.Event.Key != "" })
	}
	return t.finding
}

// read reads a state; nil for none.
func (t *turn) read(state []byte) object {
	if len(state) == 0 {
		return nil
	}
	made, err := read(t.look.Collection, state)
	if err != nil {
		return nil
	}
	return made
}

func (t *turn) created(after object) {
	switch after := after.(type) {
	case *Workload:
		t.workloadCreated(after)
	case *Config:
		t.configCreated(after)
	case *Route:
		t.routeCreated(after)
	case *HelmRelease:
		t.helm(nil, after)
	}
}

func (t *turn) removed(before object) {
	switch before := before.(type) {
	case *Workload:
		t.workloadRemoved(before)
	case *Config:
		t.configRemoved(before)
	case *Route:
		t.routeRemoved(before)
	case *HelmRelease:
		t.helmRemoved(before)
	case *Node:
		t.nodeRemoved(before)
	}
}

func (t *turn) changed(before, after object) {
	switch after := after.(type) {
	case *Workload:
		t.workloadChanged(before.(*Workload), after)
	case *Config:
		t.configChanged(before.(*Config), after)
	case *Route:
		t.routeChanged(before.(*Route), after)
	case *HelmRelease:
		t.helm(before.(*HelmRelease), after)
	case *Node:
		t.nodeChanged(before.(*Node), after)
	}
}

// standing is what holds whatever changed: what the object says of the roll, how its rollout is, what it suffers from.
func (t *turn) standing(before, after object) {
	of := after
	if of == nil {
		of = before // what is gone is told of what it belonged to
	}
	t.finding.Subject = cmp.Or(t.subject(of), t.finding.Subject)
	if after, ok := after.(*Workload); ok {
		t.progress(after)
		t.troubles(after, after.Troubles)
		statements, problems := after.statements(t.look.Source, t.look.Scope)
		t.finding.Statements, t.finding.Problems = t.memory.say(statements), problems
		return
	}
	if after, ok := after.(*Route); ok {
		statements, problems := after.statements(t.look.Source, t.look.Scope)
		t.finding.Statements, t.finding.Problems = t.memory.say(statements), problems
		return
	}
	t.finding.Statements = t.memory.say(nil)
}

// subject is what an object belongs to; empty for none, and for what belongs to several.
func (t *turn) subject(o object) string {
	var behind []string
	switch o := o.(type) {
	case *Workload:
		return t.alias(o.object())
	case *Route:
		behind = o.Workloads
	case *HelmRelease:
		behind = o.Workloads
	}
	if len(behind) == 1 {
		return t.alias(behind[0])
	}
	return ""
}

func (t *turn) alias(object string) string { return alias(t.look.Source, t.look.Scope, object) }

// aliases are the subjects of an event about workloads.
func (t *turn) aliases(objects []string) []change.Subject {
	var subjects []change.Subject
	for _, object := range objects {
		if len(subjects) < 100 && object != "" {
			subjects = append(subjects, change.Subject{Name: t.alias(object)})
		}
	}
	return subjects
}

// between puts an instant within the bounds of what is found; the latest that it can be where none is known.
func (t *turn) between(at time.Time) time.Time {
	after, before := t.look.After, t.look.Before
	switch {
	case at.IsZero() || at.After(before) || at.Before(change.Earliest):
		return before
	case !after.IsZero() && !at.After(after):
		return earlier(after.Add(time.Microsecond), before)
	}
	return at
}

// stale reports whether an entry of a writer was there before the change, just as it is: who takes something away leaves no
// entry of their own, and the one that is left tells of an earlier write. Two writes within a second look the same.
func (t *turn) stale(w *Writer) bool {
	return !w.At.IsZero() && t.look.Before.Sub(w.At) >= 2*time.Second && t.stood(w)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// origin is where a change of some parts of an object came from.
func (t *turn) origin(verb string, m *Meta, writers []Writer, parts ...string) *origin {
	o := &origin{UID: m.UID, Verb: verb, From: t.look.After, To: t.look.Before}
	if verb != "delete" {
		o.Writer, o.Others = t.writer(writers, parts...)
	}
	o.Stale = o.Writer != nil && t.stale(o.Writer)
	// What one write did has one generation, and one entry of its writer. Where the cluster does not count, it is what
	// was seen at once.
	o.Group = fmt.Sprintf("%s/%s/%d", m.UID, verb, m.Generation)
	if m.Generation == 0 {
		o.Group += fmt.Sprintf("/%d", t.look.SeenAt.UnixMicro())
	}
	if o.Writer != nil {
		o.Group += fmt.Sprintf("/%s/%s/%d", o.Writer.Manager, o.Writer.Subresource, o.Writer.At.Unix())
	}
	o.Scale = slices.Contains(parts, "replicas")
	return o
}

// tell tells a change for the first time. The event has kind, phase, title and subjects; place, time and actor are
// filled in.
func (t *turn) tell(e change.Event, o *origin) *recent {
	e.Key = cutKey(e.Key)
	r := recent{Origin: *o, Aspect: aspect(&e, o)}
	if r.Aspect != "" {
		last := t.memory.repeats(r.Aspect, o.To)
		if last != nil && last.Times >= 2 {
			return t.onceMore(last, &e, o)
		}
		r.Times = 1
		if last != nil {
			r.Times += last.Times
		}
	}
	var at time.Time
	if o.timed() {
		at = o.Writer.At
	}
	if e.Actor.Type == "" {
		e.Actor = o.actor(t.meta)
	} else {
		r.Sure = true
	}
	if e.Actor.Name == autoscaler().Name {
		r.Sure = true
	}
	if !r.Sure {
		if sibling := t.sibling(o.Group); sibling != nil {
			e.Actor, r.Sure, r.Guess = sibling.Event.Actor, true, sibling.Guess
		} else if act, found := t.memory.match(o); found {
			e.Actor, r.Sure = actorOf(act), true
			r.guess(act)
			// An event only ever begins earlier by what is told later: the time of a guess that may turn out wrong is none, unless
			// it is about the same or nobody looked.
			if r.Guess == nil || o.timed() || o.To.Sub(act.At) <= 2*time.Second || o.To.Sub(o.From) > away {
				at = act.At
			}
			e.Labels = impersonated(e.Labels, act)
		}
	}
	e.StartedAt = t.between(cmp.Or(e.StartedAt, at))
	if e.Phase.Code() >= change.Succeeded.Code() {
		e.EndedAt = later(cmp.Or(e.EndedAt, e.StartedAt), e.StartedAt)
	}
	e.Dark = e.Actor.Name != autoscaler().Name && e.Kind != "alert"
	if e.Labels == nil {
		e.Labels = map[string]string{}
	}
	e.Labels["object"] = line(t.meta.object())
	if !t.look.After.IsZero() && t.look.Before.Sub(t.look.After) > away {
		e.Labels["seen_between"] = t.look.After.UTC().Format(time.RFC3339) + "/" + t.look.Before.UTC().Format(time.RFC3339)
	}
	t.place(&e)
	t.emit(e)
	t.fresh = append(t.fresh, fresh{e.Key, o.Group})
	r.Event = slim(e)
	t.memory.Recent = append(t.memory.Recent, r)
	return &t.memory.Recent[len(t.memory.Recent)-1]
}

// sibling is a change that was written at once with another, and of which is known who did it.
func (t *turn) sibling(group string) *recent {
	for i := range t.memory.Recent {
		if r := &t.memory.Recent[i]; r.Sure && r.Origin.Group == group {
			return r
		}
	}
	return nil
}

// guess keeps an act that could turn out to have made something else: within a second one person can write twice, and where
// the cluster does not tell when it was written, an act that changed nothing may be all that is known so far.
func (r *recent) guess(a observe.Act) {
	r.Guess = nil
	if r.Origin.timed() || r.Origin.Verb == "update" && !r.Origin.evident(a) {
		r.Guess = &a
	}
}

// open reports whether an act that lies so far apart may be taken for the one that made the change.
func (r *recent) open(apart time.Duration) bool {
	if !r.Sure || r.Guess == nil {
		return !r.Sure
	}
	if !r.Origin.timed() {
		return apart < time.Second // nothing but what is evident
	}
	other, _ := r.Origin.fits(*r.Guess)
	return apart < other
}

func impersonated(labels map[string]string, a observe.Act) map[string]string {
	if a.Impersonator == "" {
		return labels
	}
	if labels == nil {
		labels = map[string]string{}
	}
	labels["impersonated_by"] = line(a.Impersonator)
	return labels
}

// place says where an event happened, and bounds its texts.
func (t *turn) place(e *change.Event) {
	e.Environment = t.meta.environment(t.look.Scope)
	e.Cluster, e.Region = line(t.look.Scope.Cluster), line(t.look.Scope.Region)
	e.Version, e.Previous, e.Commit = line(e.Version), line(e.Previous), line(e.Commit)
	e.Title = cmp.Or(line(e.Title), e.Kind)
	if len(e.Detail) > change.MaxDetail/2 {
		e.Detail = cutTo(strings.ToValidUTF8(e.Detail, "�"), change.MaxDetail/2)
	}
	e.Detail = strings.ToValidUTF8(e.Detail, "�")
	if len(e.Diff) > change.MaxDiff {
		rest := len(e.Diff) - change.MaxDiff + 1
		e.Diff = append(slices.Clone(e.Diff[:change.MaxDiff-1]), change.Diff{Field: "more", New: count(rest, "other change")})
	}
	for i := range e.Diff {
		e.Diff[i].Field = line(e.Diff[i].Field)
	}
	if len(e.Subjects) == 0 {
		e.Subjects = t.aliases([]string{t.meta.object()})
	}
}

// emit adds an event; a later word about the same in one look replaces the earlier.
func (t *turn) emit(e change.Event) {
	for i := range t.finding.Events {
		if told := &t.finding.Events[i]; told.Key == e.Key {
			if len(e.Diff) == 0 {
				e.Diff = told.Diff
			}
			e.Detail = cmp.Or(e.Detail, told.Detail)
			*told = e
			return
		}
	}
	t.finding.Events = append(t.finding.Events, e)
}

// again tells a change once more, with what became of it.
func (t *turn) again(r *recent, detail string) {
	e := r.Event
	e.Detail = detail
	e.Labels = clone(e.Labels)
	if e.Title = line(e.Title); e.Title == "" {
		e.Title = e.Kind
	}
	if e.Key != "" && e.Kind != "" {
		t.emit(e)
	}
}

// slim is an event without what a later word about it need not repeat.
func slim(e change.Event) change.Event {
	e.Diff, e.Detail, e.Labels = nil, "", clone(e.Labels)
	if len(e.Subjects) > 20 {
		e.Subjects = slices.Clone(e.Subjects[:20])
	}
	return e
}

func clone(labels map[string]string) map[string]string {
	made := make(map[string]string, len(labels))
	for key, value := range labels {
		made[key] = value
	}
	return made
}

// stories joins what was written at once, where nothing else does.
func (t *turn) stories() {
	size := map[string]int{}
	for _, f := range t.fresh {
		size[f.group]++
	}
	for _, f := range t.fresh {
		if size[f.group] < 2 {
			continue
		}
		story := "kubernetes:" + sum(f.group)
		if r := t.memory.find(f.key); r != nil && r.Event.Story == "" {
			r.Event.Story = story
		}
		for i := range t.finding.Events {
			if e := &t.finding.Events[i]; e.Key == f.key && e.Story == "" {
				e.Story = story
			}
		}
	}
}

// act works in what somebody did: for a change that was seen before, or one that is to come.
func (t *turn) act(a observe.Act) {
	m := t.memory
	t.finding.Memory = t.look.Known.Memory
	if !matters(a) || slices.Contains(m.Used, a.ID) && a.ID != "" ||
		slices.ContainsFunc(m.Acts, func(other observe.Act) bool { return other.ID == a.ID && a.ID != "" }) {
		return
	}
	a.ID, a.User, a.Agent, a.Impersonator, a.Manager = line(a.ID), line(a.User), line(a.Agent), line(a.Impersonator), line(a.Manager)
	best, closest := -1, time.Duration(0)
	for i := range m.Recent {
		r := &m.Recent[i]
		if apart, fits := r.Origin.fits(a); fits && r.open(apart) && (best < 0 || apart < closest) {
			best, closest = i, apart
		}
	}
	if best < 0 {
		m.Acts = append(m.Acts, a)
		t.finding.Memory = m.write(later(a.At, t.look.SeenAt))
		t.finding.Forget = len(t.look.Known.State) == 0 && verb(a) == "delete"
		return
	}
	m.Used = append(m.Used, a.ID)
	group, guessed := m.Recent[best].Origin.Group, m.Recent[best].Guess
	for i := range m.Recent {
		r := &m.Recent[i]
		if r.Sure && (guessed == nil || r.Guess == nil) || r.Origin.Group != group {
			continue
		}
		r.Sure = true
		r.guess(a)
		r.Event.Actor = actorOf(a)
		r.Event.Labels = clone(r.Event.Labels)
		delete(r.Event.Labels, "impersonated_by")
		r.Event.Labels = impersonated(r.Event.Labels, a)
		t.again(r, "")
	}
	if guessed != nil { // it did something else, or nothing
		m.Used = slices.DeleteFunc(m.Used, func(id string) bool { return id == guessed.ID })
		t.act(*guessed)
	}
	t.finding.Memory = m.write(later(a.At, t.look.SeenAt))
	t.finding.Forget = len(t.look.Known.State) == 0 && !slices.ContainsFunc(m.Recent, func(r recent) bool { return !r.Sure })
}

// absorb remembers what was written and is not worth telling, so that the act that wrote it is taken for nothing else.
func (t *turn) absorb(before object) {
	if before == nil || before.meta().UID != t.meta.UID {
		return
	}
	for _, w := range t.meta.Writers {
		if w.Subresource == "status" || machine(w.Manager) || w.At.IsZero() || slices.ContainsFunc(before.meta().Writers, func(old Writer) bool {
			return old.Manager == w.Manager && old.Subresource == w.Subresource && !old.At.Before(w.At)
		}) {
			continue
		}
		id := t.meta.UID
		if slices.Contains(w.Parts, "endpoints") {
			id = EndpointsOf(t.meta.Namespace + "/" + t.meta.Name)
		}
		o := &origin{UID: id, Verb: "update", From: t.look.After, To: t.look.Before, Scale: w.Subresource == "scale"}
		o.Writer = &Writer{Manager: line(w.Manager), Subresource: line(w.Subresource), At: w.At}
		if slices.ContainsFunc(t.memory.Recent, func(r recent) bool {
			other := r.Origin.Writer
			return other != nil && other.Manager == o.Writer.Manager && other.Subresource == o.Writer.Subresource && other.At.Equal(w.At)
		}) || !o.timed() {
			continue
		}
		o.Group = fmt.Sprintf("quiet/%s/%s/%d", o.Writer.Manager, o.Writer.Subresource, w.At.Unix())
		_, sure := t.memory.match(o)
		t.memory.Recent = append(t.memory.Recent, recent{Origin: *o, Sure: sure})
	}
}

// cutKey bounds a key that a cluster's own ids make up, without making two alike.
func cutKey(key string) string {
	if clean := line(key); clean != key || len(key) > 200 {
		return "kubernetes/" + sum(key)
	}
	return key
}
