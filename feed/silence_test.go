package feed_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"tidings.dev/tidings/feed"
)

// A silence is told of soon when it is one, and never when it is a night, a weekend, or what happens anyway.
func TestSilence(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	office := func(at time.Time) bool {
		return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && at.Hour() >= 9 && at.Hour() < 18
	}
	for name, test := range map[string]struct {
		weeks  int
		tells  func(at time.Time, r *rand.Rand) int64
		ends   time.Time // the last event came before it
		within time.Duration
	}{
		"all day":                         {4, func(time.Time, *rand.Rand) int64 { return 20 }, monday.Add(33 * time.Hour), 5 * time.Hour},
		"in office hours, ends at noon":   {4, func(at time.Time, _ *rand.Rand) int64 { return map[bool]int64{true: 5}[office(at)] }, monday.Add(12 * time.Hour), 5 * time.Hour},
		"in office hours, ends at night":  {4, func(at time.Time, _ *rand.Rand) int64 { return map[bool]int64{true: 5}[office(at)] }, monday.Add(20 * time.Hour), 18 * time.Hour},
		"in office hours, ends on Friday": {5, func(at time.Time, _ *rand.Rand) int64 { return map[bool]int64{true: 5}[office(at)] }, monday.Add(-54 * time.Hour), 68 * time.Hour},
		"now and then, ends": {5, func(at time.Time, r *rand.Rand) int64 {
			return map[bool]int64{true: 1}[office(at) && r.Float64() < 0.5]
		}, monday.Add(10 * time.Hour), 4 * 24 * time.Hour},
		"all day, and goes on":         {4, func(time.Time, *rand.Rand) int64 { return 20 }, time.Time{}, 0},
		"in office hours, and goes on": {4, func(at time.Time, _ *rand.Rand) int64 { return map[bool]int64{true: 5}[office(at)] }, time.Time{}, 0},
		"now and then, and goes on": {5, func(at time.Time, r *rand.Rand) int64 {
			return map[bool]int64{true: 1}[office(at) && r.Float64() < 0.3]
		}, time.Time{}, 0},
		"seldom, and goes on":              {5, func(_ time.Time, r *rand.Rand) int64 { return map[bool]int64{true: 1}[r.Float64() < 0.03] }, time.Time{}, 0},
		"a job of each night, and goes on": {5, func(at time.Time, _ *rand.Rand) int64 { return map[bool]int64{true: 3}[at.Hour() == 3] }, time.Time{}, 0},
		"new, and ends":                    {1, func(time.Time, *rand.Rand) int64 { return 20 }, monday, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(8) {
				r := rand.New(rand.NewPCG(seed, 1))
				counts := map[time.Time]int64{}
				end := monday.Add(14 * 24 * time.Hour)
				for at := monday.Add(-time.Duration(test.weeks) * 7 * 24 * time.Hour); at.Before(end); at = at.Add(time.Hour) {
					if n := test.tells(at, r); n > 0 && (test.ends.IsZero() || at.Before(test.ends)) {
						counts[at] = n
					}
				}
				told := time.Time{}
				for now := monday.Add(-7 * 24 * time.Hour); now.Before(monday.Add(7 * 24 * time.Hour)); now = now.Add(20 * time.Minute) {
					known := map[time.Time]int64{}
					for at, n := range counts {
						if at.Before(now.Truncate(time.Hour)) {
							known[at] = n
						}
					}
					if told.IsZero() && feed.NewRhythm(known, now).Silence().Silent {
						told = now
					}
				}
				switch late := told.Sub(test.ends); {
				case test.within == 0 && !told.IsZero():
					t.Errorf("seed %d: an alarm at %s, and nothing is wrong", seed, told)
				case test.within > 0 && told.IsZero():
					t.Errorf("seed %d: it is silent since %s, and nobody is told", seed, test.ends)
				case test.within > 0 && (late < 0 || late > test.within):
					t.Errorf("seed %d: it is silent since %s, and one is told at %s", seed, test.ends, told)
				}
			}
		})
	}
}
