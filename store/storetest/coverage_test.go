package storetest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// What arrived of a source: its kinds, its names that nobody answers to, and who told of the deploys that were seen of its entities.
func TestCoverageOfASource(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		until := noon
		add := func(source, key, kind, version string, dark bool, at time.Time, entities ...int64) {
			t.Helper()
			appended(t, s, event(t, at, func(e *change.Event) {
				e.Source, e.Key, e.Kind, e.Version, e.Dark, e.Environment = source, key, kind, version, dark, "production"
				if len(entities) == 0 {
					e.Subjects = []change.Subject{{Name: "github:acme/unknown"}}
				}
			}, entities...))
		}
		hour := func(n int) time.Time { return until.Add(-time.Duration(n) * time.Hour) }
		add("ci", "both", "deploy", "1.1", false, hour(100), 1)
		add("prod", "both", "deploy", "1.1", true, hour(100), 1)
		add("other", "others", "deploy", "1.2", false, hour(80), 1)
		add("prod", "others", "deploy", "1.2", true, hour(80), 1)
		add("prod", "nobody", "deploy", "1.3", true, hour(60), 1)
		add("prod", "elsewhere", "deploy", "1.4", true, hour(40), 2) // of what the source never told of
		add("ci", "merge", "merge", "", false, hour(20), 1)
		add("ci", "build", "build", "", false, hour(10))
		add("ci", "build again", "build", "", false, hour(9))
		add("ci", "old", "deploy", "0.1", false, until.Add(-31*24*time.Hour), 3) // from which on it has a rhythm, of nothing at these hours
		add("ci", "to come", "deploy", "2.0", false, until.Add(time.Hour), 3)

		got, err := (&feed.Reader{Store: s}).CoverageOf(t.Context(), "ci", until)
		want := feed.SourceCoverage{
			Since: until.Add(-30 * 24 * time.Hour), Events: 4, Told: 3, Usual: 0, Entities: 1,
			Kinds: []feed.SourceKind{
				{Kind: "build", Events: 2, LastAt: hour(9)}, {Kind: "deploy", Events: 1, LastAt: hour(100)}, {Kind: "merge", Events: 1, LastAt: hour(20)},
			},
			Unclaimed:   []feed.SourceName{{Name: "github:acme/unknown", Events: 2}},
			SeenAndTold: 1, SeenAndToldByOthers: 1, SeenOnly: 1,
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if got, err := (&feed.Reader{Store: s}).CoverageOf(t.Context(), "none", until); err != nil || got.Events != 0 || got.Kinds != nil || got.Usual != -1 {
			t.Errorf("of a source that told nothing: %+v, %v", got, err)
		}
	})
}

// After weeks of a rhythm, what came in a day stands beside what usually does.
func TestCoverageKnowsWhatIsUsual(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		until := noon
		var all []change.Event
		for hour := 1; hour <= 4*7*24; hour++ {
			at := until.Add(-time.Duration(hour) * time.Hour)
			if hour <= 24 && hour%2 == 0 {
				continue // in the last day half of them are missing
			}
			all = append(all, event(t, at, func(e *change.Event) { e.Source, e.Key, e.Kind = "ci", fmt.Sprint(hour), "build" }, 1))
		}
		appended(t, s, all...)
		got, err := (&feed.Reader{Store: s}).CoverageOf(t.Context(), "ci", until)
		if err != nil || got.Told != 12 || got.Usual < 23.9 || got.Usual > 24.1 {
			t.Errorf("told %d, usually %.1f, %v; want 12 and about 24", got.Told, got.Usual, err)
		}
	})
}

// What was seen is listed as told by nobody until somebody tells of it.
func TestSeenUntilItIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		seen := func(key string, dark bool) change.Event {
			return event(t, noon, func(e *change.Event) { e.Source, e.Key, e.Dark, e.Environment = "prod", key, dark, "production" }, 1)
		}
		appended(t, s, seen("a", true), seen("b", true), seen("c", false))
		keysOf := func(filter change.Filter) string {
			var keys []string
			for _, e := range walk(t, s, filter, 1, false) {
				keys = append(keys, e.Key)
			}
			slices.Sort(keys)
			return strings.Join(keys, " ")
		}
		appended(t, s, event(t, noon, func(e *change.Event) { e.Source, e.Key, e.Title = "prod", "a", "told of" }, 1))
		for name, filter := range map[string]change.Filter{
			"of all": {Dark: true}, "of an entity": {Dark: true, Entities: []int64{1}}, "of a kind": {Dark: true, Kinds: []string{"deploy"}},
		} {
			if got := keysOf(filter); got != "b" {
				t.Errorf("%s: got %q, want b", name, got)
			}
		}
	})
}
