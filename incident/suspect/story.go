package suspect

import (
	"bytes"
	"cmp"
	"iter"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// group is what one candidate is made of: a story, or what a storm did to one of its subjects, for each of these may have
// had an effect of its own.
type group struct {
	thread  uuid.UUID
	subject string
}

func groupOf(e *change.Event) group {
	if e.Thread == uuid.Nil {
		return group{thread: e.ID}
	}
	if len(e.Subjects) > 0 && e.Folds() {
		return group{e.Thread, e.Subjects[0].Name}
	}
	return group{thread: e.Thread}
}

// Stories makes candidates of events: those of one story are one, and count once. The order of the events does not matter;
// places are by entity.
func Stories(q *Question, events []change.Event, places map[int64]Place) []Candidate {
	groups := map[group][]*change.Event{}
	seen := make(map[uuid.UUID]bool, len(events))
	var order []group
	for i := range events {
		e := &events[i]
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		key := groupOf(e)
		of, ok := groups[key]
		if !ok {
			order = append(order, key)
		}
		groups[key] = append(of, e)
	}
	slices.SortFunc(order, func(a, b group) int {
		return cmp.Or(bytes.Compare(a.thread[:], b.thread[:]), cmp.Compare(a.subject, b.subject))
	})
	all := make([]Candidate, 0, len(order))
	for _, key := range order {
		c := &Candidate{Events: make([]change.Event, 0, len(groups[key])), Places: map[int64]Place{}}
		slices.SortFunc(groups[key], oldestFirst)
		for _, e := range groups[key] {
			c.Events = append(c.Events, *e) // they are large: each is moved once
		}
		for i := range c.Events {
			for _, subject := range c.Events[i].Subjects {
				if place, ok := places[subject.Entity]; ok && subject.Entity != 0 {
					c.Places[subject.Entity] = place
				}
			}
		}
		if head := headOf(q, c); head >= 0 {
			c.Head = c.Events[head]
			all = append(all, *c)
		}
	}
	understand(all)
	undone(all)
	count(all)
	return all
}

func oldestFirst(a, b *change.Event) int {
	return cmp.Or(a.StartedAt.Compare(b.StartedAt), bytes.Compare(a.ID[:], b.ID[:]))
}

// headOf finds the event of a story that could have had the effect; -1 for a story without a change.
func headOf(q *Question, c *Candidate) int {
	best := -1
	var most [fitnesses]int64
	for i := range c.Events {
		if !mayCause(c.Events[i].Kind) {
			continue
		}
		if fit := fitness(q, c, i); best < 0 || slices.Compare(fit[:], most[:]) > 0 {
			best, most = i, fit
		}
	}
	return best
}

const fitnesses = 9

// fitness tells how well an event stands for its story, the weightiest first.
func fitness(q *Question, c *Candidate, i int) [fitnesses]int64 {
	e := &c.Events[i]
	yes := func(is bool) int64 {
		if is {
			return 1
		}
		return 0
	}
	distance := int64(100)
	for _, subject := range e.Subjects {
		if place, ok := c.Places[subject.Entity]; ok && subject.Entity != 0 {
			distance = min(distance, int64(place.Down+2*place.Up))
		}
	}
	began := !e.StartedAt.After(q.Onset.Add(q.Doubt))
	place, drop := e.StartedAt.UnixMicro(), int64(0)
	folds := e.Folds()
	if !began || folds {
		place = -place // of what came after, and of a storm, the first
	}
	if folds {
		if share, _, known := capacity(e); known {
			drop = int64(-1000 * share)
		}
	}
	return [fitnesses]int64{
		yes(!loose(e.Kind)),
		yes(e.Kind != "merge"),
		yes(!otherEnvironment(e.Environment, q.Environment)),
		yes(!otherRegion(e.Region, q.region())),
		yes(!idle(e)),
		yes(began),
		-distance,
		drop,
		place,
	}
}

// undone finds what was taken back: a rollback of the version, or the same thing set back to what it was.
func undone(all []Candidate) {
	var events []*change.Event
	for i := range all {
		for j := range all[i].Events {
			e := &all[i].Events[j]
			if (e.Phase == change.Succeeded || e.Phase == change.Started) && mayCause(e.Kind) {
				events = append(events, e)
			}
		}
	}
	later := subjectsOf(slices.Values(events))
	for _, of := range later {
		slices.SortFunc(of, oldestFirst)
	}
	for i := range all {
		c := &all[i]
		for _, subject := range c.Head.Subjects {
			of := later[subject.Name]
			after, _ := slices.BinarySearchFunc(of, c.Head.StartedAt, func(e *change.Event, at time.Time) int {
				return cmp.Or(e.StartedAt.Compare(at), -1) // what began with it took nothing back
			})
			first := slices.IndexFunc(of[after:], func(e *change.Event) bool { return takesBack(e, &c.Head) })
			if first < 0 {
				continue
			}
			if e := of[after+first]; c.Undone == nil || oldestFirst(e, c.Undone) < 0 {
				taken := *e
				c.Undone = &taken
			}
		}
	}
}

// subjectsOf leads from the name of a subject to its events, each once.
func subjectsOf(events iter.Seq[*change.Event]) map[string][]*change.Event {
	seen := map[uuid.UUID]bool{}
	by := map[string][]*change.Event{}
	for e := range events {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		for _, subject := range e.Subjects {
			by[subject.Name] = append(by[subject.Name], e)
		}
	}
	return by
}

// takesBack reports whether an event that began later, about something that a change was about, took it back.
func takesBack(later, e *change.Event) bool {
	return setsBack(later, e) && !otherEnvironment(later.Environment, e.Environment) && !otherRegion(later.Region, e.Region)
}

func setsBack(later, e *change.Event) bool {
	switch {
	case e.Version != "" && e.Previous != "" && later.Version != "":
		return (later.Kind == e.Kind || later.Kind == "rollback") && sameVersion(later.Version, e.Previous) &&
			(later.Previous == "" || sameVersion(later.Previous, e.Version))
	case later.Kind == "rollback":
		return e.Kind == "deploy" && e.Version != "" && sameVersion(later.Previous, e.Version)
	}
	return later.Kind == e.Kind && reverses(later.Diff, e.Diff)
}

// reverses reports whether every line of one diff sets back a line of another, and there is one.
func reverses(later, diff []change.Diff) bool {
	if len(diff) == 0 || len(later) != len(diff) {
		return false
	}
	for _, d := range diff {
		if d.Old == d.New || !slices.ContainsFunc(later, func(l change.Diff) bool { return l.Field == d.Field && l.Old == d.New && l.New == d.Old }) {
			return false
		}
	}
	return true
}

func sameVersion(a, b string) bool {
	return a != "" && !change.Moving(a) && strings.EqualFold(strings.TrimPrefix(a, "v"), strings.TrimPrefix(b, "v"))
}

func sameSubject(a, b *change.Event) bool {
	return slices.ContainsFunc(a.Subjects, func(s change.Subject) bool {
		return slices.ContainsFunc(b.Subjects, func(t change.Subject) bool { return s.Name == t.Name })
	})
}

// teller is what tells of changes of a kind.
type teller struct{ kind, source string }

func tellerOf(c *Candidate) teller { return teller{c.Kind, c.Head.Source} }

// regions counts of how many events a region is named.
type regions struct{ named, all int }

func (r regions) add(e *change.Event) regions {
	if e.Region != "" {
		r.named++
	}
	return regions{r.named, r.all + 1}
}

// From so many events that name a region on, and from such a share, who tells of them is taken to know regions.
const (
	fewRegional   = 3
	leastRegional = 0.2
)

// regional reports whether regions are named as a rule.
func (r regions) regional() bool {
	return r.named >= fewRegional && float64(r.named) >= leastRegional*float64(r.all)
}

// count notes of each change how many like it there are.
func count(all []Candidate) {
	type sort struct{ kind, subject string }
	like, hand := map[sort]int{}, map[sort]int{}
	tellers := map[teller]regions{}
	sorts := func(c *Candidate) sort {
		if len(c.Head.Subjects) == 0 {
			return sort{c.Kind, ""}
		}
		return sort{c.Kind, c.Head.Subjects[0].Name}
	}
	for i := range all {
		like[sorts(&all[i])]++
		tellers[tellerOf(&all[i])] = tellers[tellerOf(&all[i])].add(&all[i].Head)
		if byHand(&all[i].Head) {
			hand[sorts(&all[i])]++
		}
	}
	for i := range all {
		all[i].Like, all[i].ByHand = like[sorts(&all[i])], hand[sorts(&all[i])]
		all[i].Regional = tellers[tellerOf(&all[i])].regional()
	}
}

// byHand reports whether a person did it without a tool for it.
func byHand(e *change.Event) bool {
	if e.Actor.Type != change.ByPerson {
		return false
	}
	switch strings.ToLower(e.Actor.Via) {
	case "", "kubectl", "console", "ssh", "psql", "mysql", "shell":
		return true
	}
	return false
}

// capacity is by how much a change of scale grew or shrank what there is, as the logarithm of the ratio, with what it was and
// is; false where neither diff nor title tells.
func capacity(e *change.Event) (ratio float64, told change.Diff, known bool) {
	for _, d := range e.Diff {
		if ratio, known := grown(d); known {
			return ratio, d, true
		}
	}
	told = change.Diff{Field: "scale"}
	if found := fromTo.FindStringSubmatch(e.Title); found != nil {
		told.Old, told.New = found[1], found[2]
	}
	ratio, known = grown(told)
	return ratio, told, known
}

// grown is the logarithm of how much more there is than was; false for what is no number of things.
func grown(d change.Diff) (ratio float64, known bool) {
	if d.Old == "" || d.New == "" {
		return 0, false
	}
	old, errOld := strconv.ParseFloat(strings.TrimSpace(d.Old), 64)
	now, errNow := strconv.ParseFloat(strings.TrimSpace(d.New), 64)
	if errOld == nil && errNow == nil && old > 0 && now >= 0 && old < 1e9 && now < 1e9 {
		return math.Log((now + 0.1) / (old + 0.1)), true
	}
	return 0, false
}

// fromTo is how titles tell of a scale: "pricing 10 to 3 pods", "4 → 6".
var fromTo = regexp.MustCompile(`\b(\d{1,6}) *%? *(?:to|->|=>|→) *(\d{1,6})\b`)
