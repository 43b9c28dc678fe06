package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Patience is how long a page of the feed is searched for before it is returned as it is, with a cursor to go on from.
const Patience = 400 * time.Millisecond

// Feed is a page of events that pass a filter, newest first, from strictly after a cursor. With fold, an event is left
// out where a newer event of its story or storm passes the filter too. The limit is from 1 to 1,000.
func (s *Store) Feed(ctx context.Context, filter change.Filter, after change.Cursor, limit int, fold bool) (change.Page, error) {
	if limit < 1 || limit > 1000 {
		return change.Page{}, fault.New(fault.Invalid, "limit is from 1 to 1000, not %d", limit)
	}
	if filter.Entities != nil && len(filter.Entities) == 0 {
		return change.Page{}, nil
	}
	f := &feed{store: s, filter: filter, words: filter.Words(), limit: limit, fold: fold, began: after, shown: map[uuid.UUID]bool{}, asked: map[uuid.UUID]bool{}}
	err := f.read(ctx, after)
	return f.page, s.fault("read the feed", err)
}

// feed is one page on its way.
type feed struct {
	store  *Store
	filter change.Filter
	words  []string
	limit  int
	fold   bool
	began  change.Cursor
	page   change.Page
	shown  map[uuid.UUID]bool // threads of this page, and those that stand above it
	asked  map[uuid.UUID]bool // threads of which it is known whether they stand above
}

// candidate is an event that passed in SQL: where it stands in the feed, the thread that it belongs to, and its document,
// not yet decoded, or empty where it was not read.
type candidate struct {
	at, seq int64
	thread  uuid.UUID
	doc     string
}

// walk is how far a page has come: what lies before the cursor and not before floor is yet to be looked at.
type walk struct {
	cursor change.Cursor
	floor  int64
	rank   int   // how many events of any kind the next look goes back over; zero goes to the floor
	span   int64 // microseconds that mostRanked events took, once so many were gone back over
}

// mostPlaces bounds one look; a storm can put thousands of events between two lines.
const mostPlaces = 4096

// mostRanked is how many events are counted to find where a look ends; beyond it, time is stretched instead.
const mostRanked = 2048

func (f *feed) read(ctx context.Context, after change.Cursor) error {
	n := f.limit + 1
	if f.fold {
		n *= 4 // a story has about six steps, of which one is shown
	}
	w, err := f.start(ctx, after, n)
	if err != nil {
		return err
	}
	began := time.Now()
	for w.cursor.At >= w.floor {
		low, err := f.low(ctx, &w)
		if err != nil {
			return err
		}
		found, more, err := f.look(ctx, w.cursor, low, n)
		if err != nil {
			return err
		}
		end := candidate{at: low}
		if more {
			end = found[len(found)-1]
		}
		full, err := f.keep(ctx, found, end)
		if err != nil || full {
			return err
		}
		if more {
			w.cursor = change.Cursor{At: end.at, Seq: end.seq}
			n = min(n*4, mostPlaces) // most of them were not shown: look at more at once
			if w.rank == 0 {
				if w, err = f.start(ctx, w.cursor, n); err != nil { // so many are not merged any more
					return err
				}
			}
		} else {
			w.cursor = change.Cursor{At: low - 1, Seq: maxSeq}
			w.widen(n, len(found))
		}
		if time.Since(began) > Patience && w.cursor.At >= w.floor {
			f.page.Next, f.page.SearchedUntil = w.cursor, instant(w.cursor.At)
			return nil
		}
	}
	return nil
}

const maxSeq = 1<<63 - 1

// mostMerged bounds the places of several entities of which the newest are found by reading that many of each.
const mostMerged = 2048

// merges reports whether the newest places are found by reading as many of each entity.
func (f *feed) merges(n int) bool {
	return f.store.engine.Ordered && len(f.filter.Entities)*n <= mostMerged
}

// firstRank is over how many events the first look for n goes back: to the end where one index lists just what passes, in
// order, or a few entities do; for more of them, whose events have to be sorted, over some pages of events of any kind.
// That is the same few events in a storm as in a quiet night.
func (f *feed) firstRank(n int) int {
	q := &f.filter
	only := len(q.Sources)+len(q.Environments)+len(q.ActorTypes)+len(q.Phases) == 0
	switch {
	case len(q.Entities) == 1, len(q.Entities) > 1 && f.merges(n):
		return 0
	case len(q.Entities) > 1:
		return max(f.limit*20, 200)
	case only && len(q.Actors) == 0 && len(q.KindCodes()) <= 1, only && len(q.Actors) == 1 && q.KindCodes() == nil:
		return 0
	}
	return 16 * mostRanked
}

