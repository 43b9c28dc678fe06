package simulator

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// minDecoys is how many other changes stand beside a cause at least: with few, any order looks good.
const minDecoys = 20

// trouble is an incident before it is known whether it will do.
type trouble struct {
	incident Incident
	act      *act // nil when no change did it
	region   string
	hurt     map[int]float64
	alerts   map[int]time.Time
	topic    string
	asked    []int
	page     time.Time
	about    map[int]string // what each alert names, of those that name something
}

// suffer lets some changes do harm, and some harm come of no change, and tells all.
func (b *builder) suffer() {
	var taken []time.Time
	free := func(at time.Time) bool {
		return !slices.ContainsFunc(taken, func(t time.Time) bool { return at.Sub(t).Abs() < 100*time.Minute })
	}
	weights := make([]float64, len(b.acts))
	for i, a := range b.acts {
		weights[i] = a.harm
	}
	first, last := start.Add(30*time.Hour), start.AddDate(0, 0, b.shape.Days).Add(-2*time.Hour)
	for range b.shape.Incidents {
		innocent := b.chance(b.shape.Innocent)
		for range 80 {
			t := trouble{hurt: map[int]float64{}, alerts: map[int]time.Time{}, about: map[int]string{}}
			if innocent {
				b.befall(&t, first.Add(b.between(0, last.Sub(first))))
			} else {
				i := b.weighted(weights)
				if a := b.acts[i]; weights[i] == 0 || a.start.Before(first) {
					continue
				}
				b.harm(&t, b.acts[i])
			}
			began := t.incident.Began
			if began.Before(first) || began.After(last) || !free(began) || !b.notice(&t) || !b.compare(&t) {
				continue
			}
			taken = append(taken, began)
			b.settle(&t)
			if t.act != nil {
				weights[slices.Index(b.acts, t.act)] = 0
			}
			break
		}
	}
	for _, a := range b.acts {
		if a.kind != b.untold {
			b.events = append(b.events, a.told...)
		}
	}
}

// lag is how long an act takes to be felt from when it had an effect, by its kind.
func (b *builder) lag(a *act) time.Duration {
	if b.chance(0.03) {
		return b.between(0, 20*time.Hour) // against the rule
	}
	slow := func(p float64, median time.Duration) time.Duration {
		if b.chance(p) {
			return b.spread(median, 0.9)
		}
		return 0
	}
	var lag time.Duration
	switch a.kind {
	case "deploy", "rollback":
		if lag = slow(0.07, 2*time.Hour); lag == 0 {
			lag = b.between(0, min(a.end.Sub(a.start), 8*time.Minute)) + b.spread(2*time.Minute, 1)
		}
	case "config":
		if lag = slow(0.05, 3*time.Hour); lag == 0 {
			lag = b.spread(100*time.Second, 1.1)
		}
	case "flag", "traffic":
		lag = b.spread(90*time.Second, 1)
	case "experiment":
		lag = b.spread(5*time.Minute, 1)
	case "schema", "maintenance", "drill":
		if a.during {
			return b.between(0, a.end.Sub(a.start)) + b.between(0, time.Minute)
		}
		return a.end.Sub(a.start) + b.spread(15*time.Minute, 1.2)
	case "infrastructure":
		lag = b.spread(8*time.Minute, 1.2)
	case "scaling":
		if lag = slow(0.2, 2*time.Hour); lag == 0 {
			lag = b.spread(9*time.Minute, 1.1)
		}
	case "secret":
		if lag = slow(0.3, 5*time.Hour); lag == 0 {
			lag = b.spread(3*time.Minute, 1)
		}
	case "merge":
		lag = b.spread(12*time.Minute, 0.8)
	default:
		lag = b.spread(2*time.Minute, 0.8)
	}
	return time.Duration(float64(lag) * b.shape.Pace)
}

// doses are how likely each bite of an act is the one that does harm, in proportion.
func (a *act) doses() []float64 {
	weights := make([]float64, len(a.bites))
	damp := 1.0
	for i, bite := range a.bites {
		if i > 0 && bite.region != a.bites[i-1].region {
			damp *= 0.5 // what went well in one region mostly does in the next
		}
		weights[i] = bite.dose * damp
	}
	return weights
}

