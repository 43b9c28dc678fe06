package kubernetes

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// The forms of a rollout's titles.
const (
	formDeploy   = "deploy"
	formCreate   = "create"
	formRollback = "rollback"
	formRestart  = "restart"
	formConfig   = "config"
	formJob      = "job"
)

var formWords = map[string]struct{ kind, doing, done string }{
	formDeploy:   {"deploy", "Deploying", "Deployed"},
	formCreate:   {"deploy", "Creating", "Created"},
	formRollback: {"rollback", "Rolling back", "Rolled back"},
	formRestart:  {"restart", "Restarting", "Restarted"},
	formConfig:   {"config", "Changing", "Changed"},
	formJob:      {"deploy", "Running job", "Ran job"},
}

// title is a rollout's line in the feed.
func (r *rollout) title(phase change.Phase) string {
	words := formWords[r.Form]
	if r.Form == formJob && phase == change.Failed {
		return "Job " + r.Phrase + " failed"
	}
	switch {
	case phase == change.Succeeded:
		return words.done + " " + r.Phrase
	case phase == change.Cancelled:
		return words.doing + " " + r.Phrase + " was cut short"
	case phase == change.Failed && r.Phase == Stalled:
		return words.doing + " " + r.Phrase + " is stuck"
	case phase == change.Failed && r.Phase == Aborted:
		return words.doing + " " + r.Phrase + " was aborted"
	case phase == change.Failed:
		return words.doing + " " + r.Phrase + " failed"
	}
	return words.doing + " " + r.Phrase
}

func (t *turn) workloadCreated(w *Workload) {
	t.memory.Rollout, t.memory.Ran, t.memory.Swings, t.memory.Troubles, t.memory.Ended = nil, nil, nil, nil, nil
	if w.Kind == "Job" && len(w.Owners) > 0 {
		return // made by something else that is the news, if anything is
	}
	version, commit := w.versionOf(mainContainer(w.Template.Containers, w.names()...))
	r := rollout{Key: "created/" + w.UID, Form: formCreate, Generation: w.Generation, Phrase: phrase(w.Name, version, "")}
	if w.Kind == "Job" {
		r.Form = formJob
	}
	e := change.Event{
		Key: r.Key, Version: version, Commit: commit, StartedAt: t.between(w.CreatedAt), Labels: map[string]string{"change": "created"},
		Diff: w.whole(),
	}
	t.memory.Released = t.look.Before
	e.Detail = cause(nil, w)
	t.begin(r, e, t.origin("create", &w.Meta, w.Writers, "template", "spec"))
	t.release(w, w)
}

// whole is what a workload that is new consists of.
func (w *Workload) whole() []change.Diff {
	var diff []change.Diff
	main := mainContainer(w.Template.Containers, w.names()...)
	for i, c := range w.Template.Containers {
		if i == main {
			diff = slices.Insert(diff, 0, change.Diff{Field: "image", New: c.Image})
			continue
		}
		diff = append(diff, change.Diff{Field: c.Name + "/image", New: c.Image})
	}
	if w.Replicas != nil {
		diff = append(diff, change.Diff{Field: "replicas", New: number(*w.Replicas)})
	}
	if w.Schedule != "" {
		diff = append(diff, change.Diff{Field: "schedule", New: w.Schedule})
	}
	return diff
}

// begin tells a rollout for the first time. Its phase follows in the same look.
func (t *turn) begin(r rollout, e change.Event, o *origin) {
	e.Kind, e.Phase, e.Title = formWords[r.Form].kind, change.Started, r.title(change.Started)
	helm := o.Writer != nil && strings.HasPrefix(strings.ToLower(o.Writer.Manager), "helm")
	told := t.tell(e, o)
	r.Key = told.Event.Key
	if helm {
		told.Helm = true
	}
	t.memory.Rollout, t.memory.Ran = &r, nil
}

// cause is the reason that somebody wrote for a change; one that stands there from an earlier change is none.
func cause(before, after *Workload) string {
	given := line(after.Annotations[annotCause])
	if given == "" || before != nil && line(before.Annotations[annotCause]) == given {
		return ""
	}
	return "Reason given: " + given
}