// low is how far back the next look goes.
func (f *feed) low(ctx context.Context, w *walk) (int64, error) {
	if w.rank == 0 {
		return w.floor, nil
	}
	if w.span == 0 {
		rows, err := f.store.query(ctx, `SELECT at FROM event WHERE at <= $1 AND at >= $2 ORDER BY at DESC LIMIT 1 OFFSET $3+0`, w.cursor.At, w.floor, min(w.rank, mostRanked))
		found, err := collect(rows, err, scanInt)
		if err != nil || len(found) == 0 {
			return w.floor, err
		}
		if w.rank < mostRanked {
			return found[0], nil
		}
		w.span = max(w.cursor.At-found[0], 1)
	}
	stretch := int64(w.rank / mostRanked)
	if w.span > (w.cursor.At-w.floor)/stretch {
		return w.floor, nil
	}
	return w.cursor.At - w.span*stretch, nil
}

// widen guesses how far back the rest of the page lies from how much the last look found.
func (w *walk) widen(wanted, found int) {
	factor := 8
	if found > 0 {
		factor = min(wanted*3/(found*2)+1, 64)
	}
	if w.rank > 1<<40/factor {
		w.rank = 0
	}
	w.rank *= factor // zero stays zero
	if w.span > 0 {
		w.rank = max(w.rank, mostRanked)
	}
}

// start finds the newest and the oldest instant that the page can reach.
func (f *feed) start(ctx context.Context, after change.Cursor, n int) (walk, error) {
	w := walk{cursor: after, rank: f.firstRank(n)}
	if after == (change.Cursor{}) {
		w.cursor = change.Cursor{At: farthest, Seq: maxSeq}
	}
	if until := f.filter.Until; !until.IsZero() && until.UnixMicro()-1 < w.cursor.At {
		w.cursor = change.Cursor{At: until.UnixMicro() - 1, Seq: maxSeq}
	}
	if since := f.filter.Since; !since.IsZero() {
		w.floor = max(w.floor, since.UnixMicro())
	}
	if w.rank == 0 {
		return w, nil
	}
	rows, err := f.store.query(ctx, `SELECT COALESCE((SELECT at FROM event WHERE at <= $1 ORDER BY at DESC LIMIT 1), -1), COALESCE((SELECT at FROM event ORDER BY at LIMIT 1), 0)`, w.cursor.At)
	return w, each(rows, err, func(rows *sql.Rows) error {
		var newest, oldest int64
		err := rows.Scan(&newest, &oldest)
		w.floor = max(w.floor, oldest)
		if newest < w.cursor.At {
			w.cursor = change.Cursor{At: newest, Seq: maxSeq}
		}
		return err
	})
}

// farthest is after every event, and fits with room to spare.
const farthest = int64(1) << 61

// look finds at most n events before the cursor and not before low, newest first, and tells whether there may be more.
// Where it needs no second statement to do so, it reads them at once.
func (f *feed) look(ctx context.Context, before change.Cursor, low int64, n int) ([]candidate, bool, error) {
	if f.filter.Entities != nil {
		if len(f.filter.Entities) == 1 {
			return f.store.subjectPlaces(ctx, &f.filter, before, low, n)
		}
		return f.store.subjectsPlaces(ctx, &f.filter, before, low, n, f.merges(n))
	}
	columns := `at, seq, thread, doc`
	if f.fold {
		columns = `at, seq, thread, ''`
	}
	args := []any{before.At, before.Seq, low, n}
	where := conditions(&f.filter, &args)
	if excluded := f.excluded(); len(excluded) > 0 {
		where += ` AND (thread IS NULL OR thread NOT IN ` + list(&args, excluded) + `)`
	}
	rows, err := f.store.query(ctx, placed(columns, where), args...)
	found, err := collect(rows, err, scanCandidate)
	return found, len(found) == n, err
}

// placed selects events between two places that pass a condition, newest first.
func placed(columns, where string) string {
	return `SELECT ` + columns + ` FROM event WHERE at <= $1 AND (at, seq) < ($1, $2) AND at >= $3` + where + ` ORDER BY at DESC, seq DESC LIMIT $4+0`
}

