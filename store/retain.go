package store

import (
	"context"
	"fmt"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// expireAtOnce is how many events are deleted in one transaction: the writer waits for it.
const expireAtOnce = 200

// Expire deletes the oldest events of a kind that began before an instant, a few hundred at most, and tells how many:
// fewer than there are when there are many. Kept counts stay. The newest events stay as well, whatever their age: those
// that are not counted yet, and the last of all, from which numbers go on.
func (s *Store) Expire(ctx context.Context, kind string, before time.Time) (int, error) {
	known, ok := change.KindNamed(kind)
	if !ok {
		return 0, fault.New(fault.Invalid, "%q is no kind of event", kind)
	}
	n := 0
	err := s.update(ctx, "expire events", func(t *tx) error {
		w, err := t.newLogWrite(ctx)
		if err != nil {
			return err
		}
		if err := t.send(ctx); err != nil {
			return err
		}
		var events []change.Event
		err = t.ask(ctx, func(row Row) error {
			e, err := scanEvent(row)
			events = append(events, e)
			return err
		}, `SELECT seq, thread, doc FROM event WHERE kind = $1 AND at < $2 AND seq <= $3 AND seq < $4 ORDER BY at, seq LIMIT $5+0`,
			known.Code, before.UnixMicro(), w.counted, w.began, expireAtOnce)
		if err != nil {
			return err
		}
		if err := t.send(ctx); err != nil || len(events) == 0 {
			return err
		}
		n = len(events)
		return t.expire(ctx, events, before)
	})
	return n, err
}

func (t *tx) expire(ctx context.Context, events []change.Event, before time.Time) error {
	var seqs []int64
	var keys, storms [][]byte
	outside := map[string]int{}
	for i := range events {
		e := &events[i]
		seqs = append(seqs, e.Seq)
		for _, key := range e.StoryKeys() {
			keys = append(keys, key[:])
		}
		if key, folds := e.StormKey(); folds {
			storms = append(storms, key[:])
		}
		if err := t.deleteSubjects(ctx, subjectRows(e)); err != nil {
			return err
		}
		for _, subject := range e.Subjects {
			if subject.Entity != 0 {
				continue
			}
			outside[subject.Name]++
			err := t.exec(ctx, `DELETE FROM outside WHERE alias = $1 AND at = $2 AND seq = $3`, subject.Name, e.At().UnixMicro(), e.Seq)
			if err != nil {
				return err
			}
		}
	}
	for _, alias := range sortedKeys(outside) {
		if err := t.exec(ctx, `UPDATE unclaimed SET events = events - $2 WHERE alias = $1`, alias, outside[alias]); err != nil {
			return err
		}
		if err := t.exec(ctx, `DELETE FROM unclaimed WHERE alias = $1 AND events <= 0`, alias); err != nil {
			return err
		}
	}
	// What joins events goes with the last event that it could join.
	for _, step := range []struct {
		text string
		keys [][]byte
	}{
		{`DELETE FROM story_key WHERE at < $1 AND key IN `, keys},
		{`DELETE FROM storm WHERE last_at < $1 AND key IN `, storms},
	} {
		if len(step.keys) == 0 {
			continue
		}
		args := []any{before.UnixMicro()}
		if err := t.exec(ctx, step.text+list(&args, distinct(step.keys)), args...); err != nil {
			return err
		}
	}
	var args []any
	if err := t.exec(ctx, `DELETE FROM event WHERE seq IN `+list(&args, seqs), args...); err != nil {
		return err
	}
	// A revision has a meaning only for a reader that lags behind it.
	if err := t.exec(ctx, `DELETE FROM revision WHERE rev < (SELECT min(seq) FROM event)`); err != nil {
		return fmt.Errorf("expire revisions: %w", err)
	}
	return nil
}
