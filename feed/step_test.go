package feed_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// event is one of a story, that began some minutes after noon and took some more; less than none goes on still.
func event(kind string, phase change.Phase, began, took int) change.Event {
	e := change.Event{Kind: kind, Phase: phase, StartedAt: noon.Add(time.Duration(began) * time.Minute)}
	if took >= 0 {
		e.EndedAt = e.StartedAt.Add(time.Duration(took) * time.Minute)
	}
	return e
}

func seen(e change.Event) change.Event {
	e.Dark = true
	return e
}

func TestStepsOfAStory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		events []change.Event
		want   string // name, when it was reached, since the last that ended well, since the first, how long it took; in minutes
	}{
		"none": {nil, ""},
		"the way to production, told in any order": {[]change.Event{
			seen(event("deploy", change.Succeeded, 31, 0)), event("deploy", change.Succeeded, 20, 10), event("merge", change.Succeeded, 0, -1), event("build", change.Succeeded, 2, 8),
		}, "merged 0 0 0 0, built 10 10 10 8, deployed 30 20 30 10, live 31 1 31 0"},
		"what failed is a step, and the next is measured from what went well": {[]change.Event{
			event("merge", change.Succeeded, 0, -1), event("build", change.Failed, 1, 4), event("build", change.Succeeded, 10, 5),
		}, "merged 0 0 0 0, built 5 5 5 4, built 15 15 15 5"},
		"what goes on, or is planned, was not reached": {[]change.Event{
			event("merge", change.Succeeded, 0, -1), event("build", change.Started, 1, -1), event("deploy", change.Planned, 60, -1),
		}, "merged 0 0 0 0"},
		"signals and notes are none":             {[]change.Event{event("alert", change.Succeeded, 0, 1), event("note", change.Succeeded, 1, -1)}, ""},
		"a flag and a configuration are changes": {[]change.Event{event("flag", change.Succeeded, 0, -1), event("config", change.Succeeded, 3, -1)}, "changed 0 0 0 0, changed 3 3 3 0"},
		"at one instant, in the order of the way": {[]change.Event{
			event("rollback", change.Succeeded, 0, 0), seen(event("deploy", change.Succeeded, 0, 0)), event("deploy", change.Succeeded, 0, 0), event("build", change.Succeeded, 0, 0), event("merge", change.Succeeded, 0, 0),
		}, "merged 0 0 0 0, built 0 0 0 0, deployed 0 0 0 0, live 0 0 0 0, rolled back 0 0 0 0"},
		"a clock that ran backwards took no time": {
			[]change.Event{event("deploy", change.Succeeded, 10, 0), {Kind: "build", Phase: change.Succeeded, StartedAt: noon.Add(9 * time.Minute), EndedAt: noon.Add(time.Minute)}},
			"built 1 0 0 0, deployed 10 9 9 0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range feed.Steps(test.events) {
				minutes := func(d time.Duration) int { return int(d / time.Minute) }
				got = append(got, fmt.Sprint(s.Name, " ", minutes(s.At.Sub(noon)), " ", minutes(s.Since), " ", minutes(s.Lead), " ", minutes(s.Took)))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDark(t *testing.T) {
	t.Parallel()
	deploy, alert := event("deploy", change.Succeeded, 0, 1), event("alert", change.Started, 0, -1)
	for name, test := range map[string]struct {
		events []change.Event
		want   bool
	}{
		"nothing":                      {nil, false},
		"seen alone":                   {[]change.Event{seen(deploy)}, true},
		"told as well":                 {[]change.Event{seen(deploy), deploy}, false},
		"a signal makes it not light":  {[]change.Event{seen(deploy), alert}, true},
		"a signal alone is never dark": {[]change.Event{seen(alert)}, false},
	} {
		if got := feed.Dark(test.events); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
