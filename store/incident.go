package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/internal/job"
)

var _ incident.Store = (*Store)(nil)

// The counters of the incidents. Writers take the first.
const (
	incidentCounter = "incident"
	entryCounter    = "incident_entry"
	followedCounter = "incident_log"
)

// IncidentState is how far the keeping of incidents has come.
func (s *Store) IncidentState(ctx context.Context) (incident.State, error) {
	rows, err := s.query(ctx, `SELECT name, value FROM counter WHERE name IN ('incident', 'incident_entry', 'incident_log')`)
	state, err := scanIncidentState(rows, err)
	return state, s.fault("read how far incidents are", err)
}

func scanIncidentState(rows *sql.Rows, err error) (incident.State, error) {
	var state incident.State
	err = each(rows, err, func(rows *sql.Rows) error {
		var name string
		var value int64
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		switch name {
		case incidentCounter:
			state.Number = value
		case entryCounter:
			state.Entry = value
		case followedCounter:
			state.Followed = value
		}
		return nil
	})
	return state, err
}

// codes lists the codes of the kinds of a class, as SQL has them. The sum keeps planners from the index by kind: what is
// new is to be walked in its order.
func codes(class change.Class) string {
	var all []string
	for _, kind := range change.Kinds() {
		if kind.Class == class {
			all = append(all, strconv.Itoa(kind.Code))
		}
	}
	return "e.kind + 0 IN (" + strings.Join(all, ", ") + ")"
}

// signalsWithin is how many numbers of the log one look for signals goes on at most: a page waits until it has ended.
const signalsWithin = 10_000

// Signals lists what was committed or revised after a number of the log: signals, and the changes of some entities that
// began since an instant. Each event is read once and looked at here: to ask the database for those of many entities would
// gather all that ever happened to them, with every step.
func (s *Store) Signals(ctx context.Context, after int64, changed []int64, since time.Time, limit int) (incident.Tail, error) {
	newest, err := s.Log(ctx)
	if err != nil || newest <= after {
		return incident.Tail{To: max(after, newest)}, err
	}
	last := min(newest, after+signalsWithin)
	wanted := " AND " + codes(change.ClassSignal)
	if len(changed) > 0 {
		wanted = " AND (" + codes(change.ClassSignal) + " OR " + codes(change.ClassChange) + ")"
	}
	entities := make(map[int64]bool, len(changed))
	for _, id := range changed {
		entities[id] = true
	}
	passes := func(kind int, document string) (bool, error) {
		if kind, _ := change.KindCoded(kind); kind.Class == change.ClassSignal {
			return true, nil
		}
		about, err := change.EntitiesIn(document)
		return slices.ContainsFunc(about, func(id int64) bool { return entities[id] }), err
	}
	var found []change.Committed
	for {
		page, err := s.tail(ctx, after, last, wanted, limit, passes)
		if err != nil {
			return incident.Tail{}, s.fault("read signals", err)
		}
		for i := range page.events {
			e := &page.events[i].Event
			if kind, _ := change.KindNamed(e.Kind); kind.Class == change.ClassChange && e.At().Before(since) {
				continue
			}
			if found = append(found, page.events[i]); len(found) == limit {
				return incident.Tail{Events: found, To: page.events[i].Number, More: true}, nil
			}
		}
		if page.read < limit {
			return incident.Tail{Events: found, To: last, More: last < newest}, nil
		}
		after = page.last
	}
}

// CommitIncidents writes one step of the keeping, if nothing that it stands on has changed.
func (s *Store) CommitIncidents(ctx context.Context, w incident.Write) error {
	return s.update(ctx, "write incidents", func(t *tx) error {
		if _, err := t.take(ctx, incidentCounter); err != nil {
			return err
		}
		rows, err := t.query(ctx, `SELECT name, value FROM counter WHERE name IN ('incident', 'incident_entry', 'incident_log')`)
		state, err := scanIncidentState(rows, err)
		if err != nil {
			return err
		}
		if w.From != w.To {
			if state.Followed != w.From {
				return fault.New(fault.Conflict, "the log was followed by another server meanwhile")
			}
			if err := t.put(ctx, followedCounter, w.To); err != nil {
				return err
			}
		}
		if err := t.unchanged(ctx, w.Incidents, state.Number); err != nil {
			return err
		}
		newest, n := state.Number, state.Entry
		for i := range w.Incidents {
			one := &w.Incidents[i]
			newest = max(newest, one.Incident.Number)
			if n, err = t.putIncident(ctx, one, n); err != nil {
				return err
			}
		}
		for i := range w.Verdicts {
			if err := t.putVerdict(ctx, &w.Verdicts[i]); err != nil {
				return err
			}
		}
		if err := t.enqueueCalls(ctx, w.Calls); err != nil {
			return err
		}
		if _, err := t.append(ctx, w.Events); err != nil {
			return err
		}
		if newest != state.Number {
			if err := t.put(ctx, incidentCounter, newest); err != nil {
				return err
			}
		}
		if n != state.Entry {
			return t.put(ctx, entryCounter, n)
		}
		return nil
	})
}

