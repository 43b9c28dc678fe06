package suspect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
)

// Kept keeps rankings as they were.
type Kept interface {
	// KeptRanking is that of an incident which was resolved at an instant; nil where none is kept.
	KeptRanking(ctx context.Context, number int64, resolved time.Time) ([]byte, error)
	KeepRanking(ctx context.Context, number int64, resolved time.Time, ranking []byte) error
}

// Incidents ranks what could be the cause of incidents, and remembers what people found.
type Incidents struct {
	Reader *Reader
	Store  incident.Store
	Log    incident.Log
	Kept   Kept

	mu      sync.Mutex
	learned History
	entry   int64 // the newest entry that learned knows
	known   bool
}

// Bounds of what is remembered.
const (
	askedSignals   = 50
	learnedFrom    = 5000 // verdicts
	keptSuspects   = 50
	keptRuledOut   = 500
	mostOfVerdicts = 500 // of one incident
)

// Rank gives an incident with its ranking. That of a resolved one stays as it was when it was first asked for, unless it
// is asked for again; verdicts are those of now.
func (s *Incidents) Rank(ctx context.Context, number int64, again bool) (incident.Incident, Ranking, error) {
	found, err := s.Store.Incidents(ctx, []int64{number})
	if err != nil {
		return incident.Incident{}, Ranking{}, err
	}
	i, ok := found[number]
	if !ok {
		return i, Ranking{}, fault.New(fault.NotFound, "there is no %s", incident.NameOf(number))
	}
	ranking, err := s.rank(ctx, &i, again)
	return i, ranking, err
}

func (s *Incidents) rank(ctx context.Context, i *incident.Incident, again bool) (Ranking, error) {
	verdicts, err := s.verdicts(ctx, i.Number)
	if err != nil {
		return Ranking{}, err
	}
	if i.Status == incident.Resolved && !again {
		kept, err := s.Kept.KeptRanking(ctx, i.Number, i.ResolvedAt)
		if err != nil {
			return Ranking{}, err
		}
		var ranking Ranking
		if kept != nil && json.Unmarshal(kept, &ranking) == nil { // one of an older form is made anew
			for n := range ranking.Suspects {
				ranking.Suspects[n].Verdict = verdictOf(&ranking.Suspects[n].Candidate, verdicts)
			}
			return ranking, nil
		}
	}
	q := s.Reader.Of(i)
	q.Verdicts = verdicts
	for _, id := range i.Signals[:min(len(i.Signals), askedSignals)] {
		e, err := s.Log.Event(ctx, id)
		if err != nil && !fault.Is(err, fault.NotFound) { // it may have been forgotten
			return Ranking{}, err
		}
		if err == nil {
			q.Signals = append(q.Signals, e)
		}
	}
	ranking, err := s.Reader.Ask(ctx, q)
	if err != nil || i.Status != incident.Resolved || again {
		return ranking, err
	}
	kept := ranking
	kept.Question.Signals, kept.Question.Zone, kept.Question.Verdicts = nil, nil, nil
	kept.Suspects = kept.Suspects[:min(len(kept.Suspects), keptSuspects)]
	kept.RuledOut = kept.RuledOut[:min(len(kept.RuledOut), keptRuledOut)]
	doc, err := json.Marshal(kept)
	if err != nil {
		return ranking, fmt.Errorf("keep a ranking: %w", err)
	}
	return ranking, s.Kept.KeepRanking(ctx, i.Number, i.ResolvedAt, doc)
}

func (s *Incidents) verdicts(ctx context.Context, number int64) (map[uuid.UUID]incident.Finding, error) {
	all, err := s.Store.Verdicts(ctx, number, mostOfVerdicts)
	found := make(map[uuid.UUID]incident.Finding, len(all))
	for i := range all {
		found[all[i].Event] = all[i].Finding
	}
	return found, err
}

func verdictOf(c *Candidate, verdicts map[uuid.UUID]incident.Finding) incident.Finding {
	if finding, ok := verdicts[c.Head.ID]; ok {
		return finding
	}
	for i := range c.Events {
		if finding, ok := verdicts[c.Events[i].ID]; ok {
			return finding
		}
	}
	return ""
}

func (c *Candidate) tells(event uuid.UUID) bool {
	if c.Head.ID == event {
		return true
	}
	for i := range c.Events {
		if c.Events[i].ID == event {
			return true
		}
	}
	return false
}

