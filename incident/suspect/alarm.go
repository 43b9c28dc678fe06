package suspect

import (
	"fmt"
	"math"
	"slices"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// Bounds of what is looked at of the alerts around a trouble.
const (
	mostTroubled = 30  // entities
	mostSpread   = 150 // entities that the trouble of one could have reached
	farSpread    = 4   // steps
)

// How trouble goes from what is called to who calls, and who notices: guesses from post-mortems, as odds.
const (
	crosses   = 0.5  // one dependency
	shares    = 0.6  // from one subject of a change to another of its subjects
	overloads = 0.06 // to what the changed thing calls, by the load that it sends
	pressed   = 0.15 // the same, where the alerts speak of too much load
	watched   = 0.7  // what is hurt alerts, where an alert of it was ever seen
	unwatched = 0.4  // where none was
	anyway    = 0.02 // something alerts that a change had no known way to
	pervades  = 0.15 // a service alerts for what everything stands on
	usual     = 0.3  // of what is in trouble, what nothing in particular explains
)

// Alarm is how the alerts fit a change, as if it had been the cause: each part in log-odds.
type Alarm struct {
	// Own is of whether what was changed alerts itself, Others of whom else the trouble would have reached, Quiet of those
	// that it would have reached and that do not alert.
	Own, Others, Quiet float64
	// Troubled is whether what was changed is in trouble itself; Reached and Silent count the others.
	Troubled        bool
	Reached, Silent int
}

// spread tells how well the alerts around a trouble fit a change: trouble goes from what is called to who calls, step by
// step, and is noticed with luck.
type spread struct {
	roll     *catalog.Roll
	nodes    map[int64]*node
	walks    int
	troubled map[int64]bool // by an alert, or because it was asked about
	alerting map[int64]bool
	known    map[int64]bool // some alert was ever seen of it
	found    map[string]Alarm
	pressed  bool // the alerts speak of too much load
	mapped   bool // dependencies are known
}

// node is one entity that trouble can reach, with what is known of it for the whole question, and of the last walk.
type node struct {
	id       int64
	troubled bool
	callers  []*node // who stands on it, those in trouble first
	asked    bool    // for its callers

	// What is known only of those that were judged: most callers of what everybody calls are not.
	judged                   bool
	alerting, known, service bool

	walk   int     // that came to it last,
	step   int     // after so many steps,
	spared float64 // and how likely it is that trouble did not
}

func (s *spread) node(id int64) *node {
	n, ok := s.nodes[id]
	if !ok {
		n = &node{id: id, troubled: s.troubled[id]}
		s.nodes[id] = n
	}
	return n
}

// alarm is how well the alerts fit a change of some entities, the first of which matters most.
func (s *spread) alarm(entities []int64, loads bool) Alarm {
	best := s.from(entities)
	if !loads {
		return best
	}
	// Or the load that it sent was too much for what it calls.
	odds := overloads
	if s.pressed {
		odds = pressed
	}
	for _, id := range entities {
		e, ok := s.roll.ByID(id)
		if !ok {
			continue
		}
		w := &walk{roll: s.roll, root: e}
		for _, to := range w.targets(e) {
			if !s.troubled[to.entity.ID] {
				continue
			}
			other := s.from([]int64{to.entity.ID})
			other.Others += other.Own + math.Log(odds)
			other.Own, other.Troubled, other.Reached = 0, best.Troubled, other.Reached+1
			if other.sum() > best.sum() {
				best = other
			}
		}
	}
	return best
}

func (a *Alarm) sum() float64 { return a.Own + a.Others + a.Quiet }

// from lets trouble spread from some entities, the nearest first: of each that it can have reached, how likely that is follows
// from whether those before alert.
func (s *spread) from(entities []int64) Alarm {
	key := fmt.Sprint(entities)
	if a, ok := s.found[key]; ok {
		return a
	}
	var a Alarm
	s.walks++
	var level []*node
	for i, id := range entities {
		n := s.node(id)
		if n.walk, n.step, n.spared = s.walks, 0, 0; i > 0 {
			n.spared = 1 - shares
		}
		level = append(level, n)
	}
	reached := len(level)
	for step := 0; step <= farSpread && len(level) > 0; step++ {
		var next []*node
		for _, from := range level {
			hurt := s.judge(&a, from, 1-from.spared, step == 0)
			for _, caller := range s.callersOf(from) {
				switch here := caller.walk == s.walks; {
				case here && caller.step <= step:
					continue
				case !here && reached >= mostSpread:
					continue
				case !here:
					caller.walk, caller.step, caller.spared = s.walks, step+1, 1
					next = append(next, caller)
					reached++
				}
				caller.spared *= 1 - crosses*hurt
			}
		}
		level = next
	}
	for id := range s.troubled {
		if !s.mapped {
			break // nobody told what stands on what
		}
		if n := s.node(id); n.walk != s.walks || n.step > farSpread {
			a.Others += math.Log(anyway / usual)
		}
	}
	s.found[key] = a
	return a
}

// seen counts one that is in trouble.
func (a *Alarm) seen(own bool) {
	if own {
		a.Troubled = true
	} else {
		a.Reached++
	}
}

// judge compares what is seen of one entity with how likely it was reached, and gives how likely that is now.
func (s *spread) judge(a *Alarm, n *node, reached float64, own bool) float64 {
	if !n.judged {
		e, found := s.roll.ByID(n.id)
		n.judged, n.alerting, n.known, n.service = true, s.alerting[n.id], s.known[n.id], found && e.Kind == catalog.Service
	}
	notices := unwatched
	if n.known {
		notices = watched
	}
	part := &a.Others
	if own {
		part = &a.Own
	}
	switch {
	case n.alerting:
		*part += math.Log(max(reached*notices, anyway) / (usual * notices))
		a.seen(own)
		return 1
	case n.troubled && own && !s.mapped && len(s.alerting) == 0:
		a.seen(own) // that it was asked about is all that is known
		return 1
	case n.troubled:
		*part += math.Log(max(reached, anyway) / usual)
		a.seen(own)
		return 1
	}
	if !n.service {
		return reached // a database seldom alerts by itself, and nobody is surprised
	}
	if len(s.alerting) == 0 {
		return reached // perhaps no alert is ever told here
	}
	part = &a.Quiet
	if own {
		part = &a.Own
	} else if reached*notices > 0.1 {
		a.Silent++
	}
	*part += math.Log(1 - reached*notices)
	return reached * (1 - notices) / (1 - reached*notices)
}

// callersOf are who stands on an entity, those in trouble first.
func (s *spread) callersOf(n *node) []*node {
	if n.asked {
		return n.callers
	}
	n.asked = true
	e, ok := s.roll.ByID(n.id)
	if !ok {
		return nil
	}
	ids := s.roll.CallerIDs(e.Ref())
	for _, provided := range e.Related(catalog.FamilyProvides) {
		ids = append(ids, s.roll.CallerIDs(provided.Target)...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n.callers = make([]*node, 0, len(ids))
	for _, id := range ids {
		n.callers = append(n.callers, s.node(id))
	}
	slices.SortStableFunc(n.callers, func(a, b *node) int { return boolean(b.troubled) - boolean(a.troubled) })
	return n.callers
}

// everywhere is how well the alerts fit a change of what everything stands on.
func (s *spread) everywhere() Alarm {
	return Alarm{Others: float64(len(s.troubled)) * math.Log(pervades/usual), Reached: len(s.troubled)}
}

// alarms is what the alerts around say of a change.
func (k *weighing) alarms(c *Candidate) {
	a, n := c.Alarm, k.q.Troubled
	name := ""
	if len(c.Head.Subjects) > 0 {
		name = bare(c.Head.Subjects[0].Name)
	}
	if a.Troubled {
		k.add("alerts", k.w.Alerts*a.Own, name+" is in trouble itself")
	} else {
		k.add("alerts", k.w.Alerts*a.Own, name+" does not alert itself")
	}
	least := -k.w.MostAgainst
	sentence := fmt.Sprintf("%d others that are in trouble stand on it", a.Reached)
	switch a.Reached {
	case 1:
		sentence = "Another that is in trouble stands on it"
	case 0:
		sentence = "It would not explain what else is in trouble"
	}
	if a.Others < 0 && a.Reached > 0 {
		sentence = "It would hardly have led to just those being in trouble"
	}
	if n > 0 {
		k.add("coverage", max(k.w.Covers*a.Others, least), sentence)
	}
	if a.Silent > 0 {
		k.add("quiet", max(k.w.Quiet*a.Quiet, least/2), fmt.Sprintf("%d that stand on it do not alert", a.Silent))
	}
}

func boolean(is bool) int {
	if is {
		return 1
	}
	return 0
}

// speaks reports whether an alert speaks of the time of the trouble.
func (g *gathering) speaks(s *change.Event) bool {
	if !g.here(s) {
		return false
	}
	return !s.StartedAt.Before(g.q.Onset.Add(-g.around())) || !g.q.Since.IsZero() && !s.StartedAt.Before(g.q.Since)
}

// here reports whether an alert may be of where the trouble is.
func (g *gathering) here(s *change.Event) bool {
	return !otherEnvironment(s.Environment, g.q.Environment) && !otherRegion(s.Region, g.q.Region)
}

// region is where the trouble is: as was said, or else where all alerts of it are that name a region.
func (q *Question) region() string {
	if q.Region != "" {
		return q.Region
	}
	region := ""
	for i := range q.Around {
		if here := q.Around[i].Region; here != "" && region != "" && here != region {
			return ""
		} else if here != "" {
			region = here
		}
	}
	return region
}
