package kubernetes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// patter is how far apart two changes of one aspect are at most to be one thing that goes on.
const patter = 15 * time.Minute

// carriers bring what people wrote elsewhere: what they write anew is news, unless it is the very same as before.
var carriers = []string{"Argo CD", "Flux", "Helm", "Terraform", "OpenTofu", "Pulumi", "Spinnaker", "Skaffold", "Tilt"}

// aspect is what a program changed of an object, where it may do so again and again; empty for what people do, and for what
// is news each time, such as a rollout. An operator's is the fields that it writes, whatever it writes there; a carrier's the
// whole difference, which comes again where another program undoes it.
func aspect(e *change.Event, o *origin) string {
	if o.Verb != "update" || o.Stale || e.Phase != change.Succeeded || e.Kind == "infrastructure" || len(e.Diff) == 0 ||
		o.Writer == nil || !machine(o.Writer.Manager) || e.Actor.Name == autoscaler().Name {
		return ""
	}
	if slices.Contains(carriers, known(o.Writer.Manager)) {
		return sum(fmt.Sprint(o.Writer.Manager, e.Kind, e.Diff))
	}
	fields := make([]string, len(e.Diff))
	for i, d := range e.Diff {
		fields[i] = d.Field
	}
	return sum(o.Writer.Manager + " " + e.Kind + " " + strings.Join(fields, " "))
}

// repeats is the last change of an aspect, where it is not long ago.
func (m *memory) repeats(aspect string, now time.Time) *recent {
	for i := len(m.Recent) - 1; i >= 0; i-- {
		if r := &m.Recent[i]; r.Aspect == aspect && now.Sub(r.Origin.To) <= patter {
			return r
		}
	}
	return nil
}

// onceMore counts a change that a program made before: from the third time on they are one event.
func (t *turn) onceMore(told *recent, e *change.Event, o *origin) *recent {
	told.Times++
	base, _, _ := strings.Cut(told.Event.Title, timesMark)
	told.Event.Title = fmt.Sprintf("%s%s%d times", line(base), timesMark, told.Times)
	told.counts(told.Times)
	told.Event.EndedAt = later(t.look.Before, told.Event.StartedAt)
	told.Origin.To, told.Origin.Writer = o.To, o.Writer
	t.again(told, e.Detail)
	return told
}

// counts notes how often what is told has happened: pages and commands show it beside the first difference.
func (r *recent) counts(times int) {
	r.Event.Labels = clone(r.Event.Labels)
	r.Event.Labels["times"] = strconv.Itoa(times)
}

// timesMark stands before the number of times in a title.
const timesMark = ", again and again: "
