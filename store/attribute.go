package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/internal/job"
)

// enqueueNames begins what follows from names that entities gained or that people took back, in the transaction of that.
// Most names have no past: they get no job.
func (t *tx) enqueueNames(ctx context.Context, edits []catalog.Edit, by string, now time.Time) error {
	at := now.UnixMicro()
	for chunk := range slices.Chunk(catalog.Gained(edits), 512) {
		args := []any{job.Attribute, by, at}
		err := t.exec(ctx, jobInsert+`SELECT $1, alias, '', '', 1, 0, events, 0, '', $2, CAST($3 AS BIGINT), CAST($3 AS BIGINT), CAST($3 AS BIGINT), '', 0 FROM unclaimed WHERE alias IN `+list(&args, chunk)+jobAgain, args...)
		if err != nil {
			return err
		}
	}
	var jobs []job.Job
	for _, released := range catalog.ReleasedBy(edits) {
		payload, err := json.Marshal(released)
		if err != nil {
			return err
		}
		jobs = append(jobs, job.Job{Kind: job.Release, Key: released.Alias + " " + released.Ref.String(), Payload: string(payload), By: by, CreatedAt: now, DueAt: now})
	}
	return t.enqueue(ctx, jobs)
}

// Reattribute gives some of the past of an outside name to an entity, in one transaction, and tells how many events it
// was and how many are left.
func (s *Store) Reattribute(ctx context.Context, alias string, ref catalog.Ref, entity int64) (n, left int, err error) {
	err = s.update(ctx, "re-attribute events", func(t *tx) error {
		n, left, err = t.reattribute(ctx, alias, ref, entity)
		return err
	})
	return n, left, err
}

const reattributedAtOnce = 500

func (t *tx) reattribute(ctx context.Context, alias string, ref catalog.Ref, entity int64) (n, left int, err error) {
	w, err := t.newLogWrite(ctx)
	if err != nil {
		return 0, 0, err
	}
	var events []change.Event
	err = t.ask(ctx, func(row Row) error {
		e, err := scanEvent(row)
		events = append(events, e)
		return err
	}, `SELECT e.seq, e.thread, e.doc FROM outside o JOIN event e ON e.seq = o.seq WHERE o.alias = $1 ORDER BY o.at DESC, o.seq DESC LIMIT $2+0`,
		alias, reattributedAtOnce)
	if err != nil {
		return 0, 0, err
	}
	if err := t.send(ctx); err != nil {
		return 0, 0, err
	}
	if len(events) == 0 {
		return 0, 0, t.exec(ctx, `DELETE FROM unclaimed WHERE alias = $1`, alias)
	}
	for i := range events {
		e := &events[i]
		w.original[e.Seq] = *e
		e.Subjects = slices.Clone(e.Subjects)
		for j, subject := range e.Subjects {
			if subject.Entity == 0 && subject.Name == alias {
				e.Subjects[j] = change.Subject{Name: ref.String(), Entity: entity, Outside: alias}
			}
		}
		w.revise(e)
		if err := t.exec(ctx, `DELETE FROM outside WHERE alias = $1 AND at = $2 AND seq = $3`, alias, e.At().UnixMicro(), e.Seq); err != nil {
			return 0, 0, err
		}
	}
	err = t.ask(ctx, func(row Row) error { return row.Scan(&left) },
		`UPDATE unclaimed SET events = CASE WHEN events > $2+0 THEN events - $2+0 ELSE 1 END WHERE alias = $1 RETURNING events`, alias, int64(len(events)))
	if err != nil {
		return 0, 0, err
	}
	// Under their new name the events may be steps of stories that are known.
	if err := w.load(ctx, events); err != nil {
		return 0, 0, err
	}
	for i := range events {
		w.rejoin(&events[i])
	}
	if len(events) < reattributedAtOnce {
		left = 0
		if err := t.exec(ctx, `DELETE FROM unclaimed WHERE alias = $1`, alias); err != nil {
			return 0, 0, err
		}
	}
	return len(events), left, w.flush(ctx)
}

// revise notes that an event which stands in the database is another now.
func (w *logWrite) revise(e *change.Event) {
	w.advanced[e.Seq] = e
	w.seq++
	w.revisions = append(w.revisions, []any{w.seq, e.Seq})
}

// Unattribute takes from an entity what came to it under an outside name: some of its events, from strictly before a place,
// the newest first. It tells how many had the name, where to go on, and whether there is more.
func (s *Store) Unattribute(ctx context.Context, released catalog.Released, before change.Cursor) (n int, next change.Cursor, more bool, err error) {
	at, seq := before.At, before.Seq
	if before == (change.Cursor{}) {
		at, seq = farthest, 0
	}
	err = s.update(ctx, "give a name its events back", func(t *tx) error {
		n, next, more = 0, before, false
		w, err := t.newLogWrite(ctx)
		if err != nil {
			return err
		}
		var events []change.Event
		err = t.ask(ctx, func(row Row) error {
			e, err := scanEvent(row)
			events = append(events, e)
			return err
		}, `SELECT e.seq, e.thread, e.doc FROM event_subject s JOIN event e ON e.seq = s.seq WHERE s.entity = $1 AND (s.at, s.seq) < ($2, $3)
			ORDER BY s.at DESC, s.seq DESC LIMIT $4+0`, released.Entity, at, seq, reattributedAtOnce)
		if err != nil {
			return err
		}
		if err := t.send(ctx); err != nil || len(events) == 0 {
			return err
		}
		next, more = change.CursorOf(&events[len(events)-1]), len(events) == reattributedAtOnce
		outside := map[string][]int64{}
		for i := range events {
			e := &events[i]
			had := func(s change.Subject) bool {
				return s.Entity == released.Entity && catalog.FoldAlias(s.Outside) == released.Alias
			}
			if !slices.ContainsFunc(e.Subjects, had) {
				continue
			}
			n++
			w.original[e.Seq] = *e
			e.Subjects = slices.Clone(e.Subjects)
			for j, subject := range e.Subjects {
				if had(subject) {
					e.Subjects[j] = change.Subject{Name: released.Alias}
				}
			}
			outside[released.Alias] = append(outside[released.Alias], e.At().UnixMicro(), e.Seq)
			w.revise(e)
		}
		if n == 0 {
			return nil
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		return w.insertOutside(ctx, outside)
	})
	return n, next, more, err
}

// UnclaimedNames lists the outside names that have events and that no job is about, in their own order, from strictly after
// one.
func (s *Store) UnclaimedNames(ctx context.Context, after string, limit int) ([]string, error) {
	rows, err := s.query(ctx, `SELECT alias FROM unclaimed WHERE alias > $1
		AND NOT EXISTS (SELECT 1 FROM job WHERE job.kind = $3 AND job.key = unclaimed.alias AND job.state = 1) ORDER BY alias LIMIT $2`, after, limit, job.Attribute)
	names, err := collect(rows, err, func(rows *sql.Rows) (string, error) {
		var name string
		err := rows.Scan(&name)
		return name, err
	})
	return names, s.fault("list unclaimed names", err)
}