// harm makes an act the cause of a trouble.
func (b *builder) harm(t *trouble, a *act) {
	bite := a.bites[b.weighted(a.doses())]
	lag := b.lag(a)
	t.act, t.region, t.topic = a, bite.region, a.topic
	t.incident.Kind, t.incident.Lag = a.kind, lag
	t.incident.Began = bite.at.Add(lag)
	b.strike(t, a)
}

// strike hurts what an act hurts.
func (b *builder) strike(t *trouble, a *act) {
	roots := a.targets
	service := b.nodes[a.targets[0]].kind == "service"
	switch {
	case service && b.chance(0.08) && slices.Contains([]string{"deploy", "flag", "experiment", "traffic", "config"}, a.kind):
		// More load than what it calls can bear.
		if needs := b.nodes[a.targets[0]].needs; len(needs) > 0 {
			roots = []int{pick(b, needs).to}
		}
	case service && b.chance(0.05) && slices.Contains([]string{"deploy", "config", "schema"}, a.kind):
		for _, e := range b.nodes[a.targets[0]].needs {
			if b.nodes[e.to].kind == "resource" {
				roots = []int{e.to}
			}
		}
	}
	for i, root := range roots {
		if b.nodes[root].kind != "cluster" {
			if i == 0 || b.chance(0.6) {
				b.spreadFrom(t, root, 0.6+0.4*b.rand.Float64())
			}
			continue
		}
		for n := range b.services {
			if b.runsIn(n, root) && b.chance(0.2) {
				b.spreadFrom(t, n, 0.5+0.5*b.rand.Float64())
			}
		}
	}
}

func (b *builder) runsIn(service, cluster int) bool {
	at := b.nodes[service].cluster
	return len(at) == 0 || slices.Contains(at, slices.Index(b.clusters, cluster))
}

// spreadFrom hurts a node and, by luck, what needs it.
func (b *builder) spreadFrom(t *trouble, root int, severity float64) {
	if t.hurt[root] >= severity {
		return
	}
	t.hurt[root] = severity
	near := []int{root}
	for len(near) > 0 && len(t.hurt) < 40 {
		n := near[0]
		near = near[1:]
		for _, e := range b.nodes[n].neededBy {
			if _, is := t.hurt[e.to]; !is && t.hurt[n] > 0.2 && b.chance(e.hard*t.hurt[n]) {
				t.hurt[e.to] = t.hurt[n] * (0.6 + 0.4*b.rand.Float64())
				near = append(near, e.to)
			}
		}
	}
}

// befall makes a trouble of which no change is the cause.
func (b *builder) befall(t *trouble, at time.Time) {
	t.incident.Began = at
	t.incident.Kind = pick(b, []string{"surge", "vendor", "hardware", "leak"})
	switch t.incident.Kind {
	case "surge":
		root := b.rand.IntN(b.services)
		for n := range b.services {
			if b.nodes[n].facing && b.chance(0.5) {
				root = n
			}
		}
		b.spreadFrom(t, root, 0.8)
		for _, e := range b.nodes[root].needs {
			if b.chance(e.hard * 0.7) {
				b.spreadFrom(t, e.to, 0.7)
			}
		}
	case "hardware":
		cluster := pick(b, b.clusters)
		t.region = b.regionOf(cluster)
		for n := range b.services {
			if b.runsIn(n, cluster) && b.chance(0.12) {
				b.spreadFrom(t, n, 0.7)
			}
		}
	default:
		b.spreadFrom(t, b.rand.IntN(b.services), 0.9)
	}
}

