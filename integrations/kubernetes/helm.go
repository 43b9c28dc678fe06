package kubernetes

import (
	"cmp"
	"fmt"
	"strings"

	"tidings.dev/tidings/change"
)

// helm tells a revision of a release, and how it comes along.
func (t *turn) helm(before, after *HelmRelease) {
	if before != nil && after.Revision < before.Revision {
		before = nil // installed anew
	}
	status := strings.ToLower(after.Status)
	var phase change.Phase
	switch {
	case strings.HasPrefix(status, "pending"):
		phase = change.Started
	case status == "deployed" || status == "superseded":
		phase = change.Succeeded
	case status == "failed":
		phase = change.Failed
	default: // uninstalling: what goes is told as it goes
		return
	}
	key := fmt.Sprintf("helm/%s/%d", after.UID, after.Revision)
	state := fmt.Sprintf("%d %s", after.Revision, phase)
	if t.memory.Helm == state || len(after.Workloads) == 0 ||
		before != nil && before.Revision == after.Revision && before.Status == after.Status && len(before.Workloads) > 0 {
		return
	}
	t.memory.Helm = state
	name := cmp.Or(after.Release, after.Name)
	version := cmp.Or(after.AppVersion, after.ChartVersion)
	e := change.Event{
		Key: cutKey(key), Kind: "deploy", Phase: phase, Version: version, Subjects: t.aliases(after.Workloads),
		Story:  t.helmStory(fmt.Sprintf("%s/%s@%d", after.Namespace, name, after.Revision)),
		Detail: line(after.Description), Labels: map[string]string{"revision": fmt.Sprint(after.Revision), "chart": line(after.Chart + " " + after.ChartVersion)},
	}
	doing, done, rest := "Upgrading", "Upgraded", fmt.Sprintf("release %s to revision %d: %s %s", name, after.Revision, after.Chart, after.ChartVersion)
	told := t.memory.find(e.Key)
	switch {
	case strings.HasPrefix(after.Description, "Rollback") || status == "pending-rollback" || told != nil && told.Event.Kind == "rollback":
		e.Kind, doing, done = "rollback", "Rolling back", "Rolled back"
	case after.Revision == 1:
		doing, done, rest = "Installing", "Installed", fmt.Sprintf("release %s: %s %s", name, after.Chart, after.ChartVersion)
	}
	var d difference
	if before != nil && before.Revision != after.Revision {
		e.Previous = cmp.Or(before.AppVersion, before.ChartVersion)
		d.text("chart", before.Chart+" "+before.ChartVersion, after.Chart+" "+after.ChartVersion)
		d.text("app_version", before.AppVersion, after.AppVersion)
		d.text("revision", fmt.Sprint(before.Revision), fmt.Sprint(after.Revision))
		e.Diff = d.diff
	}
	switch phase {
	case change.Succeeded:
		e.Title = done + " " + rest
	case change.Failed:
		e.Title = doing + " " + rest + " failed"
	default:
		e.Title = doing + " " + rest
	}
	if told != nil {
		told.Event.Kind, told.Event.Phase, told.Event.Title = e.Kind, e.Phase, e.Title
		if phase != change.Started {
			told.Event.EndedAt = t.ended(told, after.DeployedAt)
		}
		told.Event.Subjects = e.Subjects
		t.again(told, e.Detail)
		return
	}
	e.StartedAt = t.between(after.DeployedAt)
	e.Actor = change.Actor{Type: change.ByAutomation, Name: "Helm"}
	o := t.origin(either(after.Revision == 1, "create", "update"), &after.Meta, nil)
	o.UID = ""                // that of a revision, which the audit does not tell
	t.tell(e, o).Sure = false // somebody's Helm
}

func (t *turn) helmRemoved(r *HelmRelease) {
	if len(r.Workloads) == 0 {
		return
	}
	t.tell(change.Event{
		Key: fmt.Sprintf("removed/%s/%d", r.UID, r.Revision), Kind: "infrastructure", Phase: change.Succeeded, Title: "Uninstalled release " + cmp.Or(r.Release, r.Name),
		Subjects: t.aliases(r.Workloads), Labels: map[string]string{"change": "removed"},
	}, t.origin("delete", &r.Meta, nil))
}
