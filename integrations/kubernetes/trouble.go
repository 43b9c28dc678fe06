package kubernetes

import (
	"slices"
	"strconv"

	"tidings.dev/tidings/change"
)

// sentence says what a workload suffers from, as one would say it.
func (t *Trouble) sentence(name string) string {
	place := ""
	if t.Container != "" {
		place = ": container " + t.Container
	}
	if t.Pods > 0 {
		if place == "" {
			place = ": "
		} else {
			place += ", "
		}
		place += count(t.Pods, "pod")
	}
	switch t.Kind {
	case "crash_loop":
		return name + " crashes again and again" + place
	case "out_of_memory":
		return name + " runs out of memory" + place
	case "image_pull":
		return name + " cannot pull its image" + place
	case "probe":
		return name + " fails its probes" + place
	case "eviction":
		if t.Node != "" {
			place += " on node " + t.Node
		}
		return name + " was evicted" + place
	case "quota":
		return name + " is refused pods by a quota" + place
	case "schedule":
		return name + " finds no node to run on" + place
	case "job_failed":
		return "A job of " + name + " failed" + place
	}
	return name + " is in trouble: " + t.Kind
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// troubles tells what begins and what has ended of what a workload suffers from.
func (t *turn) troubles(w *Workload, now []Trouble) {
	m := t.memory
	var last []told
	for _, open := range m.Troubles {
		if slices.ContainsFunc(now, open.is) {
			last = append(last, open)
			continue
		}
		open.EndedAt = later(t.look.Before, open.Since)
		t.alert(&open, change.Succeeded, "")
		m.Ended = append(m.Ended, open)
	}
	m.Troubles = last
	for i := range now {
		trouble := &now[i]
		j := slices.IndexFunc(m.Troubles, func(open told) bool { return open.is(*trouble) })
		title := trouble.sentence(w.Name)
		if j >= 0 {
			if open := &m.Troubles[j]; trouble.Pods > open.Pods {
				open.Pods, open.Title = trouble.Pods, title
				t.alert(open, change.Started, line(trouble.Message))
			}
			continue
		}
		if len(m.Troubles) >= 50 {
			return
		}
		since := trouble.Since
		if since.IsZero() || since.After(t.look.Before) || since.Before(change.Earliest) {
			since = t.look.Before
		}
		for _, ended := range m.Ended {
			if ended.is(*trouble) && !since.After(ended.EndedAt) {
				since = t.look.Before // it has come back
			}
		}
		open := told{Kind: line(trouble.Kind), Container: line(trouble.Container), Title: title, Pods: trouble.Pods, Since: since}
		open.Key = cutKey("trouble/" + w.UID + "/" + open.Kind + "/" + open.Container + "/" + strconv.FormatInt(since.Unix(), 10))
		m.Troubles = append(m.Troubles, open)
		t.alert(&open, change.Started, line(trouble.Message))
	}
}

// is reports whether a trouble is the one that was told.
func (o told) is(trouble Trouble) bool {
	return o.Kind == line(trouble.Kind) && o.Container == line(trouble.Container)
}

func (t *turn) alert(open *told, phase change.Phase, detail string) {
	e := change.Event{
		Key: open.Key, Kind: "alert", Phase: phase, Title: open.Title, Detail: detail, StartedAt: open.Since, EndedAt: open.EndedAt,
		Actor:  change.Actor{Type: change.ByAutomation, Name: "Kubernetes"},
		Labels: map[string]string{"trouble": open.Kind, "object": line(t.meta.object())},
	}
	if open.Container != "" {
		e.Labels["container"] = open.Container
	}
	t.place(&e)
	t.emit(e)
}
