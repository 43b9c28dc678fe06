package suspect

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// kind is how often changes of a kind lead to trouble at all, before anything is known of this one.
func (k *weighing) kind(c *Candidate) {
	if loose(c.Head.Kind) {
		k.note(c)
		return
	}
	kind, _ := change.KindNamed(c.Kind)
	weight := kind.Prior - typicalPrior
	of := "Changes of this kind (" + strings.ToLower(kind.Title) + ")"
	sentence := of + " lead to trouble about as often as most"
	switch {
	case weight >= 0.3:
		sentence = of + " lead to trouble more often than most"
	case weight <= -0.3:
		sentence = of + " lead to trouble less often than most"
	}
	k.add("kind", weight, sentence)
}

// note weighs what was told without saying what it is. Where all is told so, it is a change like others.
func (k *weighing) note(c *Candidate) {
	weight := k.w.Note * (1 - k.notes)
	if loose(c.Kind) {
		k.add("kind", weight, "A "+c.Head.Kind+", which is seldom a change")
		return
	}
	kind, _ := change.KindNamed(c.Kind)
	weight = weight/2 + (kind.Prior-typicalPrior)*guessed
	k.add("kind", weight, "A "+c.Head.Kind+" that speaks of: "+strings.ToLower(kind.Title))
}

// guessed is how far a kind counts that was read from words.
const guessed = 0.75

// typicalPrior is the prior of a change of which nothing speaks for or against.
const typicalPrior = -2.4

// distance is where a change stands.
func (k *weighing) distance(c *Candidate) {
	place, near := c.Near()
	w := k.w
	if !near {
		switch {
		case c.Kin:
			k.add("distance", w.Kin, "Of the same team or system, and no path of dependencies is known")
		case k.beneath(c) && (k.q.Mapped || k.w.Beneath > k.unmapped()):
			k.add("distance", w.Beneath, "Around what is in trouble, and not of one service: "+around1(&c.Head))
		case !k.q.Mapped:
			k.add("distance", k.unmapped(), "No path is known, but then little is known of what depends on what here")
		case !c.Mapped:
			k.add("distance", w.Unmapped, "No path is known, and nothing of what stands on it")
		default:
			k.add("distance", w.Apart, "No path of dependencies is known")
		}
		if c.Alarm.Troubled {
			k.add("path", w.Gap, "It alerts at the same time, and there may be a path that nobody told of")
		}
		return
	}
	last := ""
	if len(place.Path) > 0 {
		last = place.Path[len(place.Path)-1]
	}
	steps := fmt.Sprintf("%d steps", place.Down)
	switch {
	case place.Down > 0 && place.Up > 0:
		k.add("distance", w.Shared, fmt.Sprintf("%s stands on %s as well", last, place.Path[len(place.Path)/2]))
	case place.Down == 0 && place.Up == 0:
		k.add("distance", w.Self, "In "+last+" itself")
	case place.Down == 1:
		k.add("distance", w.Down1, fmt.Sprintf("%s depends on %s", place.Path[0], last))
	case place.Down == 2:
		k.add("distance", w.Down2, k.far(place, steps))
	case place.Down == 3:
		k.add("distance", w.Down3, k.far(place, steps))
	case place.Down > 3:
		k.add("distance", w.FarDown, k.far(place, steps))
	case !loads(c.Kind):
		k.add("distance", w.UpOther, last+" calls "+place.Path[0]+", and such a change seldom reaches what is called")
	case place.Up == 1:
		k.add("distance", w.Up1, last+" calls "+place.Path[0]+", and may send it another load")
	default:
		k.add("distance", w.Up2, last+" leads to "+place.Path[0]+" over others, and may send it another load")
	}
	if place.Down+place.Up > 0 {
		if place.Observed {
			k.add("path", w.Observed, "The path was seen in traffic")
		}
	}
}

// unmapped is how likely there is a path that nobody told of: the fewer there are that have none, the likelier.
func (k *weighing) unmapped() float64 {
	return max(k.w.Down1+math.Log(min(1, neighbours/float64(max(k.strangers, 1)))), k.w.Unmapped)
}

// neighbours is on how many others something stands, as a rule.
const neighbours = 6

func around1(e *change.Event) string {
	switch {
	case e.Cluster != "":
		return "cluster " + e.Cluster
	case e.Region != "":
		return "region " + e.Region
	case e.Environment != "":
		return e.Environment
	}
	return "where is not known"
}

func (k *weighing) far(place Place, steps string) string {
	return fmt.Sprintf("%s down the path %s", steps, strings.Join(place.Path, " > "))
}

// loads reports whether a change of a kind can change the load that a service sends to others.
func loads(kind string) bool {
	switch kind {
	case "traffic", "scaling", "flag", "experiment", "deploy", "drill", "config", "rollback", "maintenance":
		return true
	}
	return loose(kind)
}

