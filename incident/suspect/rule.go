package suspect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// rule tells why a change cannot be the cause, with a sentence; empty where it can. It errs on the side of the change: one
// that is ruled out wrongly is never looked at again.
func (k *weighing) rule(c *Candidate) (Reason, string) {
	e := &c.Head
	if idle(e) {
		return Finished, "It never took effect: it was " + string(e.Phase)
	}
	late := k.q.afterwards()
	if finished(c) {
		late += longRollout // when it began, nobody told
	}
	if k.lag(c) < -late {
		return AfterOnset, fmt.Sprintf("It began %s after the onset", Span(k.lag(c)))
	}
	if otherEnvironment(e.Environment, k.q.Environment) && !k.underneath(c) {
		return OtherEnvironment, fmt.Sprintf("It was in %s, and the trouble is in %s", e.Environment, k.q.Environment)
	}
	// What moves load out of one region is felt in others.
	if otherRegion(e.Region, k.q.Region) && c.Kind != "traffic" && c.Kind != "scaling" && c.Kind != "infrastructure" && !k.following(c) {
		return OtherRegion, fmt.Sprintf("It was in %s, and the trouble is in %s", e.Region, k.q.Region)
	}
	if neverExposed(c) {
		return NoExposure, "It reached nobody: its exposure was 0 %, before and after"
	}
	if c.Undone != nil && revocable(c.Kind) {
		ended := c.Undone.StartedAt
		if end := ending(c.Undone); end.After(ended) {
			ended = end
		}
		onset := k.q.Onset
		if !k.q.Since.IsZero() {
			onset = k.q.Since
		}
		if settled := onset.Sub(ended); settled > max(k.q.felt(), 3*k.q.Doubt) {
			return Reverted, fmt.Sprintf("It was taken back %s before the onset", Span(settled))
		}
	}
	if bad := k.badSince(c); !bad.IsZero() {
		return AlreadyBad, fmt.Sprintf("It was bad already: an alert of this trouble had been firing for %s", Span(e.StartedAt.Sub(bad)))
	}
	if k.unreachable(c) {
		return NoPath, "No path of dependencies leads from it to what is in trouble"
	}
	return "", ""
}

// following reports whether a change in another region may have gone on to where the trouble is, before anybody told of it.
func (k *weighing) following(c *Candidate) bool {
	e := &c.Head
	switch c.Kind {
	case "deploy", "rollback", "config", "flag", "experiment", "schema":
		return otherRegion(e.Region, k.q.Region) && k.q.Onset.Sub(e.StartedAt) < longTrain
	}
	return false
}

// underneath reports whether a change in another environment was of what environments may share, lately: a cluster, an account or a
// network. What was meant for a test has taken such down in production.
func (k *weighing) underneath(c *Candidate) bool {
	return c.Kind == "infrastructure" && k.q.Onset.Sub(c.Head.StartedAt) < longTrain
}

// felt is how long before the onset something must have been taken back: longer, where no alert tells when the trouble began.
func (q *Question) felt() time.Duration {
	if q.firstAlert().IsZero() {
		return latePage
	}
	return stillFelt
}

// stillFelt is how long something may be felt after it was taken back: in caches, queues and what began because of it.
const stillFelt = 30 * time.Minute

// longTrain is how long a change may take from region to region.
const longTrain = 4 * time.Hour

// longRollout is how long before the word of its end a change may have begun of which nothing else was told.
const longRollout = 15 * time.Minute

// afterwards is how long after the onset a change may begin, and still be looked at: the onset may be off.
func (q *Question) afterwards() time.Duration { return max(3*q.Doubt, 5*time.Minute) }

// idle reports whether a change never took effect: a plan, or what was cancelled before it began.
func idle(e *change.Event) bool {
	switch e.Phase {
	case change.Planned:
		// Of maintenance and drills often only the plan is told.
		return e.Kind != "maintenance" && e.Kind != "drill"
	case change.Cancelled:
		began := slices.ContainsFunc(e.History, func(h change.PhaseChange) bool { return h.Phase == change.Started })
		return !began && (e.EndedAt.IsZero() || e.EndedAt.Sub(e.StartedAt) < time.Minute)
	}
	return false
}

// neverExposed reports whether no step of a change reached anybody, and none took away what somebody had.
func neverExposed(c *Candidate) bool {
	if c.Head.Exposure == nil || *c.Head.Exposure > 0 {
		return false
	}
	for i := range c.Events {
		e := &c.Events[i]
		if slices.ContainsFunc(e.Exposures(), func(step change.Exposed) bool { return step.Exposure > 0 }) {
			return false
		}
		if !nothing(e.Previous) || slices.ContainsFunc(e.Diff, func(d change.Diff) bool { return !nothing(d.Old) }) {
			return false
		}
	}
	// Of a switch that was turned off the log may tell no more than that nobody has it now.
	return c.Head.Kind == "deploy" || slices.ContainsFunc(c.Head.Diff, func(d change.Diff) bool { return d.Old != "" }) || c.Head.Previous != ""
}

// nothing reports whether a value is that of something off.
func nothing(value string) bool {
	switch strings.ToLower(strings.TrimSpace(strings.TrimSuffix(value, "%"))) {
	case "", "0", "0.0", "off", "false", "disabled", "none", "null":
		return true
	}
	return false
}

// revocable reports whether taking a change of a kind back ends what it does: not what it did to data.
func revocable(kind string) bool {
	switch kind {
	case "deploy", "flag", "experiment", "config", "traffic", "scaling":
		return true
	}
	return false
}

// badSince is since when an alert of this trouble has fired without a pause, where that is clearly before a change of the
// same service; else zero.
func (k *weighing) badSince(c *Candidate) time.Time {
	for i := range k.q.Signals {
		s := &k.q.Signals[i]
		lasting := s.Phase == change.Started && s.EndedAt.IsZero() || s.EndedAt.After(k.q.Onset)
		if lasting && sameSubject(s, &c.Head) && c.Head.StartedAt.Sub(s.StartedAt) > max(2*k.q.Doubt, 5*time.Minute) {
			return s.StartedAt
		}
	}
	return time.Time{}
}

// unreachable reports whether a change surely has no way to what is in trouble: the calls of both were seen in traffic, and
// nothing else that they share leads from one to the other. What people declared has gaps, by which a cause would be lost.
func (k *weighing) unreachable(c *Candidate) bool {
	if _, near := c.Near(); near || !k.q.Traced || !c.Traced || c.Kin || k.beneath(c) || k.words[c.Head.ID] > 0 {
		return false
	}
	// Very near in time, a gap in the map is as likely as a coincidence.
	return k.lag(c) > 5*time.Minute
}

// beneath reports whether a change is of what everything around stands on.
func (k *weighing) beneath(c *Candidate) bool {
	e := &c.Head
	if !pervasive(c.Kind) {
		return false
	}
	if e.Cluster != "" && len(k.clusters) > 0 {
		return k.clusters[strings.ToLower(e.Cluster)]
	}
	return true
}

// pervasive reports whether a change of a kind can be of what everything stands on.
func pervasive(kind string) bool {
	switch kind {
	case "infrastructure", "traffic", "maintenance", "drill", "secret":
		return true
	}
	return false
}
