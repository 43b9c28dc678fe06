package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
)

// Append writes events into the log, in one transaction, and tells what became of each, in order. An event whose
// source and key are known advances that one. Events must be normal, and their subjects resolved; they are given their
// number and their thread in place, and the id that follows from the number. What stands beside them is kept in the same
// transaction.
func (s *Store) Append(ctx context.Context, events []change.Event, beside ...integration.Beside) ([]change.Receipt, error) {
	var deliveries []integration.Kept
	for i := range beside {
		deliveries = append(deliveries, beside[i].Deliveries...)
	}
	rows, err := s.keepRows(deliveries)
	if err != nil {
		return nil, err
	}
	var receipts []change.Receipt
	err = s.update(ctx, "append events", func(t *tx) error {
		if receipts, err = t.append(ctx, events); err != nil {
			return err
		}
		for i := range beside {
			for n := range beside[i].Looks {
				if err := t.looked(ctx, &beside[i].Looks[n]); err != nil {
					return err
				}
			}
			if err := t.hear(ctx, beside[i].Heard); err != nil {
				return err
			}
		}
		return t.keep(ctx, rows)
	})
	return receipts, err
}

// newest is the highest number of the log, of events and of revisions alike, the last event that is counted, and the
// schema.
const newest = `SELECT COALESCE(max(n), 0), (SELECT value FROM counter WHERE name = 'tally'), (SELECT schema FROM counter WHERE name = 'log')
	FROM (SELECT max(seq) AS n FROM event UNION ALL SELECT max(rev) FROM revision) AS numbers`

// logWrite is one group of events on its way into the log.
type logWrite struct {
	*tx
	began   int64 // the last number before the group
	seq     int64 // and the last that was handed out
	counted int64 // the last event that the tallies count
	known   map[change.Digest]*change.Event
	stories map[change.Digest]storyKey
	storms  map[change.Digest][]*storm

	seen      bool            // a deploy was seen that one of the group may meet, or is of the group
	deploys   []*change.Event // that those of the group may meet, or what those may meet
	inserted  []*change.Event
	advanced  map[int64]*change.Event // by seq, of those that stood in the database
	original  map[int64]change.Event  // what they were
	keys      map[change.Digest]storyKey
	merged    map[uuid.UUID]uuid.UUID // threads that turned out to be one
	rethread  map[int64]uuid.UUID     // events that stood alone, by seq
	touched   map[*storm]bool
	loose     map[stormDay][]looseEvent // that move the cuts of their day's storms
	revisions [][]any
}

type storyKey struct {
	thread uuid.UUID
	at     int64
}

// newLogWrite keeps every other writer of the log waiting until the transaction ends, and asks for the last number that
// was handed out: the next send brings it.
func (t *tx) newLogWrite(ctx context.Context) (*logWrite, error) {
	w := &logWrite{
		tx: t, known: map[change.Digest]*change.Event{}, stories: map[change.Digest]storyKey{}, storms: map[change.Digest][]*storm{},
		advanced: map[int64]*change.Event{}, original: map[int64]change.Event{}, keys: map[change.Digest]storyKey{},
		merged: map[uuid.UUID]uuid.UUID{}, rethread: map[int64]uuid.UUID{}, touched: map[*storm]bool{}, loose: map[stormDay][]looseEvent{},
	}
	if t.store.writer == nil {
		if err := t.exec(ctx, `SELECT value FROM counter WHERE name = 'log' FOR UPDATE`); err != nil {
			return nil, err
		}
	}
	return w, t.ask(ctx, func(row Row) error {
		var schema int64
		if err := row.Scan(&w.began, &w.counted, &schema); err != nil {
			return err
		}
		w.seq = w.began
		return w.guard(schema)
	}, newest)
}