// notice lets alerts fire and somebody be called; false when nobody noticed.
func (b *builder) notice(t *trouble) bool {
	i := &t.incident
	var hurt []int
	for _, n := range slices.Sorted(maps.Keys(t.hurt)) {
		if b.nodes[n].kind == "service" {
			hurt = append(hurt, n)
			if severity := t.hurt[n]; b.chance(b.shape.Watched * math.Sqrt(severity)) {
				t.alerts[n] = i.Began.Add(time.Duration(float64(b.spread(100*time.Second, 0.8)) / severity))
			}
		}
	}
	if len(hurt) == 0 {
		return false
	}
	from := slices.Sorted(maps.Keys(t.alerts))
	complained := len(from) == 0
	if complained {
		from = hurt
	}
	weights := make([]float64, len(from))
	for k, n := range from {
		weights[k] = t.hurt[n]
		if b.nodes[n].facing {
			weights[k] *= 2
		}
	}
	for range 1 + b.poisson(0.35) {
		if n := from[b.weighted(weights)]; !slices.Contains(t.asked, n) {
			t.asked = append(t.asked, n)
			i.Services = append(i.Services, b.nodes[n].name)
		}
	}
	earliest := i.Began.Add(b.between(5*time.Minute, 20*time.Minute))
	for _, at := range t.alerts {
		if complained || at.Before(earliest) {
			earliest = at
		}
	}
	t.page = earliest.Add(b.between(20*time.Second, 3*time.Minute))
	switch how := b.rand.Float64(); {
	case complained:
		i.Onset = earliest.Add(b.between(-4*time.Minute, 2*time.Minute))
	case how < 0.35: // a step in a signal
		i.Onset = i.Began.Add(time.Duration(20 * b.rand.NormFloat64() * float64(time.Second)))
	case how < 0.9: // the first alert
		i.Onset = earliest
	default: // somebody's guess
		i.Onset = i.Began.Add(b.between(-8*time.Minute, 10*time.Minute))
	}
	i.Onset = i.Onset.UTC().Truncate(time.Second)
	i.Began = i.Began.UTC().Truncate(time.Second)
	i.Asked = t.page.Add(time.Minute)
	if b.tools["incident"].environment {
		i.Environment = b.words.production
	}
	if t.region != "" && b.chance(0.7) {
		i.Region = t.region
	}
	return true
}

// compare gathers what else could be the cause, and tells whether that is enough to choose from.
func (b *builder) compare(t *trouble) bool {
	i := &t.incident
	if a := t.act; a != nil && a.kind == b.untold {
		i.Kind, t.act = "untold", nil
	}
	down, up, beside := b.steps(t.asked, 3)
	near := func(a *act) bool {
		return slices.ContainsFunc(a.targets, func(n int) bool {
			_, d := down[n]
			u, isUp := up[n]
			_, s := beside[n]
			return d || s || isUp && u <= 2 || b.nodes[n].kind == "cluster"
		})
	}
	for _, a := range b.acts {
		if len(a.told) == 0 || a.kind == b.untold || a.start.After(i.Onset) || a.end.Before(i.Onset.Add(-b.shape.Window)) || a != t.act && !near(a) {
			continue
		}
		r := Rival{Refs: refs(a), At: a.start, act: a}
		for _, bite := range a.bites {
			if bite.at.After(r.At) && !bite.at.After(i.Onset) {
				r.At = bite.at
			}
		}
		r.Here = slices.ContainsFunc(a.targets, func(n int) bool { return slices.Contains(t.asked, n) })
		i.Rivals = append(i.Rivals, r)
	}
	slices.SortStableFunc(i.Rivals, func(x, y Rival) int { return y.At.Compare(x.At) })
	if t.act == nil {
		i.Direction = "none"
		return len(i.Rivals) >= minDecoys
	}
	i.Cause = refs(t.act)
	if !slices.ContainsFunc(i.Rivals, func(r Rival) bool { return slices.Equal(r.Refs, i.Cause) }) {
		return false // it began before the window, or nobody told of it
	}
	b.locate(t, down, up, beside)
	if first := b.firstTold(t.act); first.After(i.Asked) {
		i.Asked, i.Late = first.Add(time.Minute), true // it is asked again
	}
	return i.Decoys() >= minDecoys
}

// firstTold is when somebody could know of an act: of itself, not of what went before it.
func (b *builder) firstTold(a *act) time.Time {
	var first time.Time
	for _, e := range a.told {
		if b.itself(a, &e) && (first.IsZero() || e.Told.Before(first)) {
			first = e.Told
		}
	}
	return first
}

func (b *builder) itself(a *act, e *Event) bool {
	return e.Kind == b.tools[a.kind].kind && (e.Environment != b.words.staging)
}