// keep takes what the page shows of what was found, and tells whether the page is full.
func (f *feed) keep(ctx context.Context, found []candidate, end candidate) (bool, error) {
	if err := f.above(ctx, found); err != nil {
		return false, err
	}
	for left := f.unshown(found); len(left) > 0; {
		chunk := left[:min(f.limit+1, len(left))]
		left = left[len(chunk):]
		if chunk[0].doc == "" {
			read, err := f.store.candidates(ctx, chunk)
			if err != nil {
				return false, err
			}
			chunk, left = settle(read, chunk[len(chunk)-1], left, end)
			if err := f.above(ctx, chunk); err != nil {
				return false, err
			}
		}
		f.page.Events = slices.Grow(f.page.Events, min(len(chunk), f.limit-len(f.page.Events)))
		for i := range chunk {
			full, err := f.show(&chunk[i])
			if err != nil || full {
				return full, err
			}
		}
	}
	return false, nil
}

// show puts an event on the page if it passes, and tells whether the page was full before.
func (f *feed) show(c *candidate) (bool, error) {
	if f.fold && c.thread != uuid.Nil && f.shown[c.thread] {
		return false, nil
	}
	e, err := c.event()
	if err != nil || !f.passes(&e) {
		return false, err
	}
	if len(f.page.Events) == f.limit {
		f.page.Next = change.CursorOf(&f.page.Events[f.limit-1])
		return true, nil
	}
	if c.thread != uuid.Nil {
		f.shown[c.thread] = true
	}
	f.page.Events = append(f.page.Events, e)
	return false, nil
}

// settle puts events right that a report dated back after their places were read: below the last place of the chunk they
// wait among those that are left; below the end of the look, a later one finds them.
func settle(read []candidate, last candidate, left []candidate, end candidate) (kept, later []candidate) {
	kept = read[:0]
	for _, c := range read {
		if newestFirst(c, last) <= 0 {
			kept = append(kept, c)
		} else if newestFirst(c, end) <= 0 {
			i, _ := slices.BinarySearchFunc(left, c, newestFirst)
			left = slices.Insert(left, i, candidate{at: c.at, seq: c.seq, thread: c.thread})
		}
	}
	return kept, left
}

// excluded are threads that need not be found again: the newest of a storm stands for thousands that follow.
func (f *feed) excluded() [][]byte {
	if !f.fold {
		return nil
	}
	excluded := make([][]byte, 0, len(f.shown))
	for thread := range f.shown {
		excluded = append(excluded, bytes.Clone(thread[:]))
	}
	return excluded[:min(len(excluded), 128)]
}

// unshown leaves out the threads that stand above already, and where each event passes for sure, all but the newest of
// each thread.
func (f *feed) unshown(found []candidate) []candidate {
	if !f.fold {
		return found
	}
	sure := f.filter.Entities == nil && len(f.words) == 0
	seen := map[uuid.UUID]bool{}
	kept := make([]candidate, 0, len(found))
	for _, p := range found {
		if p.thread != uuid.Nil {
			if f.shown[p.thread] || (sure && seen[p.thread]) {
				continue
			}
			seen[p.thread] = true
		}
		kept = append(kept, p)
	}
	return kept
}

// passes checks what SQL did not.
func (f *feed) passes(e *change.Event) bool {
	if f.filter.Entities != nil {
		return f.filter.Match(e)
	}
	return e.MatchText(f.words)
}

// above marks the threads of candidates that have an event above this page that passes the filter: they were shown on
// an earlier page.
func (f *feed) above(ctx context.Context, found []candidate) error {
	if !f.fold || f.began == (change.Cursor{}) {
		return nil
	}
	var threads [][]byte
	for _, p := range found {
		if p.thread != uuid.Nil && !f.shown[p.thread] && !f.asked[p.thread] {
			f.asked[p.thread] = true
			threads = append(threads, bytes.Clone(p.thread[:]))
		}
	}
	if len(threads) == 0 {
		return nil
	}
	args := []any{f.began.At, f.began.Seq}
	rows, err := f.store.query(ctx, `SELECT at, seq, thread, doc FROM event WHERE (at, seq) >= ($1, $2) AND thread IN (`+f.store.keys(&args, threads)+`)`, args...)
	newer, err := collect(rows, err, scanCandidate)
	for i := range newer {
		e, err := newer[i].event()
		if err != nil {
			return err
		}
		if f.filter.Match(&e) {
			f.shown[e.Thread] = true
		}
	}
	return err
}

