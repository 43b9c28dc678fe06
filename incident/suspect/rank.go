package suspect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/incident"
)

// Rank orders the candidates by the standard weights. It is pure: the same question, candidates and history, in whatever
// order, give the same ranking.
func Rank(q Question, candidates []Candidate, history History) Ranking {
	return Standard().Rank(q, candidates, history)
}

// Rank orders the candidates by these weights.
func (w *Weights) Rank(q Question, candidates []Candidate, history History) Ranking {
	k := &weighing{w: w, q: &q, history: history, clusters: map[string]bool{}, begun: q.beginnings()}
	if first := q.firstAlert(); !first.IsZero() {
		k.late = max(0, q.Onset.Sub(first))
	}
	if !q.Since.IsZero() {
		k.late = q.Onset.Sub(q.Since)
	}
	candidates = newestOf(candidates)
	k.places(candidates)
	k.said, k.told = said(&q), make(map[uuid.UUID]map[string]bool, len(candidates))
	k.words = shared(k.said, candidates, k.told)
	ranking := Ranking{Question: q, Considered: len(candidates)}
	var left []Candidate
	for i := range candidates {
		if reason, sentence := k.rule(&candidates[i]); reason != "" {
			ranking.RuledOut = append(ranking.RuledOut, Out{Candidate: candidates[i], Reason: reason, Sentence: sentence})
		} else {
			left = append(left, candidates[i])
		}
	}
	k.notes, k.strangers = notes(left), strangers(left)
	// Words are shared among those that are left: a copy of a change in another environment does not make its words common.
	k.words, k.named = shared(k.said, left, k.told), named(&q)
	says := deedsOf(left)
	for i := range left {
		ranking.Suspects = append(ranking.Suspects, k.weigh(&left[i], says[i]))
	}
	ranking.Suspects = bestOf(ranking.Suspects)
	w.probabilities(&ranking)
	ranking.Summary = ranking.sum()
	return ranking
}

// newestOf gives the candidates with the newest first. They are large: pointers are sorted, and each is moved once.
func newestOf(candidates []Candidate) []Candidate {
	return arranged(candidates, func(a, b *Candidate) int { return oldestFirst(&b.Head, &a.Head) })
}

// bestOf gives the suspects with the likeliest first.
func bestOf(suspects []Suspect) []Suspect {
	return arranged(suspects, func(a, b *Suspect) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), oldestFirst(&b.Head, &a.Head))
	})
}

