//go:build unix

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// fields are one aspect of an object, as the differences of events name it: "image", "env/LOG_LEVEL", "replicas".
type fields map[string]string

// opaque fields have values that the feed knows by their fingerprint only.
func opaque(aspect, field string) bool {
	return aspect == aspectData || strings.Contains(field, "env/")
}

// The aspects of an object: what changes in one is one event, and what changes in two is two.
const (
	aspectExistence   = "existence"
	aspectTemplate    = "template"
	aspectReplicas    = "replicas"
	aspectSettings    = "settings"
	aspectAutoscaling = "autoscaling"
	aspectData        = "data"
	aspectTraffic     = "traffic"
	aspectNode        = "node"
)

// step is what one operation did to one aspect of one object.
type step struct {
	number        int // of the operation
	what          string
	object        string
	incarnation   int // how often the object had been made by then
	aspect        string
	services      []string // whose subject the event has to have
	before, after fields
	kinds         []string
	phases        []string
	actors        []actor // any of them is right
	at, done      time.Time
}

type actor struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Via  string `json:"via"`
}

// window is a time in which the agent may have seen nothing: what was done may be told as its net difference.
type window struct {
	from, to time.Time
	why      string
}

func (w window) has(s *step) bool { return !s.done.Before(w.from) && !s.at.After(w.to) }

// chain is all that was done to one aspect of one object, in order.
type chain struct {
	object, aspect string
	incarnation    int
	steps          []*step
}

// want is one event that has to be there.
type want struct {
	steps         []*step // that it tells; several where they fold
	before, after fields
	kinds         []string
	phases        []string
	actors        []actor
	change        string // the label
	from, to      time.Time
}

func (w *want) first() *step { return w.steps[0] }

func (w *want) String() string {
	last := w.steps[len(w.steps)-1]
	text := fmt.Sprintf("operation %d (%s) on %s: %s", last.number, last.what, last.object, strings.Join(w.kinds, " or "))
	for _, field := range slices.Sorted(maps.Keys(difference(w.before, w.after))) {
		text += fmt.Sprintf(", %s %q → %q", field, w.before[field], w.after[field])
	}
	if w.change != "" {
		text += ", " + w.change
	}
	if len(w.steps) > 1 {
		text += fmt.Sprintf(" (folded from %d operations)", len(w.steps))
	}
	return text
}

// difference is what differs in two states, with both sides.
func difference(before, after fields) map[string][2]string {
	d := map[string][2]string{}
	for field := range before {
		if before[field] != after[field] {
			d[field] = [2]string{before[field], after[field]}
		}
	}
	for field := range after {
		if before[field] != after[field] {
			d[field] = [2]string{before[field], after[field]}
		}
	}
	return d
}

// wants are the events that consecutive steps lead to when nobody looked in between.
func (c *chain) wants(steps []*step, windows []window) []*want {
	first, last := steps[0], steps[len(steps)-1]
	w := want{steps: steps, before: first.before, after: last.after, kinds: last.kinds, phases: last.phases, from: first.at, to: last.done}
	for _, s := range steps {
		w.actors = append(w.actors, s.actors...)
	}
	for _, window := range windows {
		for _, s := range steps {
			if window.has(s) { // who did it may be lost, and when it was is known within the window
				w.actors = append(w.actors, actor{Type: "unknown", Via: "kubectl"}, actor{Type: "unknown"})
				if window.from.Before(w.from) {
					w.from = window.from
				}
				if window.to.After(w.to) {
					w.to = window.to
				}
			}
		}
	}
	if len(difference(w.before, w.after)) == 0 {
		return nil
	}
	switch c.aspect {
	case aspectExistence:
		var made []*want
		if w.before["uid"] != "" {
			gone := w
			gone.kinds, gone.phases, gone.change, gone.before, gone.after = []string{"infrastructure"}, []string{"succeeded"}, "removed", nil, nil
			if !strings.Contains(c.object, "/deployment/") && !strings.Contains(c.object, "/statefulset/") && !strings.Contains(c.object, "/cronjob/") && !strings.Contains(c.object, "/daemonset/") {
				gone.kinds = first.kinds
				gone.change = either(first.kinds[0] == "traffic", "hidden", "removed")
			}
			made = append(made, &gone)
		}
		if w.after["uid"] != "" {
			come := w
			come.change, come.before, come.after = either(last.kinds[0] == "traffic", "exposed", "created"), nil, nil
			made = append(made, &come)
		}
		return made
	case aspectTemplate:
		if len(steps) > 1 {
			w.kinds = []string{"config", "rollback", "restart"}
			if w.before["image"] != w.after["image"] {
				w.kinds = []string{"deploy", "rollback"}
			}
		}
	}
	return []*want{&w}
}

