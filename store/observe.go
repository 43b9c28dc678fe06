package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// observers is the counter that sessions are numbered by; whoever opens one takes it.
const observers = "observe"

const observerColumns = `SELECT source, type, agent, session, batch, scope, collections, baseline, complete, opened_at, heard_at, current_at, away_from, lag,
	events, last_event_at, refused, refused_at, report, mark FROM observer`

func scanObserver(row Row) (observe.Observer, error) {
	var o observe.Observer
	var scope, collections, baseline, complete, report string
	var opened, heard, current, away, lag, last, refused int64
	err := row.Scan(&o.Source, &o.Type, &o.Agent, &o.Number, &o.Batch, &scope, &collections, &baseline, &complete, &opened, &heard, &current, &away, &lag,
		&o.Events, &last, &o.Refused, &refused, &report, &o.Mark)
	if err != nil {
		return o, err
	}
	for _, part := range []struct {
		text string
		into any
	}{{scope, &o.Scope}, {report, &o.Report}, {collections, &o.Collections}, {baseline, &o.Baseline}, {complete, &o.Complete}} {
		if err := json.Unmarshal([]byte(part.text), part.into); err != nil {
			return o, fmt.Errorf("observer %s: %w", o.Source, err)
		}
	}
	o.OpenedAt, o.HeardAt, o.CurrentAt, o.AwayFrom = instant(opened), instant(heard), moment(current), moment(away)
	o.LastEventAt, o.RefusedAt, o.Lag = moment(last), moment(refused), time.Duration(lag)*time.Microsecond
	return o, nil
}

// Observer gives one observer.
func (s *Store) Observer(ctx context.Context, source string) (observe.Observer, error) {
	rows, err := s.query(ctx, observerColumns+` WHERE source = $1`, source)
	found, err := collect(rows, err, func(rows *sql.Rows) (observe.Observer, error) { return scanObserver(rows) })
	if err != nil {
		return observe.Observer{}, s.fault("read an observer", err)
	}
	if len(found) == 0 {
		return observe.Observer{}, fault.New(fault.NotFound, "nothing was ever heard of the source %s", source)
	}
	return found[0], nil
}

// Observers lists all observers, by source.
func (s *Store) Observers(ctx context.Context) ([]observe.Observer, error) {
	rows, err := s.query(ctx, observerColumns+` ORDER BY source`)
	found, err := collect(rows, err, func(rows *sql.Rows) (observe.Observer, error) { return scanObserver(rows) })
	return found, s.fault("list observers", err)
}

// goneFor is how long something is kept of an object that is gone.
const goneFor = 7 * 24 * time.Hour

// OpenSession begins a session.
func (s *Store) OpenSession(ctx context.Context, opening observe.Opening, mark []byte, now time.Time) (observe.Observer, error) {
	var o observe.Observer
	err := s.update(ctx, "open a session", func(t *tx) error {
		last, err := t.take(ctx, observers)
		if err != nil {
			return err
		}
		o = observe.Observer{Session: observe.Session{Source: opening.Source, Type: opening.Type}, Mark: mark}
		rows, err := t.query(ctx, observerColumns+` WHERE source = $1`, opening.Source)
		found, err := collect(rows, err, func(rows *sql.Rows) (observe.Observer, error) { return scanObserver(rows) })
		if err != nil {
			return err
		}
		if len(found) == 1 {
			if o = found[0]; o.Type != opening.Type {
				return fault.New(fault.Conflict, "the source %s is of the type %s, not %s: choose another name", o.Source, o.Type, opening.Type)
			}
			if opening.Yield && o.Agent != opening.Agent && !o.Silent(now) {
				return fault.New(fault.Conflict, "the agent %s looks at %s: it was heard %s ago", o.Agent, o.Source, now.Sub(o.HeardAt).Round(time.Second))
			}
			o.AwayFrom = o.CurrentAt
		}
		if o.Scope.Extent != opening.Scope.Extent {
			o.Baseline = nil
		}
		o.Number, o.Batch, o.Agent, o.Scope, o.Collections, o.Report = last+1, 0, opening.Agent, opening.Scope, opening.Collections, opening.Report
		o.OpenedAt, o.HeardAt, o.Complete = now, now, nil
		o.Baseline = slices.DeleteFunc(o.Baseline, func(c string) bool { return !slices.Contains(o.Collections, c) })
		if err := t.put(ctx, observers, o.Number); err != nil {
			return err
		}
		if err := t.forget(ctx, &o); err != nil {
			return err
		}
		return t.putObserver(ctx, &o)
	})
	return o, err
}

