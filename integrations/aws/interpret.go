package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// Interpreter finds what differs between two states of an object. What AWS also tells has the keys that it has there, so that
// both make one event.
type Interpreter struct{}

var _ observe.Interpreter = Interpreter{}

func read(text json.RawMessage) (*state, error) {
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	if s.ARN == "" || s.Service == nil && s.Function == nil && s.Group == nil {
		return nil, fault.New(fault.Invalid, "it is neither a service nor a function nor a group")
	}
	return &s, nil
}

// Check reports whether a state can be read.
func (Interpreter) Check(o observe.Observation) error {
	if o.Gone {
		return nil
	}
	if _, err := read(o.State); err != nil {
		return fault.New(fault.Invalid, "the state of %s cannot be read: %w", o.Object, err)
	}
	return nil
}

// turn is the comparison of one object.
type turn struct {
	look    observe.Look
	was, is *state // is stays what was where the object is gone
	events  []change.Event
}

// Interpret compares two states.
func (Interpreter) Interpret(look observe.Look) observe.Finding {
	t := &turn{look: look}
	if len(look.Known.State) > 0 {
		t.was, _ = read(look.Known.State)
	}
	if t.is = t.was; !look.Gone {
		t.is, _ = read(look.State)
	}
	if t.is == nil {
		return observe.Finding{Forget: look.Gone}
	}
	f := observe.Finding{Subject: t.is.Subject, Forget: look.Gone, Statements: t.statements()}
	switch {
	case look.Gone:
		t.removed()
	case t.was == nil && !look.First:
		t.created()
	case t.was == nil:
	case t.is.Service != nil && t.was.Service != nil:
		t.deployments(t.was.Service, t.is.Service)
		t.scaled(t.was.Service, t.is.Service)
	case t.is.Function != nil && t.was.Function != nil:
		t.function(t.was.Function, t.is.Function)
	case t.is.Group != nil && t.was.Group != nil:
		t.group(t.was.Group, t.is.Group)
	}
	f.Events = t.events
	return f
}

// statements are what the object says of the roll, and withdrawals of what it said of another service.
func (t *turn) statements() []catalog.Statement {
	source := catalog.Source{Name: t.look.Source + ":" + t.is.Outside, Rank: catalog.Integration}
	var list []catalog.Statement
	say := func(s *state, from catalog.Source, withdraw bool) {
		name, named := strings.CutPrefix(s.Subject, "service:")
		if !named {
			return // nobody claimed it: it waits under its outside name
		}
		statement := catalog.Statement{Ref: catalog.Ref{Kind: catalog.Service, Name: name}, Source: from, Withdraw: withdraw}
		if !withdraw {
			statement.Claims = s.claims()
		}
		list = append(list, statement)
	}
	if t.was != nil && (t.look.Gone || t.was.Subject != t.is.Subject) {
		say(t.was, catalog.Source{Name: t.look.Source + ":" + t.was.Outside, Rank: catalog.Integration}, true)
	}
	if !t.look.Gone {
		say(t.is, source, false)
	}
	return list
}

// what is the object in words.
func (s *state) what() string {
	switch {
	case s.Service != nil:
		return "ECS service " + s.Name
	case s.Function != nil:
		return "Lambda function " + s.Name
	}
	return "Auto Scaling group " + s.Name
}

// tell adds an event. It is dated when it was seen, unless AWS says when it was.
func (t *turn) tell(kind, key, title string, diff ...change.Diff) *change.Event {
	before := t.look.Before.UTC()
	e := change.Event{
		Kind: kind, Phase: change.Succeeded, Key: integration.Line(key), Title: integration.Line(title), StartedAt: before, EndedAt: before,
		Environment: t.is.Environment, Region: t.is.Region, Cluster: t.is.Cluster, Actor: change.Actor{Type: change.ByUnknown}, Dark: true,
		Labels: integration.Labels(map[string]string{"account": t.is.Account}), Diff: diff[:min(len(diff), change.MaxDiff)],
	}
	if after := t.look.After; !after.IsZero() && before.Sub(after) > 2*time.Minute {
		integration.Label(&e, "seen_between", after.UTC().Format(time.RFC3339)+"/"+before.Format(time.RFC3339))
	}
	integration.Link(&e, "deploy", "In the console of AWS", t.is.link())
	t.events = append(t.events, e)
	return &t.events[len(t.events)-1]
}