func scanCandidate(rows *sql.Rows) (candidate, error) {
	var c candidate
	var thread []byte
	err := rows.Scan(&c.at, &c.seq, &thread, &c.doc)
	if len(thread) == len(c.thread) {
		c.thread = uuid.UUID(thread)
	}
	return c, err
}

func (c *candidate) event() (change.Event, error) {
	var e change.Event
	err := c.read(&e)
	return e, err
}

func (c *candidate) read(e *change.Event) error {
	if err := e.ReadDocument(c.doc); err != nil {
		return fmt.Errorf("event %d: %w", c.seq, err)
	}
	e.Seq, e.Thread = c.seq, c.thread
	return nil
}

// subjectPlaces finds the events about the one entity of a filter. It knows no threads: its events are read before they are folded.
func (s *Store) subjectPlaces(ctx context.Context, f *change.Filter, before change.Cursor, low int64, n int) ([]candidate, bool, error) {
	args := []any{before.At, before.Seq, low, n, f.Entities[0]}
	rows, err := s.query(ctx, `SELECT s.at, s.seq FROM event_subject s
		WHERE s.entity = $5 AND s.at <= $1 AND (s.at, s.seq) < ($1, $2) AND s.at >= $3`+ofKinds("s.kind", f, &args)+` ORDER BY s.at DESC, s.seq DESC LIMIT $4+0`, args...)
	found, err := collect(rows, err, scanPlace)
	return found, len(found) == n, err
}

func scanPlace(rows *sql.Rows) (candidate, error) {
	var c candidate
	err := rows.Scan(&c.at, &c.seq)
	return c, err
}

// subjectsPlaces finds the events about several entities. With merge it reads no more than the newest of each entity, rather than
// all since low.
func (s *Store) subjectsPlaces(ctx context.Context, f *change.Filter, before change.Cursor, low int64, n int, merge bool) ([]candidate, bool, error) {
	args := []any{before.At, before.Seq, low, n}
	entities, kinds := s.numbers(&args, f.Entities), ofKinds("s.kind", f, &args)
	from := `event_subject s WHERE s.entity IN (` + entities + `) AND s.at >= $3`
	if merge {
		from = `(` + entities + `) AS w JOIN event_subject s ON s.entity = w.item AND s.at >= COALESCE((
			SELECT y.at FROM event_subject y WHERE y.entity = w.item AND y.at <= $1 AND (y.at, y.seq) < ($1, $2) AND y.at >= $3` + strings.ReplaceAll(kinds, "s.kind", "y.kind") + `
			ORDER BY y.at DESC, y.seq DESC LIMIT 1 OFFSET $4+0), $3) WHERE true`
	}
	rows, err := s.query(ctx, `SELECT s.at, s.seq FROM `+from+` AND s.at <= $1 AND (s.at, s.seq) < ($1, $2)`+kinds+` ORDER BY s.at DESC, s.seq DESC LIMIT $4+0`, args...)
	found, err := collect(rows, err, scanPlace)
	more := len(found) == n
	return slices.Compact(found), more, err // an event about two of them is found twice
}

// ofKinds leaves out subjects of events of other kinds. Those of which the kind is not known yet pass.
func ofKinds(column string, f *change.Filter, args *[]any) string {
	codes := f.KindCodes()
	if codes == nil {
		return ""
	}
	return oneOf(column, args, append(codes, 0))
}

func newestFirst(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.seq, a.seq))
}

// candidates reads the events at places, in the order of the feed. Each lies on a page of its own: where the first show that these come
// from the disk, the others are waited for at the same time.
func (s *Store) candidates(ctx context.Context, places []candidate) ([]candidate, error) {
	seqs := make([]int64, len(places))
	for i := range places {
		seqs[i] = places[i].seq
	}
	slices.Sort(seqs)
	began := time.Now()
	found, err := s.documents(ctx, seqs[:min(len(seqs), triedFirst)])
	if err != nil {
		return nil, err
	}
	rest := seqs[min(len(seqs), triedFirst):]
	atOnce := 1
	if time.Since(began) > fromMemory {
		atOnce = max(s.engine.Together, 1)
	}
	size := max(1, (len(rest)+atOnce-1)/atOnce)
	parts := make([][]candidate, (len(rest)+size-1)/size)
	work, ctx := errgroup.WithContext(ctx)
	for i := range parts {
		work.Go(func() (err error) {
			parts[i], err = s.documents(ctx, rest[i*size:min((i+1)*size, len(rest))])
			return err
		})
	}
	err = work.Wait()
	found = append(found, slices.Concat(parts...)...)
	slices.SortFunc(found, newestFirst)
	return found, err
}