// judged is what verdicts on others like it say.
func (k *weighing) judged(c *Candidate) {
	k.record(k.history.Kinds[c.Head.Kind], "kind_history", c.Head.Kind+" changes")
	for _, subject := range c.Head.Subjects {
		if record, ok := k.history.Services[subject.Entity]; ok && subject.Entity != 0 {
			k.record(record, "service_history", "changes of "+bare(subject.Name))
			return
		}
	}
}

// record weighs judged changes against the one in three that is usual among those that somebody judged.
func (k *weighing) record(r Record, name, what string) {
	if r.Judged == 0 {
		return
	}
	const usual, prior = 1.0 / 3, 6.0
	p := (float64(r.Caused) + usual*prior) / (float64(r.Judged) + prior)
	weight := math.Log(p/(1-p)) - math.Log(usual/(1-usual))
	weight = max(-k.w.Judged, min(k.w.Judged, weight))
	k.add(name, weight, fmt.Sprintf("Of %d judged %s here, %d were found to be it", r.Judged, what, r.Caused))
}

// phase is how a change went.
func (k *weighing) phase(c *Candidate) {
	e := &c.Head
	switch {
	case e.Phase == change.Failed:
		k.add("phase", k.w.Failed, "It failed")
	case e.Phase == change.Cancelled:
		k.add("phase", k.w.Cancelled, "It was cancelled after it began")
	case k.running(c):
		k.add("phase", k.w.Running, "It was going on when the trouble began")
	}
	if c.Undone != nil && c.Undone.StartedAt.After(k.q.Onset) {
		k.add("undone", k.w.Undone, fmt.Sprintf("Somebody took it back %s after the onset", Span(c.Undone.StartedAt.Sub(k.q.Onset))))
	} else if c.Undone != nil {
		k.add("undone", -k.w.Undone, "It was taken back before the onset")
	}
}

// size is how much changed.
func (k *weighing) size(c *Candidate) {
	if old, now := major(c.Head.Previous), major(c.Head.Version); old != now && old >= 0 && now >= 0 {
		k.add("size", k.w.Large, fmt.Sprintf("A new major version: %s to %s", short(c.Head.Previous), short(c.Head.Version)))
		return
	}
	for _, limit := range []struct {
		labels []string
		least  int
		noun   string
	}{
		{[]string{"commits"}, 20, "commits"},
		{[]string{"files", "changed_files", "files_changed"}, 30, "files"},
		{[]string{"additions", "lines", "lines_changed"}, 500, "lines"},
	} {
		for i := range c.Events {
			for _, label := range limit.labels {
				if n, err := strconv.Atoi(c.Events[i].Labels[label]); err == nil && n >= limit.least {
					k.add("size", k.w.Large, fmt.Sprintf("A large change: %d %s", n, limit.noun))
					return
				}
			}
		}
	}
	if n := len(c.Head.Diff); n >= 15 {
		k.add("size", k.w.Large, fmt.Sprintf("A large change: %d fields", n))
	}
}

// scale is how much more or less there was to carry the load.
func (k *weighing) scale(c *Candidate) {
	change, d, known := capacity(&c.Head)
	if c.Kind != "scaling" || !known {
		return
	}
	if change < 0 {
		k.add("capacity", k.w.Shrunk*math.Min(-change, 1.5)/1.5, fmt.Sprintf("%.0f %% less to carry the load: %s %s to %s", 100*(1-math.Exp(change)), d.Field, d.Old, d.New))
	} else if change > 0 {
		k.add("capacity", k.w.Grown, fmt.Sprintf("More to carry the load: %s %s to %s", d.Field, d.Old, d.New))
	}
}

// reaction is whether a machine did it because of the trouble: what heals and grows by itself does so as trouble begins, and
// an onset is seldom known to the minute.
func (k *weighing) reaction(c *Candidate) {
	if c.Kind != "restart" && c.Kind != "scaling" || c.Head.Actor.Type == change.ByPerson {
		return
	}
	if ratio, _, known := capacity(&c.Head); known && ratio < 0 {
		return
	}
	place, near := c.Near()
	if lag := k.lag(c); lag < max(k.q.Doubt, 2*time.Minute)+k.late && near && (place.Alerts || place.Down+place.Up == 0) {
		k.add("reaction", k.w.Reaction, "It may be what a machine did about the trouble: it came with it")
	}
}

// major is the first number of a version such as v2.14.0; -1 for what is no such version.
func major(version string) int {
	first, rest, found := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if !found || rest == "" || rest[0] < '0' || rest[0] > '9' || len(first) > 3 {
		return -1 // a date or a commit says nothing of size
	}
	n, err := strconv.Atoi(first)
	if err != nil {
		return -1
	}
	return n
}