// forget drops what was known of objects that are long gone.
func (t *tx) forget(ctx context.Context, o *observe.Observer) error {
	const which = `source = $1 AND gone_at > 0 AND gone_at < $2`
	args := []any{o.Source, o.OpenedAt.Add(-goneFor).UnixMicro()}
	err := t.exec(ctx, `DELETE FROM observation_state WHERE source = $1 AND object IN (SELECT object FROM observation WHERE `+which+`)`, args...)
	if err != nil {
		return err
	}
	return t.exec(ctx, `DELETE FROM observation WHERE `+which, args...)
}

func (t *tx) putObserver(ctx context.Context, o *observe.Observer) error {
	texts := make([]string, 5)
	for i, value := range []any{o.Scope, o.Collections, o.Baseline, o.Report, o.Complete} {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("write an observer: %w", err)
		}
		texts[i] = string(text)
	}
	mark := o.Mark
	if mark == nil {
		mark = []byte{}
	}
	return t.insert(ctx, `INSERT INTO observer (source, type, agent, session, batch, scope, collections, baseline, report, complete, opened_at, heard_at, current_at,
		away_from, lag, events, last_event_at, refused, refused_at, mark) VALUES `,
		` ON CONFLICT (source) DO UPDATE SET agent = excluded.agent, session = excluded.session, batch = excluded.batch, scope = excluded.scope,
		collections = excluded.collections, baseline = excluded.baseline, report = excluded.report, complete = excluded.complete, opened_at = excluded.opened_at,
		heard_at = excluded.heard_at, current_at = excluded.current_at, away_from = excluded.away_from, lag = excluded.lag, events = excluded.events,
		last_event_at = excluded.last_event_at, refused = excluded.refused, refused_at = excluded.refused_at`,
		[][]any{{
			o.Source, o.Type, o.Agent, o.Number, o.Batch, texts[0], texts[1], texts[2], texts[3], texts[4], o.OpenedAt.UnixMicro(), o.HeardAt.UnixMicro(),
			micros(o.CurrentAt), micros(o.AwayFrom), o.Lag.Microseconds(), o.Events, micros(o.LastEventAt), o.Refused, micros(o.RefusedAt), mark,
		}})
}

// observedAtOnce is how many objects are asked for at once.
const observedAtOnce = 1000

// Known gives what is known of objects.
func (s *Store) Known(ctx context.Context, source string, objects []string) (map[string]observe.Known, error) {
	known := make(map[string]observe.Known, len(objects))
	for chunk := range slices.Chunk(objects, observedAtOnce) {
		// Each table is asked for itself: a planner that has no statistics yet joins them at a great cost.
		args := []any{source}
		in := ` FROM (` + s.texts(&args, chunk) + `) AS w CROSS JOIN `
		rows, err := s.query(ctx, `SELECT object, collection, entity, session, seen_at`+in+`observation o WHERE o.source = $1 AND o.object = w.item`, args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			var k observe.Known
			var seen int64
			err := rows.Scan(&k.Object, &k.Collection, &k.Entity, &k.Session, &seen)
			k.SeenAt = instant(seen)
			known[k.Object] = k
			return err
		})
		if err != nil {
			return nil, s.fault("read observations", err)
		}
		rows, err = s.query(ctx, `SELECT object, state, memory`+in+`observation_state o WHERE o.source = $1 AND o.object = w.item`, args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			var object, state, memory string
			err := rows.Scan(&object, &state, &memory)
			if k, ok := known[object]; ok {
				k.State, k.Memory = raw(state), raw(memory)
				known[object] = k
			}
			return err
		})
		if err != nil {
			return nil, s.fault("read observations", err)
		}
	}
	return known, nil
}