// How many events tell where all lie, and within what time they are read where that is in memory.
const (
	triedFirst = 8
	fromMemory = time.Millisecond
)

// documents reads events by their numbers.
func (s *Store) documents(ctx context.Context, seqs []int64) ([]candidate, error) {
	var args []any
	rows, err := s.query(ctx, `SELECT at, seq, thread, doc FROM event WHERE seq IN (`+s.numbers(&args, seqs)+`)`, args...)
	return collect(rows, err, scanCandidate)
}

// oneOfFew reports whether events of a phase are fewer than those of some kinds: of what has not ended yet there is little at any time,
// and less failed than changed, though more than there is of some one kind.
func oneOfFew(phases []change.Phase, kinds int) bool {
	return len(phases) == 1 && (phases[0] == change.Started || phases[0] == change.Failed && kinds > 1)
}

// conditions writes the part of a filter that columns answer.
func conditions(f *change.Filter, args *[]any) string {
	var where strings.Builder
	if codes := f.KindCodes(); codes != nil {
		column := "kind"
		if f.Dark || oneOfFew(f.Phases, len(codes)) {
			column = "kind + 0" // it has an index of few rows, which SQLite shall not leave for that of the kinds
		}
		where.WriteString(oneOf(column, args, codes))
	}
	if len(f.Phases) == 1 {
		// Written out, so that it is seen that the index of what failed, or has not ended, will do.
		fmt.Fprintf(&where, " AND phase = %d", f.Phases[0].Code())
	} else if len(f.Phases) > 0 {
		codes := make([]int, len(f.Phases))
		for i, phase := range f.Phases {
			codes[i] = phase.Code()
		}
		where.WriteString(oneOf("phase", args, codes))
	}
	if len(f.Environments) > 0 {
		where.WriteString(oneOf("environment", args, f.Environments))
	}
	if len(f.Sources) > 0 {
		where.WriteString(oneOf("source", args, f.Sources))
	}
	if len(f.Actors) > 0 {
		// An index of actors leaves out those without a name.
		where.WriteString(" AND actor <> ''" + oneOf("actor", args, f.Actors))
	}
	if len(f.ActorTypes) > 0 {
		where.WriteString(oneOf("actor_type", args, f.ActorTypes))
	}
	if f.Dark {
		where.WriteString(" AND dark = 1")
	}
	return where.String()
}

func oneOf[T any](column string, args *[]any, items []T) string {
	if len(items) == 0 {
		return " AND 1 = 0"
	}
	if len(items) == 1 {
		*args = append(*args, items[0])
		return fmt.Sprintf(" AND %s = $%d", column, len(*args))
	}
	return " AND " + column + " IN " + list(args, items)
}

// Threads are the events of stories and storms, of each the newest at most limit, newest first, and how many it has. Of
// a storm it tells the distinct names as well.
func (s *Store) Threads(ctx context.Context, threads []uuid.UUID, limit int) (map[uuid.UUID]change.Thread, error) {
	all := make(map[uuid.UUID]change.Thread, len(threads))
	if len(threads) == 0 {
		return all, nil
	}
	keys := make([][]byte, len(threads))
	for i, thread := range threads {
		keys[i] = bytes.Clone(thread[:])
	}
	keys = distinct(keys)
	if err := s.readThreads(ctx, keys, limit, all); err != nil {
		return nil, s.fault("read stories", err)
	}
	if err := s.countThreads(ctx, keys, limit, all); err != nil {
		return nil, s.fault("count stories", err)
	}
	return all, nil
}

// readThreads reads the newest events of each thread by an index of its own, however many the thread has.
func (s *Store) readThreads(ctx context.Context, keys [][]byte, limit int, all map[uuid.UUID]change.Thread) error {
	seqs, err := s.newestOf(ctx, keys, limit)
	if err != nil {
		return err
	}
	events, err := s.numbered(ctx, seqs)
	if err != nil {
		return err
	}
	for i := range events {
		thread := all[events[i].Thread]
		thread.Count++
		thread.Events = append(thread.Events, events[i])
		all[events[i].Thread] = thread
	}
	return nil
}