// dated says when it began and ended, by AWS's word, where that can be true.
func (t *turn) dated(e *change.Event, began, ended time.Time) {
	before := t.look.Before.UTC()
	if !began.IsZero() && !began.After(before) {
		e.StartedAt = began
	}
	e.EndedAt = time.Time{}
	if e.Phase == change.Started {
		return
	}
	if e.EndedAt = before; !ended.IsZero() && !ended.After(before) && !ended.Before(e.StartedAt) {
		e.EndedAt = ended
	}
}

func (t *turn) stamp() string { return t.look.Before.UTC().Format(time.RFC3339) }

func (t *turn) created() {
	e := t.tell("infrastructure", t.is.ARN+"/created/"+cmp.Or(timestamp(t.is.CreatedAt), t.stamp()), t.is.what()+" was created")
	t.dated(e, t.is.CreatedAt, t.is.CreatedAt)
	if t.is.Service != nil {
		t.deployments(&service{}, t.is.Service)
	}
}

func (t *turn) removed() {
	t.tell("infrastructure", t.is.ARN+"/gone/"+t.stamp(), t.is.what()+" is gone")
}

func timestamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func (s *service) find(id string) *deployment {
	for i := range s.Deployments {
		if s.Deployments[i].ID == id {
			return &s.Deployments[i]
		}
	}
	return nil
}

// phase is how far a deployment has come. Controllers other than that of ECS do not say.
func (s *service) phase(d *deployment) change.Phase {
	switch {
	case d.Rollout == "COMPLETED":
		return change.Succeeded
	case d.Rollout == "FAILED":
		return change.Failed
	case d.Rollout == "" && (d.Status != primary || d.Running >= d.Desired && len(s.Deployments) == 1):
		return change.Succeeded
	}
	return change.Started
}

const primary = "PRIMARY"

// deployments tells of those that are new, and of those that came to an end.
func (t *turn) deployments(was, is *service) {
	key := func(d *deployment) string {
		return deploymentKey(t.is.Account, t.is.Region, t.is.Cluster, t.is.Name, d.ID)
	}
	for i := range is.Deployments {
		d := &is.Deployments[i]
		old := was.find(d.ID)
		phase := is.phase(d)
		if d.ID == "" || old != nil && was.phase(old) == phase {
			continue
		}
		if old == nil && d.goesBack(was, is) {
			e := t.tell("rollback", rollbackKey(key(d)), "ECS rolls back "+t.is.Name)
			t.dated(e, d.CreatedAt, d.CreatedAt)
			e.Story, e.Detail, e.Actor = story(key(d)), integration.ClipDetail(d.Reason), change.Actor{Type: change.ByAutomation, Name: "ECS circuit breaker"}
			t.versions(e, d, was, is)
			e.Dark = false
			if phase == change.Started {
				continue // its end is told as that of a deployment
			}
		}
		e := t.tell("deploy", key(d), deployedTitle(t.is.Name))
		e.Phase, e.Story = phase, story(key(d))
		t.dated(e, d.CreatedAt, d.UpdatedAt)
		integration.Label(e, "task_definition", d.Definition)
		if phase == change.Failed {
			e.Detail = integration.ClipDetail(d.Reason)
		}
		if old == nil {
			t.versions(e, d, was, is)
		} else if d.Status == primary {
			e.Version, _ = is.version(t.is.Name)
		}
	}
	for i := range was.Deployments {
		d := &was.Deployments[i]
		if d.ID == "" || was.phase(d) != change.Started || is.find(d.ID) != nil || len(is.Deployments) == 0 {
			continue
		}
		e := t.tell("deploy", key(d), deployedTitle(t.is.Name))
		e.Phase, e.Story, e.Detail = change.Cancelled, story(key(d)), "Another deployment took its place before its end was seen."
		t.dated(e, d.CreatedAt, time.Time{})
		integration.Label(e, "task_definition", d.Definition)
	}
}