// unchanged fails if an incident has more entries than were read, or if a new one's number was given away meanwhile.
func (t *tx) unchanged(ctx context.Context, all []incident.Changed, newest int64) error {
	if len(all) == 0 {
		return nil
	}
	numbers := make([]int64, len(all))
	for i := range all {
		numbers[i] = all[i].Incident.Number
	}
	has := map[int64]int64{}
	var args []any
	rows, err := t.query(ctx, `SELECT number, max(sequence) FROM incident_entry WHERE number IN (`+t.store.numbers(&args, numbers)+`) GROUP BY number`, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var number, sequence int64
		err := rows.Scan(&number, &sequence)
		has[number] = sequence
		return err
	})
	if err != nil {
		return err
	}
	for i := range all {
		number := all[i].Incident.Number
		if has[number] != all[i].Before || all[i].Before == 0 && number <= newest {
			return fault.New(fault.Conflict, "%s was changed meanwhile", incident.NameOf(number))
		}
	}
	return nil
}

func (t *tx) putIncident(ctx context.Context, c *incident.Changed, n int64) (int64, error) {
	i := &c.Incident
	doc, err := json.Marshal(i)
	if err != nil {
		return n, fmt.Errorf("write an incident: %w", err)
	}
	err = t.exec(ctx, `INSERT INTO incident (number, status, severity, environment, merged_into, opened_at, active_at, doc) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (number) DO UPDATE SET status = excluded.status, severity = excluded.severity, environment = excluded.environment,
		merged_into = excluded.merged_into, opened_at = excluded.opened_at, active_at = excluded.active_at, doc = excluded.doc`,
		i.Number, string(i.Status), i.Severity, i.Environment, i.MergedInto, i.OpenedAt.UnixMicro(), micros(i.ActiveAt), string(doc))
	if err != nil {
		return n, err
	}
	entries := make([][]any, len(c.Entries))
	for j := range c.Entries {
		text, err := json.Marshal(&c.Entries[j])
		if err != nil {
			return n, fmt.Errorf("write an entry: %w", err)
		}
		n++
		entries[j] = []any{n, i.Number, c.Entries[j].Sequence, string(text)}
	}
	if err := t.insert(ctx, `INSERT INTO incident_entry (n, number, sequence, doc) VALUES `, "", entries); err != nil {
		return n, err
	}
	keys := make([][]any, len(c.Keys))
	for j := range c.Keys {
		keys[j] = []any{c.Keys[j][:], i.Number}
	}
	if err := t.insert(ctx, `INSERT INTO incident_key (key, number) VALUES `, ` ON CONFLICT (key) DO UPDATE SET number = excluded.number`, keys); err != nil {
		return n, err
	}
	if err := t.exec(ctx, `DELETE FROM incident_subject WHERE number = $1`, i.Number); err != nil {
		return n, err
	}
	var subjects [][]any
	for _, id := range entitiesOf(i.Subjects) {
		subjects = append(subjects, []any{id, i.Number})
	}
	return n, t.insert(ctx, `INSERT INTO incident_subject (entity, number) VALUES `, "", subjects)
}

func entitiesOf(subjects []change.Subject) []int64 {
	var ids []int64
	for _, subject := range subjects {
		if subject.Entity != 0 {
			ids = append(ids, subject.Entity)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (t *tx) putVerdict(ctx context.Context, v *incident.Verdict) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write a verdict: %w", err)
	}
	return t.exec(ctx, `INSERT INTO incident_verdict (number, event, at, doc) VALUES ($1,$2,$3,$4)
		ON CONFLICT (number, event) DO UPDATE SET at = excluded.at, doc = excluded.doc`, v.Incident, v.Event[:], v.At.UnixMicro(), string(doc))
}

// enqueueCalls promises calls.
func (t *tx) enqueueCalls(ctx context.Context, calls []incident.Call) error {
	for i := range calls {
		c := &calls[i]
		payload, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("write a call: %w", err)
		}
		if err := t.enqueue(ctx, []job.Job{{Kind: job.Page, Key: c.Key(), Payload: string(payload), By: c.By, CreatedAt: c.At, DueAt: c.At}}); err != nil {
			return err
		}
	}
	return nil
}