// Steps are the events of stories, of each the newest at most limit, but for those whose numbers are known already; in the order of
// the feed.
func (s *Store) Steps(ctx context.Context, stories []uuid.UUID, limit int, known map[int64]bool) ([]change.Event, error) {
	if len(stories) == 0 {
		return nil, nil
	}
	keys := make([][]byte, len(stories))
	for i := range stories {
		keys[i] = stories[i][:]
	}
	seqs, err := s.newestOf(ctx, keys, limit)
	if err != nil {
		return nil, s.fault("look for the steps of stories", err)
	}
	events, err := s.numbered(ctx, slices.DeleteFunc(seqs, func(seq int64) bool { return known[seq] }))
	return events, s.fault("read the steps of stories", err)
}

// newestOf finds the newest events of each thread, at most limit.
func (s *Store) newestOf(ctx context.Context, keys [][]byte, limit int) ([]int64, error) {
	args := []any{limit}
	within := fmt.Sprintf(s.engine.Within, `SELECT x.seq FROM event x WHERE x.thread = w.item ORDER BY x.at DESC, x.seq DESC LIMIT $1+0`)
	rows, err := s.query(ctx, `SELECT n.value FROM (`+s.keys(&args, keys)+`) AS w `+within, args...)
	return collect(rows, err, scanInt)
}

// countThreads counts the threads of which not everything was read: storms by what is kept of them, stories by counting.
func (s *Store) countThreads(ctx context.Context, keys [][]byte, limit int, all map[uuid.UUID]change.Thread) error {
	var full [][]byte
	for _, key := range keys {
		if all[uuid.UUID(key)].Count >= limit {
			full = append(full, key)
		}
	}
	if len(full) == 0 {
		return nil
	}
	var args []any
	rows, err := s.query(ctx, `SELECT thread, events, subjects FROM storm WHERE events > 2 AND thread IN (`+s.keys(&args, full)+`)`, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var key, subjects []byte
		var n int
		if err := rows.Scan(&key, &n, &subjects); err != nil {
			return err
		}
		thread := all[uuid.UUID(key)]
		thread.Count = n
		err := json.Unmarshal(subjects, &thread.Names)
		all[uuid.UUID(key)] = thread
		return err
	})
	stories := slices.DeleteFunc(full, func(key []byte) bool { return all[uuid.UUID(key)].Names != nil })
	if err != nil || len(stories) == 0 {
		return err
	}
	args = nil
	rows, err = s.query(ctx, `SELECT thread, count(*) FROM event WHERE thread IN (`+s.keys(&args, stories)+`) GROUP BY thread`, args...)
	return each(rows, err, func(rows *sql.Rows) error {
		var key []byte
		var n int
		if err := rows.Scan(&key, &n); err != nil {
			return err
		}
		thread := all[uuid.UUID(key)]
		thread.Count = n
		all[uuid.UUID(key)] = thread
		return nil
	})
}

// Event is one event by its id.
func (s *Store) Event(ctx context.Context, id uuid.UUID) (change.Event, error) {
	rows, err := s.query(ctx, `SELECT seq, thread, doc FROM event WHERE seq = $1`, numberOf(id))
	found, err := collect(rows, err, plainEvent)
	if err == nil && (len(found) == 0 || found[0].ID != id) {
		return change.Event{}, fault.New(fault.NotFound, "there is no event %s", id)
	}
	if err != nil {
		return change.Event{}, s.fault("read an event", err)
	}
	return found[0], nil
}

// Newest is the newest event of each entity that has one, other than a handover.
func (s *Store) Newest(ctx context.Context, entities []int64) (map[int64]change.Event, error) {
	newest := make(map[int64]change.Event, len(entities))
	handover, _ := change.KindNamed(change.Handover)
	args := []any{handover.Code}
	// One probe of the index an entity: grouping would read all that ever happened to each.
	rows, err := s.query(ctx, `SELECT w.item, e.seq, e.thread, e.doc FROM (`+s.numbers(&args, entities)+`) AS w
		JOIN event e ON e.seq = (SELECT s.seq FROM event_subject s WHERE s.entity = w.item AND s.kind <> $1 ORDER BY s.at DESC, s.seq DESC LIMIT 1)`, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var entity int64
		e, err := scanEvent(rows, &entity)
		newest[entity] = e
		return err
	})
	return newest, s.fault("read the newest events", err)
}

