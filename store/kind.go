package store

import (
	"context"
	"database/sql"
)

// Subject is the place of one subject of an event: rows are kept in the order of entity, start and number.
type Subject struct {
	Entity, At, Seq int64
}

// kindsAtOnce is how many rows get their kind in one transaction.
const kindsAtOnce = 500

// FillKinds writes beside some subjects of events which kind those are of, where that is not known yet: from strictly after a
// place. It tells how many got theirs, where to go on, and whether there is more.
func (s *Store) FillKinds(ctx context.Context, after Subject) (n int, next Subject, more bool, err error) {
	// What the write needs is read before it, so that others need not wait for that.
	lacking := false
	rows, err := s.query(ctx, `SELECT s.entity, s.at, s.seq, s.kind, COALESCE(e.kind, 0) FROM event_subject s LEFT JOIN event e ON e.seq = s.seq
		WHERE (s.entity, s.at, s.seq) > ($1, $2, $3) ORDER BY s.entity, s.at, s.seq LIMIT $4+0`, after.Entity, after.At, after.Seq, kindsAtOnce)
	found, err := collect(rows, err, func(rows *sql.Rows) (Subject, error) {
		var at Subject
		var kind, of int
		err := rows.Scan(&at.Entity, &at.At, &at.Seq, &kind, &of)
		lacking = lacking || kind != of
		return at, err
	})
	if err != nil || len(found) == 0 {
		return 0, after, false, s.fault("read the kinds of events", err)
	}
	next, more = found[len(found)-1], len(found) == kindsAtOnce
	if !lacking {
		return 0, next, more, nil
	}
	err = s.update(ctx, "fill in the kinds of events", func(t *tx) error {
		n = 0
		// Whoever writes the log locks its rows in another order.
		if _, err := t.newLogWrite(ctx); err != nil {
			return err
		}
		rows, err := t.query(ctx, `UPDATE event_subject SET kind = COALESCE((SELECT e.kind FROM event e WHERE e.seq = event_subject.seq), 0)
			WHERE kind = 0 AND (entity, at, seq) > ($1, $2, $3) AND (entity, at, seq) <= ($4, $5, $6) RETURNING 1`,
			after.Entity, after.At, after.Seq, next.Entity, next.At, next.Seq)
		changed, err := collect(rows, err, scanInt)
		n = len(changed)
		return err
	})
	return n, next, more, err
}