// A change that leaves less than two thirds is no routine, and what happens more than eight times as often is no more so.
const (
	shrunk      = -0.4 // the logarithm of the ratio
	mostRoutine = 3
)

// machine is whether a machine did it by itself, and nothing is known to be different since.
func (k *weighing) machine(c *Candidate) {
	e := &c.Head
	if e.Actor.Type != change.ByAutomation || len(e.Diff) > 0 && c.Kind != "restart" && c.Kind != "scaling" || e.Version != "" || e.Commit != "" {
		return
	}
	switch c.Kind {
	case "restart", "scaling", "config", "secret":
		// What machines roll out has led to the largest troubles, and a scaler takes more than it should.
		switch ratio, _, known := capacity(e); {
		case known && ratio <= shrunk:
			k.add("machine", k.w.Machine/2, "A machine did it by itself, as it does with less to carry")
		case c.Kind == "config" || c.Kind == "secret":
			k.add("machine", k.w.Machine/2, "A machine did it by itself, and nothing is known to be different since")
		default:
			k.add("machine", k.w.Machine, "A machine did it by itself, and nothing is known to be different since")
		}
	}
}

// routine is how usual a change is.
func (k *weighing) routine(c *Candidate) {
	if ratio, _, known := capacity(&c.Head); c.Head.Actor.Type == change.ByAutomation && c.Like > 2 && (!known || ratio > shrunk) {
		switch c.Kind {
		case "scaling", "restart", "config", "secret":
			k.add("routine", k.w.Routine*min(math.Log2(float64(c.Like)/2), mostRoutine), fmt.Sprintf("Automation made %d like it in the time that was looked at", c.Like))
		}
	}
}

// hours is whether a person did it when their colleagues sleep.
func (k *weighing) hours(c *Candidate) {
	if k.q.Zone == nil || c.Head.Actor.Type != change.ByPerson {
		return
	}
	at := c.Head.StartedAt.In(k.q.Zone)
	if day := at.Weekday(); at.Hour() < 7 || at.Hour() >= 20 || day == time.Saturday || day == time.Sunday {
		k.add("hours", k.w.OutOfHours, "Made by a person out of hours: "+at.Format("Mon 15:04")+" where its owners are")
	}
}

// dark is whether the usual pipeline knew of it.
func (k *weighing) dark(c *Candidate) {
	told := slices.ContainsFunc(c.Events, func(e change.Event) bool { return !e.Dark })
	if !told && c.Head.Dark {
		k.add("dark", k.w.Dark, "It was seen, and nobody told of it")
	}
	switch c.Kind {
	case "deploy", "rollback", "config", "infrastructure", "scaling", "restart", "schema":
		if byHand(&c.Head) && c.Like > 2 && 3*c.ByHand <= c.Like {
			k.add("by_hand", k.w.ByHand, "Done by hand, where a pipeline usually does it")
		}
	}
}

// exposure is how many it reached.
func (k *weighing) exposure(c *Candidate) {
	dose, from, to, known := dose(&c.Head)
	if last := lastRise(c, k.q.Onset); len(c.Head.Ramp) > 0 && !last.at.IsZero() {
		dose, from, to, known = (last.to-last.from)/100, last.from, last.to, true
	}
	if known && dose < 1 {
		k.add("exposure", k.w.Dose*math.Log(max(dose, leastDose)), fmt.Sprintf("It moved %s %% of the traffic: from %s %% to %s %%", amount(100*dose), amount(from), amount(to)))
	}
}

// leastDose is that of what reached hardly anybody.
const leastDose = 0.02

// dose is on what share of the traffic a step of a flag, an experiment or a canary had an effect, up to 1, with the per cent
// before and after; false where nothing tells.
func dose(e *change.Event) (share, from, to float64, known bool) {
	pairs := make([]change.Diff, 0, len(e.Diff)+2)
	pairs = append(pairs, e.Diff...)
	pairs = append(pairs, change.Diff{Old: e.Previous, New: e.Version})
	if found := fromTo.FindStringSubmatch(e.Title); found != nil && strings.Contains(e.Title, "%") {
		pairs = append(pairs, change.Diff{Old: found[1] + "%", New: found[2] + "%"})
	}
	for _, d := range pairs {
		if !strings.Contains(d.Old+d.New, "%") {
			continue
		}
		old, errOld := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(d.Old), "%")), 64)
		now, errNow := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(d.New), "%")), 64)
		if errOld == nil && errNow == nil && old >= 0 && old <= 100 && now >= 0 && now <= 100 && old != now {
			return math.Abs(now-old) / 100, old, now, true
		}
	}
	// Without a step, all that it reaches now.
	if kind := e.Kind; e.Exposure != nil && *e.Exposure > 0 && *e.Exposure <= 100 && (kind == "flag" || kind == "experiment" || kind == "deploy") {
		return *e.Exposure / 100, 0, *e.Exposure, true
	}
	return 0, 0, 0, false
}