// Tally counts events by bucket of time, kind, environment, actor type and source, from since (inclusive) to until
// (exclusive), both rounded outwards to buckets. Its filter may name no entities and no words: those cannot be counted
// ahead. Buckets are of an hour for spans over two days, else of five minutes; one bucket may be
// told in two parts.
func (s *Store) Tally(ctx context.Context, f change.Filter) ([]change.Tally, error) {
	size := tallySizes[1]
	if f.Until.Sub(f.Since) > 48*time.Hour {
		size = tallySizes[0]
	}
	from, to := f.Since.Unix(), f.Until.Unix()
	args := []any{size, from - from%size, to}
	plain := change.Filter{Kinds: f.Kinds, Classes: f.Classes, Environments: f.Environments, ActorTypes: f.ActorTypes, Sources: f.Sources}
	where := conditions(&plain, &args)
	// What was not counted yet is counted now, in the same statement, so that nothing is missed or counted twice. The
	// limit only keeps the databases from looking for it by another index than that of the numbers.
	rows, err := s.query(ctx, `SELECT bucket, kind, environment, actor_type, source, events FROM tally
		WHERE size = $1 AND bucket >= $2 AND bucket < $3 AND events > 0`+where+`
		UNION ALL SELECT bucket, kind, environment, actor_type, source, count(*) FROM (
			SELECT at / 1000000 - at / 1000000 % $1 AS bucket, kind, environment, actor_type, source FROM event
			WHERE seq > (SELECT value FROM counter WHERE name = 'tally') ORDER BY seq LIMIT `+strconv.Itoa(4*tallyEvery)+`) AS fresh
		WHERE bucket >= $2 AND bucket < $3`+where+` GROUP BY bucket, kind, environment, actor_type, source`, args...)
	tallies, err := collect(rows, err, func(rows *sql.Rows) (change.Tally, error) {
		var t change.Tally
		var bucket int64
		var code int
		err := rows.Scan(&bucket, &code, &t.Environment, &t.ActorType, &t.Source, &t.Events)
		kind, _ := change.KindCoded(code)
		t.At, t.Kind = time.Unix(bucket, 0).UTC(), kind.Name
		return t, err
	})
	return tallies, s.fault("count events", err)
}

// Unclaimed lists outside names that no entity answers to, most events first, from strictly after a place. Total is
// how many there are.
func (s *Store) Unclaimed(ctx context.Context, after change.Unclaimed, limit int) (names []change.Unclaimed, total int, err error) {
	first := cmp.Or(after.Events, int64(maxSeq))
	rows, err := s.query(ctx, `SELECT alias, events, first_at, last_at, (SELECT count(*) FROM unclaimed) FROM unclaimed
		WHERE events < $1 OR (events = $1 AND alias > $2) ORDER BY events DESC, alias LIMIT $3+0`, first, after.Alias, limit)
	names, err = collect(rows, err, func(rows *sql.Rows) (change.Unclaimed, error) {
		var u change.Unclaimed
		var firstAt, lastAt int64
		err := rows.Scan(&u.Alias, &u.Events, &firstAt, &lastAt, &total)
		u.FirstAt, u.LastAt = instant(firstAt), instant(lastAt)
		return u, err
	})
	return names, total, s.fault("list unclaimed names", err)
}

// Waiting lists which of the outside names have events that no entity answers to.
func (s *Store) Waiting(ctx context.Context, aliases []string) ([]string, error) {
	var waiting []string
	for chunk := range slices.Chunk(aliases, 512) {
		var args []any
		rows, err := s.query(ctx, `SELECT alias FROM unclaimed WHERE alias IN `+list(&args, chunk), args...)
		found, err := collect(rows, err, func(rows *sql.Rows) (string, error) {
			var alias string
			err := rows.Scan(&alias)
			return alias, err
		})
		if err != nil {
			return nil, s.fault("look for unclaimed names", err)
		}
		waiting = append(waiting, found...)
	}
	return waiting, nil
}

// Outside lists the newest events of an outside name that no entity answers to.
func (s *Store) Outside(ctx context.Context, alias string, limit int) ([]change.Event, error) {
	rows, err := s.query(ctx, `SELECT e.seq, e.thread, e.doc FROM outside o JOIN event e ON e.seq = o.seq WHERE o.alias = $1 ORDER BY o.at DESC, o.seq DESC LIMIT $2+0`, alias, limit)
	events, err := collect(rows, err, plainEvent)
	return events, s.fault("read unclaimed events", err)
}
