package change

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Advance joins a later report of the same source and key into what is known. Phases only go forward, and of each field
// counts what the furthest report says that says anything of it: first the one of the highest phase, then the one that was
// said last, and only among those that the source said at the same time the one that arrived last. So the event is the same
// in whichever order reports come, and however often. It tells whether anything changed.
//
// For that, Said keeps which report a field is from, where that is not the furthest of all; and Joins what further reports
// named that joins stories, so that these do not depend on the order either.
func (e *Event) Advance(report Event) bool {
	before := *e
	joins := append(append(e.ownJoins(), e.Joins...), append(report.ownJoins(), report.Joins...)...)
	a := advance{Event: e, known: e.stamp(), new: report.stamp(), said: map[string]string{}}
	furthest := e.saidAt()
	if a.new >= a.known {
		furthest = report.saidAt()
	}
	history, ramp := history(e, &report), ramp(e, &report)
	a.fields(&report)
	a.labels(report.Labels)
	e.Subjects = unite(e.Subjects, report.Subjects, func(s Subject) string { return s.Name }, func(a, b Subject) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Outside, b.Outside), cmp.Compare(a.Entity, b.Entity))
	})
	e.Links = unite(e.Links, report.Links, func(l Link) string { return l.URL }, func(a, b Link) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Title, b.Title), strings.Compare(a.URL, b.URL))
	})
	e.Dark = e.Dark && report.Dark
	for _, field := range report.Redacted {
		e.redacted(field)
	}
	if e.Guessed {
		e.guess()
	}
	// The start is the earliest that any report says; whatever came first keeps identity and arrival.
	if report.StartedAt.Before(e.StartedAt) {
		e.StartedAt = report.StartedAt
	}
	e.History, e.Ramp = history, ramp
	if a.new >= a.known {
		e.Phase = report.Phase
	}
	e.SaidAt = furthest
	e.shortenSaidAt()
	maps.DeleteFunc(a.said, func(_, stamp string) bool { return stamp == max(a.known, a.new) })
	if e.Said = a.said; len(e.Said) == 0 {
		e.Said = nil
	}
	own := e.ownJoins()
	slices.Sort(joins)
	joins = slices.DeleteFunc(slices.Compact(joins), func(join string) bool { return slices.Contains(own, join) })
	if e.Joins = joins[:min(len(joins), maxJoins)]; len(joins) == 0 {
		e.Joins = nil
	}
	now, then := *e, before
	if report.untimed() {
		// What says the same again is sent again, and not said later.
		now.SaidAt, now.Said, then.SaidAt, then.Said = time.Time{}, nil, time.Time{}, nil
	}
	if bytes.Equal(then.AppendDocument(nil), now.AppendDocument(nil)) {
		*e = before
		return false
	}
	return true
}

// maxJoins bounds what is kept of an event that a source tells of again and again, each time with another version.
const maxJoins = 50

// untimed reports whether the source tells no time: that of its arrival stands for it.
func (e *Event) untimed() bool {
	return e.StartedAt.Equal(e.ReceivedAt) && e.SaidAt.IsZero() && e.EndedAt.IsZero()
}

// saidAt is when the source said what the event says.
func (e *Event) saidAt() time.Time { return cmp.Or(e.SaidAt, e.EndedAt, e.StartedAt) }

// shortenSaidAt leaves out what the other times say as well.
func (e *Event) shortenSaidAt() {
	if e.SaidAt.Equal(cmp.Or(e.EndedAt, e.StartedAt)) {
		e.SaidAt = time.Time{}
	}
}

// stamp orders reports of one event: as text, a further one is greater.
func (e *Event) stamp() string { return fmt.Sprintf("%d%016d", e.Phase.rank(), e.saidAt().UnixMicro()) }

// advance is one report on its way into an event.
type advance struct {
	*Event
	known, new string            // the stamps of the furthest report so far, and of this one
	said       map[string]string // the stamps of the fields, as far as they were looked at
}

// takes reports whether what the report says of a field counts, and notes which of the two does.
func (a *advance) takes(field string, has, says bool) bool {
	stamp := cmp.Or(a.Said[field], a.known)
	takes := says && (!has || a.new >= stamp)
	switch {
	case takes:
		a.said[field] = a.new
	case has:
		a.said[field] = stamp
	}
	return takes
}

