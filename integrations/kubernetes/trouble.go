package kubernetes

import (
	"strconv"
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
