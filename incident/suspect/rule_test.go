package suspect_test

import (
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
)

func exposed(percent float64) func(*change.Event) {
	return func(e *change.Event) { e.Exposure = &percent }
}

// What is ruled out is ruled out for a reason that a person can check, and what is doubtful is not.
func TestRuledOut(t *testing.T) {
	t.Parallel()
	alert := changed("alert", pricing, 40*time.Minute, func(e *change.Event) { e.Phase = change.Started })
	version := func(previous, now string) func(*change.Event) {
		return func(e *change.Event) { e.Previous, e.Version = previous, now }
	}
	for name, c := range map[string]struct {
		events   []change.Event // the first is the one in question
		question func(*suspect.Question)
		want     suspect.Reason
		sentence string
	}{
		"well after the onset":          {events: []change.Event{changed("flag", pricing, -10*time.Minute)}, want: suspect.AfterOnset, sentence: "It began 10 min after the onset"},
		"only its end was told":         {events: []change.Event{changed("deploy", pricing, -10*time.Minute)}},
		"its end, long after":           {events: []change.Event{changed("deploy", pricing, -30*time.Minute)}, want: suspect.AfterOnset, sentence: "It began 30 min after the onset"},
		"a little after the onset":      {events: []change.Event{changed("deploy", pricing, -90*time.Second)}},
		"as far as the onset is off":    {events: []change.Event{changed("deploy", pricing, -9*time.Minute)}, question: func(q *suspect.Question) { q.Doubt = 5 * time.Minute }},
		"began before and lasts":        {events: []change.Event{changed("deploy", pricing, 20*time.Minute, func(e *change.Event) { e.EndedAt = onset.Add(time.Hour) })}},
		"elsewhere":                     {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "staging" })}, want: suspect.OtherEnvironment, sentence: "It was in staging, and the trouble is in production"},
		"a test cluster, lately":        {events: []change.Event{changed("infrastructure", pricing, time.Minute, func(e *change.Event) { e.Environment = "test" })}},
		"a test cluster, hours ago":     {events: []change.Event{changed("infrastructure", pricing, 5*time.Hour, func(e *change.Event) { e.Environment = "test" })}, want: suspect.OtherEnvironment, sentence: "It was in test, and the trouble is in production"},
		"the same by another name":      {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "eu-prod" })}},
		"the second of its stage":       {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "prod2" })}},
		"by a name that tells no stage": {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "blue" })}},
		"of two names that tell none": {
			events:   []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "tenant-b" })},
			question: func(q *suspect.Question) { q.Environment = "tenant-a" },
			want:     suspect.OtherEnvironment, sentence: "It was in tenant-b, and the trouble is in tenant-a",
		},
		"a region in another spelling":   {events: []change.Event{changed("secret", pricing, time.Minute, func(e *change.Event) { e.Region = "EU_WEST_1" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }},
		"a region by another name":       {events: []change.Event{changed("secret", pricing, time.Minute, func(e *change.Event) { e.Region = "ireland" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }},
		"of all environments":            {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "global" })}},
		"of no environment":              {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "" })}},
		"the question has none":          {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "staging" })}, question: func(q *suspect.Question) { q.Environment = "" }},
		"another region":                 {events: []change.Event{changed("secret", pricing, time.Minute, func(e *change.Event) { e.Region = "us-east-1" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }, want: suspect.OtherRegion, sentence: "It was in us-east-1, and the trouble is in eu-west-1"},
		"on its way from another region": {events: []change.Event{changed("deploy", pricing, 40*time.Minute, func(e *change.Event) { e.Region = "us-east-1" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }},
		"stayed in another region":       {events: []change.Event{changed("deploy", pricing, 5*time.Hour, func(e *change.Event) { e.Region = "us-east-1" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }, want: suspect.OtherRegion, sentence: "It was in us-east-1, and the trouble is in eu-west-1"},
		"a zone of the region":           {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Region = "eu-west-1a" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }},
		"traffic of another region":      {events: []change.Event{changed("traffic", pricing, time.Minute, func(e *change.Event) { e.Region = "us-east-1" })}, question: func(q *suspect.Question) { q.Region = "eu-west-1" }},
		"no path":                        {events: []change.Event{changed("deploy", stranger, 30*time.Minute)}, want: suspect.NoPath, sentence: "No path of dependencies leads from it to what is in trouble"},
		"no path that was declared":      {events: []change.Event{changed("deploy", stranger, 30*time.Minute)}, question: func(q *suspect.Question) { q.Traced = false }},
		"no path, and infrastructure":    {events: []change.Event{changed("infrastructure", stranger, 30*time.Minute)}},
		"no path, and the same words": {
			events:   []change.Event{changed("config", stranger, 30*time.Minute, func(e *change.Event) { e.Title = "quota of orders_total lowered" })},
			question: func(q *suspect.Question) { q.Words = []string{"orders_total is stuck"} },
		},
		"never exposed":    {events: []change.Event{changed("deploy", pricing, time.Minute, exposed(0))}, want: suspect.NoExposure, sentence: "It reached nobody: its exposure was 0 %, before and after"},
		"a flag off again": {events: []change.Event{changed("flag", pricing, time.Minute, exposed(0), func(e *change.Event) { e.Diff = []change.Diff{{Field: "rollout", Old: "40", New: "0"}} })}},
		"a flag made":      {events: []change.Event{changed("flag", pricing, time.Minute, exposed(0), func(e *change.Event) { e.Diff = []change.Diff{{Field: "rollout", Old: "0", New: "0"}} })}, want: suspect.NoExposure, sentence: "It reached nobody: its exposure was 0 %, before and after"},
		"taken back": {
			events: []change.Event{changed("deploy", pricing, 3*time.Hour, version("1", "2")), changed("rollback", pricing, 2*time.Hour, version("2", "1"))},
			want:   suspect.Reverted, sentence: "It was taken back 2 h before the onset",
		},
		"taken back just now":        {events: []change.Event{changed("deploy", pricing, 3*time.Hour, version("1", "2")), changed("rollback", pricing, 5*time.Minute, version("2", "1"))}},
		"taken back a little before": {events: []change.Event{changed("deploy", pricing, 40*time.Minute, version("1", "2")), changed("rollback", pricing, 20*time.Minute, version("2", "1"))}},
		"a migration, taken back": {
			events: []change.Event{
				changed("schema", pricing, 3*time.Hour, func(e *change.Event) { e.Diff = []change.Diff{{Field: "v", Old: "1", New: "2"}} }),
				changed("schema", pricing, 2*time.Hour, func(e *change.Event) { e.Diff = []change.Diff{{Field: "v", Old: "2", New: "1"}} }),
			},
		},
		"a flag, set back": {
			events: []change.Event{
				changed("flag", pricing, 3*time.Hour, func(e *change.Event) { e.Diff = []change.Diff{{Field: "f", Old: "off", New: "on"}} }),
				changed("flag", pricing, 2*time.Hour, func(e *change.Event) { e.Diff = []change.Diff{{Field: "f", Old: "on", New: "off"}} }),
			},
			want: suspect.Reverted, sentence: "It was taken back 2 h before the onset",
		},
		"bad already": {
			events:   []change.Event{changed("deploy", pricing, 10*time.Minute)},
			question: func(q *suspect.Question) { q.Signals = []change.Event{alert} },
			want:     suspect.AlreadyBad, sentence: "It was bad already: an alert of this trouble had been firing for 30 min",
		},
		"an alert that ended": {
			events: []change.Event{changed("deploy", pricing, 10*time.Minute)},
			question: func(q *suspect.Question) {
				ended := alert
				ended.Phase, ended.EndedAt = change.Succeeded, onset.Add(-30*time.Minute)
				q.Signals = []change.Event{ended}
			},
		},
		"a plan":                  {events: []change.Event{changed("infrastructure", pricing, time.Minute, func(e *change.Event) { e.Phase = change.Planned })}, want: suspect.Finished, sentence: "It never took effect: it was planned"},
		"planned maintenance":     {events: []change.Event{changed("maintenance", pricing, time.Minute, func(e *change.Event) { e.Phase = change.Planned })}},
		"cancelled at once":       {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Phase = change.Cancelled })}, want: suspect.Finished, sentence: "It never took effect: it was cancelled"},
		"cancelled after minutes": {events: []change.Event{changed("deploy", pricing, 9*time.Minute, func(e *change.Event) { e.Phase, e.EndedAt = change.Cancelled, onset.Add(-4*time.Minute) })}},
		"failed":                  {events: []change.Event{changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Phase = change.Failed })}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := question()
			if c.question != nil {
				c.question(&q)
			}
			var got suspect.Reason
			var sentence string
			for _, out := range rank(q, c.events...).RuledOut {
				if out.Head.ID == c.events[0].ID {
					got, sentence = out.Reason, out.Sentence
				}
			}
			if got != c.want || sentence != c.sentence {
				t.Errorf("got %q, %q; want %q, %q", got, sentence, c.want, c.sentence)
			}
		})
	}
}