func scanDocument[T any](rows *sql.Rows) (T, error) {
	var one T
	var doc string
	if err := rows.Scan(&doc); err != nil {
		return one, err
	}
	return one, json.Unmarshal([]byte(doc), &one)
}

// LiveIncidents lists those that are not resolved, or were active since an instant, the latest active first.
func (s *Store) LiveIncidents(ctx context.Context, since time.Time, limit int) ([]incident.Incident, error) {
	rows, err := s.query(ctx, `SELECT doc FROM incident WHERE number IN (
			SELECT number FROM (SELECT number FROM incident WHERE status <> 'resolved' ORDER BY active_at DESC, number DESC LIMIT $2+0) AS unresolved
			UNION SELECT number FROM (SELECT number FROM incident WHERE active_at >= $1 ORDER BY active_at DESC, number DESC LIMIT $2+0) AS active
		) ORDER BY active_at DESC, number DESC LIMIT $2+0`, since.UnixMicro(), limit)
	all, err := collect(rows, err, scanDocument[incident.Incident])
	return all, s.fault("list live incidents", err)
}

// Incidents gives those of the numbers that there are.
func (s *Store) Incidents(ctx context.Context, numbers []int64) (map[int64]incident.Incident, error) {
	found := make(map[int64]incident.Incident, len(numbers))
	if len(numbers) == 0 {
		return found, nil
	}
	var args []any
	rows, err := s.query(ctx, `SELECT doc FROM incident WHERE number IN (`+s.numbers(&args, numbers)+`)`, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		one, err := scanDocument[incident.Incident](rows)
		found[one.Number] = one
		return err
	})
	return found, s.fault("read incidents", err)
}

// IncidentsByKey finds incidents by what they have.
func (s *Store) IncidentsByKey(ctx context.Context, keys []incident.Key) (map[incident.Key]int64, error) {
	found := map[incident.Key]int64{}
	packed := make([][]byte, len(keys))
	for i := range keys {
		packed[i] = keys[i][:]
	}
	for chunk := range slices.Chunk(packed, 1000) {
		var args []any
		rows, err := s.query(ctx, `SELECT key, number FROM incident_key WHERE key IN (`+s.keys(&args, chunk)+`)`, args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			var key []byte
			var number int64
			err := rows.Scan(&key, &number)
			if err == nil {
				found[incident.Key(key)] = number
			}
			return err
		})
		if err != nil {
			return nil, s.fault("find incidents", err)
		}
	}
	return found, nil
}

// searched is how many incidents are read at once to find those that say something.
const searched = 500

// ListIncidents lists a page of incidents, those opened last first.
func (s *Store) ListIncidents(ctx context.Context, f incident.Filter, after incident.Cursor, limit int) ([]incident.Incident, error) {
	if f.Text == "" {
		return s.listIncidents(ctx, f, after, limit)
	}
	// Letters are folded alike on every engine, therefore here. There are as many incidents as people were called.
	var all []incident.Incident
	for {
		read, err := s.listIncidents(ctx, f, after, searched)
		if err != nil {
			return nil, err
		}
		for i := range read {
			if f.Says(&read[i]) {
				all = append(all, read[i])
			}
			if len(all) == limit {
				return all, nil
			}
		}
		if len(read) < searched {
			return all, nil
		}
		last := &read[len(read)-1]
		after = incident.Cursor{OpenedAt: last.OpenedAt, Number: last.Number}
	}
}

