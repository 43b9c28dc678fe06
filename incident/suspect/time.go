package suspect

import (
	"fmt"
	"math"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident"
)

// reference is the density that a lag is weighed against: a change anywhere in a day.
const reference = 24 * time.Hour

// density is the log of how much likelier a lag is after a cause than at any time of a day.
func (l Lag) density(lag time.Duration) float64 {
	// The median of (1 + t/s)^-tail is s(2^(1/tail) - 1).
	scale := float64(l.Median) / (math.Exp2(1/l.Tail) - 1)
	density := math.Log(l.Tail/scale) - (l.Tail+1)*math.Log1p(float64(lag)/scale) + math.Log(float64(reference))
	if l.Rise > 0 {
		density += math.Log(1 - (1-atOnce)*math.Exp(-float64(lag)/float64(l.Rise)))
	}
	return density
}

// atOnce is how likely what rises shows at once, of how likely it shows later.
const atOnce = 0.2

// beginning is when a trouble may have begun: so long before the onset, with a share of the belief.
type beginning struct {
	before time.Duration
	share  float64
}

// What is believed of when a trouble began, where an alert tells of it: an alert looks back over minutes, and waits.
const (
	alertDelay  = 90 * time.Second // its median
	alertSpread = 0.8              // of its logarithm
	byAlert     = 0.7              // the share of that, where the onset is about that of an alert
	nearAlert   = 90 * time.Second // how near that is
	sincePage   = 0.5              // the trouble began with an alert that is older than the given onset, and fires still
	unnoticed   = 0.15             // people noticed late what no alert told of
	unrelated   = 0.25             // the trouble began only after the first alert, which was of something else
)

// notices are how long people take to notice a trouble of which no alert tells: so it is with a share of these.
var notices = [...]time.Duration{8 * time.Minute, 15 * time.Minute, 30 * time.Minute, 50 * time.Minute}

// quantiles of the normal distribution, in the middle of ninths.
var quantiles = [...]float64{-1.59, -0.97, -0.59, -0.28, 0, 0.28, 0.59, 0.97, 1.59}

// beginnings is when a trouble may have begun. A given onset is off by its doubt to either side; that of an alert comes
// after the beginning, and not before.
func (q *Question) beginnings() []beginning {
	var all []beginning
	first := q.firstAlert()
	late := time.Duration(math.MinInt64)
	if !first.IsZero() {
		late = q.Onset.Sub(first)
	}
	even := func(share float64) {
		for _, z := range quantiles {
			one := beginning{time.Duration(z * float64(q.Doubt)), share / float64(len(quantiles))}
			if one.before < late {
				one.share *= unrelated
			}
			all = append(all, one)
		}
	}
	after := func(delay time.Duration, share float64) {
		for _, z := range quantiles {
			all = append(all, beginning{delay + time.Duration(float64(alertDelay)*math.Exp(alertSpread*z)), share / float64(len(quantiles))})
		}
	}
	switch {
	case q.OnsetBy == incident.OnsetBySignal:
		even(1)
	case !q.Since.IsZero():
		after(q.Onset.Sub(q.Since), sincePage)
		even(1 - sincePage)
	case !first.IsZero() && late > -nearAlert:
		after(late, byAlert) // from the first alert on, wherever the onset was put
		even(1 - byAlert)
	case q.OnsetBy == incident.OnsetByAlert || q.OnsetBy == incident.OnsetByPage:
		after(0, byAlert)
		even(1 - byAlert)
	case first.IsZero():
		even(1 - unnoticed)
		for _, before := range notices {
			all = append(all, beginning{before, unnoticed / float64(len(notices))})
		}
	default:
		even(1)
	}
	return all
}

// firstAlert is when the first alert of the trouble began; zero where none is known.
func (q *Question) firstAlert() time.Time {
	var first time.Time
	for _, signals := range [][]change.Event{q.Signals, q.Around} {
		for i := range signals {
			if s := &signals[i]; s.Kind != "incident" && !s.StartedAt.Before(q.Onset.Add(-aroundAlert)) && (first.IsZero() || s.StartedAt.Before(first)) {
				first = s.StartedAt
			}
		}
	}
	return first
}