func (t *tx) append(ctx context.Context, events []change.Event) ([]change.Receipt, error) {
	if len(events) == 0 {
		return nil, nil
	}
	w, err := t.newLogWrite(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.load(ctx, events); err != nil {
		return nil, err
	}
	receipts := make([]change.Receipt, len(events))
	for i := range events {
		receipts[i] = w.receive(&events[i])
	}
	return receipts, w.flush(ctx)
}

// load reads what the group needs to know.
func (w *logWrite) load(ctx context.Context, events []change.Event) error {
	var identities, stories, storms [][]byte
	least, most := events[0].At().UnixMicro(), events[0].At().UnixMicro()
	for i := range events {
		e := &events[i]
		if !ownKey(e) {
			identity := e.Identity()
			identities = append(identities, identity[:])
		}
		for _, key := range e.StoryKeys() {
			stories = append(stories, key[:])
		}
		if key, folds := e.StormKey(); folds {
			storms = append(storms, key[:])
			least, most = min(least, e.At().UnixMicro()), max(most, e.At().UnixMicro())
		}
	}
	if len(identities) > 0 {
		var args []any
		err := w.ask(ctx, func(row Row) error {
			known, err := scanEvent(row)
			w.known[known.Identity()] = &known
			return err
		}, `SELECT seq, thread, doc FROM event WHERE identity IN `+w.store.among(&args, distinct(identities)), args...)
		if err != nil {
			return err
		}
	}
	if err := w.loadStories(ctx, stories); err != nil {
		return err
	}
	if err := w.loadStorms(ctx, storms, least, most); err != nil {
		return err
	}
	around := deploysAround(events)
	if err := w.lookForSeen(ctx, around); err != nil {
		return err
	}
	if err := w.send(ctx); err != nil {
		return err
	}
	if err := w.loadDeploys(ctx, around); err != nil {
		return err
	}
	return w.loadTogether(ctx, events)
}

func (w *logWrite) loadStories(ctx context.Context, keys [][]byte) error {
	if len(keys) == 0 {
		return nil
	}
	var args []any
	return w.ask(ctx, func(row Row) error {
		var key, thread []byte
		var at int64
		if err := row.Scan(&key, &thread, &at); err != nil {
			return err
		}
		w.stories[change.Digest(key)] = storyKey{uuid.UUID(thread), at}
		return nil
	}, `SELECT key, thread, at FROM story_key WHERE key IN `+w.store.among(&args, distinct(keys)), args...)
}

// loadTogether reads the stories that events may join by what several of their reports name together.
func (w *logWrite) loadTogether(ctx context.Context, events []change.Event) error {
	if len(w.known) == 0 {
		return nil
	}
	together := map[*change.Event][]*change.Event{}
	for i := range events {
		if ownKey(&events[i]) {
			continue
		}
		if known, ok := w.known[events[i].Identity()]; ok {
			together[known] = append(together[known], &events[i])
		}
	}
	var keys [][]byte
	for known, reports := range together {
		for _, key := range known.StoryKeysWith(reports) {
			if _, ok := w.stories[key]; !ok {
				keys = append(keys, key[:])
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if err := w.loadStories(ctx, keys); err != nil {
		return err
	}
	return w.send(ctx)
}

// ownKey reports whether we made the key ourselves: then no other event has it.
func ownKey(e *change.Event) bool { return e.Key == e.ID.String() }

func distinct(keys [][]byte) [][]byte {
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}

// receive works one event into the group.
func (w *logWrite) receive(e *change.Event) change.Receipt {
	if ownKey(e) {
		w.begin(e)
		return change.Receipt{ID: e.ID, Key: e.Key, Status: change.Recorded}
	}
	identity := e.Identity()
	known, ok := w.known[identity]
	if !ok {
		w.begin(e)
		w.known[identity] = e
		return change.Receipt{ID: e.ID, Key: e.Key, Status: change.Recorded}
	}
	before := *known
	if !known.Advance(*e) {
		return change.Receipt{ID: known.ID, Key: known.Key, Status: change.Duplicate}
	}
	w.restorm(&before, known)
	if known.Seq <= w.began { // it stood in the database
		if _, ok := w.original[known.Seq]; !ok {
			w.original[known.Seq] = before
		}
		w.advanced[known.Seq] = known
		w.seq++
		w.revisions = append(w.revisions, []any{w.seq, known.Seq})
	}
	w.rejoin(known)
	return change.Receipt{ID: known.ID, Key: known.Key, Status: change.Updated}
}

// begin gives a new event its number. Its id ends in the number, so that it is found by its id without an index.
func (w *logWrite) begin(e *change.Event) {
	own := ownKey(e)
	w.seq++
	e.Seq = w.seq
	e.ID = numbered(e.ID, e.Seq)
	if own {
		e.Key = e.ID.String()
	}
	w.thread(e)
	w.meet(e)
	w.inserted = append(w.inserted, e)
}

// numbered puts the number of an event into the last 48 bits of its id, of which RFC 9562 leaves us the making: the
// time and 26 random bits stand before them.
func numbered(id uuid.UUID, seq int64) uuid.UUID {
	for i := range 6 {
		id[15-i] = byte(seq >> (8 * i))
	}
	return id
}

// numberOf is the number of the event that has an id, if one has.
func numberOf(id uuid.UUID) int64 {
	var seq int64
	for _, b := range id[10:] {
		seq = seq<<8 | int64(b)
	}
	return seq
}

// thread finds the story or the storm that the event belongs to.
func (w *logWrite) thread(e *change.Event) {
	if keys := e.StoryKeys(); len(keys) > 0 {
		w.story(e, keys)
		return
	}
	if key, folds := e.StormKey(); folds {
		w.storm(e, key)
	}
}

// rejoin finds the story of an event about which more is known now.
func (w *logWrite) rejoin(e *change.Event) {
	if keys := e.StoryKeys(); len(keys) > 0 {
		w.story(e, keys)
	}
}

// story joins every story that the event shares a key with; the oldest gives its name.
func (w *logWrite) story(e *change.Event, keys []change.Digest) {
	at := e.At().UnixMicro()
	thread := e.Thread
	for _, key := range keys {
		known, ok := w.stories[key]
		known.thread = w.alias(known.thread)
		if !ok || max(at-known.at, known.at-at) > change.StoryReach.Microseconds() || known.thread == thread {
			continue
		}
		switch {
		case thread == uuid.Nil:
			thread = known.thread
		case bytes.Compare(known.thread[:], thread[:]) < 0:
			w.merged[thread], thread = known.thread, known.thread
		default:
			w.merged[known.thread] = thread
		}
	}
	if thread == uuid.Nil {
		thread = e.ID
	}
	e.Thread = thread
	for _, key := range keys {
		known := w.stories[key]
		if w.alias(known.thread) != thread || known.at < at {
			w.stories[key] = storyKey{thread, max(at, known.at)}
			w.keys[key] = w.stories[key]
		}
	}
}

// alias is what a thread is called after the mergers of this group.
func (w *logWrite) alias(thread uuid.UUID) uuid.UUID {
	for {
		next, ok := w.merged[thread]
		if !ok {
			return thread
		}
		thread = next
	}
}

// flush writes the group.
func (w *logWrite) flush(ctx context.Context) error {
	for _, e := range w.inserted {
		if thread, ok := w.rethread[e.Seq]; ok {
			e.Thread = thread
			delete(w.rethread, e.Seq)
		}
		e.Thread = w.alias(e.Thread)
	}
	for _, step := range []func(context.Context) error{w.insertEvents, w.updateEvents, w.writeThreads, w.cutStorms, w.writeTallies} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *logWrite) insertEvents(ctx context.Context) error {
	var rows, subjects [][]any
	outside := map[string][]int64{}
	for _, e := range w.inserted {
		rows = append(rows, eventRow(e))
		subjects = append(subjects, subjectRows(e)...)
		for _, subject := range e.Subjects {
			if subject.Entity == 0 {
				outside[subject.Name] = append(outside[subject.Name], e.At().UnixMicro(), e.Seq)
			}
		}
	}
	if err := w.insert(ctx, `INSERT INTO event (`+strings.Join(eventColumns, ", ")+`) VALUES `, "", rows); err != nil {
		return err
	}
	// In the order of the key, as the table is kept.
	slices.SortFunc(subjects, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	if err := w.insertSubjects(ctx, subjects); err != nil {
		return err
	}
	return w.insertOutside(ctx, outside)
}

// insertOutside notes unresolved names, with the times and numbers of their events in turn.
func (w *logWrite) insertOutside(ctx context.Context, outside map[string][]int64) error {
	var events, names [][]any
	for _, alias := range sortedKeys(outside) {
		first, last := outside[alias][0], outside[alias][0]
		for pair := range slices.Chunk(outside[alias], 2) {
			events = append(events, []any{alias, pair[0], pair[1]})
			first, last = min(first, pair[0]), max(last, pair[0])
		}
		names = append(names, []any{alias, len(outside[alias]) / 2, first, last})
	}
	if err := w.insert(ctx, `INSERT INTO outside (alias, at, seq) VALUES `, ` ON CONFLICT DO NOTHING`, events); err != nil {
		return err
	}
	return w.insert(ctx, `INSERT INTO unclaimed (alias, events, first_at, last_at) VALUES `,
		` ON CONFLICT (alias) DO UPDATE SET events = unclaimed.events + excluded.events,
		first_at = CASE WHEN excluded.first_at < unclaimed.first_at THEN excluded.first_at ELSE unclaimed.first_at END,
		last_at = CASE WHEN excluded.last_at > unclaimed.last_at THEN excluded.last_at ELSE unclaimed.last_at END`, names)
}

// eventColumns are the columns of an event, in the order of eventRow. The first two never change; foundBy are those between
// them and the document.
var (
	foundBy      = []string{"at", "kind", "phase", "environment", "source", "actor", "actor_type", "thread", "dark"}
	eventColumns = slices.Concat([]string{"seq", "identity"}, foundBy, []string{"doc"})
)

func eventRow(e *change.Event) []any {
	var identity any
	if !ownKey(e) {
		digest := e.Identity()
		identity = digest[:]
	}
	found := foundByRow(e)
	row := make([]any, 0, len(eventColumns))
	return append(append(append(row, e.Seq, identity), found[:]...), document(e))
}

func document(e *change.Event) string { return string(e.AppendDocument(make([]byte, 0, documentSize))) }

// documentSize is more than most documents take.
const documentSize = 1024

// foundByRow are the values of foundBy.
func foundByRow(e *change.Event) [9]any {
	kind, _ := change.KindNamed(e.Kind)
	var thread any
	dark := 0
	if e.Dark {
		dark = 1
	}
	if e.Thread != uuid.Nil {
		thread = e.Thread[:]
	}
	return [...]any{e.At().UnixMicro(), kind.Code, e.Phase.Code(), e.Environment, e.Source, e.Actor.Name, string(e.Actor.Type), thread, dark}
}

// subjectRows are the rows of the subjects that are known: the key of each, and the kind of the event.
func subjectRows(e *change.Event) [][]any {
	var rows [][]any
	kind, _ := change.KindNamed(e.Kind)
	for _, subject := range e.Subjects {
		if subject.Entity != 0 {
			rows = append(rows, []any{subject.Entity, e.At().UnixMicro(), e.Seq, kind.Code})
		}
	}
	return rows
}

func (t *tx) insertSubjects(ctx context.Context, rows [][]any) error {
	return t.insert(ctx, `INSERT INTO event_subject (entity, at, seq, kind) VALUES `, ` ON CONFLICT DO NOTHING`, rows)
}

func (t *tx) deleteSubjects(ctx context.Context, rows [][]any) error {
	for _, row := range rows {
		if err := t.exec(ctx, `DELETE FROM event_subject WHERE entity = $1 AND at = $2 AND seq = $3`, row[:3]...); err != nil {
			return err
		}
	}
	return nil
}

func (w *logWrite) updateEvents(ctx context.Context) error {
	for _, seq := range sortedInts(w.advanced) {
		e, before := w.advanced[seq], w.original[seq]
		e.Thread = w.alias(e.Thread)
		if err := w.rewrite(ctx, e, &before); err != nil {
			return err
		}
	}
	return w.insert(ctx, `INSERT INTO revision (rev, seq) VALUES `, "", w.revisions)
}

func same(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	_, ok := b.([]byte)
	return !ok && a == b
}

// rewrite replaces the row of an event that stands in the database.
func (t *tx) rewrite(ctx context.Context, e, before *change.Event) error {
	// Only what differs is set: each column that is named has its indexes written, also with what they hold already.
	args := []any{e.Seq, document(e)}
	set := "doc = $2"
	row, old := foundByRow(e), foundByRow(before)
	for i, column := range foundBy {
		if !same(row[i], old[i]) {
			args = append(args, row[i])
			set += fmt.Sprintf(", %s = $%d", column, len(args))
		}
	}
	if err := t.exec(ctx, `UPDATE event SET `+set+` WHERE seq = $1`, args...); err != nil {
		return err
	}
	was, is := subjectRows(before), subjectRows(e)
	if !slices.EqualFunc(was, is, slices.Equal[[]any]) {
		if err := t.deleteSubjects(ctx, was); err != nil {
			return err
		}
		if err := t.insertSubjects(ctx, is); err != nil {
			return err
		}
	}
	if before.At().Equal(e.At()) {
		return nil
	}
	for _, subject := range e.Subjects {
		if subject.Entity != 0 {
			continue
		}
		err := t.exec(ctx, `UPDATE outside SET at = $1 WHERE alias = $2 AND at = $3 AND seq = $4`,
			e.At().UnixMicro(), subject.Name, before.At().UnixMicro(), e.Seq)
		if err != nil {
			return err
		}
	}
	return nil
}

func sortedInts[V any](m map[int64]V) []int64 {
	keys := make([]int64, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (w *logWrite) writeThreads(ctx context.Context) error {
	for old := range w.merged {
		into := w.alias(old)
		if err := w.rekey(ctx, old, into); err != nil {
			return err
		}
		if err := w.exec(ctx, `UPDATE event SET thread = $2 WHERE thread = $1`, old[:], into[:]); err != nil {
			return err
		}
	}
	for _, seq := range sortedInts(w.rethread) {
		thread := w.alias(w.rethread[seq])
		if err := w.exec(ctx, `UPDATE event SET thread = $2 WHERE seq = $1`, seq, thread[:]); err != nil {
			return err
		}
	}
	var keys [][]any
	for key, known := range w.keys {
		thread := w.alias(known.thread)
		keys = append(keys, []any{key[:], thread[:], known.at})
	}
	// In the order of the key, as the table is kept.
	slices.SortFunc(keys, func(a, b []any) int { return bytes.Compare(a[0].([]byte), b[0].([]byte)) })
	err := w.insert(ctx, `INSERT INTO story_key (key, thread, at) VALUES `,
		` ON CONFLICT (key) DO UPDATE SET thread = excluded.thread, at = excluded.at`, keys)
	if err != nil {
		return err
	}
	return w.writeStorms(ctx)
}

// rekey gives the keys of a story's events to the story that it became part of. That is rare: an index by thread would
// cost every key a page.
func (w *logWrite) rekey(ctx context.Context, old, into uuid.UUID) error {
	var events []change.Event
	err := w.ask(ctx, func(row Row) error {
		e, err := scanEvent(row)
		events = append(events, e)
		return err
	}, `SELECT seq, thread, doc FROM event WHERE thread = $1`, old[:])
	if err != nil {
		return err
	}
	if err := w.send(ctx); err != nil {
		return err
	}
	for i := range events {
		for _, key := range events[i].StoryKeys() {
			if err := w.exec(ctx, `UPDATE story_key SET thread = $2 WHERE key = $1 AND thread = $3`, key[:], into[:], old[:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// tallySizes are the sizes of the buckets of kept counts, in seconds.
var tallySizes = []int64{3600, 300}

type tallyKey struct {
	size, bucket int64
	kind         int
	environment  string
	actorType    change.ActorType
	source       string
}

// tallyEvery is how many numbers of the log there are from one count of what is new to the next, and so how many events
// a reader of the tallies has to count by itself at most.
const tallyEvery = 512

// writeTallies counts what is new, when there is enough of it, and what changed of that which is counted already.
func (w *logWrite) writeTallies(ctx context.Context) error {
	due := w.began/tallyEvery != w.seq/tallyEvery
	if !due && len(w.advanced) == 0 {
		return nil
	}
	counts := map[tallyKey]int{}
	for seq, e := range w.advanced {
		if seq <= w.counted {
			before := w.original[seq]
			count(counts, &before, -1)
			count(counts, e, 1)
		}
	}
	if due {
		for _, e := range w.inserted {
			count(counts, e, 1)
		}
		if err := w.countBetween(ctx, w.counted, w.began); err != nil {
			return err
		}
		if err := w.put(ctx, "tally", w.seq); err != nil {
			return err
		}
	}
	return w.addTallies(ctx, counts)
}

const onTally = ` ON CONFLICT (size, bucket, kind, environment, actor_type, source) DO UPDATE SET events = tally.events + excluded.events`

// countBetween counts the events after a number, up to another.
func (w *logWrite) countBetween(ctx context.Context, after, last int64) error {
	if after >= last {
		return nil
	}
	for _, size := range tallySizes {
		err := w.exec(ctx, fmt.Sprintf(`INSERT INTO tally (size, bucket, kind, environment, actor_type, source, events)
			SELECT %d, at / 1000000 - at / 1000000 %% %d AS bucket, kind, environment, actor_type, source, count(*) FROM event
			WHERE seq > $1 AND seq <= $2 GROUP BY 2, kind, environment, actor_type, source`, size, size)+onTally, after, last)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *logWrite) addTallies(ctx context.Context, counts map[tallyKey]int) error {
	rows := make([][]any, 0, len(counts))
	for key, n := range counts {
		if n != 0 {
			rows = append(rows, []any{key.size, key.bucket, key.kind, key.environment, string(key.actorType), key.source, n})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(int64), b[0].(int64)), cmp.Compare(a[1].(int64), b[1].(int64)))
	})
	return w.insert(ctx, `INSERT INTO tally (size, bucket, kind, environment, actor_type, source, events) VALUES `, onTally, rows)
}

func count(counts map[tallyKey]int, e *change.Event, n int) {
	kind, _ := change.KindNamed(e.Kind)
	for _, size := range tallySizes {
		at := e.At().Unix()
		counts[tallyKey{size, at - at%size, kind.Code, e.Environment, e.Actor.Type, e.Source}] += n
	}
}

func plainEvent(rows *sql.Rows) (change.Event, error) { return scanEvent(rows) }

// scanEvent reads the columns seq, thread and doc, with others before them.
func scanEvent(row Row, others ...any) (change.Event, error) {
	var e change.Event
	var seq int64
	var thread []byte
	var doc string
	if err := row.Scan(append(others, &seq, &thread, &doc)...); err != nil {
		return e, err
	}
	if err := e.ReadDocument(doc); err != nil {
		return e, fmt.Errorf("event %d: %w", seq, err)
	}
	e.Seq, e.Thread = seq, uuid.Nil
	if len(thread) == len(e.Thread) {
		e.Thread = uuid.UUID(thread)
	}
	return e, nil
}

// Log is the newest number of the log: an event committed or revised later has a higher one.
func (s *Store) Log(ctx context.Context) (int64, error) {
	rows, err := s.query(ctx, newest)
	values, err := collect(rows, err, func(rows *sql.Rows) (int64, error) {
		var number, counted, schema int64
		err := rows.Scan(&number, &counted, &schema)
		return number, err
	})
	if err != nil || len(values) != 1 {
		return 0, s.fault("read the log's number", err)
	}
	return values[0], nil
}

// Tail lists what was committed or revised after a number of the log, in order of commit, at most limit, each with its
// number. An event that was revised several times since stands once for each.
func (s *Store) Tail(ctx context.Context, after int64, limit int) ([]change.Committed, error) {
	page, err := s.tail(ctx, after, maxSeq, "", limit, nil)
	return page.events, s.fault("read the log's tail", err)
}

// tailPage is a part of the log: how many of its events were read, the number of the last of them, and those that passed.
type tailPage struct {
	read   int
	last   int64
	events []change.Committed
}

// tail is Tail up to a number of the log, of the events that a condition lets through (" AND …", of the table e), and then
// passes by their documents; it may be nil.
func (s *Store) tail(ctx context.Context, after, last int64, wanted string, limit int, passes func(kind int, document string) (bool, error)) (tailPage, error) {
	fresh := `SELECT e.seq AS n, e.kind, e.seq, e.thread, e.doc FROM event e WHERE e.seq > $1 AND e.seq <= $2` + wanted
	revised := `SELECT r.rev AS n, e.kind, e.seq, e.thread, e.doc FROM revision r JOIN event e ON e.seq = r.seq WHERE r.rev > $1 AND r.rev <= $2` + wanted
	if !s.engine.Ordered { // it would read and sort all that there is; the other merges the two as they come
		fresh = `SELECT * FROM (` + fresh + ` ORDER BY e.seq LIMIT $3+0) AS fresh`
		revised = `SELECT * FROM (` + revised + ` ORDER BY r.rev LIMIT $3+0) AS revised`
	}
	var page tailPage
	rows, err := s.query(ctx, fresh+` UNION ALL `+revised+` ORDER BY n LIMIT $3+0`, after, last, limit)
	return page, each(rows, err, func(rows *sql.Rows) error {
		var kind int
		var c candidate
		var thread []byte
		if err := rows.Scan(&page.last, &kind, &c.seq, &thread, &c.doc); err != nil {
			return err
		}
		page.read++
		if passes != nil {
			if pass, err := passes(kind, c.doc); err != nil || !pass {
				return err
			}
		}
		if len(thread) == len(c.thread) {
			c.thread = uuid.UUID(thread)
		}
		e, err := c.event()
		page.events = append(page.events, change.Committed{Number: page.last, Event: e})
		return err
	})
}