func (s *Store) listIncidents(ctx context.Context, f incident.Filter, after incident.Cursor, limit int) ([]incident.Incident, error) {
	if f.Entities != nil && len(f.Entities) == 0 {
		return nil, nil
	}
	args := []any{limit}
	var where []string
	add := func(format string, values ...any) {
		places := make([]any, len(values))
		for i, value := range values {
			args = append(args, value)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		where = append(where, fmt.Sprintf(format, places...))
	}
	if !f.Merged {
		where = append(where, "merged_into = 0")
	}
	if f.Entities != nil {
		where = append(where, `number IN (SELECT s.number FROM incident_subject s WHERE s.entity IN (`+s.numbers(&args, f.Entities)+`))`)
	}
	if len(f.Statuses) > 0 {
		where = append(where, "status IN "+list(&args, f.Statuses))
	}
	if len(f.Environments) > 0 {
		where = append(where, "environment IN "+list(&args, f.Environments))
	}
	if f.Severity > 0 {
		add("severity > 0 AND severity <= %s", f.Severity)
	}
	if !f.Since.IsZero() {
		add("opened_at >= %s", f.Since.UnixMicro())
	}
	if !f.Until.IsZero() {
		add("opened_at < %s", f.Until.UnixMicro())
	}
	if after.Number != 0 {
		add("(opened_at, number) < (%s, %s)", after.OpenedAt.UnixMicro(), after.Number)
	}
	text := `SELECT doc FROM incident`
	if len(where) > 0 {
		text += ` WHERE ` + strings.Join(where, " AND ")
	}
	rows, err := s.query(ctx, text+` ORDER BY opened_at DESC, number DESC LIMIT $1+0`, args...)
	all, err := collect(rows, err, scanDocument[incident.Incident])
	return all, s.fault("list incidents", err)
}

// Timeline lists the entries of one incident after a sequence, in order.
func (s *Store) Timeline(ctx context.Context, number, after int64, limit int) ([]incident.Entry, error) {
	rows, err := s.query(ctx, `SELECT doc FROM incident_entry WHERE number = $1 AND sequence > $2 ORDER BY sequence LIMIT $3+0`, number, after, limit)
	all, err := collect(rows, err, scanDocument[incident.Entry])
	return all, s.fault("read a timeline", err)
}

// IncidentEntries lists the entries of all incidents after a number, in the order of commit.
func (s *Store) IncidentEntries(ctx context.Context, after int64, limit int) ([]incident.Recorded, error) {
	rows, err := s.query(ctx, `SELECT n, doc FROM incident_entry WHERE n > $1 ORDER BY n LIMIT $2+0`, after, limit)
	all, err := collect(rows, err, func(rows *sql.Rows) (incident.Recorded, error) {
		var one incident.Recorded
		var doc string
		if err := rows.Scan(&one.Number, &doc); err != nil {
			return one, err
		}
		return one, json.Unmarshal([]byte(doc), &one.Entry)
	})
	return all, s.fault("read entries of incidents", err)
}

// Verdicts lists the latest word on each change, of one incident or of all, the newest first.
func (s *Store) Verdicts(ctx context.Context, number int64, limit int) ([]incident.Verdict, error) {
	where, args := "", []any{limit}
	if number != 0 {
		where, args = " WHERE number = $2", append(args, number)
	}
	rows, err := s.query(ctx, `SELECT doc FROM incident_verdict`+where+` ORDER BY at DESC LIMIT $1+0`, args...)
	all, err := collect(rows, err, scanDocument[incident.Verdict])
	return all, s.fault("read verdicts", err)
}

// KeptRanking is the ranking of an incident that was resolved at an instant, as it was; nil where none is kept.
func (s *Store) KeptRanking(ctx context.Context, number int64, resolved time.Time) ([]byte, error) {
	rows, err := s.query(ctx, `SELECT doc FROM incident_ranking WHERE number = $1 AND at = $2`, number, micros(resolved))
	found, err := collect(rows, err, func(rows *sql.Rows) ([]byte, error) {
		var doc string
		err := rows.Scan(&doc)
		return []byte(doc), err
	})
	if err != nil || len(found) == 0 {
		return nil, s.fault("read a ranking", err)
	}
	return found[0], nil
}

// KeepRanking keeps the ranking of an incident. The first one stays, until it is resolved at another instant.
func (s *Store) KeepRanking(ctx context.Context, number int64, resolved time.Time, ranking []byte) error {
	return s.update(ctx, "keep a ranking", func(t *tx) error {
		return t.exec(ctx, `INSERT INTO incident_ranking (number, at, doc) VALUES ($1,$2,$3)
			ON CONFLICT (number) DO UPDATE SET at = excluded.at, doc = excluded.doc WHERE incident_ranking.at <> excluded.at`, number, micros(resolved), string(ranking))
	})
}
