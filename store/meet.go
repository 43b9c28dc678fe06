package store

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// loadDeploys reads the deploys that those of the group may meet.
func (w *logWrite) loadDeploys(ctx context.Context, events []change.Event) error {
	var entities []int64
	var least, most time.Time
	for i := range events {
		e := &events[i]
		if !e.Meetable() {
			continue
		}
		for _, subject := range e.Subjects {
			if subject.Entity != 0 && !slices.Contains(entities, subject.Entity) {
				entities = append(entities, subject.Entity)
			}
		}
		if least.IsZero() || e.At().Before(least) {
			least = e.At()
		}
		if e.At().After(most) {
			most = e.At()
		}
	}
	if len(entities) == 0 {
		return nil
	}
	// What an event of the group meets may itself have others to meet: they reach twice as far.
	args := []any{least.Add(-2 * change.MeetReach).UnixMicro(), most.Add(2 * change.MeetReach).UnixMicro()}
	deploy, _ := change.KindNamed("deploy")
	rollback, _ := change.KindNamed("rollback")
	args = append(args, deploy.Code, rollback.Code)
	return w.ask(ctx, func(row Row) error {
		e, err := scanEvent(row)
		if err == nil && !slices.ContainsFunc(w.deploys, func(known *change.Event) bool { return known.Seq == e.Seq }) {
			w.deploys = append(w.deploys, &e)
		}
		return err
	}, `SELECT e.seq, e.thread, e.doc FROM event_subject s JOIN event e ON e.seq = s.seq
		WHERE s.at >= $1 AND s.at <= $2 AND e.kind IN ($3, $4) AND s.entity IN (`+w.store.numbers(&args, entities)+`)`, args...)
}

// meet joins a new deploy with what it meets.
func (w *logWrite) meet(e *change.Event) {
	if !e.Meetable() {
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