// raw is JSON that may not be there.
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// Kept lists the collections of which something is known.
func (s *Store) Kept(ctx context.Context, source string) ([]string, error) {
	rows, err := s.query(ctx, `SELECT DISTINCT collection FROM observation WHERE source = $1 AND gone_at = 0 ORDER BY collection`, source)
	collections, err := collect(rows, err, func(rows *sql.Rows) (string, error) {
		var collection string
		err := rows.Scan(&collection)
		return collection, err
	})
	return collections, s.fault("list collections", err)
}

// Unseen lists objects that a session has not seen.
func (s *Store) Unseen(ctx context.Context, source, collection string, session int64, after string, limit int) ([]string, error) {
	rows, err := s.query(ctx, `SELECT object FROM observation WHERE source = $1 AND object > $2 AND collection = $3 AND session <> $4 AND gone_at = 0
		ORDER BY object LIMIT $5+0`, source, after, collection, session, limit)
	objects, err := collect(rows, err, func(rows *sql.Rows) (string, error) {
		var object string
		err := rows.Scan(&object)
		return object, err
	})
	return objects, s.fault("list what was not seen", err)
}

// Commit writes the work of a batch.
func (s *Store) Commit(ctx context.Context, work observe.Work) (observe.Committed, error) {
	var done observe.Committed
	err := s.update(ctx, "work in a batch", func(t *tx) error {
		o, err := t.turn(ctx, &work)
		if err != nil {
			return err
		}
		events := work.Events
		if len(work.Withdrawals) > 0 {
			for chunk := range groups(work.Withdrawals) {
				edits, err := t.apply(ctx, chunk, work.By, work.At)
				if err != nil {
					return err
				}
				done.Edits = append(done.Edits, edits...)
			}
			if len(done.Edits) > 0 && work.Announce != nil {
				events = append(slices.Clip(events), work.Announce(done.Edits)...)
			}
		}
		receipts, err := t.append(ctx, events)
		if err != nil {
			return err
		}
		done.Receipts = receipts[:len(work.Events)]
		if err := t.putObservations(ctx, &work); err != nil {
			return err
		}
		o.advance(&work, done.Receipts)
		return t.putObserver(ctx, &o.Observer)
	})
	return done, err
}

// turn holds the observer until the transaction ends, if it is the batch's turn.
func (t *tx) turn(ctx context.Context, work *observe.Work) (*observing, error) {
	rows, err := t.query(ctx, `UPDATE observer SET batch = $3 WHERE source = $1 AND session = $2 AND batch = $4 RETURNING source`,
		work.Source, work.Session, work.Number, work.Number-1)
	held, err := collect(rows, err, func(rows *sql.Rows) (string, error) {
		var source string
		err := rows.Scan(&source)
		return source, err
	})
	if err != nil {
		return nil, err
	}
	if len(held) == 0 {
		return nil, fault.New(fault.Conflict, "batch %d of session %d of %s was worked in meanwhile, or the session has ended", work.Number, work.Session, work.Source)
	}
	rows, err = t.query(ctx, observerColumns+` WHERE source = $1`, work.Source)
	found, err := collect(rows, err, func(rows *sql.Rows) (observe.Observer, error) { return scanObserver(rows) })
	if err != nil || len(found) != 1 {
		return nil, err
	}
	return &observing{found[0]}, nil
}

// observing is an observer whose batch is worked in.
type observing struct{ observe.Observer }

