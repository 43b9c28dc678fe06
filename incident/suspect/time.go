package suspect

import (
	"fmt"
	"math"
	"time"

	"tidings.dev/tidings/change"
)

// reference is the density that a lag is weighed against: a change anywhere in a day.
const reference = 24 * time.Hour

// weigh is the log of how much likelier a lag is after a cause than at any time of a day. Below zero, the change came after
// the onset, by so much; doubt is how far the onset may be off.
func (l Lag) weigh(lag, doubt time.Duration) float64 {
	late := 0.0
	if lag < 0 {
		beyond := float64(-lag) / float64(max(doubt, time.Minute))
		late, lag = 2.5*beyond+beyond*beyond, 0 // an onset is learned of late more often than early
	}
	// The median of (1 + t/s)^-tail is s(2^(1/tail) - 1). A doubtful onset blurs what is near it.
	scale := float64(l.Median+doubt/2) / (math.Exp2(1/l.Tail) - 1)
	density := math.Log(l.Tail/scale) - (l.Tail+1)*math.Log1p(float64(lag)/scale)
	return density + math.Log(float64(reference)) - late
}

// effect is when a change took effect, as far as is known: for a ramp, when its exposure last rose before the onset; for what
// ran when the onset came, or had just ended, when it began or ended, whichever lies nearer before it.
func effect(c *Candidate, onset time.Time) time.Time {
	at := c.Head.StartedAt
	if rise := lastRise(c, onset); rise.After(at) {
		at = rise
	}
	if ended := ending(&c.Head); !ended.IsZero() && ended.After(at) && !ended.After(onset) {
		at = ended
	}
	if due := expiry(&c.Head); !due.IsZero() {
		return due
	}
	return at
}

// ending is when a change ended; zero where that is not known.
func ending(e *change.Event) time.Time {
	if !e.EndedAt.IsZero() {
		return e.EndedAt
	}
	for _, step := range e.History {
		if step.Phase == change.Succeeded || step.Phase == change.Failed {
			return step.At
		}
	}
	return time.Time{}
}

// expiry is when what was issued runs out: a certificate bites then, and not when it was made.
func expiry(e *change.Event) time.Time {
	if e.Kind != "secret" {
		return time.Time{}
	}
	for _, name := range []string{"expires_at", "not_after", "expires", "expiry"} {
		if at, err := time.Parse(time.RFC3339, e.Labels[name]); err == nil {
			return at
		}
	}
	return time.Time{}
}

// lastRise is when the exposure of a change last rose, not after the onset; zero without a ramp.
func lastRise(c *Candidate, onset time.Time) time.Time {
	var last time.Time
	var before float64
	for i := range c.Events {
		e := &c.Events[i]
		if e.Exposure == nil || e.StartedAt.After(onset) || !sameScope(e, &c.Head) {
			continue
		}
		if *e.Exposure > before {
			last = e.StartedAt
		}
		before = *e.Exposure
	}
	return last
}

func sameScope(a, b *change.Event) bool {
	return (a.Environment == "" || b.Environment == "" || sameEnvironment(a.Environment, b.Environment)) &&
		(a.Region == "" || b.Region == "" || a.Region == b.Region)
}

func (k *weighing) time(c *Candidate) {
	lag := k.lag(c)
	law, ok := k.w.Lag[c.Head.Kind]
	if !ok {
		law = k.w.AnyLag
	}
	weight := law.weigh(lag, k.q.Doubt)
	// Of a change that took a while, the harm came with its beginning or with its end.
	if began := k.q.Onset.Sub(c.Head.StartedAt); began > lag && lag >= 0 && expiry(&c.Head).IsZero() {
		weight = math.Log(0.6*math.Exp(law.weigh(began, k.q.Doubt)) + 0.4*math.Exp(weight))
	}
	// What is still going on does harm at any time of it.
	if elapsed := k.q.Onset.Sub(c.Head.StartedAt); k.running(c) && elapsed < longestRun {
		weight = max(weight, math.Log(float64(reference)/float64(max(elapsed, law.Median))))
	}
	k.add("time", weight, k.timeSentence(c, lag))
}

// longestRun is after how long a change of which no end was told is taken to be over.
const longestRun = 8 * time.Hour

// running reports whether a change was going on at the onset.
func (k *weighing) running(c *Candidate) bool {
	e := &c.Head
	return !e.StartedAt.After(k.q.Onset) && (e.Phase == change.Started || ending(e).After(k.q.Onset))
}

func (k *weighing) lag(c *Candidate) time.Duration { return k.q.Onset.Sub(effect(c, k.q.Onset)) }

func (k *weighing) timeSentence(c *Candidate, lag time.Duration) string {
	if lag < 0 {
		return fmt.Sprintf("Began %s after the onset, which may be off by %s", Span(-lag), Span(max(k.q.Doubt, time.Minute)))
	}
	if ended := ending(&c.Head); !ended.IsZero() && ended.After(k.q.Onset) {
		return fmt.Sprintf("Began %s before the onset, and was still going on then", Span(k.q.Onset.Sub(c.Head.StartedAt)))
	}
	if rise := lastRise(c, k.q.Onset); rise.After(c.Head.StartedAt) {
		return fmt.Sprintf("Its exposure last rose %s before the onset", Span(lag))
	}
	if due := expiry(&c.Head); !due.IsZero() {
		return fmt.Sprintf("It ran out %s before the onset", Span(lag))
	}
	if lag == 0 {
		return "At the time of the onset"
	}
	if ended := ending(&c.Head); !ended.IsZero() && ended.Sub(c.Head.StartedAt) >= time.Second {
		return fmt.Sprintf("Done %s before the onset", Span(lag))
	}
	return Span(lag) + " before the onset"
}

// Span says how long something is, in two units at most: "40 s", "12 min 8 s", "3 h 5 min", "2 d 4 h".
func Span(d time.Duration) string {
	d = d.Abs()
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	for i, unit := range units {
		if d < unit.size && unit.size > time.Second {
			continue
		}
		text := fmt.Sprintf("%d %s", d/unit.size, unit.name)
		if i+1 < len(units) {
			if rest := d % unit.size / units[i+1].size; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
			}
		}
		return text
	}
	return ""
}