func either[T any](condition bool, yes, no T) T {
	if condition {
		return yes
	}
	return no
}

// outcome is how the feed compares with what was done.
type outcome struct {
	wanted   []*want
	right    int
	missing  []*want
	wrong    []wrong
	spurious []*event
	folded   int // steps that were told together with others, or cancelled each other out
	alerts   int // that were right
}

type wrong struct {
	want   *want
	event  *event
	faults []string
}

func (o *outcome) found() int { return o.right + len(o.wrong) + len(o.spurious) }

func (o *outcome) precision() float64 { return share(o.right, o.found()) }

func (o *outcome) recall() float64 { return share(o.right, o.right+len(o.wrong)+len(o.missing)) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// compare holds the feed against what was done.
func compare(steps []*step, alerts []*suffering, windows []window, events []*event) *outcome {
	o := &outcome{}
	chains := chainsOf(steps)
	byPlace := map[string][]*event{}
	for _, e := range events {
		place := e.object() + " " + e.aspect()
		byPlace[place] = append(byPlace[place], e)
	}
	for _, found := range byPlace {
		slices.SortFunc(found, func(a, b *event) int {
			return cmp.Or(a.StartedAt.Compare(b.StartedAt), a.ReceivedAt.Compare(b.ReceivedAt))
		})
	}
	used := map[*event]bool{}
	for _, c := range chains {
		found := byPlace[c.object+" "+c.aspect]
		for _, block := range c.blocks(windows) {
			o.settle(c, block, steps, windows, found, used)
		}
	}
	o.missing = slices.DeleteFunc(o.missing, func(w *want) bool {
		e := w.find(byPlace[w.first().object+" "+w.first().aspect], used, nil, false)
		if e == nil {
			return false
		}
		used[e] = true
		o.wrong = append(o.wrong, wrong{w, e, w.faults(e)})
		return true
	})
	o.suffered(alerts, byPlace, used)
	for _, e := range events {
		if !used[e] {
			o.spurious = append(o.spurious, e)
		}
	}
	return o
}

func chainsOf(steps []*step) []*chain {
	var chains []*chain
	index := map[string]*chain{}
	for _, s := range steps {
		incarnation := s.incarnation
		if s.aspect == aspectExistence {
			incarnation = 0
		}
		key := fmt.Sprintf("%s %s %d", s.object, s.aspect, incarnation)
		c := index[key]
		if c == nil {
			c = &chain{object: s.object, aspect: s.aspect, incarnation: incarnation}
			index[key] = c
			chains = append(chains, c)
		}
		c.steps = append(c.steps, s)
	}
	return chains
}

// blocks cuts a chain between steps that cannot have been told as one.
func (c *chain) blocks(windows []window) [][]*step {
	var blocks [][]*step
	for i, s := range c.steps {
		if i > 0 && slices.ContainsFunc(windows, func(w window) bool { return w.has(c.steps[i-1]) && w.has(s) }) {
			last := len(blocks) - 1
			blocks[last] = append(blocks[last], s)
			continue
		}
		blocks = append(blocks, []*step{s})
	}
	return blocks
}

// lost tells how many steps at the beginning and the end of a block nobody can have seen, because the object was made, or
// removed, in the same window.
func lost(block, all []*step, windows []window) (head, tail int) {
	if block[0].aspect == aspectExistence {
		return 0, 0
	}
	for _, s := range all {
		if s.aspect != aspectExistence || s.object != block[0].object {
			continue
		}
		for _, w := range windows {
			if !w.has(s) {
				continue
			}
			for i, mine := range block {
				if !w.has(mine) {
					continue
				}
				if s.incarnation == mine.incarnation && s.after["uid"] != "" {
					head = max(head, i+1)
				}
				if s.incarnation == mine.incarnation && s.after["uid"] == "" {
					tail = max(tail, len(block)-i)
				}
			}
		}
	}
	return head, tail
}

// settle finds how the steps of a block were told: each by itself, or several as their net difference. It takes the
// reading that leaves the least of them untold, and of those the one with the least faults: an event of a later block may
// look the same. What no block takes is spurious.
func (o *outcome) settle(c *chain, block, all []*step, windows []window, found []*event, used map[*event]bool) {
	head, tail := lost(block, all, windows)
	type reading struct {
		wants  []*want
		events []*event
		untold int
		told   int
		faults int
	}
	var best *reading
	cuts := min(len(block)-1, 12) // more steps in one block than that are told one by one at the end
	for from := 0; from <= head; from++ {
		for to := len(block); to >= max(from, len(block)-tail); to-- {
			part := block[from:to]
			for mask := range 1 << max(min(cuts, len(part)-1), 0) {
				r := &reading{}
				taken := map[*event]bool{}
				begin := 0
				for i := range part {
					if i < len(part)-1 && (i >= cuts || mask&(1<<i) != 0) {
						continue // folds with the next
					}
					for _, w := range c.wants(part[begin:i+1], windows) {
						if i < len(part)-1 && slices.Contains(w.phases, "succeeded") {
							w.phases = append(slices.Clone(w.phases), "cancelled") // nobody saw whether it ended before the next began
						}
						e := w.find(found, used, taken, true)
						r.wants, r.events = append(r.wants, w), append(r.events, e)
						if e == nil {
							r.untold++
							continue
						}
						taken[e] = true
						r.told++
						r.faults += len(w.faults(e))
					}
					begin = i + 1
				}
				if best == nil || cmp.Or(cmp.Compare(r.untold, best.untold), cmp.Compare(r.faults, best.faults), cmp.Compare(best.told, r.told)) < 0 {
					best = r
				}
			}
		}
	}
	o.wanted = append(o.wanted, best.wants...)
	o.folded += len(block) - len(best.wants)
	for i, w := range best.wants {
		e := best.events[i]
		if e == nil {
			o.missing = append(o.missing, w)
			continue
		}
		used[e] = true
		if faults := w.faults(e); len(faults) > 0 {
			o.wrong = append(o.wrong, wrong{w, e, faults})
			continue
		}
		o.right++
	}
}

// find takes the event that tells a want: the first at about the right time whose difference is right, else the nearest.
// Where the difference need not be right, any of the same aspect will do that is near enough to be meant.
func (w *want) find(found []*event, used, taken map[*event]bool, exact bool) *event {
	far := either(exact, 2*time.Minute, 30*time.Second)
	var best *event
	var least time.Duration
	for _, e := range found {
		if used[e] || taken[e] || w.change != "" && e.Labels["change"] != w.change || exact && len(w.differs(e)) > 0 {
			continue
		}
		if w.timely(e) {
			return e
		}
		distance := max(w.from.Sub(e.StartedAt), e.StartedAt.Sub(w.to))
		if distance <= far && (best == nil || distance < least) {
			best, least = e, distance
		}
	}
	return best
}

// Times of events lie this far beside the operation's: clocks of the cluster count whole seconds, and what is deleted goes
// when its pods have gone.
const (
	early = 2 * time.Second
	late  = 5 * time.Second
)

func (w *want) timely(e *event) bool {
	return !e.StartedAt.Before(w.from.Add(-early)) && !e.StartedAt.After(w.to.Add(late))
}

// differs tells what of an event's difference is not what was done.
func (w *want) differs(e *event) []string {
	if w.change != "" {
		return nil
	}
	var faults []string
	net := difference(w.before, w.after)
	aspect := w.first().aspect
	for _, field := range slices.Sorted(maps.Keys(net)) {
		sides := net[field]
		i := slices.IndexFunc(e.Diff, func(d diff) bool { return d.Field == field })
		switch {
		case i < 0:
			faults = append(faults, fmt.Sprintf("%s is not in its difference", field))
		case field == "restarted_at": // the instant itself is the cluster's
		case opaque(aspect, field):
			if d := e.Diff[i]; (d.Old == "") != (sides[0] == "") || (d.New == "") != (sides[1] == "") || d.Old == d.New && d.Old != "hidden" {
				faults = append(faults, fmt.Sprintf("%s is %q → %q", field, d.Old, d.New))
			}
		case e.Diff[i].Old != sides[0] || e.Diff[i].New != sides[1]:
			faults = append(faults, fmt.Sprintf("%s is %q → %q, not %q → %q", field, e.Diff[i].Old, e.Diff[i].New, sides[0], sides[1]))
		}
	}
	for _, d := range e.Diff {
		if _, meant := net[d.Field]; !meant && d.Field != "restarted_at" {
			faults = append(faults, fmt.Sprintf("%s was not changed: %q → %q", d.Field, d.Old, d.New))
		}
	}
	return faults
}

// faults tells what of an event is not what was done.
func (w *want) faults(e *event) []string {
	faults := w.differs(e)
	if !slices.Contains(w.kinds, e.Kind) {
		faults = append(faults, "its kind is "+e.Kind)
	}
	if len(w.phases) > 0 && !slices.Contains(w.phases, e.Phase) {
		faults = append(faults, "its phase is "+e.Phase+", not "+strings.Join(w.phases, " or "))
	}
	for _, service := range w.steps[len(w.steps)-1].services {
		if !slices.Contains(e.Subjects, "service:"+service) {
			faults = append(faults, fmt.Sprintf("its subjects are %v, without service:%s", e.Subjects, service))
		}
	}
	if !slices.Contains(w.actors, e.Actor) {
		faults = append(faults, fmt.Sprintf("its actor is %v, not one of %v", e.Actor, w.actors))
	}
	if w.change == "" && w.first().aspect == aspectTemplate && w.before["image"] != w.after["image"] {
		if version, previous := tag(w.after["image"]), tag(w.before["image"]); e.Version != version || e.Previous != previous {
			faults = append(faults, fmt.Sprintf("its version is %q after %q, not %q after %q", e.Version, e.Previous, version, previous))
		}
	}
	if !w.timely(e) {
		faults = append(faults, fmt.Sprintf("it began at %s, not from %s to %s", clock(e.StartedAt), clock(w.from), clock(w.to)))
	}
	return faults
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.0") }

func tag(image string) string {
	_, after, _ := strings.Cut(image, ":")
	return after
}

// suffering is trouble that was made.
type suffering struct {
	number   int
	object   string
	service  string
	required []string // kinds of trouble that have to be told
	allowed  []string // kinds that may be as well
	at       time.Time
	unseen   bool // the agent was away all the time
}

// suffered looks for the alerts: each trouble is told at least once, and never more often than it was made.
func (o *outcome) suffered(alerts []*suffering, byPlace map[string][]*event, used map[*event]bool) {
	room := map[string]int{}       // how many alerts there may be, by object and trouble
	due := map[string]*suffering{} // those that have to be
	for _, a := range alerts {
		for _, kind := range a.required {
			room[a.object+" "+kind]++
			if !a.unseen {
				due[a.object+" "+kind] = a
			}
		}
		for _, kind := range a.allowed {
			room[a.object+" "+kind]++
		}
	}
	for _, a := range alerts {
		for _, e := range byPlace[a.object+" alert"] {
			key := a.object + " " + e.Labels["trouble"]
			if used[e] || room[key] == 0 {
				continue
			}
			used[e] = true
			room[key]--
			delete(due, key)
			o.alerts++
			if !slices.Contains(e.Subjects, "service:"+a.service) || e.Kind != "alert" {
				o.wrong = append(o.wrong, wrong{&want{steps: []*step{{number: a.number, what: "trouble", object: a.object}}, kinds: []string{"alert"}}, e, []string{fmt.Sprintf("its subjects are %v", e.Subjects)}})
				continue
			}
			o.right++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(due)) {
		a := due[key]
		_, kind, _ := strings.Cut(key, " ")
		o.missing = append(o.missing, &want{steps: []*step{{number: a.number, what: "trouble: " + kind, object: a.object, at: a.at}}, kinds: []string{"alert"}})
	}
}
