package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"tidings.dev/tidings/change"
)

// nodeChanged tells what happened to a node that workloads had pods on.
func (t *turn) nodeChanged(before, after *Node) {
	on := after.Workloads
	if len(on) == 0 {
		on = before.Workloads
	}
	if len(on) == 0 {
		return
	}
	if before.Ready && !after.Ready {
		t.memory.Lost = t.node(after, on, "lost", "Lost node "+after.Name, sentence(after.Reason, after.Message), "ready", "true", "false", change.Started)
	}
	if !before.Ready && after.Ready {
		// What was lost and is back is one event, over.
		if told := t.memory.find(t.memory.Lost); told != nil {
			told.Event.Phase, told.Event.EndedAt = change.Succeeded, later(t.look.Before, told.Event.StartedAt)
			told.Event.Title = "Lost node " + after.Name + ", and it is back"
			t.again(told, "")
		} else {
			t.node(after, on, "back", "Node "+after.Name+" is back", "", "ready", "false", "true", change.Succeeded)
		}
		t.memory.Lost = ""
	}
	if before.Unschedulable != after.Unschedulable {
		t.node(after, on, either(after.Unschedulable, "cordoned", "uncordoned"), either(after.Unschedulable, "Cordoned node ", "Uncordoned node ")+after.Name, "",
			"unschedulable", fmt.Sprint(before.Unschedulable), fmt.Sprint(after.Unschedulable), change.Succeeded)
	}
	for _, pressure := range after.Pressures {
		if !slices.Contains(before.Pressures, pressure) {
			t.node(after, on, pressure, "Node "+after.Name+" suffers from "+pressureName(pressure), "", "pressure", "", pressure, change.Succeeded)
		}
	}
	for _, pressure := range before.Pressures {
		if !slices.Contains(after.Pressures, pressure) && after.Ready {
			t.node(after, on, pressure, "Node "+after.Name+" no longer suffers from "+pressureName(pressure), "", "pressure", pressure, "", change.Succeeded)
		}
	}
}

func pressureName(condition string) string {
	switch condition {
	case "MemoryPressure":
		return "too little memory"
	case "DiskPressure":
		return "a full disk"
	case "PIDPressure":
		return "too many processes"
	case "NetworkUnavailable":
		return "an unavailable network"
	}
	return line(condition)
}

func (t *turn) node(n *Node, on []string, what, title, detail, field, before, after string, phase change.Phase) string {
	o := t.origin("update", &n.Meta, n.Writers, "spec")
	e := change.Event{
		Key: fmt.Sprintf("node/%s/%s/%d", n.UID, strings.ToLower(what), t.look.SeenAt.Unix()), Kind: "infrastructure", Phase: phase,
		Title: title, Detail: detail, Subjects: t.aliases(on), Diff: []change.Diff{{Field: field, Old: before, New: after}},
		Labels: map[string]string{"change": what, "node": line(n.Name)},
	}
	if field != "unschedulable" { // it happened, and nobody did it
		o.Writer = nil
		e.Actor = change.Actor{Type: change.ByAutomation, Name: "Kubernetes"}
	}
	return t.tell(e, o).Event.Key
}

func (t *turn) nodeRemoved(n *Node) {
	if len(n.Workloads) == 0 {
		return
	}
	t.tell(change.Event{
		Key: "removed/" + n.UID, Kind: "infrastructure", Phase: change.Succeeded, Title: "Removed node " + n.Name,
		Subjects: t.aliases(n.Workloads), Labels: map[string]string{"change": "removed", "node": line(n.Name)},
	}, t.origin("delete", &n.Meta, nil))
}