func (o *observing) advance(work *observe.Work, receipts []change.Receipt) {
	o.HeardAt, o.Report = work.At, work.Report
	if work.Report.Waiting == 0 {
		o.CurrentAt = work.At
	}
	o.Baseline, o.Complete = with(o.Baseline, work.Complete), with(o.Complete, work.Complete)
	if !work.Since.IsZero() {
		o.Lag = work.Lag
	}
	for i, receipt := range receipts {
		if receipt.Status == change.Duplicate {
			continue
		}
		o.Events++
		if at := work.Events[i].At(); at.After(o.LastEventAt) {
			o.LastEventAt = at
		}
	}
	switch {
	case work.Refused != "":
		o.Refused, o.RefusedAt = work.Refused, work.At
	case work.At.Sub(o.RefusedAt) > refusedFor:
		o.Refused = ""
	}
}

// with adds the names that are not there yet.
func with(names, more []string) []string {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// refusedFor is how long a refusal is shown after all was well again.
const refusedFor = time.Hour

func (t *tx) putObservations(ctx context.Context, work *observe.Work) error {
	var rows, states [][]any
	for _, put := range work.Puts {
		gone := int64(0)
		if put.Gone {
			gone = work.At.UnixMicro()
		}
		rows = append(rows, []any{work.Source, put.Object, put.Collection, put.Entity, put.Session, put.SeenAt.UnixMicro(), gone})
		if !put.Kept {
			states = append(states, []any{work.Source, put.Object, string(put.State), string(put.Memory)})
		}
	}
	err := t.insert(ctx, `INSERT INTO observation (source, object, collection, entity, session, seen_at, gone_at) VALUES `,
		` ON CONFLICT (source, object) DO UPDATE SET collection = excluded.collection, entity = excluded.entity, session = excluded.session,
		seen_at = excluded.seen_at, gone_at = excluded.gone_at`, rows)
	if err != nil {
		return err
	}
	err = t.insert(ctx, `INSERT INTO observation_state (source, object, state, memory) VALUES `,
		` ON CONFLICT (source, object) DO UPDATE SET state = excluded.state, memory = excluded.memory`, states)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(work.Seen, observedAtOnce) {
		args := []any{work.Source, work.Session, work.Since.UnixMicro()}
		err := t.exec(ctx, `UPDATE observation SET session = $2, seen_at = $3 WHERE source = $1 AND object IN (`+t.store.texts(&args, chunk)+`)`, args...)
		if err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(work.Forgotten, observedAtOnce) {
		args := []any{work.Source}
		in := `(` + t.store.texts(&args, chunk) + `)`
		for _, table := range []string{"observation", "observation_state"} {
			if err := t.exec(ctx, `DELETE FROM `+table+` WHERE source = $1 AND object IN `+in, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refuse notes why something of a source was refused.
func (s *Store) Refuse(ctx context.Context, source, why string, at time.Time) error {
	return s.update(ctx, "note a refusal", func(t *tx) error {
		return t.exec(ctx, `UPDATE observer SET refused = $2, refused_at = $3 WHERE source = $1`, source, why, at.UnixMicro())
	})
}

// Of lists the objects that belong to an entity.
func (s *Store) Of(ctx context.Context, entity int64, limit int) ([]observe.Seen, error) {
	rows, err := s.query(ctx, `SELECT r.type, r.scope, o.source, o.object, o.collection, o.entity, o.session, o.seen_at, s.state
		FROM observation o JOIN observer r ON r.source = o.source JOIN observation_state s ON s.source = o.source AND s.object = o.object
		WHERE o.entity = $1 AND o.entity <> 0 AND o.gone_at = 0 ORDER BY o.source, o.object LIMIT $2+0`, entity, limit)
	seen, err := collect(rows, err, func(rows *sql.Rows) (observe.Seen, error) {
		var one observe.Seen
		var scope, state string
		var at int64
		if err := rows.Scan(&one.Type, &scope, &one.Source, &one.Object, &one.Collection, &one.Entity, &one.Session, &at, &state); err != nil {
			return one, err
		}
		one.SeenAt, one.State = instant(at), raw(state)
		return one, json.Unmarshal([]byte(scope), &one.Scope)
	})
	return seen, s.fault("read what runs", err)
}
