package store

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// around is where and when the deploys of a group are.
type around struct {
	entities    map[int64]bool
	least, most time.Time
	seen        bool // one of them was seen
}

func deploysAround(events []change.Event) around {
	a := around{entities: map[int64]bool{}}
	for i := range events {
		e := &events[i]
		if !e.Meetable() {
			continue
		}
		for _, subject := range e.Subjects {
			if subject.Entity != 0 {
				a.entities[subject.Entity] = true
			}
		}
		if a.least.IsZero() || e.At().Before(a.least) {
			a.least = e.At()
		}
		if e.At().After(a.most) {
			a.most = e.At()
		}
		a.seen = a.seen || e.Dark
	}
	return a
}

// within are the arguments of a query for deploys, of which the last two are their kinds.
func (a *around) within(reach time.Duration) []any {
	deploy, _ := change.KindNamed("deploy")
	rollback, _ := change.KindNamed("rollback")
	return []any{a.least.Add(-reach).UnixMicro(), a.most.Add(reach).UnixMicro(), deploy.Code, rollback.Code}
}

// seenBetween finds deploys that were seen. The sum keeps SQLite from the index of kinds, which has all that were told as well.
const seenBetween = `SELECT seq, thread, doc FROM event WHERE dark = 1 AND at >= $1 AND at <= $2 AND kind + 0 IN ($3, $4)`

// lookForSeen asks whether a deploy was seen that one of the group may meet: mostly there is none, and nothing more to be read.
func (w *logWrite) lookForSeen(ctx context.Context, a around) error {
	w.seen = a.seen
	if len(a.entities) == 0 || a.seen {
		return nil
	}
	return w.ask(ctx, func(row Row) error {
		e, err := scanEvent(row)
		w.seen = w.seen || slices.ContainsFunc(e.Subjects, func(s change.Subject) bool { return a.entities[s.Entity] })
		return err
	}, seenBetween, a.within(change.MeetReach)...)
}

// loadDeploys reads the deploys that those of the group may meet. What these meet may itself have others to meet: they reach
// twice as far.
func (w *logWrite) loadDeploys(ctx context.Context, a around) error {
	if len(a.entities) == 0 || !w.seen {
		return nil
	}
	args := a.within(2 * change.MeetReach)
	known := map[int64]bool{}
	err := w.ask(ctx, func(row Row) error {
		e, err := scanEvent(row)
		if err == nil && !known[e.Seq] { // one of two entities is found twice
			known[e.Seq] = true
			w.deploys = append(w.deploys, &e)
		}
		return err
	}, `SELECT e.seq, e.thread, e.doc FROM event_subject s JOIN event e ON e.seq = s.seq
		WHERE s.at >= $1 AND s.at <= $2 AND s.kind IN (0, $3, $4) AND e.kind IN ($3, $4) AND s.entity IN (`+w.store.numbers(&args, sortedInts(a.entities))+`)`, args...)
	if err != nil {
		return err
	}
	return w.send(ctx)
}

// meet joins a new deploy with what it meets.
func (w *logWrite) meet(e *change.Event) {
	if !w.seen || !e.Meetable() {
		return
	}
	joined := func(a, b *change.Event) bool { return a.Thread != uuid.Nil && w.alias(a.Thread) == w.alias(b.Thread) }
	for other := range e.Meeting(w.deploys, joined) {
		w.join(e, other)
	}
	w.deploys = append(w.deploys, e)
}

// join makes one story of two events.
func (w *logWrite) join(e, other *change.Event) {
	if other.Thread == uuid.Nil {
		other.Thread = other.ID
		w.rethread[other.Seq] = other.ID
	}
	thread := w.alias(other.Thread)
	switch own := w.alias(e.Thread); {
	case own == uuid.Nil:
		e.Thread = thread
	case own != thread:
		if slices.Compare(own[:], thread[:]) < 0 {
			own, thread = thread, own
		}
		w.merged[own], e.Thread = thread, thread
	}
}
