package suspect_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
)

// crowd makes changes of all kinds, places and times by a seed.
func crowd(seed uint64, n int) []change.Event {
	random := rand.New(rand.NewPCG(seed, 7))
	kinds := change.Kinds()
	var all []change.Event
	for i := range n {
		e := changed(kinds[random.IntN(len(kinds))].Name, 1+int64(random.IntN(5)), time.Duration(random.IntN(72*60*60)-3600)*time.Second, func(e *change.Event) {
			e.Title = fmt.Sprintf("change %d of table_%d", i, random.IntN(9))
			e.Environment = []string{"production", "staging", ""}[random.IntN(3)]
			e.Region = []string{"eu", "us", ""}[random.IntN(3)]
			e.Phase = change.Phases()[random.IntN(len(change.Phases()))]
			if random.IntN(3) == 0 {
				e.Version, e.Previous = fmt.Sprint(i), fmt.Sprint(i-1)
			}
			if random.IntN(4) == 0 {
				share := float64(random.IntN(101))
				e.Exposure = &share
			}
		})
		if random.IntN(3) == 0 {
			e.Thread = uuid.NewSHA1(uuid.Nil, []byte{byte(random.IntN(20))})
		}
		all = append(all, e)
	}
	return all
}

func order(r suspect.Ranking) []string {
	var all []string
	for i := range r.Suspects {
		all = append(all, fmt.Sprintf("%s %.9f", r.Suspects[i].Head.ID, r.Suspects[i].Score))
	}
	for i := range r.RuledOut {
		all = append(all, string(r.RuledOut[i].Reason)+" "+r.RuledOut[i].Head.ID.String())
	}
	return all
}

// The order in which events come does not matter, and probabilities are such.
func TestOrderOfInput(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		events := crowd(seed, 120)
		q := question()
		q.Words = []string{"table_3 and table_4 are slow"}
		want := rank(q, events...)
		shuffled := slices.Clone(events)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(order(want), order(rank(q, shuffled...))); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		sum := want.None
		for i, s := range want.Suspects {
			sum += s.Probability
			if s.Rank != i+1 || s.Probability < 0 || s.Probability > 1 || math.IsNaN(s.Score) || math.IsInf(s.Score, 0) {
				t.Fatalf("seed %d: suspect %d has rank %d, probability %g and score %g", seed, i, s.Rank, s.Probability, s.Score)
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("seed %d: the probabilities add up to %g", seed, sum)
		}
		if n := len(want.Suspects) + len(want.RuledOut); n != want.Considered {
			t.Fatalf("seed %d: %d of %d changes are accounted for", seed, n, want.Considered)
		}
	}
}

// A change that has nothing to do with it never changes the order of the others.
func TestFarDecoy(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		events := crowd(seed, 80)
		q := question()
		before := rank(q, events...)
		decoy := changed("deploy", 99, 71*time.Hour, func(e *change.Event) {
			e.Title, e.Subjects = "something else", []change.Subject{{Name: "service:far-away", Entity: 99}}
		})
		var got, want []uuid.UUID
		for _, s := range before.Suspects {
			want = append(want, s.Head.ID)
		}
		after := rank(q, append(slices.Clone(events), decoy)...)
		for _, s := range after.Suspects {
			if s.Head.ID != decoy.ID {
				got = append(got, s.Head.ID)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

// Nearer in time is never worse, all else being equal: but for what machines do because of the trouble, and within the
// minutes that a change may take to show. What is that near is no worse than what is an hour away.
func TestNearerIsBetter(t *testing.T) {
	t.Parallel()
	for _, kind := range change.Kinds() {
		if kind.Class != change.ClassChange {
			continue
		}
		score := func(before time.Duration) float64 {
			ranking := rank(question(), changed(kind.Name, pricing, before, func(e *change.Event) { e.Actor.Type = change.ByPerson }))
			if len(ranking.Suspects) != 1 {
				t.Fatalf("%s %s before is no suspect", kind.Name, before)
			}
			return ranking.Suspects[0].Score
		}
		last := math.Inf(1)
		for _, before := range []time.Duration{10 * time.Minute, 20 * time.Minute, time.Hour, 5 * time.Hour, 24 * time.Hour, 70 * time.Hour} {
			if got := score(before); got > last {
				t.Errorf("%s %s before scores %g, more than what is nearer (%g)", kind.Name, before, got, last)
			} else {
				last = got
			}
		}
		for _, before := range []time.Duration{0, 10 * time.Second, time.Minute, 5 * time.Minute} {
			if near, far := score(before), score(time.Hour); near < far {
				t.Errorf("%s %s before scores %g, and an hour before %g", kind.Name, before, near, far)
			}
		}
	}
}

// FuzzRank hands in whatever an event can be: nothing panics, and everything is accounted for.
func FuzzRank(f *testing.F) {
	for seed := range uint64(3) {
		text, err := json.Marshal(crowd(seed, 6))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "p99 of /v1/quote above 2 s", "production", int64(60))
	}
	f.Fuzz(func(t *testing.T, text []byte, words, environment string, doubt int64) {
		var events []change.Event
		if json.Unmarshal(text, &events) != nil || len(events) > 200 {
			return
		}
		q := question()
		q.Words, q.Environment, q.Doubt = []string{words}, environment, time.Duration(doubt%86400)*time.Second
		if q.Doubt < 0 {
			q.Doubt = -q.Doubt
		}
		ranking := rank(q, events...)
		if len(ranking.Suspects)+len(ranking.RuledOut) != ranking.Considered {
			t.Errorf("%d and %d are not %d", len(ranking.Suspects), len(ranking.RuledOut), ranking.Considered)
		}
		for i := range ranking.Suspects {
			s := &ranking.Suspects[i]
			if math.IsNaN(s.Score) || math.IsInf(s.Score, 0) {
				t.Errorf("the score is %g: %+v", s.Score, s.Evidence)
			}
			suspect.UndoOf(&s.Candidate, nil)
		}
	})
}