// phrase is what a title says of a version.
func phrase(name, version, previous string) string {
	switch {
	case version == "":
		return name
	case previous == "" || previous == version:
		return name + " " + version
	}
	return name + " " + version + " (from " + previous + ")"
}

func (t *turn) workloadChanged(before, after *Workload) {
	// The cluster counts each change of a specification: what differs without is another way to read it.
	counted := after.Generation == 0 || before.Generation != after.Generation
	if counted {
		t.template(before, after)
		t.settings(before, after)
		t.scaled(before, after)
	}
	t.autoscaling(before, after)
	t.scalingDetail(before, after)
	t.release(before, after)
}

// template tells what a change of the template means.
func (t *turn) template(before, after *Workload) {
	d := compare(before, after)
	if !d.any() {
		return
	}
	main := mainContainer(after.Template.Containers, after.names()...)
	version, commit := after.versionOf(main)
	previous, _ := before.versionOf(mainContainer(before.Template.Containers, before.names()...))
	r := rollout{ID: after.Rollout.ID, Generation: after.Generation, Previous: previous}
	r.Key = fmt.Sprintf("rollout/%s/%d", after.UID, after.Generation)
	if after.Generation == 0 {
		r.Key = fmt.Sprintf("rollout/%s/%s/%d", after.UID, after.Rollout.ID, t.look.SeenAt.Unix())
	}
	e := change.Event{Key: r.Key, Diff: d.diff}
	switch {
	case d.main || d.label && version != previous:
		r.Form = formDeploy
		if version == previous { // a tag that was moved, by its digests
			a, b := image{}, image{}
			if main >= 0 {
				b = parseImage(after.Template.Containers[main].Image)
			}
			if i := mainContainer(before.Template.Containers, before.names()...); i >= 0 {
				a = parseImage(before.Template.Containers[i].Image)
			}
			if a.digest != b.digest && a.digest != "" && b.digest != "" {
				a.tag, b.tag = "", ""
				previous, version = a.version(), b.version()
			}
		}
		e.Version, e.Previous, e.Commit = version, previous, commit
		r.Phrase = phrase(after.Name, version, previous)
	case d.images:
		r.Form = formDeploy
		var old, come string
		for _, entry := range d.diff {
			if entry.Field == d.beside+"/image" {
				old, come = parseImage(entry.Old).version(), parseImage(entry.New).version()
			}
		}
		r.Phrase = after.Name + " with " + phrase(d.beside, come, old)
	case d.other || d.label:
		r.Form, r.Phrase = formConfig, after.Name+": "+summary(d.diff)
	default:
		r.Form, r.Phrase = formRestart, after.Name
	}
	if old := t.memory.Rollout; old != nil {
		t.superseded(old)
	}
	if r.Form != formRestart {
		e.Detail = cause(before, after)
	}
	if after.Generation > before.Generation+1 {
		r.Since = t.look.After
	}
	o := t.origin("update", &after.Meta, after.Writers, "template")
	if r.isNew(after) && o.Writer != nil && !o.Writer.At.Before(after.Rollout.MadeAt.Add(time.Second)) {
		// The last who wrote brought it back after another had taken its place: who wrote it first, nothing tells any more.
		o.Writer, o.To = nil, later(after.Rollout.MadeAt, t.look.After)
		e.Actor, e.StartedAt = change.Actor{Type: change.ByUnknown}, o.To
	}
	t.begin(r, e, o)
}

// superseded ends a rollout that another one took the place of.
func (t *turn) superseded(old *rollout) {
	t.memory.Rollout = nil
	told := t.memory.find(old.Key)
	if told == nil || told.Event.Phase != change.Started {
		return // a failed one stays so
	}
	told.Event.Phase, told.Event.EndedAt = change.Cancelled, later(t.look.Before, told.Event.StartedAt)
	told.Event.Title = old.title(change.Cancelled)
	t.again(told, "The next change came before this one had reached all pods.")
}