// goesBack reports whether a deployment is the circuit breaker's, which says so while it goes on; once it has ended it is
// told by the definition before the one that failed.
func (d *deployment) goesBack(was, is *service) bool {
	if strings.Contains(d.Reason, "rolling back") {
		return true
	}
	failed := slices.ContainsFunc(is.Deployments, func(other deployment) bool {
		return other.Rollout == "FAILED" && other.CreatedAt.Before(d.CreatedAt)
	})
	family, number, _ := strings.Cut(d.Definition, ":")
	wasFamily, wasNumber, _ := strings.Cut(was.Definition, ":")
	a, err := strconv.Atoi(number)
	b, wrong := strconv.Atoi(wasNumber)
	return failed && d.Status == primary && family == wasFamily && err == nil && wrong == nil && a < b
}

// versions says what a new deployment brings, and how its definition differs from the one before.
func (t *turn) versions(e *change.Event, d *deployment, was, is *service) {
	if d.Status != primary || d.Definition != is.Definition {
		return
	}
	e.Version, e.Commit = is.version(t.is.Name)
	if was.Definition == "" || was.Definition == is.Definition {
		return
	}
	if before, _ := was.version(t.is.Name); before != e.Version {
		e.Previous = before
	}
	diff := append(compareServices(was, is), change.Diff{Field: "task_definition", Old: was.Definition, New: is.Definition})
	e.Diff = diff[:min(len(diff), change.MaxDiff)]
}

// compareServices gives what differs in two definitions, the image of what does the work first.
func compareServices(was, is *service) []change.Diff {
	var diff []change.Diff
	before := map[string]container{}
	for _, c := range was.Containers {
		before[c.Name] = c
	}
	for _, c := range is.Containers {
		old, found := before[c.Name]
		delete(before, c.Name)
		prefix := c.Name + "/"
		if len(is.Containers) == 1 {
			prefix = ""
		}
		if !found {
			diff = append(diff, change.Diff{Field: "container/" + c.Name, New: c.Image})
			continue
		}
		if old.Image != c.Image {
			diff = append(diff, change.Diff{Field: prefix + "image", Old: old.Image, New: c.Image})
		}
		if old.Command != c.Command {
			diff = append(diff, change.Diff{Field: prefix + "command", Old: old.Command, New: c.Command})
		}
		diff = append(diff, pairs(prefix, old.Resources, c.Resources)...)
		diff = append(diff, pairs(prefix+variables, old.Environment, c.Environment)...)
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		diff = append(diff, change.Diff{Field: "container/" + name, Old: before[name].Image})
	}
	return append(diff, pairs("task/", was.Resources, is.Resources)...)
}

// pairs gives what differs in two sets, by name.
func pairs(prefix string, was, is map[string]string) []change.Diff {
	names := map[string]bool{}
	for _, set := range []map[string]string{was, is} {
		for name := range set {
			names[name] = true
		}
	}
	var diff []change.Diff
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was[name] != is[name] {
			diff = append(diff, change.Diff{Field: prefix + name, Old: was[name], New: is[name]})
		}
	}
	return diff
}

