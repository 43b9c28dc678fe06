package suspect

import (
	"fmt"
	"maps"
	"slices"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// Bounds of what is looked at of the alerts around a trouble.
const (
	mostTroubled = 30 // entities
	mostCounted  = 3  // of those that a change explains or does not: a storm of alerts is one piece of news
)

// troubled marks, of the places around, which of them alert, what they stand beneath that is in trouble, and what is in
// trouble beneath them. Trouble goes from what is called to who calls: the place to look at is the one that explains the
// most of it, and beneath which nothing else fails.
func (g *gathering) troubled(roots []*catalog.Entity, failing map[int64]bool) {
	all := map[int64]*catalog.Entity{}
	for _, root := range roots {
		all[root.ID] = root
	}
	for _, id := range slices.Sorted(maps.Keys(failing)) {
		if e, ok := g.reader.Roll.ByID(id); ok && len(all) < mostTroubled {
			if _, near := g.places[id]; near {
				all[id] = e
			}
		}
	}
	g.q.Troubled = len(all)
	explains, above := map[int64]int{}, map[int64]int{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		w := &walk{roll: g.reader.Roll, root: all[id]}
		for other := range reach(all[id], farDown, w.targets) {
			explains[other]++
		}
		for other := range reach(all[id], farUp+1, w.callers) {
			if other != id {
				above[other]++
			}
		}
	}
	for id, place := range g.places {
		place.Alerts = failing[id]
		place.Explains, place.Above = explains[id], above[id]
		g.places[id] = place
	}
}

// reach is everything within some steps, the start among it.
func reach(from *catalog.Entity, steps int, next func(*catalog.Entity) []step) map[int64]bool {
	seen := map[int64]bool{from.ID: true}
	near := []*catalog.Entity{from}
	for range steps {
		var far []*catalog.Entity
		for _, e := range near {
			for _, s := range next(e) {
				if !seen[s.entity.ID] && len(seen) < mostDown {
					seen[s.entity.ID] = true
					far = append(far, s.entity)
				}
			}
		}
		near = far
	}
	return seen
}

// alarms is what the alerts around say of a change.
func (k *weighing) alarms(c *Candidate) {
	nearest, near := c.Near()
	if !near {
		if n := k.q.Troubled; n > 1 && k.beneath(c) {
			k.add("coverage", k.w.Covers*float64(min(n-1, mostCounted))/2, fmt.Sprintf("%d services are in trouble, and all of them may stand on it", n))
		}
		return
	}
	self := nearest.Down+nearest.Up == 0
	alerts, quiet, explained, touched := "", true, 0, 0
	for _, subject := range c.Head.Subjects {
		place, ok := c.Places[subject.Entity]
		if !ok || subject.Entity == 0 {
			continue
		}
		if place.Alerts && alerts == "" {
			alerts = bare(subject.Name)
		}
		if place.Alerts || place.Down+place.Up == 0 || slices.Contains(k.q.Services, subject.Entity) {
			touched++
		}
		quiet = quiet && place.Above > 0
		explained = max(explained, place.Explains)
		if place.Up > 0 && place.Down == 0 && loads(c.Head.Kind) {
			explained = max(explained, place.Above+boolean(place.Alerts))
		}
	}
	if alerts != "" && !self {
		k.add("alerts", k.w.Alerts, alerts+" alerts as well")
	}
	if quiet && nearest.Up == 0 {
		k.add("deeper", k.w.Deeper, "What it depends on is in trouble as well")
	}
	if n := k.q.Troubled; n > 1 {
		explained = min(max(explained, touched), n)
		weight := k.w.Covers*float64(min(max(explained-1, 0), mostCounted)) + k.w.Misses*float64(min(n-explained, mostCounted))
		k.add("coverage", weight, fmt.Sprintf("It stands beneath %d of %d services in trouble", explained, n))
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
	if otherEnvironment(s.Environment, g.q.Environment) || otherRegion(s.Region, g.q.Region) {
		return false
	}
	return !s.StartedAt.Before(g.q.Onset.Add(-g.around()))
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