// progress tells how the rollout that has not ended comes along.
func (t *turn) progress(w *Workload) {
	m := t.memory.Rollout
	if m == nil {
		t.turnedOut(w)
		return
	}
	told := t.memory.find(m.Key)
	if told == nil {
		t.memory.Rollout = nil
		return
	}
	r := w.Rollout
	begun := m.Generation == 0 || r.Observed == 0 || r.Observed >= m.Generation
	// Of what was written while nobody looked the cluster may say more than of this rollout: it may have been undone, and have
	// come again.
	alone := m.Generation == 0 || m.Generation == w.Generation || t.look.Before.Sub(t.look.After) <= away
	back := alone && m.goesBack(w)
	if !begun && !back {
		return
	}
	phase := r.Phase
	switch {
	case !begun:
		phase = cmp.Or(m.Phase, Progressing) // what the cluster says is about the one before
	case w.Kind == "CronJob":
		phase = Complete // its next job is made from the new template
	}
	steps := ""
	if r.Step != nil && r.Steps != nil {
		steps = fmt.Sprintf("Step %d of %d.", min(max(*r.Step, 0)+1, *r.Steps), *r.Steps)
	}
	if r.Weight != nil {
		steps = sentences(steps, fmt.Sprintf("%d %% of the traffic.", *r.Weight))
	}
	if m.Phase == phase && m.Steps == steps && !back {
		return
	}
	if back {
		m.back(told, w)
	}
	quiet := m.Phase == "" && phase == Progressing && steps == "" && !back
	m.Phase, m.Steps = phase, steps
	e := &told.Event
	if r.Weight != nil {
		exposure := min(max(float64(*r.Weight), 0), 100)
		e.Exposure, e.SaidAt = &exposure, t.look.Before
	}
	e.Labels = clone(e.Labels)
	if r.Revision != "" && begun {
		e.Labels["revision"] = line(r.Revision)
	}
	detail := steps
	switch phase {
	case Complete:
		if detail = ""; r.Steps != nil {
			detail = fmt.Sprintf("All %s.", count(int(*r.Steps), "step"))
		}
		e.Phase, e.EndedAt = change.Succeeded, t.ended(told, r.ChangedAt)
		if e.Exposure != nil {
			whole := 100.0
			e.Exposure = &whole
		}
		t.memory.Rollout, t.memory.Ran = nil, m
	case Failing, Aborted, Stalled:
		e.Phase, e.EndedAt = change.Failed, t.ended(told, r.ChangedAt)
		detail = sentences(steps, sentence(r.Reason, r.Message))
	case Paused:
		detail = sentences("Paused.", steps, sentence("", r.Message))
		e.Phase, e.EndedAt = change.Started, time.Time{}
	default:
		if e.Phase == change.Failed {
			return // it goes on, and is told once it has come to its end
		}
		if quiet {
			return
		}
	}
	if !e.EndedAt.IsZero() {
		e.SaidAt = time.Time{}
	}
	if phase != Complete {
		e.Labels["rollout"] = line(phase)
	} else {
		e.Labels["rollout"] = Complete
	}
	e.Title = m.title(e.Phase)
	t.again(told, detail)
}

// goesBack reports whether a rollout that was taken for another change brings an earlier template again.
func (r *rollout) goesBack(w *Workload) bool {
	return w.Rollout.Earlier && !r.isNew(w) && r.Form != formRollback && r.Form != formCreate && r.Form != formJob
}

// isNew reports whether the template was first written after the workload had last been seen: then it is news, though another
// may have taken its place and gone again before anybody looked.
func (r *rollout) isNew(w *Workload) bool {
	return !r.Since.IsZero() && !w.Rollout.MadeAt.IsZero() && !w.Rollout.MadeAt.Before(r.Since.Truncate(time.Second))
}

// back makes a rollback of what was told.
func (r *rollout) back(told *recent, w *Workload) {
	r.Form = formRollback
	told.Event.Kind = formWords[formRollback].kind
	switch {
	case told.Event.Version != "" && told.Event.Version != told.Event.Previous:
		r.Phrase = w.Name + " to " + phrase("", told.Event.Version, told.Event.Previous)[1:]
	case w.Rollout.EarlierRevision != "":
		r.Phrase = w.Name + " to revision " + w.Rollout.EarlierRevision
	default:
		r.Phrase = w.Name
	}
}

