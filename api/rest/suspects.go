package rest

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
)

// Asker ranks what could be the cause of a trouble.
type Asker interface {
	// Find gives the ids of services by their names.
	Find(names []string) ([]int64, error)
	Ask(ctx context.Context, q suspect.Question) (suspect.Ranking, error)
}

// Suspects answers what could be the cause of a trouble, without an incident.
type Suspects struct {
	Reader Asker
	Now    func() time.Time
}

// Bounds of an answer.
const (
	defaultSuspects = 10
	defaultRuledOut = 50
	maxSuspects     = 500
)

func (h *Suspects) routes() []route {
	return []route{{
		method: http.MethodGet, op: access.ReadLog, path: "/api/v1/suspects",
		query: []string{"service", "at", "zone", "environment", "region", "cluster", "limit"}, serve: h.get,
	}}
}

func (h *Suspects) get(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	names := q.list("service")
	at := q.clock("at", "zone")
	limit := q.number("limit", 1, maxSuspects, 0)
	asked := suspect.Question{Environment: q.one("environment"), Region: q.one("region"), Cluster: q.one("cluster"), Onset: at, OnsetBy: incident.OnsetByPerson}
	if err := q.err(); err != nil {
		return err
	}
	if h.Reader == nil {
		return fault.New(fault.Unavailable, "this server ranks nothing")
	}
	var err error
	if asked.Services, err = h.Reader.Find(names); err != nil {
		return err
	}
	ranking, err := h.Reader.Ask(r.Context(), asked)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newRanking(&ranking, limit))
}

// clock is an instant as query.instant reads it, or a time of day such as 03:07 in a zone: of today, or of yesterday where
// that lies ahead.
func (q *query) clock(name, zone string) time.Time {
	place := time.UTC
	if text := q.one(zone); text != "" {
		var err error
		if place, err = time.LoadLocation(text); err != nil {
			q.fault(zone, "%q is not an IANA time zone such as Europe/Berlin", clip(text))
			return time.Time{}
		}
	}
	text := q.one(name)
	for _, layout := range []string{"15:04", "15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			now := q.now.In(place)
			at = time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), at.Second(), 0, place)
			if at.After(now) {
				at = at.AddDate(0, 0, -1)
			}
			return at.UTC()
		}
	}
	return q.instant(name)
}

// rankingAnswer is a ranking as the API gives it, for a question with or without an incident.
type rankingAnswer struct {
	Services      []string        `json:"services"`
	Environment   string          `json:"environment"`
	At            wire.Time       `json:"at"`
	Onset         onsetAnswer     `json:"onset"`
	Since         wire.Time       `json:"since"`
	Summary       string          `json:"summary"`
	None          float64         `json:"none"`
	Suspects      []suspectAnswer `json:"suspects"`
	RuledOut      []ruledOut      `json:"ruled_out"`
	RuledOutCount int             `json:"ruled_out_count"`
	Considered    int             `json:"considered"`
	Unranked      int             `json:"unranked"`
	Unread        int             `json:"unread"`
}

type onsetAnswer struct {
	At wire.Time        `json:"at"`
	By incident.OnsetBy `json:"by"`
}

type suspectAnswer struct {
	Rank          int                `json:"rank"`
	Event         wire.Event         `json:"event"`
	Events        []wire.Event       `json:"events"` // of the story, the earliest first
	Score         float64            `json:"score"`
	Probability   float64            `json:"probability"`
	Strength      suspect.Strength   `json:"strength"`
	Evidence      []suspect.Evidence `json:"evidence"`
	BeforeSeconds int64              `json:"before_seconds"`
	Path          []string           `json:"path"`
	Direction     string             `json:"direction"`
	Undo          suspect.Undo       `json:"undo"`
	Owner         suspect.Owner      `json:"owner"`
	Verdict       incident.Finding   `json:"verdict,omitempty"`
}

type ruledOut struct {
	Event    wire.Event     `json:"event"`
	Reason   suspect.Reason `json:"reason"`
	Sentence string         `json:"sentence"`
}

// newRanking is the public form of a ranking, of which both lists are cut at the limit; zero means a few suspects and some
// of what is ruled out.
func newRanking(r *suspect.Ranking, limit int) rankingAnswer {
	a := rankingAnswer{
		Services: list(r.Services), Environment: r.Question.Environment, At: wire.Time{Time: r.Question.Onset},
		Onset: onsetAnswer{wire.Time{Time: r.Question.Onset}, r.Question.OnsetBy}, Since: wire.Time{Time: r.Since},
		Summary: r.Summary, None: r.None, Suspects: []suspectAnswer{}, RuledOut: []ruledOut{},
		RuledOutCount: len(r.RuledOut), Considered: r.Considered, Unranked: r.Unranked, Unread: r.Unread,
	}
	for i := range r.Suspects[:min(len(r.Suspects), cmp.Or(limit, defaultSuspects))] {
		s := &r.Suspects[i]
		one := suspectAnswer{
			Rank: s.Rank, Event: wire.New(&s.Head), Events: public(s.Events), Score: s.Score, Probability: s.Probability, Strength: s.Strength,
			Evidence: list(s.Evidence), BeforeSeconds: int64(s.Before / time.Second), Path: list(s.Path()), Direction: s.Direction(),
			Undo: s.Undo, Owner: s.Owner, Verdict: s.Verdict,
		}
		one.Undo.Lost, one.Owner.OnCall = list(one.Undo.Lost), list(one.Owner.OnCall)
		a.Suspects = append(a.Suspects, one)
	}
	for i := range r.RuledOut[:min(len(r.RuledOut), cmp.Or(limit, defaultRuledOut))] {
		out := &r.RuledOut[i]
		a.RuledOut = append(a.RuledOut, ruledOut{Event: wire.New(&out.Head), Reason: out.Reason, Sentence: out.Sentence})
	}
	return a
}

// list is a list that is written as [] where there is nothing.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