func amount(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) }

// regions is whether the same change did no harm elsewhere.
func (k *weighing) regions(c *Candidate) {
	if k.q.Region == "" || c.Head.Region == "" {
		return
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Kind == c.Head.Kind && e.Phase == change.Succeeded && otherRegion(e.Region, k.q.Region) && k.q.Onset.Sub(e.StartedAt) > 30*time.Minute &&
			sameEnvironment(e.Environment, c.Head.Environment) {
			k.add("other_regions", k.w.OtherRegions, fmt.Sprintf("The same change has run in %s for %s, where no trouble is known", e.Region, Span(k.q.Onset.Sub(e.StartedAt))))
			return
		}
	}
}

// scope is whether it was where the trouble is.
func (k *weighing) scope(c *Candidate) {
	e := &c.Head
	switch {
	case k.following(c):
		k.add("region", k.w.Following, "In "+e.Region+", and perhaps on its way to "+k.q.Region+": nobody told yet that it came there")
	case otherRegion(e.Region, k.q.region()) && c.Kind == "traffic": // what is drained there comes here
	case otherRegion(e.Region, k.q.region()):
		k.add("region", k.w.OtherScope, "In another region: "+e.Region)
	case e.Region != "" && k.q.region() != "" && sameRegion(e.Region, k.q.region()):
		k.add("region", k.w.SameScope, "In the same region")
	case e.Region != "" && k.q.Regional:
		k.add("region", k.w.Narrow, "In "+e.Region+" alone, and the alerts name no one region, as others here do")
	case e.Region == "" && k.q.region() != "" && c.Regional:
		k.add("region", k.w.Wide, "In no one region, and the trouble is in "+k.q.region())
	}
	switch {
	case e.Cluster == "" || len(k.clusters) == 0:
	case k.clusters[strings.ToLower(e.Cluster)]:
		if k.q.Cluster != "" {
			k.add("cluster", k.w.SameScope, "In the same cluster")
		}
	case k.q.Cluster != "":
		k.add("cluster", k.w.OtherScope, "In another cluster: "+e.Cluster)
	}
	switch {
	case otherEnvironment(e.Environment, k.q.Environment):
		k.add("environment", k.w.Following, "In "+e.Environment+", which may share more than is known with "+k.q.Environment)
	case e.Environment != "" && k.q.Environment != "" && !sameEnvironment(e.Environment, k.q.Environment):
		k.add("environment", k.w.OtherScope, "In "+e.Environment+", which may be another environment than "+k.q.Environment)
	}
	if k.q.Environment == "" && e.Environment != "" {
		if stage, known := stage(e.Environment); known && stage > 0 {
			k.add("environment", k.w.Rehearsal, "In "+e.Environment+", where there are no users")
		}
	}
}

// shared is which words it shares with what is said of the trouble.
func (k *weighing) shared(c *Candidate) {
	if share := k.words[c.Head.ID]; share > 0 {
		k.add("words", k.w.Words*share, "It speaks of what the alert speaks of: "+strings.Join(common(k.said, k.told[c.Head.ID]), ", "))
	}
}

// mentioned is whether an alert names what was changed, and is about something else: what it calls, or where it runs.
func (k *weighing) mentioned(c *Candidate) {
	if c.Alarm.Troubled {
		return
	}
	for _, subject := range c.Head.Subjects {
		_, name, found := strings.Cut(subject.Name, ":")
		if name = strings.ToLower(name); found && k.named[name] {
			k.add("named", k.w.Named, "An alert of something else names "+name)
			return
		}
	}
}

// bystander is whether nothing ties a change to this trouble but when and where it was, though alerts say what the trouble is about:
// of changes that did harm something mostly does, and there is always one that was just then and just there.
func (k *weighing) bystander() {
	if len(k.said) > 0 && !slices.ContainsFunc(k.evidence, func(e Evidence) bool { return e.Weight > leastTie && tie(e.Name) }) {
		k.add("bystander", k.w.Bystander, "Nothing but its time and its place speaks for it")
	}
}

// leastTie is from what weight on evidence ties a change to a trouble.
const leastTie = 0.2

// tie reports whether evidence is of what a change did to this trouble, and not of when, where or of what kind it was.
func tie(name string) bool {
	switch name {
	case "words", "named", "phase", "undone", "capacity", "by_hand", "verdict":
		return true
	}
	return false
}