// turnedOut makes a rollback of the rollout that ended last, where the cluster tells only now that its template was there
// before: the revisions come by another watch than the workload, which can be ahead of it.
func (t *turn) turnedOut(w *Workload) {
	m := t.memory.Ran
	if m == nil || m.ID == "" || m.ID != w.Rollout.ID || m.Generation != w.Generation || !m.goesBack(w) {
		return // nor does it say so of this rollout where something else was written since: it may have come and gone again
	}
	told := t.memory.find(m.Key)
	if told == nil {
		t.memory.Ran = nil
		return
	}
	m.back(told, w)
	told.Event.Title = m.title(told.Event.Phase)
	if w.Rollout.Revision != "" {
		told.Event.Labels = clone(told.Event.Labels)
		told.Event.Labels["revision"] = line(w.Rollout.Revision)
	}
	t.again(told, "")
}

// ended is when a phase began, within what can be.
func (t *turn) ended(told *recent, at time.Time) time.Time {
	return later(t.between(at), told.Event.StartedAt)
}

// sentences joins those that there are.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// sentence is the cluster's reason and sentence.
func sentence(reason, message string) string {
	reason, message = line(reason), line(message)
	switch {
	case reason == "" || strings.Contains(message, reason):
		return message
	case message == "":
		return reason
	}
	return reason + ": " + message
}

// settings tells what changed beside the template and the number of pods.
func (t *turn) settings(before, after *Workload) {
	var d difference
	title := ""
	if before.Paused != after.Paused {
		d.put("paused", strconv.FormatBool(before.Paused), strconv.FormatBool(after.Paused))
		title = either(after.Paused, "Paused rollouts of ", "Resumed rollouts of ") + after.Name
	}
	if before.Suspended != after.Suspended {
		d.put("suspended", strconv.FormatBool(before.Suspended), strconv.FormatBool(after.Suspended))
		title = either(after.Suspended, "Suspended ", "Resumed ") + after.Name
	}
	d.text("schedule", before.Schedule, after.Schedule)
	d.text("time_zone", before.TimeZone, after.TimeZone)
	if len(d.diff) == 1 && title == "" {
		title = fmt.Sprintf("Changed the %s of %s from %s to %s", fieldName(d.diff[0].Field), after.Name, cmp.Or(d.diff[0].Old, "none"), cmp.Or(d.diff[0].New, "none"))
	}
	d.pairs("strategy/", before.Strategy, after.Strategy)
	if len(d.diff) == 0 {
		return
	}
	if a, b := before.Strategy["type"], after.Strategy["type"]; title == "" && a != b && a != "" && b != "" && strings.HasPrefix(d.diff[0].Field, "strategy/") {
		title = fmt.Sprintf("Changed the rollout strategy of %s from %s to %s", after.Name, a, b)
	} else if title == "" || len(d.diff) > 1 {
		title = "Changed " + after.Name + ": " + summary(d.diff)
	}
	t.tell(change.Event{
		Key: fmt.Sprintf("settings/%s/%s", after.UID, t.nth(after.Generation)), Kind: "config", Phase: change.Succeeded, Title: title, Diff: d.diff,
	}, t.origin("update", &after.Meta, after.Writers, settingParts(d.diff)...))
}

