package feed

import (
	"cmp"
	"slices"
	"time"

	"tidings.dev/tidings/change"
)

// Step is one step of a story that was reached.
type Step struct {
	Event *change.Event
	Name  string    // merged, built, released, deployed, live, rolled back or changed
	At    time.Time // when it was reached: it ended, or was over at once
	Took  time.Duration
	Since time.Duration // since the step before it that ended well; zero for the first
	Lead  time.Duration // since the first step
}

// Steps are those of a story, in the order in which they were reached. What goes on still is none, and neither is a signal or
// a note, but for what builds and releases.
func Steps(events []change.Event) []Step {
	var steps []Step
	for i := range events {
		e := &events[i]
		name := stepName(e)
		if name == "" || e.Phase == change.Planned || e.Phase == change.Started {
			continue
		}
		s := Step{Event: e, Name: name, At: cmp.Or(e.EndedAt, e.StartedAt)}
		if !e.EndedAt.IsZero() {
			s.Took = max(e.EndedAt.Sub(e.StartedAt), 0)
		}
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(stepOrder(a.Name), stepOrder(b.Name)))
	})
	var well time.Time
	for i := range steps {
		s := &steps[i]
		s.Lead, s.Since = s.At.Sub(steps[0].At), s.At.Sub(cmp.Or(well, s.At))
		if s.Event.Phase == change.Succeeded {
			well = s.At
		}
	}
	return steps
}

func stepName(e *change.Event) string {
	switch e.Kind {
	case "merge":
		return "merged"
	case "build":
		return "built"
	case "release":
		return "released"
	case "rollback":
		return "rolled back"
	case "deploy":
		if e.Dark {
			return "live"
		}
		return "deployed"
	}
	if kind, _ := change.KindNamed(e.Kind); kind.Class == change.ClassChange {
		return "changed"
	}
	return ""
}

// stepOrder is that of steps of the same instant.
func stepOrder(name string) int {
	return slices.Index([]string{"merged", "built", "released", "changed", "deployed", "live", "rolled back"}, name)
}