func (a *advance) fields(report *Event) {
	for _, text := range [...]struct {
		field     string
		into, say *string
	}{
		{"title", &a.Title, &report.Title},
		{"detail", &a.Detail, &report.Detail},
		{"environment", &a.Environment, &report.Environment},
		{"region", &a.Region, &report.Region},
		{"cluster", &a.Cluster, &report.Cluster},
		{"version", &a.Version, &report.Version},
		{"previous", &a.Previous, &report.Previous},
		{"commit", &a.Commit, &report.Commit},
		{"story", &a.Story, &report.Story},
	} {
		if a.takes(text.field, *text.into != "", *text.say != "") {
			*text.into = *text.say
		}
	}
	if a.takes("kind", !a.Guessed, !report.Guessed) {
		a.Kind, a.Guessed = report.Kind, false
	}
	// Who has a name counts before who has none.
	if named := a.Actor.Name != ""; a.takes("actor", named || report.Actor.Name == "", report.Actor.Name != "" || !named) {
		a.Actor = report.Actor
	}
	if a.takes("ended_at", !a.EndedAt.IsZero(), !report.EndedAt.IsZero()) {
		a.EndedAt = report.EndedAt
	}
	if a.takes("exposure", a.Exposure != nil, report.Exposure != nil) {
		a.Exposure = report.Exposure
	}
	if a.takes("diff", len(a.Diff) > 0, len(report.Diff) > 0) {
		a.Diff = report.Diff
	}
}

func (a *advance) labels(report map[string]string) {
	labels := make(map[string]string, len(a.Labels)+len(report))
	maps.Copy(labels, a.Labels)
	for key := range labels {
		a.takes("labels/"+key, true, false)
	}
	for key, value := range report {
		if _, has := labels[key]; a.takes("labels/"+key, has, true) {
			labels[key] = value
		}
	}
	if len(labels) > 0 {
		a.Labels = labels
	}
}

// history is the event's, with the step that the report tells of: what is under way began at the earliest time that is said
// of it, and what has ended ended at the last.
func history(e, report *Event) []PhaseChange {
	steps := slices.Clone(e.History)
	if len(steps) == 0 {
		steps = []PhaseChange{e.step()}
	}
	step := report.step()
	i := slices.IndexFunc(steps, func(known PhaseChange) bool { return known.Phase == step.Phase })
	switch ended := step.Phase.rank() >= Succeeded.rank(); {
	case i < 0:
		steps = append(steps, step)
	case report.untimed(): // it happened when that was first said
	case ended == step.At.After(steps[i].At) && !step.At.Equal(steps[i].At):
		steps[i] = step
	}
	slices.SortFunc(steps, func(a, b PhaseChange) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Phase.Code(), b.Phase.Code()))
	})
	if len(steps) == 1 {
		return nil
	}
	return steps
}

// step is the step of its life that a report tells of.
func (e *Event) step() PhaseChange {
	at := e.StartedAt
	if e.Phase.rank() >= Succeeded.rank() {
		at = cmp.Or(e.EndedAt, e.StartedAt)
	}
	return PhaseChange{Phase: e.Phase, At: at, ReceivedAt: e.ReceivedAt}
}

// ramp is how the exposure of an event rose and fell, with what the report tells of it; nothing while there is one step. Of each
// exposure the first and the last time are kept, so that what says the same again and again is bounded.
func ramp(e, report *Event) []Exposed {
	steps := slices.Clone(e.Ramp)
	if len(steps) == 0 && e.Exposure != nil {
		steps = append(steps, Exposed{*e.Exposure, e.exposedAt()})
	}
	if report.Exposure != nil {
		// What says the same again and tells no time happened when that was first said.
		if last := len(steps) - 1; !report.untimed() || last < 0 || steps[last].Exposure != *report.Exposure {
			steps = append(steps, Exposed{*report.Exposure, report.saidAt()})
		}
	}
	slices.SortFunc(steps, func(a, b Exposed) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Exposure, b.Exposure)) })
	steps = slices.CompactFunc(steps, func(a, b Exposed) bool { return a.At.Equal(b.At) && a.Exposure == b.Exposure })
	kept := make([]Exposed, 0, len(steps))
	for i, step := range steps {
		same := func(other Exposed) bool { return other.Exposure == step.Exposure }
		if !slices.ContainsFunc(steps[:i], same) || !slices.ContainsFunc(steps[i+1:], same) {
			kept = append(kept, step)
		}
	}
	if len(kept) < 2 {
		return nil
	}
	return kept[:min(len(kept), maxRamp)]
}

// maxRamp bounds what is kept of a change whose exposure rises smoothly.
const maxRamp = 100

// exposedAt is when the source said how much is exposed, which may not have been its last word.
func (e *Event) exposedAt() time.Time {
	if stamp := e.Said["exposure"]; len(stamp) > 1 {
		if micros, err := strconv.ParseInt(stamp[1:], 10, 64); err == nil {
			return time.UnixMicro(micros).UTC()
		}
	}
	return e.saidAt()
}

// unite gives what either of two lists has, each once. Lists that differ lose their order, which would be that of arrival.
func unite[T comparable](a, b []T, key func(T) string, compare func(a, b T) int) []T {
	if len(b) == 0 || slices.Equal(a, b) {
		return a
	}
	if len(a) == 0 {
		return b
	}
	all := slices.SortedFunc(slices.Values(slices.Concat(a, b)), func(a, b T) int { return cmp.Or(strings.Compare(key(a), key(b)), compare(a, b)) })
	all = slices.CompactFunc(all, func(a, b T) bool { return key(a) == key(b) })
	slices.SortFunc(all, compare)
	return all
}