func arranged[T any](all []T, compare func(a, b *T) int) []T {
	order := make([]*T, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortStableFunc(order, compare)
	sorted := make([]T, 0, len(all))
	for _, one := range order {
		sorted = append(sorted, *one)
	}
	return sorted
}

// weighing is one ranking on its way.
type weighing struct {
	w         *Weights
	q         *Question
	history   History
	clusters  map[string]bool               // where the services in trouble run
	said      map[string]bool               // the words of the trouble,
	told      map[uuid.UUID]map[string]bool // and of each change
	words     map[uuid.UUID]float64         // how far each stands out by those that it shares with the trouble
	named     map[string]bool               // what the alerts name beside what they are about
	begun     []beginning                   // when the trouble may have begun
	late      time.Duration                 // by how much the onset is after the first alert
	notes     float64                       // which share of the changes leave open what they are
	strangers int                           // how many entities without a path changed
	evidence  []Evidence
}

// places learns in which clusters the services in trouble run, from what happened to them.
func (k *weighing) places(candidates []Candidate) {
	if k.q.Cluster != "" {
		k.clusters[strings.ToLower(k.q.Cluster)] = true
		return
	}
	for i := range candidates {
		c := &candidates[i]
		if place, near := c.Near(); near && place.Down+place.Up == 0 && c.Head.Cluster != "" && !otherEnvironment(c.Head.Environment, k.q.Environment) {
			k.clusters[strings.ToLower(c.Head.Cluster)] = true
		}
	}
}

func (k *weighing) add(name string, weight float64, sentence string) {
	if weight != 0 && sentence != "" {
		k.evidence = append(k.evidence, Evidence{Name: name, Weight: weight, Sentence: sentence})
	}
}

// weigh gathers the evidence on one candidate.
func (k *weighing) weigh(c *Candidate, says spoken) Suspect {
	k.evidence = nil
	k.kind(c)
	k.time(c)
	k.distance(c)
	k.alarms(c)
	k.judged(c)
	k.phase(c)
	k.size(c)
	k.scale(c)
	k.reaction(c)
	k.machine(c)
	k.routine(c)
	k.hours(c)
	k.dark(c)
	k.exposure(c)
	k.regions(c)
	k.scope(c)
	k.shared(c)
	k.mentioned(c)
	k.deed(says)
	verdict := k.verdict(c)
	k.bystander()
	s := Suspect{Candidate: *c, Before: k.lag(c), Verdict: verdict}
	slices.SortStableFunc(k.evidence, func(a, b Evidence) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	s.Evidence = k.evidence
	for _, e := range s.Evidence {
		s.Score += e.Weight
	}
	return s
}

// verdict is what a person found of a change, or of any event of its story.
func (k *weighing) verdict(c *Candidate) incident.Finding {
	finding := k.q.Verdicts[c.Head.ID]
	for i := range c.Events {
		if finding == "" {
			finding = k.q.Verdicts[c.Events[i].ID]
		}
	}
	switch finding {
	case incident.Caused:
		k.add("verdict", k.w.Caused, "Somebody found that it was this")
	case incident.Suspected:
		k.add("verdict", k.w.Suspected, "Somebody suspects it")
	case incident.Dismissed:
		k.add("verdict", k.w.Dismissed, "Somebody found that it was not this")
	case incident.Fixed:
		k.add("verdict", k.w.Dismissed, "Somebody found that it ended the trouble")
	}
	return finding
}

// probabilities shares one among the suspects and none of them, by their scores.
func (w *Weights) probabilities(r *Ranking) {
	most := w.None
	for i := range r.Suspects {
		most = max(most, r.Suspects[i].Score)
	}
	r.None = math.Exp(w.Sharpness * (w.None - most))
	sum := r.None
	for i := range r.Suspects {
		s := &r.Suspects[i]
		s.Probability = math.Exp(w.Sharpness * (s.Score - most))
		sum += s.Probability
	}
	r.None /= sum
	for i := range r.Suspects {
		s := &r.Suspects[i]
		s.Probability /= sum
		s.Rank = i + 1
		switch {
		case s.Probability >= w.Strong:
			s.Strength = Strong
		case s.Probability >= w.Possible:
			s.Strength = Possible
		default:
			s.Strength = Weak
		}
	}
}

// sum says in a sentence what stands out.
func (r *Ranking) sum() string {
	if len(r.Suspects) == 0 {
		if r.Considered == 0 {
			return "No change is known of that could have led to this: nothing was told or seen of these services and what they depend on."
		}
		return fmt.Sprintf("None of the %d changes that were looked at could have led to this.", r.Considered)
	}
	first := &r.Suspects[0]
	if len(r.Suspects) > 1 && first.Strength == Possible && r.Suspects[1].Strength == Possible {
		n := 0
		for i := range r.Suspects {
			if r.Suspects[i].Strength != Weak {
				n++
			}
		}
		return fmt.Sprintf("%d changes are possible, and none stands out; the likeliest is %s.", n, first.name())
	}
	switch first.Strength {
	case Strong:
		return fmt.Sprintf("One change stands out: %s, %s.", first.name(), first.when())
	case Possible:
		return fmt.Sprintf("One change is possible, and does not stand out: %s, %s.", first.name(), first.when())
	}
	return "Nothing stands out: no change is likelier than the others, and it may have been none of them."
}

// Left says what was left out of a ranking, and why; empty where nothing was.
func (r *Ranking) Left() string {
	var parts []string
	if r.Unranked > 0 {
		parts = append(parts, fmt.Sprintf("%d more changes, the farthest, were not ranked", r.Unranked))
	}
	if r.Unread > 0 {
		parts = append(parts, fmt.Sprintf("the changes of %d more entities around were not read", r.Unread))
	}
	return strings.Join(parts, "; ")
}

// name is a change in a few words: "the deploy of pricing 1.4.2".
func (s *Suspect) name() string {
	e := &s.Head
	name := "the " + e.Kind
	if len(e.Subjects) > 0 {
		name += " of " + bare(e.Subjects[0].Name)
	}
	if len(e.Subjects) > 1 {
		name += fmt.Sprintf(" and %d more", len(e.Subjects)-1)
	}
	if e.Version != "" {
		name += " to " + short(e.Version)
	}
	return name
}

func (s *Suspect) when() string {
	if s.Before < 0 {
		return Span(s.Before) + " after the given onset"
	}
	return Span(s.Before) + " before the onset"
}

// short is a version as people say it: a digest by its beginning.
func short(version string) string {
	if digest, found := strings.CutPrefix(version, "sha256:"); found {
		version = digest
	}
	if len(version) > 20 && !strings.ContainsAny(version, ".-") {
		return version[:7]
	}
	return version
}

// bare is the name of a service without its kind; of other things with it.
func bare(name string) string { return strings.TrimPrefix(name, "service:") }

// Direction says in a word which way a suspect lies; empty where no path leads to it.
func (c *Candidate) Direction() string {
	place, near := c.Near()
	if !near {
		return ""
	}
	return place.Direction()
}

// Path names the steps from a service in trouble to the change; none where no path leads to it.
func (c *Candidate) Path() []string {
	place, _ := c.Near()
	return place.Path
}
