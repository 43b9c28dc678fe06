package storetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// A deploy that was seen is of one story with the one that was told, although they call the version differently: in either
// order, in one commit or two, and only where there is no doubt which it is.
func TestToldAndSeenMeet(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("ab", 32)
	deploy := func(key string, dark bool, version string, after time.Duration, entity int64) change.Event {
		return event(t, noon.Add(after), func(e *change.Event) {
			e.Source, e.Key, e.Dark, e.Version, e.Environment = "ci", key, dark, version, "production"
			if dark {
				e.Source, e.Cluster = "prod", "west"
			}
		}, entity)
	}
	for name, c := range map[string]struct {
		events []change.Event
		want   string // keys that share a line with the first event
	}{
		"a digest and a tag":       {[]change.Event{deploy("told", false, "1.2", 0, 1), deploy("seen", true, digest, time.Minute, 1)}, "told seen"},
		"seen first":               {[]change.Event{deploy("seen", true, digest, time.Minute, 1), deploy("told", false, "1.2", 0, 1)}, "seen told"},
		"without versions":         {[]change.Event{deploy("told", false, "", 0, 1), deploy("seen", true, "", time.Minute, 1)}, "told seen"},
		"a tag that moves":         {[]change.Event{deploy("told", false, "latest", 0, 1), deploy("seen", true, "1.3", time.Minute, 1)}, "told seen"},
		"the same tag that moves":  {[]change.Event{deploy("told", false, "latest", 0, 1), deploy("seen", true, "latest", time.Minute, 1)}, "told seen"},
		"it moved the day before":  {[]change.Event{deploy("told", false, "latest", 0, 1), deploy("again", false, "latest", -20*time.Hour, 1)}, "told"},
		"two workloads of one":     {[]change.Event{deploy("api", true, digest, 0, 1), deploy("worker", true, "", time.Minute, 1), deploy("told", false, "7", 0, 1)}, "api worker told"},
		"too far apart":            {[]change.Event{deploy("told", false, "1.2", 0, 1), deploy("seen", true, digest, 11*time.Minute, 1)}, "told"},
		"other versions":           {[]change.Event{deploy("told", false, "1.2", 0, 1), deploy("seen", true, "1.3", time.Minute, 1)}, "told"},
		"another service":          {[]change.Event{deploy("told", false, "1.2", 0, 1), deploy("seen", true, digest, time.Minute, 2)}, "told"},
		"one of two":               {[]change.Event{deploy("told", false, "1.2", 0, 1), deploy("other", false, "1.3", time.Minute, 1), deploy("seen", true, digest, 2*time.Minute, 1)}, "told"},
		"joined by version before": {[]change.Event{deploy("told", false, "1.2", 0, 1), deploy("seen", true, "1.2", 0, 1), deploy("other", false, digest, time.Minute, 1)}, "told seen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				for _, e := range c.events {
					appended(t, s, e)
				}
				together(t, s, c.events, c.want)
				// The same about other entities, in one commit.
				again := make([]change.Event, len(c.events))
				for i, e := range c.events {
					e.Key, e.Subjects = "again-"+e.Key, []change.Subject{{Name: "service:x" + e.Subjects[0].Name, Entity: e.Subjects[0].Entity + 10}}
					again[i] = e
				}
				appended(t, s, again...)
				together(t, s, again, "again-"+strings.ReplaceAll(c.want, " ", " again-"))
			})
		})
	}
}

// together wants those of the events that are of one line with the first.
func together(t *testing.T, s *store.Store, events []change.Event, want string) {
	t.Helper()
	known := map[string]change.Event{}
	for _, e := range walk(t, s, change.Filter{}, 10, false) {
		known[e.Key] = e
	}
	thread := known[events[0].Key].Thread
	var got []string
	for i, e := range events {
		if i == 0 || thread != uuid.Nil && known[e.Key].Thread == thread {
			got = append(got, e.Key)
		}
	}
	if got := strings.Join(got, " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