// scaled tells that another number of tasks is wanted, and who wanted it where that was Application Auto Scaling.
func (t *turn) scaled(was, is *service) {
	if was.Desired == is.Desired {
		return
	}
	own := fmt.Sprintf("ecs-count/%s/%s/%s/%s", t.is.Account, t.is.Region, t.is.Cluster, t.is.Name)
	e := t.tell("scaling", fmt.Sprintf("%s/%d/%s", own, is.Desired, t.stamp()), fmt.Sprintf("Scaled %s from %d to %d", t.is.Name, was.Desired, is.Desired),
		change.Diff{Field: "desiredCount", Old: strconv.Itoa(was.Desired), New: strconv.Itoa(is.Desired)})
	for _, s := range slices.Backward(is.Scalings) {
		if s.To == is.Desired && !slices.ContainsFunc(was.Scalings, func(old scaling) bool { return old.ID == s.ID }) {
			e.Key, e.Detail = integration.Line(own+"/"+s.ID), integration.ClipDetail(integration.Sentence(s.Cause))
			e.Actor, e.Dark = change.Actor{Type: change.ByAutomation, Name: "Application Auto Scaling"}, false
			t.dated(e, s.At, s.At)
			return
		}
	}
}

// function tells that code, settings or aliases are others.
func (t *turn) function(was, is *function) {
	settings := pairs("", was.Settings, is.Settings)
	if was.Runtime != is.Runtime {
		settings = append(settings, change.Diff{Field: "runtime", Old: was.Runtime, New: is.Runtime})
	}
	key := functionKey(t.is.Account, t.is.Region, t.is.Name, cmp.Or(is.Modified, t.stamp()))
	var e *change.Event
	switch {
	case was.Code != is.Code:
		e = t.tell("deploy", key, codeTitle(t.is.Name), append([]change.Diff{{Field: "code", Old: was.Code, New: is.Code}}, settings...)...)
	case len(settings) > 0:
		e = t.tell("config", key, "Changed the settings of "+t.is.Name, settings...)
	}
	if e != nil {
		e.Story = story(key)
		at := integration.ReadTime(is.Modified)
		t.dated(e, at, at)
	}
	before := map[string]*alias{}
	for i := range was.Aliases {
		before[was.Aliases[i].Name] = &was.Aliases[i]
	}
	for i := range is.Aliases {
		a := &is.Aliases[i]
		old := before[a.Name]
		delete(before, a.Name)
		if old == nil || old.Version != a.Version || !maps.Equal(old.Weights, a.Weights) {
			t.alias(was, is, cmp.Or(old, &alias{}), a)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		key := functionKey(t.is.Account, t.is.Region, t.is.Name, "alias/"+name+"/gone/"+t.stamp())
		e := t.tell("config", key, fmt.Sprintf("Removed the alias %s of %s", name, t.is.Name), change.Diff{Field: "alias/" + name, Old: before[name].Version})
		integration.Label(e, "alias", name)
	}
}

// alias tells that an alias leads elsewhere: to another version, or in part to one.
func (t *turn) alias(was, is *function, old, a *alias) {
	key := functionKey(t.is.Account, t.is.Region, t.is.Name, "alias/"+a.Name+"/"+cmp.Or(a.Revision, t.stamp()))
	diff := append(pairs("alias/"+a.Name+"/version", map[string]string{"": old.Version}, map[string]string{"": a.Version}),
		pairs("alias/"+a.Name+"/weight/", shares(old.Weights), shares(a.Weights))...)
	e := t.tell("deploy", key, pointedTitle(a.Name, t.is.Name, a.Version))
	e.Story, e.Version, e.Environment = story(key), a.Version, cmp.Or(a.Environment, e.Environment)
	integration.Label(e, "alias", a.Name)
	other := a.Version
	switch {
	case len(a.Weights) > 0:
		for version, share := range a.Weights {
			share = min(max(share*100, 0), 100)
			e.Kind, e.Version, e.Exposure, e.Title = "traffic", version, &share, sentTitle(share, a.Name, t.is.Name, version)
			other = version
		}
		e.Previous = a.Version
	case old.Version == a.Version:
		whole := 100.0 // what was sent elsewhere comes back
		e.Kind, e.Exposure = "traffic", &whole
	default:
		e.Previous = old.Version
	}
	if before, after := was.Versions[cmp.Or(old.Version, a.Version)], is.Versions[other]; before.Code != "" && after.Code != "" && before.Code != after.Code {
		diff = append(diff, change.Diff{Field: "code", Old: before.Code, New: after.Code})
		diff = append(diff, pairs("", before.Settings, after.Settings)...)
	}
	e.Diff = diff[:min(len(diff), change.MaxDiff)]
}

// shares are weights as people read them.
func shares(weights map[string]float64) map[string]string {
	list := map[string]string{}
	for version, share := range weights {
		list[version] = fmt.Sprintf("%.4g %%", share*100)
	}
	return list
}

// group tells that another size is wanted, what instances came or went for another reason, and that settings are others.
func (t *turn) group(was, is *group) {
	place := func(at string) string { return decisionKey(t.is.Account, t.is.Region, t.is.Name, at) }
	fresh := slices.DeleteFunc(slices.Clone(is.Activities), func(a activity) bool {
		return slices.ContainsFunc(was.Activities, func(old activity) bool { return old.ID == a.ID && old.ended() == a.ended() })
	})
	if was.Desired != is.Desired {
		e := t.tell("scaling", fmt.Sprintf("%s/%d", place(t.stamp()), is.Desired), fmt.Sprintf("Scaled %s from %d to %d", t.is.Name, was.Desired, is.Desired),
			change.Diff{Field: "desired", Old: strconv.Itoa(was.Desired), New: strconv.Itoa(is.Desired)})
		for _, a := range slices.Backward(is.Activities) {
			part := decisionFormat.FindStringSubmatch(a.Cause)
			if part == nil || part[3] != strconv.Itoa(is.Desired) {
				continue
			}
			at := integration.ReadTime(part[1])
			if at.IsZero() || !t.look.After.IsZero() && at.Before(t.look.After.Add(-decisionLag)) {
				break // an earlier decision for the same size
			}
			e.Key, e.Story, e.Detail, e.Actor = place(part[1]), story(place(part[1])), a.Cause, causeActor(a.Cause)
			e.Dark = e.Actor.Type != change.ByAutomation
			t.dated(e, at, at)
			break
		}
	}
	for _, a := range fresh {
		failed := a.Status == "Failed" || a.Status == "Cancelled"
		if !a.ended() || !failed && (is.Desired != was.Desired || strings.Contains(a.Cause, "difference between desired and actual capacity")) {
			continue // it follows from the size that is wanted
		}
		verb := "Launched an instance in "
		if strings.HasPrefix(a.Description, "Terminat") {
			verb = "Terminated an instance in "
		}
		e := t.tell("scaling", activityKey(t.is.Account, t.is.Region, a.ID), verb+t.is.Name)
		if failed {
			e.Phase = change.Failed
		}
		e.Detail, e.Actor, e.Dark = integration.Paragraphs(a.Cause, a.Message), causeActor(a.Cause), false
		if decided, at := decision(a.Cause); decided {
			e.Story = story(place(at))
		}
		t.dated(e, a.StartedAt, a.EndedAt)
	}
	bounds := append(pairs("", map[string]string{"min": strconv.Itoa(was.Min), "max": strconv.Itoa(was.Max)}, map[string]string{"min": strconv.Itoa(is.Min), "max": strconv.Itoa(is.Max)}),
		pairs("", was.Settings, is.Settings)...)
	if len(bounds) > 0 {
		kind := "config"
		if was.Settings["launch_template"] != is.Settings["launch_template"] || was.Settings["launch_configuration"] != is.Settings["launch_configuration"] {
			kind = "infrastructure" // new instances are others
		}
		t.tell(kind, t.is.ARN+"/settings/"+t.stamp(), fmt.Sprintf("Changed %s of the group %s", strings.ReplaceAll(bounds[0].Field, "_", " "), t.is.Name), bounds...)
	}
}

// decisionLag is how long before it was seen a decision may have been taken: it is one of the look before, else.
const decisionLag = 5 * time.Minute

func (a *activity) ended() bool {
	return a.Status == "Successful" || a.Status == "Failed" || a.Status == "Cancelled"
}