func (b *builder) locate(t *trouble, down, up, beside map[int]int) {
	i := &t.incident
	i.Distance, i.Direction, i.Undeclared = 9, "none", true
	for _, n := range t.act.targets {
		set := func(steps int, direction string) {
			i.Undeclared = false
			if steps < i.Distance {
				i.Distance, i.Direction = steps, direction
			}
		}
		if d, ok := down[n]; ok && d == 0 {
			set(0, "self")
		} else if ok {
			set(d, "down")
		}
		if u, ok := up[n]; ok && u > 0 {
			set(u, "up")
		}
		if s, ok := beside[n]; ok {
			set(s, "shared")
		}
		if b.nodes[n].kind == "cluster" {
			set(1, "beneath")
		}
	}
}

func refs(a *act) []Ref {
	var refs []Ref
	for _, e := range a.told {
		if r := (Ref{e.Source, e.Key}); !slices.Contains(refs, r) {
			refs = append(refs, r)
		}
	}
	return refs
}

// settle tells of a trouble: alerts, the page, what machines and people did about it.
func (b *builder) settle(t *trouble) {
	i := &t.incident
	for _, n := range slices.Sorted(maps.Keys(t.alerts)) {
		topic := ""
		if t.act != nil && slices.Contains(t.act.targets, n) && b.chance(b.shape.Worded) {
			topic = t.topic
		}
		t.about[n] = b.alarm(n, t.alerts[n], slices.Contains(t.asked, n) || b.chance(0.3), topic, t.region)
	}
	page := b.report("incident", b.key("inc"), t.asked, t.page)
	page.Title = fmt.Sprintf(b.words.page, strings.Join(i.Services, ", "), pick(b, []string{"errors", "slow", "down", "customers complain", "budget burning"}))
	b.events = append(b.events, page)
	for _, n := range slices.Sorted(maps.Keys(t.hurt)) {
		if b.nodes[n].kind != "service" {
			continue
		}
		if b.chance(0.35) {
			b.machine(machineHabits[0], n, i.Began.Add(b.between(-time.Minute, 12*time.Minute)), true)
		}
		if b.chance(0.2 * t.hurt[n]) {
			b.machine(machineHabits[1], n, i.Began.Add(b.between(0, 10*time.Minute)), false)
		}
	}
	if b.chance(0.3) {
		b.act(b.newAct("restart", t.asked[0], t.page.Add(b.between(4*time.Minute, 15*time.Minute))), &b.nodes[t.asked[0]])
	}
	if t.act == nil {
		i.Rivals = b.recount(t)
		b.incidents = append(b.incidents, *i)
		return
	}
	// What is still to come of the change does not, and it is taken back.
	stop := t.page.Add(b.between(6*time.Minute, 20*time.Minute))
	if b.chance(0.7) {
		known := b.firstTold(t.act)
		t.act.told = slices.DeleteFunc(t.act.told, func(e Event) bool { return e.StartedAt.After(stop) && e.Told.After(known) })
		i.Cause = refs(t.act)
		switch t.act.kind {
		case "deploy":
			b.act(b.newAct("rollback", t.act.targets[0], stop.Add(b.between(0, 20*time.Minute))), &b.nodes[t.act.targets[0]])
		case "flag", "experiment":
			e := b.report(t.act.kind, b.key(t.act.kind), t.act.targets, stop)
			e.Title = fmt.Sprintf(b.words.flag, t.topic, "on", "0%")
			a := b.newAct(t.act.kind, t.act.targets[0], stop)
			b.tell(a, e)
		}
	}
	i.Rivals = b.recount(t)
	if b.oracle != nil {
		i.Ideal = b.oracle.place(b, t)
	}
	b.incidents = append(b.incidents, *i)
}

// recount is the rivals with those that the trouble itself brought about, and the cause under its final names.
func (b *builder) recount(t *trouble) []Rival {
	i := t.incident
	i.Rivals = nil
	again := trouble{incident: i, act: t.act, asked: t.asked}
	b.compare(&again)
	return again.incident.Rivals
}

func (b *builder) newAct(kind string, node int, at time.Time) *act {
	a := &act{kind: kind, targets: []int{node}, start: at, end: at}
	b.acts = append(b.acts, a)
	return a
}