// timely is the log of how much likelier it is that a trouble came so long after a change of a kind than at any time of a
// day, whenever it may have begun. Below zero, the change came after the onset.
func (k *weighing) timely(law Lag, lag time.Duration) float64 {
	sum := 0.0
	for _, b := range k.begun {
		if before := lag - b.before; before >= 0 {
			sum += b.share * ((1-law.Late)*math.Exp(law.density(before)) + law.Late*math.Exp(k.w.Slow.density(before)))
		}
	}
	beyond := float64(max(-lag, 0)) / float64(max(k.q.Doubt, time.Minute))
	late := law.density(max(lag, 0)) - 2.5 - 2.5*beyond - beyond*beyond // an onset is wrong in ways that nobody thought of
	return math.Log(sum + math.Exp(late))
}

// effect is when a change took effect, as far as is known: for a ramp, when its exposure last rose before the onset; for what
// ran when the onset came, or had just ended, when it began or ended, whichever lies nearer before it.
func effect(c *Candidate, onset time.Time) time.Time {
	at := c.Head.StartedAt
	if rise := lastRise(c, onset); rise.at.After(at) {
		at = rise.at
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

// rise is a step of a ramp by which more was reached than before.
type rise struct {
	at       time.Time
	from, to float64 // per cent
}

// lastRise is when the exposure of a change last rose, not after the onset; zero without a ramp.
func lastRise(c *Candidate, onset time.Time) rise {
	var last rise
	var before float64
	for i := range c.Events {
		e := &c.Events[i]
		if !sameScope(e, &c.Head) {
			continue
		}
		for _, step := range e.Exposures() {
			if step.At.After(onset) {
				break
			}
			if step.Exposure > before {
				last = rise{step.At, before, step.Exposure}
			}
			before = step.Exposure
		}
	}
	return last
}

// rampedUp reports whether a change is told of by its steps, and not only by what it reaches now.
func (k *weighing) rampedUp(c *Candidate) bool {
	return lastRise(c, k.q.Onset).at.After(c.Head.StartedAt)
}

func sameScope(a, b *change.Event) bool {
	return (a.Environment == "" || b.Environment == "" || sameEnvironment(a.Environment, b.Environment)) &&
		(a.Region == "" || b.Region == "" || a.Region == b.Region)
}

func (k *weighing) time(c *Candidate) {
	lag := k.lag(c)
	law, ok := k.w.Lag[c.Kind]
	if !ok {
		law = k.w.AnyLag
	}
	weight := k.timely(law, lag)
	// Of a change that took a while, the harm came with its beginning or with its end.
	if began := k.q.Onset.Sub(c.Head.StartedAt); began > lag && lag >= 0 && expiry(&c.Head).IsZero() && !k.rampedUp(c) {
		weight = math.Log(0.6*math.Exp(k.timely(law, began)) + 0.4*math.Exp(weight))
	}
	// Of what was told when it was done, and not when it began, the harm may be older than the word of it.
	if finished(c) {
		began := Lag{law.Median, law.Tail, 0, law.Late}
		weight = math.Log(0.4*math.Exp(k.timely(began, lag)) + 0.3*math.Exp(k.timely(began, lag+rollout/2)) + 0.3*math.Exp(k.timely(began, lag+rollout)))
	}
	// What is still going on does harm at any time of it.
	if elapsed := k.q.Onset.Sub(c.Head.StartedAt); k.running(c) && elapsed < longestRun {
		weight = max(weight, math.Log(whileRunning*float64(reference)/float64(max(elapsed, law.Median))))
	}
	k.add("time", weight, k.timeSentence(c, lag))
}

// whileRunning is how likely the harm of what is going on comes at any time of it, and not with its beginning.
const whileRunning = 0.5

// rollout is how long a rollout takes, of which only the end was told.
const rollout = 6 * time.Minute

// finished reports whether only the end of a change was told, of one that takes a while.
func finished(c *Candidate) bool {
	e := &c.Head
	switch c.Kind {
	case "deploy", "rollback", "infrastructure", "schema", "maintenance":
		return (e.Phase == change.Succeeded || e.Phase == change.Failed) && len(e.History) == 0 && !e.EndedAt.After(e.StartedAt)
	}
	return false
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
	if lag < 0 && finished(c) {
		return fmt.Sprintf("Told to be done %s after the onset, and nobody told when it began", Span(-lag))
	}
	if lag < 0 {
		return fmt.Sprintf("Began %s after the onset, which may be off by %s", Span(-lag), Span(max(k.q.Doubt, time.Minute)))
	}
	if ended := ending(&c.Head); !ended.IsZero() && ended.After(k.q.Onset) {
		return fmt.Sprintf("Began %s before the onset, and was still going on then", Span(k.q.Onset.Sub(c.Head.StartedAt)))
	}
	if k.rampedUp(c) {
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
