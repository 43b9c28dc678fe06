package feed

import (
	"context"
	"math"
	"time"

	"tidings.dev/tidings/change"
)

// Rhythm is how a source usually tells, by the hours of the week: learned from the weeks before.
type Rhythm struct {
	until time.Time       // the hour that goes on: it is not judged yet
	weeks int             // that were learned from, whole ones
	told  map[int64]int64 // events by hour since 1970
	last  int64           // the last hour that has one
	first int64
}

// Bounds of what is learned from.
const (
	rhythmWeeks = 5
	leastWeeks  = 2  // less is no rhythm
	leastHours  = 12 // with events
	week        = 7 * 24
	// surprise is how unusual a silence is before it is told of, as the negative logarithm of its chance: about one in 3,000.
	surprise = 8.0
	// than is by how much a silence is to be more unusual than any before it.
	than = 2
)

// NewRhythm learns from counts by hour.
func NewRhythm(counts map[time.Time]int64, now time.Time) Rhythm {
	r := Rhythm{until: now.Truncate(time.Hour), told: map[int64]int64{}, first: math.MaxInt64}
	for at, n := range counts {
		if hour := at.Unix() / 3600; n > 0 && !at.After(now) {
			r.told[hour] += n
			r.first, r.last = min(r.first, hour), max(r.last, hour)
		}
	}
	if len(r.told) > 0 {
		r.weeks = min(int(r.until.Unix()/3600-r.first)/week, rhythmWeeks)
	}
	return r
}

// Silence is what is unusual about hearing nothing.
type Silence struct {
	Since  time.Time // the hour of the last event
	Usual  float64   // events that usually come in such a time
	Silent bool
}

// Silence judges the time since the last event. A source that is quiet at night, at weekends, or now and then anyway is
// not silent by that.
func (r Rhythm) Silence() Silence {
	s := Silence{Since: time.Unix(r.last*3600, 0).UTC()}
	if r.weeks < leastWeeks || len(r.told) < leastHours {
		return s
	}
	now := r.until.Unix() / 3600
	score, usual := r.score(r.last+1, now)
	s.Usual = usual
	if score < surprise {
		return s
	}
	// The longest before it: what happened once and was nothing is no alarm.
	before, begins := 0.0, r.first
	for hour := r.first + 1; hour <= r.last; hour++ {
		if r.told[hour] == 0 {
			continue
		}
		if gap, _ := r.score(begins+1, hour); gap > before {
			before = gap
		}
		begins = hour
	}
	s.Silent = score >= than*before
	return s
}

// score is how unusual it is that nothing came in the hours from one up to another, and how much usually comes.
func (r Rhythm) score(from, to int64) (score, usual float64) {
	for hour := from; hour < to; hour++ {
		with, events := 0, int64(0)
		for n := 1; n <= r.weeks; n++ {
			if told := r.told[hour-int64(n*week)]; told > 0 {
				with++
				events += told
			}
		}
		// The weeks of an hour that lies in the past itself may not be known: then nothing is usual about it.
		if with > 0 {
			score -= math.Log(1 - float64(with)/(float64(r.weeks)+0.5))
			usual += float64(events) / float64(min(int64(r.weeks), (hour-r.first)/week)) // weeks in which it told at all
		}
	}
	return score, usual
}

// Silences judges every source that told something in the last weeks.
func (r *Reader) Silences(ctx context.Context, now time.Time) (map[string]Silence, error) {
	tallies, err := r.Store.Tally(ctx, change.Filter{Since: now.Add(-(rhythmWeeks*week + 24) * time.Hour).Truncate(time.Hour), Until: now.Add(time.Hour)})
	if err != nil {
		return nil, err
	}
	counts := map[string]map[time.Time]int64{}
	for _, t := range tallies {
		if counts[t.Source] == nil {
			counts[t.Source] = map[time.Time]int64{}
		}
		counts[t.Source][t.At.Truncate(time.Hour)] += t.Events
	}
	all := make(map[string]Silence, len(counts))
	for source, hours := range counts {
		all[source] = NewRhythm(hours, now).Silence()
	}
	return all, nil
}
