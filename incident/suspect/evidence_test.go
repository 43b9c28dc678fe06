package suspect_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
)

// Each piece of evidence is there when its reason is, says so, and points the right way.
func TestEvidence(t *testing.T) {
	t.Parallel()
	thread := uuid.MustParse("019770b1-0000-7000-8000-000000000001")
	story := func(e *change.Event) { e.Thread, e.Story = thread, "s" }
	ramp := func(e *change.Event) {
		e.Exposure = new(100.0)
		for _, step := range []struct {
			exposure float64
			before   time.Duration
		}{{5, 50 * time.Minute}, {50, 4 * time.Minute}, {100, -10 * time.Minute}} {
			e.Ramp = append(e.Ramp, change.Exposed{Exposure: step.exposure, At: onset.Add(-step.before)})
		}
	}
	berlin := time.FixedZone("Berlin", 2*60*60)
	// What the figures of today give no weight is there all the same, and has its sentence.
	weights := suspect.Standard()
	weights.Down2, weights.Up1 = 0.1, -0.1
	several := func(n int, kind string, by change.Actor) []change.Event {
		var all []change.Event
		for i := range n {
			all = append(all, changed(kind, pricing, time.Duration(i+3)*time.Hour, func(e *change.Event) { e.Actor = by }))
		}
		return all
	}
	for name, c := range map[string]struct {
		event    change.Event
		others   []change.Event
		question func(*suspect.Question)
		history  suspect.History
		alarm    suspect.Alarm
		name     string
		against  bool
		never    bool   // it must not be there
		sentence string // empty: whatever it says
	}{
		"time":           {event: changed("deploy", pricing, 4*time.Minute), name: "time", sentence: "4 min before the onset"},
		"time, long ago": {event: changed("deploy", pricing, 40*time.Hour), name: "time", against: true, sentence: "1 d 16 h before the onset"},
		"time, going on": {
			event: changed("deploy", pricing, 4*time.Minute, func(e *change.Event) { e.EndedAt = onset.Add(time.Minute) }),
			name:  "time", sentence: "Began 4 min before the onset, and was still going on then",
		},
		"time, after": {event: changed("flag", pricing, -70*time.Second), name: "time", sentence: "Began 1 min 10 s after the onset, which may be off by 1 min"},
		"time, when it was done": {
			event: changed("deploy", pricing, -70*time.Second), name: "time", sentence: "Told to be done 1 min 10 s after the onset, and nobody told when it began",
		},
		"time, of a certificate": {
			event: changed("secret", pricing, 60*time.Hour, func(e *change.Event) {
				e.Labels = map[string]string{"not_after": onset.Add(-time.Minute).Format(time.RFC3339)}
			}),
			name: "time", sentence: "It ran out 1 min before the onset",
		},
		"time, of a canary": {
			event: changed("deploy", pricing, 50*time.Minute, ramp), name: "time", sentence: "Its exposure last rose 4 min before the onset",
		},
		"its step":    {event: changed("deploy", pricing, 50*time.Minute, ramp), name: "exposure", against: true, sentence: "It moved 45 % of the traffic: from 5 % to 50 %"},
		"itself":      {event: changed("deploy", pricing, time.Minute), name: "distance", sentence: "In pricing itself"},
		"one step":    {event: changed("deploy", ledger, time.Minute), name: "distance", sentence: "pricing depends on ledger"},
		"two steps":   {event: changed("deploy", vault, time.Minute), name: "distance", sentence: "2 steps down the path pricing > ledger > vault"},
		"a caller":    {event: changed("traffic", storefront, time.Minute), name: "distance", against: true, sentence: "storefront calls pricing, and may send it another load"},
		"a caller's":  {event: changed("secret", storefront, time.Minute), name: "distance", against: true, sentence: "storefront calls pricing, and such a change seldom reaches what is called"},
		"beneath":     {event: changed("infrastructure", stranger, time.Minute), name: "distance", against: true, sentence: "Around what is in trouble, and not of one service: production"},
		"failed":      {event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Phase = change.Failed }), name: "phase", sentence: "It failed"},
		"still going": {event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Phase = change.Started }), name: "phase", sentence: "It was going on when the trouble began"},
		"by half":     {event: changed("deploy", pricing, 9*time.Minute, func(e *change.Event) { e.Phase, e.EndedAt = change.Cancelled, onset.Add(-time.Minute) }), name: "phase", against: true, sentence: "It was cancelled after it began"},
		"major":       {event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Previous, e.Version = "v1.9.0", "v2.0.0" }), name: "size", sentence: "A new major version: v1.9.0 to v2.0.0"},
		"large":       {event: changed("merge", pricing, time.Minute, func(e *change.Event) { e.Labels = map[string]string{"files": "212"} }), name: "size", sentence: "A large change: 212 files"},
		"less to run": {event: changed("scaling", pricing, time.Minute, func(e *change.Event) { e.Diff = []change.Diff{{Field: "replicas", Old: "10", New: "3"}} }), name: "capacity", sentence: "69 % less to carry the load: replicas 10 to 3"},
		"more to run": {event: changed("scaling", pricing, time.Minute, func(e *change.Event) { e.Diff = []change.Diff{{Field: "replicas", Old: "3", New: "10"}} }), name: "capacity", against: true, sentence: "More to carry the load: replicas 3 to 10"},
		"routine": {
			event: changed("restart", pricing, time.Minute), others: several(7, "restart", change.Actor{Type: change.ByAutomation}),
			name: "routine", against: true, sentence: "Automation made 8 like it in the time that was looked at",
		},
		"by hand": {
			event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Actor = change.Actor{Type: change.ByPerson, Name: "ann", Via: "kubectl"} }), others: several(5, "deploy", change.Actor{Type: change.ByAutomation}),
			name: "by_hand", sentence: "Done by hand, where a pipeline usually does it",
		},
		"out of hours": {
			event:    changed("config", pricing, time.Minute, func(e *change.Event) { e.Actor = change.Actor{Type: change.ByPerson, Name: "ann"} }),
			question: func(q *suspect.Question) { q.Zone = berlin }, name: "hours", sentence: "Made by a person out of hours: Thu 05:06 where its owners are",
		},
		"dark": {event: changed("config", pricing, time.Minute, func(e *change.Event) { e.Dark = true }), name: "dark", sentence: "It was seen, and nobody told of it"},
		"tiny": {event: changed("flag", pricing, time.Minute, exposed(1)), name: "exposure", against: true},
		"well elsewhere": {
			event: changed("deploy", pricing, time.Minute, story, func(e *change.Event) { e.Region = "eu" }), others: []change.Event{changed("deploy", pricing, 2*time.Hour, story, func(e *change.Event) { e.Region = "us" })},
			question: func(q *suspect.Question) { q.Region = "eu" }, name: "other_regions", against: true, sentence: "The same change has run in us for 2 h, where no trouble is known",
		},
		"same region":   {event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Region = "eu" }), question: func(q *suspect.Question) { q.Region = "eu" }, name: "region", sentence: "In the same region"},
		"other cluster": {event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Cluster = "b" }), question: func(q *suspect.Question) { q.Cluster = "a" }, name: "cluster", against: true, sentence: "In another cluster: b"},
		"rehearsal":     {event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Environment = "qa" }), question: func(q *suspect.Question) { q.Environment = "" }, name: "environment", against: true, sentence: "In qa, where there are no users"},
		"words": {
			event:  changed("config", pricing, time.Minute, func(e *change.Event) { e.Title = "FRAUD_TIMEOUT_MS 800 to 1500" }),
			others: []change.Event{changed("deploy", pricing, 2*time.Minute)},
			question: func(q *suspect.Question) {
				q.Signals = []change.Event{changed("alert", pricing, 0, func(e *change.Event) { e.Title = "context deadline: fraud_timeout_ms exceeded" })}
			},
			name: "words", sentence: "It speaks of what the alert speaks of: fraud_timeout_ms",
		},
		"a bystander": {
			event: changed("deploy", pricing, 2*time.Minute),
			question: func(q *suspect.Question) {
				q.Signals = []change.Event{changed("alert", pricing, 0, func(e *change.Event) { e.Title = "context deadline: fraud_timeout_ms exceeded" })}
			},
			name: "bystander", against: true, sentence: "Nothing but its time and its place speaks for it",
		},
		"no bystander, by its words": {
			event: changed("config", pricing, time.Minute, func(e *change.Event) { e.Title = "FRAUD_TIMEOUT_MS 800 to 1500" }),
			question: func(q *suspect.Question) {
				q.Signals = []change.Event{changed("alert", pricing, 0, func(e *change.Event) { e.Title = "context deadline: fraud_timeout_ms exceeded" })}
			},
			name: "bystander", never: true,
		},
		"no bystander, where somebody suspects it": {
			event: changed("deploy", pricing, time.Minute),
			question: func(q *suspect.Question) {
				q.Words = []string{"fraud checks time out"}
				q.Verdicts = map[uuid.UUID]incident.Finding{changed("deploy", pricing, time.Minute).ID: incident.Suspected}
			},
			name: "bystander", never: true,
		},
		"no bystander, where nothing is said of the trouble": {event: changed("deploy", pricing, 2*time.Minute), name: "bystander", never: true},
		"a concept": {
			event:  changed("secret", pricing, time.Minute, func(e *change.Event) { e.Title = "Credentials of the relay replaced" }),
			others: []change.Event{changed("deploy", pricing, 2*time.Minute)},
			question: func(q *suspect.Question) {
				q.Signals = []change.Event{changed("alert", pricing, 0, func(e *change.Event) { e.Title = "responses with 401" })}
			},
			name: "words", sentence: "It speaks of what the alert speaks of: who may do what",
		},
		"named": {
			event: changed("deploy", ledger, time.Minute),
			question: func(q *suspect.Question) {
				q.Signals = []change.Event{changed("alert", pricing, 0, func(e *change.Event) { e.Title = "timeouts of calls to ledger" })}
			},
			name: "named", sentence: "An alert of something else names ledger",
		},
		"named as where it runs": {
			event: changed("infrastructure", stranger, time.Minute),
			question: func(q *suspect.Question) {
				q.Around = []change.Event{changed("alert", pricing, 0, func(e *change.Event) { e.Cluster = "stranger" })}
			},
			name: "named", sentence: "An alert of something else names stranger",
		},
		"named by its own alert": {
			event: changed("deploy", ledger, time.Minute),
			question: func(q *suspect.Question) {
				q.Signals = []change.Event{changed("alert", ledger, 0, func(e *change.Event) { e.Title = "ledger is slow" })}
			},
			name: "named", never: true,
		},
		"alerts": {
			event: changed("config", ledger, time.Minute), alarm: suspect.Alarm{Own: 1, Troubled: true}, name: "alerts", sentence: "ledger is in trouble itself",
		},
		"others in trouble": {
			event: changed("config", ledger, time.Minute), alarm: suspect.Alarm{Others: 1.2, Reached: 2}, question: func(q *suspect.Question) { q.Troubled = 3 },
			name: "coverage", sentence: "2 others that are in trouble stand on it",
		},
		"nothing explained": {
			event: changed("config", ledger, time.Minute), alarm: suspect.Alarm{Others: -40}, question: func(q *suspect.Question) { q.Troubled = 30 },
			name: "coverage", against: true, sentence: "It would not explain what else is in trouble",
		},
		"quiet callers": {
			event: changed("config", ledger, time.Minute), alarm: suspect.Alarm{Quiet: -2, Silent: 4}, name: "quiet", against: true, sentence: "4 that stand on it do not alert",
		},
		"a machine's": {
			event: changed("restart", pricing, time.Minute, func(e *change.Event) { e.Actor.Type = change.ByAutomation }), name: "machine", against: true,
			sentence: "A machine did it by itself, and nothing is known to be different since",
		},
		"less by a machine": {
			event: changed("scaling", pricing, time.Minute, func(e *change.Event) { e.Diff = []change.Diff{{Field: "replicas", Old: "10", New: "3"}} }),
			name:  "machine", against: true, sentence: "A machine did it by itself, as it does with less to carry",
		},
		"a reaction of nobody": {
			event: changed("restart", pricing, time.Minute, func(e *change.Event) { e.Actor = change.Actor{} }), name: "reaction", against: true,
		},
		"one region, and no one's alerts": {
			event: changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Region = "eu" }), question: func(q *suspect.Question) { q.Regional = true },
			name: "region", against: true, sentence: "In eu alone, and the alerts name no one region, as others here do",
		},
		"no one region, unlike others": {
			event: changed("deploy", pricing, time.Minute),
			others: []change.Event{
				changed("deploy", ledger, time.Hour, func(e *change.Event) { e.Region = "us" }), changed("deploy", vault, time.Hour, func(e *change.Event) { e.Region = "us" }),
				changed("deploy", storefront, time.Hour, func(e *change.Event) { e.Region = "us" }),
			},
			question: func(q *suspect.Question) { q.Region = "eu" }, name: "region", against: true, sentence: "In no one region, and the trouble is in eu",
		},
		"on its way": {
			event: changed("deploy", pricing, time.Hour, func(e *change.Event) { e.Region = "us" }), question: func(q *suspect.Question) { q.Region = "eu" },
			name: "region", against: true, sentence: "In us, and perhaps on its way to eu: nobody told yet that it came there",
		},
		"a gap": {
			event: changed("deploy", stranger, time.Minute), alarm: suspect.Alarm{Own: 1, Troubled: true}, name: "path",
			sentence: "It alerts at the same time, and there may be a path that nobody told of",
		},
		"history of the kind": {
			event: changed("flag", pricing, time.Minute), history: suspect.History{Kinds: map[string]suspect.Record{"flag": {Caused: 6, Judged: 7}}},
			name: "kind_history", sentence: "Of 7 judged flag changes here, 6 were found to be it",
		},
		"history of the service": {
			event: changed("flag", pricing, time.Minute), history: suspect.History{Services: map[int64]suspect.Record{pricing: {Judged: 9}}},
			name: "service_history", against: true, sentence: "Of 9 judged changes of pricing here, 0 were found to be it",
		},
		"taken back since": {
			event:  changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Previous, e.Version = "1", "2" }),
			others: []change.Event{changed("rollback", pricing, -4*time.Minute, func(e *change.Event) { e.Previous, e.Version = "2", "1" })},
			name:   "undone", sentence: "Somebody took it back 4 min after the onset",
		},
		"the same moving tag again": {
			event:  changed("deploy", pricing, time.Minute, func(e *change.Event) { e.Previous, e.Version = "latest", "latest" }),
			others: []change.Event{changed("deploy", pricing, -4*time.Minute, func(e *change.Event) { e.Previous, e.Version = "latest", "latest" })},
			name:   "undone", never: true,
		},
		"a verdict": {
			event: changed("deploy", pricing, time.Minute),
			question: func(q *suspect.Question) {
				q.Verdicts = map[uuid.UUID]incident.Finding{changed("deploy", pricing, time.Minute).ID: incident.Dismissed}
			},
			name: "verdict", against: true, sentence: "Somebody found that it was not this",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := question()
			if c.question != nil {
				c.question(&q)
			}
			candidates := suspect.Stories(&q, append(c.others, c.event), places)
			for i := range candidates {
				if candidates[i].Head.ID == c.event.ID {
					candidates[i].Alarm = c.alarm
				}
			}
			ranking := weights.Rank(q, candidates, c.history)
			for _, s := range ranking.Suspects {
				if s.Head.ID != c.event.ID {
					continue
				}
				sum := 0.0
				found := false
				for _, e := range s.Evidence {
					sum += e.Weight
					if e.Name != c.name {
						continue
					}
					if found = true; c.sentence != "" && e.Sentence != c.sentence || e.Weight < 0 != c.against {
						t.Errorf("got %+v; want %q, against: %t", e, c.sentence, c.against)
					}
				}
				if found == c.never {
					t.Errorf("want evidence %s: %t, got %+v", c.name, !c.never, s.Evidence)
				}
				if math.Abs(sum-s.Score) > 1e-9 {
					t.Errorf("the score %g is not the sum %g of its evidence", s.Score, sum)
				}
				return
			}
			t.Fatalf("it is no suspect: %+v", ranking.RuledOut)
		})
	}
}