// settingParts are those of a specification that writers are named by who wrote the settings of a difference. Of two who
// wrote within a second, only one wrote what changed.
func settingParts(diff []change.Diff) []string {
	var parts []string
	for _, d := range diff {
		field, _, _ := strings.Cut(d.Field, "/")
		part, named := map[string]string{"paused": "paused", "suspended": "suspend", "strategy": "strategy"}[field]
		if !named {
			part = "spec"
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// nth names a change by the generation that it brought; by the instant where the cluster does not count.
func (t *turn) nth(generation int64) string {
	if generation != 0 {
		return strconv.FormatInt(generation, 10)
	}
	return "at-" + strconv.FormatInt(t.look.SeenAt.Unix(), 10)
}

// counted is the generation that a change brought; zero where the cluster did not count it.
func (t *turn) counted(before, after int64) int64 {
	if before == after {
		return 0
	}
	return after
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// scaled tells that another number of pods is asked for.
func (t *turn) scaled(before, after *Workload) {
	if before.Replicas == nil || after.Replicas == nil || *before.Replicas == *after.Replicas {
		return
	}
	from, to := *before.Replicas, *after.Replicas
	e := change.Event{
		Key: fmt.Sprintf("scaling/%s/%s", after.UID, t.nth(after.Generation)), Kind: "scaling", Phase: change.Succeeded,
		Title: fmt.Sprintf("Scaled %s from %d to %d", after.Name, from, to),
		Diff:  []change.Diff{{Field: "replicas", Old: number(from), New: number(to)}},
	}
	o := t.origin("update", &after.Meta, after.Writers, "replicas")
	a := after.Autoscaler
	if a == nil {
		a = before.Autoscaler
	}
	auto := o.Writer != nil && o.actor(&after.Meta).Name == autoscaler().Name ||
		o.Writer == nil && a != nil && a.Desired == to && !a.ScaledAt.IsZero() && a.ScaledAt.After(t.look.After.Add(-time.Second))
	if !auto {
		t.memory.Swings = nil
		t.tell(e, o)
		return
	}
	e.Actor = autoscaler()
	if a != nil {
		e.Detail = a.because()
	}
	now := t.look.Before
	s := t.memory.Swings
	if s != nil && now.Sub(s.At) > 15*time.Minute {
		s = nil
	}
	if s == nil {
		told := t.tell(e, o)
		t.memory.Swings = &swings{Key: told.Event.Key, Low: min(from, to), High: max(from, to), Times: 1, At: now}
		return
	}
	within := s.Low <= to && to <= s.High
	s.Times, s.At, s.Low, s.High = s.Times+1, now, min(s.Low, to), max(s.High, to)
	if told := t.memory.find(s.Key); within && s.Times > 2 && told != nil {
		// To and fro between the same numbers is one thing that goes on.
		told.Event.Title = fmt.Sprintf("Scaled %s up and down between %d and %d, %d times", after.Name, s.Low, s.High, s.Times)
		told.counts(s.Times)
		told.Event.EndedAt = later(now, told.Event.StartedAt)
		told.Origin.To = now
		t.again(told, e.Detail)
		return
	}
	s.Key = t.tell(e, o).Event.Key
}

// because says why an autoscaler scaled.
func (a *Autoscaler) because() string {
	text := fmt.Sprintf("Autoscaler %s, between %d and %d", line(a.Name), a.Min, a.Max)
	if len(a.Targets) > 0 {
		text += ", " + line(strings.Join(a.Targets, ", "))
	}
	text += "."
	if a.Because != "" {
		because := line(a.Because)
		text = strings.ToUpper(because[:1]) + because[1:] + ". " + text
	}
	return text
}

// scalingDetail brings the autoscaler's reason, which its status tells a moment after it has scaled.
func (t *turn) scalingDetail(before, after *Workload) {
	a := after.Autoscaler
	if a == nil || before.Autoscaler != nil && before.Autoscaler.ScaledAt.Equal(a.ScaledAt) && before.Autoscaler.Because == a.Because ||
		t.memory.Swings == nil || after.Replicas == nil || a.Desired != *after.Replicas {
		return
	}
	told := t.memory.find(t.memory.Swings.Key)
	if told == nil || t.look.Before.Sub(t.memory.Swings.At) > time.Minute ||
		slices.ContainsFunc(t.finding.Events, func(e change.Event) bool { return e.Key == told.Event.Key }) {
		return
	}
	t.again(told, a.because())
}

// autoscaling tells that an autoscaler came, went or has other bounds.
func (t *turn) autoscaling(before, after *Workload) {
	a, b := before.Autoscaler, after.Autoscaler
	var d difference
	var title, uid string
	o := t.origin("update", &after.Meta, nil)
	switch {
	case a == nil && b == nil:
		return
	case a == nil:
		uid, title = b.UID, fmt.Sprintf("Autoscaling of %s: between %d and %d%s", after.Name, b.Min, b.Max, byTargets(b))
		d.put("autoscaling/min", "", number(b.Min))
		d.put("autoscaling/max", "", number(b.Max))
		d.text("autoscaling/targets", "", strings.Join(b.Targets, ", "))
	case b == nil:
		uid, title = a.UID, "Ended autoscaling of "+after.Name
		d.put("autoscaling/min", number(a.Min), "")
		d.put("autoscaling/max", number(a.Max), "")
		d.text("autoscaling/targets", strings.Join(a.Targets, ", "), "")
	default:
		uid = b.UID
		d.text("autoscaling/min", number(a.Min), number(b.Min))
		d.text("autoscaling/max", number(a.Max), number(b.Max))
		d.text("autoscaling/targets", strings.Join(a.Targets, ", "), strings.Join(b.Targets, ", "))
		if len(d.diff) == 0 {
			return
		}
		var parts []string
		for _, entry := range d.diff {
			parts = append(parts, fmt.Sprintf("%s from %s to %s", strings.TrimPrefix(entry.Field, "autoscaling/"), cmp.Or(entry.Old, "none"), cmp.Or(entry.New, "none")))
		}
		title = "Changed autoscaling of " + after.Name + ": " + strings.Join(parts, ", ")
	}
	if b != nil {
		o.Writer, o.Others = t.writer(b.Writers, "autoscaling", "spec", "replicas")
	}
	// The autoscaler is another object, and an act on it comes as one on the workload, with the autoscaler's id.
	o.UID, o.Beside, o.Group = uid, true, fmt.Sprintf("autoscaling/%s/%d", uid, t.look.SeenAt.UnixMicro())
	t.tell(change.Event{
		Key: fmt.Sprintf("autoscaling/%s/%s/%d", uid, sum(fmt.Sprint(d.diff)), t.look.SeenAt.Unix()), Kind: "config", Phase: change.Succeeded, Title: title, Diff: d.diff,
	}, o)
}

func byTargets(a *Autoscaler) string {
	if len(a.Targets) == 0 {
		return ""
	}
	return " by " + strings.Join(a.Targets, ", ")
}

// release joins what Helm brought with the revision that it is of, as soon as that is known: Helm writes its own record
// before it touches a workload, but the two are not seen in their order.
func (t *turn) release(before, after *Workload) {
	if before.Release != after.Release {
		t.memory.Released = t.look.Before
	}
	if !strings.Contains(after.Release, "@") || t.look.Before.Sub(t.memory.Released) > 2*time.Minute {
		return
	}
	for i := range t.memory.Recent {
		if r := &t.memory.Recent[i]; r.Helm {
			r.Helm = false
			r.Event.Story = t.helmStory(after.Release)
			t.again(r, "")
		}
	}
}

// helmStory joins a revision of a release with the rollouts of its workloads: "shop/cart@7".
func (t *turn) helmStory(release string) string {
	name, revision := cutLast(release, "@")
	return line("helm:" + cmp.Or(t.look.Scope.Cluster, t.look.Source) + "/" + name + "/" + revision)
}

func (t *turn) workloadRemoved(w *Workload) {
	t.finding.Subject = t.alias(w.object())
	if old := t.memory.Rollout; old != nil {
		t.superseded(old)
	}
	t.troubles(w, nil)
	if w.Kind == "Job" && (len(w.Owners) > 0 || w.Rollout.Phase == Complete || w.Rollout.Phase == Failing) {
		return // it had ended, and was tidied away
	}
	t.tell(change.Event{
		Key: "removed/" + w.UID, Kind: "infrastructure", Phase: change.Succeeded, Title: "Removed " + w.Name,
		Labels: map[string]string{"change": "removed"}, Diff: reversed(w.whole()),
	}, t.origin("delete", &w.Meta, nil))
}

func reversed(diff []change.Diff) []change.Diff {
	for i := range diff {
		diff[i].Old, diff[i].New = diff[i].New, diff[i].Old
	}
	return diff
}

func number(n int32) string { return strconv.Itoa(int(n)) }