// Ranked tells where the ranking of an incident has a change, and where plain recency has it: of what was looked at and
// began before the onset, the latest first. Both are zero where it is not in there.
func (s *Incidents) Ranked(ctx context.Context, i *incident.Incident, v incident.Verdict) (rank, recency int, err error) {
	ranking, err := s.rank(ctx, i, false)
	if err != nil {
		return 0, 0, err
	}
	var all []*Candidate
	for n := range ranking.Suspects {
		c := &ranking.Suspects[n].Candidate
		all = append(all, c)
		if c.tells(v.Event) {
			rank = n + 1
		}
	}
	for n := range ranking.RuledOut {
		all = append(all, &ranking.RuledOut[n].Candidate)
	}
	limit := ranking.Question.Onset.Add(ranking.Question.Doubt)
	all = slices.DeleteFunc(all, func(c *Candidate) bool { return c.Head.StartedAt.After(limit) })
	slices.SortStableFunc(all, func(a, b *Candidate) int { return b.Head.StartedAt.Compare(a.Head.StartedAt) })
	for n, c := range all {
		if c.tells(v.Event) {
			return rank, n + 1, nil
		}
	}
	return rank, 0, nil
}

// History is what was learned from verdicts: of what was found to be the cause, and of what was dismissed.
func (s *Incidents) History(ctx context.Context) (History, error) {
	state, err := s.Store.IncidentState(ctx)
	if err != nil {
		return History{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known && s.entry == state.Entry {
		return s.learned, nil
	}
	verdicts, err := s.Store.Verdicts(ctx, 0, learnedFrom)
	if err != nil {
		return History{}, err
	}
	s.learned, s.entry, s.known = Learn(verdicts), state.Entry, true
	return s.learned, nil
}

// Learn makes a history of verdicts.
func Learn(verdicts []incident.Verdict) History {
	h := History{Kinds: map[string]Record{}, Services: map[int64]Record{}}
	for i := range verdicts {
		v := &verdicts[i]
		add := Record{Judged: 1}
		switch v.Finding {
		case incident.Caused:
			add.Caused = 1
		case incident.Dismissed:
		case incident.Fixed, incident.Suspected:
			continue
		}
		sum := func(r Record) Record { return Record{r.Caused + add.Caused, r.Judged + add.Judged} }
		if v.Kind != "" {
			h.Kinds[v.Kind] = sum(h.Kinds[v.Kind])
		}
		for _, service := range v.Services {
			h.Services[service] = sum(h.Services[service])
		}
	}
	return h
}

// Hits is in how many incidents the cause stood among the first so many.
type Hits struct {
	First int `json:"at_1"`
	Three int `json:"at_3"`
	Five  int `json:"at_5"`
}

func (h *Hits) add(rank int) {
	if rank == 0 {
		return
	}
	if rank <= 1 {
		h.First++
	}
	if rank <= 3 {
		h.Three++
	}
	if rank <= 5 {
		h.Five++
	}
}

// Track is how the ranker did on the incidents of this installation, as people judged them.
type Track struct {
	// Incidents are those of which somebody said what caused them; Verdicts, all words on changes.
	Incidents int `json:"incidents"`
	Verdicts  int `json:"verdicts"`
	// Ranker is in how many the cause stood high in the ranking at the time of the verdict; Recency, in the plain order of
	// the latest change first.
	Ranker  Hits `json:"ranker"`
	Recency Hits `json:"recency"`
	// Missed is in how many the cause was not in the ranking at all.
	Missed int `json:"missed"`
	// Since is the first verdict that counts.
	Since time.Time `json:"since,omitzero"`
}

// Record is the ranker's own track record. Of several causes of an incident the best placed counts.
func (s *Incidents) Record(ctx context.Context) (Track, error) {
	verdicts, err := s.Store.Verdicts(ctx, 0, learnedFrom)
	if err != nil {
		return Track{}, err
	}
	return TrackOf(verdicts), nil
}

// TrackOf counts verdicts.
func TrackOf(verdicts []incident.Verdict) Track {
	t := Track{Verdicts: len(verdicts)}
	type best struct{ rank, recency int }
	all := map[int64]best{}
	for i := range verdicts {
		v := &verdicts[i]
		if t.Since.IsZero() || v.At.Before(t.Since) {
			t.Since = v.At
		}
		if v.Finding != incident.Caused {
			continue
		}
		b := all[v.Incident]
		all[v.Incident] = best{lower(b.rank, v.Rank), lower(b.recency, v.Recency)}
	}
	for _, b := range all {
		t.Incidents++
		t.Ranker.add(b.rank)
		t.Recency.add(b.recency)
		if b.rank == 0 {
			t.Missed++
		}
	}
	return t
}

// lower is the better of two places, of which zero is none.
func lower(a, b int) int {
	if a == 0 || b == 0 {
		return cmp.Or(a, b)
	}
	return min(a, b)
}
