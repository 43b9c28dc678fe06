package simulator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// oracle orders the changes before a trouble by how likely each did it, from the laws by which the simulator makes
// troubles: how much harm an act does, when it shows, whom it hurts, who notices, what the alerts name. It knows every
// dependency and how hard it is, when each act really took effect, and which alerts mean something, so that nobody who
// knows only what was told can do better but by luck: where it fails, a trouble cannot be decided. Its draws are its own,
// and the world is the same with and without it.
type oracle struct {
	rand    *rand.Rand
	strikes map[string][]map[int]float64 // whom acts of a kind and of some targets hurt, drawn often
}

func newOracle(seed uint64) *oracle {
	return &oracle{rand: rand.New(rand.NewPCG(seed, 7)), strikes: map[string][]map[int]float64{}} //nolint:gosec // the same numbers every time are the point
}

// How finely the oracle looks.
const (
	drawnStrikes = 1500
	drawnLags    = 3000
	earliestBeen = -45 * time.Minute // when it can have begun, from the onset
	latestBeen   = 15 * time.Minute
	tick         = 10 * time.Second
)

// place is where the cause stands in the oracle's order.
func (o *oracle) place(b *builder, t *trouble) int {
	mine := *b
	mine.rand = o.rand
	noticed := map[string][]float64{}
	odds := make([]float64, len(t.incident.Rivals))
	cause := -1
	for i := range t.incident.Rivals {
		a := t.incident.Rivals[i].act
		if a == t.act {
			cause = i
		}
		if a.harm == 0 || len(a.bites) == 0 {
			continue
		}
		key := fmt.Sprint(sortOf(a.kind), a.targets)
		if noticed[key] == nil {
			noticed[key] = o.noticed(&mine, t, a, key)
		}
		odds[i] = o.timed(&mine, t, a, noticed[key]) * a.harm * b.named(t, a)
	}
	place := 1
	for i := range odds {
		if i != cause && (odds[i] > odds[cause] || odds[i] == odds[cause] && i < cause) {
			place++
		}
	}
	return place
}

// sortOf puts kinds together that hurt others alike.
func sortOf(kind string) string {
	switch kind {
	case "deploy", "config":
		return "deploy"
	case "flag", "experiment", "traffic":
		return "flag"
	case "schema":
		return kind
	}
	return "other"
}

// noticed is, for each tick at which it can have begun, how likely it would be noticed as it was, had an act of this kind and
// these targets done it then.
func (o *oracle) noticed(b *builder, t *trouble, a *act, key string) []float64 {
	if o.strikes[key] == nil {
		for range drawnStrikes {
			s := trouble{hurt: map[int]float64{}}
			b.strike(&s, a)
			o.strikes[key] = append(o.strikes[key], s.hurt)
		}
	}
	found := make([]float64, (latestBeen-earliestBeen)/tick)
	for _, hurt := range o.strikes[key] {
		who := b.alerting(t, hurt)
		if who == 0 {
			continue
		}
		for k := range found {
			began := t.incident.Onset.Add(earliestBeen + time.Duration(k)*tick)
			density := who * b.thought(t, began)
			for n, at := range t.alerts {
				delay := at.Sub(began).Seconds() * hurt[n] / 100
				if delay <= 0 {
					density = 0
					break
				}
				z := math.Log(delay) / 0.8
				density *= math.Exp(-z*z/2) / at.Sub(began).Seconds()
			}
			found[k] += density / drawnStrikes
		}
	}
	return found
}

// alerting is how likely those alert that do, and those are asked about that are, of what is hurt.
func (b *builder) alerting(t *trouble, hurt map[int]float64) float64 {
	odds := 1.0
	for n := range t.alerts {
		if hurt[n] == 0 {
			return 0
		}
	}
	total := 0.0
	weight := func(n int) float64 {
		if b.nodes[n].facing {
			return 2 * hurt[n]
		}
		return hurt[n]
	}
	for n, severity := range hurt {
		if b.nodes[n].kind != "service" {
			continue
		}
		p := b.shape.Watched * math.Sqrt(severity)
		if _, alerts := t.alerts[n]; alerts {
			odds *= p
			total += weight(n)
		} else {
			odds *= 1 - p
			if len(t.alerts) == 0 {
				total += weight(n)
			}
		}
	}
	for _, n := range t.asked {
		odds *= weight(n) / total
	}
	if math.IsNaN(odds) {
		return 0
	}
	return odds
}

// thought is how likely the onset would be given as it was, had it begun then.
func (b *builder) thought(t *trouble, began time.Time) float64 {
	off := t.incident.Onset.Sub(began)
	even := func(low, high time.Duration) float64 {
		if off < low || off > high {
			return 0
		}
		return 1 / (high - low).Seconds()
	}
	if len(t.alerts) == 0 {
		return even(time.Minute, 22*time.Minute)
	}
	z := off.Seconds() / 20
	density := 0.35*math.Exp(-z*z/2)/(20*math.Sqrt(2*math.Pi)) + 0.1*even(-8*time.Minute, 10*time.Minute)
	first := time.Time{}
	for _, at := range t.alerts {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if first.UTC().Truncate(time.Second).Equal(t.incident.Onset) {
		return density + 0.55
	}
	if first.After(t.incident.Onset) {
		density += 0.55 * even(5*time.Minute, 20*time.Minute)
	}
	return density
}

// timed is how likely an act shows when it did, and where.
func (o *oracle) timed(b *builder, t *trouble, a *act, noticed []float64) float64 {
	const slots, unit = 90, 20.0 // of the logarithm of the lag, in seconds
	slot := func(lag time.Duration) int { return min(int(8*math.Log1p(lag.Seconds()/unit)), slots-1) }
	var law [slots]float64
	for range drawnLags {
		if lag := b.lag(a); lag >= 0 {
			law[slot(lag)]++
		}
	}
	for s := range law {
		width := unit * (math.Exp(float64(s+1)/8) - math.Exp(float64(s)/8))
		law[s] /= drawnLags * width
	}
	told := b.tools["alert"].region && len(t.alerts) > 0
	doses := a.doses()
	sum, odds := 0.0, 0.0
	for i, bite := range a.bites {
		sum += doses[i]
		where := 1.0
		switch {
		case told || t.incident.Region != "":
			if bite.region != t.region {
				where = 0
			}
		case bite.region != "":
			where = 0.3
		}
		if where == 0 {
			continue
		}
		for k, p := range noticed {
			if lag := t.incident.Onset.Add(earliestBeen + time.Duration(k)*tick).Sub(bite.at); lag >= 0 && p > 0 {
				odds += doses[i] * where * p * law[slot(lag)]
			}
		}
	}
	return odds / sum
}

// named is by how much likelier the alerts name what they do, had an act done it.
func (b *builder) named(t *trouble, a *act) float64 {
	odds := 1.0
	for n, about := range t.about {
		if a.topic == "" || !slices.Contains(a.targets, n) {
			continue
		}
		usual := 1 - unmeant
		if about != "" {
			usual = 0
			for _, topic := range b.nodes[n].topics {
				if topic == about {
					usual += unmeant / float64(len(b.nodes[n].topics))
				}
			}
		}
		p := (1 - b.shape.Worded) * usual
		if about == a.topic {
			p += b.shape.Worded
		}
		odds *= p / max(usual, 0.01)
	}
	return odds
}
