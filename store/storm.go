package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Like events that follow each other without a long pause are a chain, which ends with its day; a chain is cut in pieces of
// the longest span of a storm, from its first event on, and a piece of enough events is a storm. That follows from the events
// alone, and so does not depend on the order in which they come. Of each piece one row is kept. Most events come at the end of
// a chain, or within a piece: they only touch that row. Whatever moves the cuts is loose until the group is written, and then
// the chains that it touches are cut anew.
type storm struct {
	key             change.Digest
	chainAt         int64 // when the chain began
	thread          uuid.UUID
	firstAt, lastAt int64
	stored          int64 // the first instant by which the database knows it; zero when it is new
	events          int
	kept            []byte   // the names that it is about, as JSON: most pieces that are read are not touched
	names           []string // further ones, in any order
	one, two        int64    // the first two events, which stand alone until a third comes
}

// stormSubjects bounds the names that are kept of a storm: the first in their own order.
const stormSubjects = 50

var (
	stormGap  = change.StormGap.Microseconds()
	stormSpan = change.StormSpan.Microseconds()
)

// stormDay is the day, in UTC, that a chain cannot reach out of.
type stormDay struct {
	key change.Digest
	day int64
}

const dayLength = int64(24 * time.Hour / time.Microsecond)

func dayOf(key change.Digest, at int64) stormDay { return stormDay{key, at / dayLength} }

// looseEvent is one whose storm is found when the group is written, or that is in none any more.
type looseEvent struct {
	at    int64 // when it was, or is, in one
	event *change.Event
}

const stormColumns = `key, chain_at, first_at, thread, last_at, events, subjects, one, two`

// loadStorms reads the pieces that events from one instant to another can touch.
func (w *logWrite) loadStorms(ctx context.Context, keys [][]byte, least, most int64) error {
	for chunk := range slices.Chunk(distinct(keys), 512) {
		args := []any{least - stormGap - stormSpan, most + 2*stormGap + stormSpan}
		err := w.ask(ctx, func(row Row) error {
			s, err := scanStorm(row)
			w.storms[s.key] = append(w.storms[s.key], s)
			return err
		}, `SELECT `+stormColumns+` FROM storm WHERE first_at >= $1 AND first_at <= $2 AND key IN `+list(&args, chunk), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func scanStorm(row Row) (*storm, error) {
	var key, thread []byte
	s := &storm{}
	if err := row.Scan(&key, &s.chainAt, &s.firstAt, &thread, &s.lastAt, &s.events, &s.kept, &s.one, &s.two); err != nil {
		return s, err
	}
	s.key, s.thread, s.stored = change.Digest(key), uuid.UUID(thread), s.firstAt
	return s, nil
}

// storm finds the storm of a new event.
func (w *logWrite) storm(e *change.Event, key change.Digest) {
	at := e.At().UnixMicro()
	day := dayOf(key, at)
	if len(w.loose[day]) > 0 {
		w.loosen(key, e)
		return
	}
	var before, after *storm
	for _, s := range w.storms[key] {
		switch {
		case dayOf(key, s.firstAt) != day:
		case s.firstAt <= at && at <= s.lastAt:
			w.grow(s, e, at)
			return
		case s.lastAt < at && at-s.lastAt <= stormGap && (before == nil || s.lastAt > before.lastAt):
			before = s
		case s.firstAt > at && s.firstAt-at <= stormGap && (after == nil || s.firstAt < after.firstAt):
			after = s
		}
	}
	switch {
	case before == nil && after == nil:
		w.newStorm(e, key, at, at)
	case after == nil || before != nil && before.chainAt == after.chainAt:
		switch piece := (at - before.chainAt) / stormSpan; {
		case piece == before.piece():
			w.grow(before, e, at)
		case after != nil && piece == after.piece():
			w.grow(after, e, at)
		default:
			w.newStorm(e, key, at, before.chainAt)
		}
	case before == nil && w.alone(after) && after.lastAt-at < stormSpan:
		after.chainAt = at
		w.grow(after, e, at)
	default:
		w.loosen(key, e)
	}
}

func (s *storm) piece() int64 { return (s.firstAt - s.chainAt) / stormSpan }

// alone reports whether a piece is its whole chain.
func (w *logWrite) alone(s *storm) bool {
	return !slices.ContainsFunc(w.storms[s.key], func(other *storm) bool { return other != s && other.chainAt == s.chainAt })
}

func (w *logWrite) newStorm(e *change.Event, key change.Digest, at, chainAt int64) {
	s := &storm{key: key, chainAt: chainAt, thread: e.ID, firstAt: at, lastAt: at, events: 1, one: e.Seq}
	s.about(e)
	w.storms[key] = append(w.storms[key], s)
	w.touched[s] = true
}

func (w *logWrite) grow(s *storm, e *change.Event, at int64) {
	s.firstAt, s.lastAt, s.events = min(s.firstAt, at), max(s.lastAt, at), s.events+1
	s.about(e)
	w.touched[s] = true
	switch s.events {
	case 2:
		s.two = e.Seq
	case change.StormSize:
		w.rethread[s.one], w.rethread[s.two] = s.thread, s.thread
		e.Thread = s.thread
	default:
		e.Thread = s.thread
	}
}

// about notes what the storm is about.
func (s *storm) about(e *change.Event) {
	for _, subject := range e.Subjects {
		s.names = append(s.names, subject.Name)
	}
}

func (w *logWrite) loosen(key change.Digest, e *change.Event) {
	at := e.At().UnixMicro()
	w.loose[dayOf(key, at)] = append(w.loose[dayOf(key, at)], looseEvent{at: at, event: e})
}

// restorm takes an event out of the storm that it was in, and into the one that it is in, now that more is known of it.
func (w *logWrite) restorm(before, e *change.Event) {
	was, folded := before.StormKey()
	is, folds := e.StormKey()
	if folded == folds && was == is && before.At().Equal(e.At()) {
		return
	}
	if folded {
		at := before.At().UnixMicro()
		w.loose[dayOf(was, at)] = append(w.loose[dayOf(was, at)], looseEvent{at: at, event: e})
		delete(w.rethread, e.Seq)
		e.Thread = uuid.Nil
	}
	if folds {
		w.loosen(is, e)
	}
}

// cutStorms cuts the chains anew that something loose touches.
func (w *logWrite) cutStorms(ctx context.Context) error {
	for day, loose := range w.loose {
		var pieces []*storm
		err := w.ask(ctx, func(row Row) error {
			s, err := scanStorm(row)
			pieces = append(pieces, s)
			return err
		}, `SELECT `+stormColumns+` FROM storm WHERE key = $1 AND first_at >= $2 AND first_at < $3`, day.key[:], day.day*dayLength, (day.day+1)*dayLength)
		if err != nil {
			return err
		}
		if err := w.send(ctx); err != nil {
			return err
		}
		for _, touched := range touchedChains(pieces, loose) {
			if err := w.cut(ctx, day.key, touched); err != nil {
				return err
			}
		}
	}
	return nil
}

// chains are pieces and loose events that may be of one chain.
type chains struct {
	first, last int64
	pieces      []*storm
	loose       []looseEvent
}

// touchedChains gives the chains of a day that loose events belong to, or may join.
func touchedChains(pieces []*storm, loose []looseEvent) []chains {
	byStart := map[int64]*chains{}
	var all []*chains
	for _, s := range pieces {
		c, ok := byStart[s.chainAt]
		if !ok {
			c = &chains{first: s.firstAt, last: s.lastAt}
			byStart[s.chainAt] = c
			all = append(all, c)
		}
		c.first, c.last, c.pieces = min(c.first, s.firstAt), max(c.last, s.lastAt), append(c.pieces, s)
	}
	for _, one := range loose {
		all = append(all, &chains{first: one.at, last: one.at, loose: []looseEvent{one}})
	}
	slices.SortFunc(all, func(a, b *chains) int { return cmp.Compare(a.first, b.first) })
	var joined []chains
	for _, c := range all {
		if n := len(joined) - 1; n >= 0 && c.first-joined[n].last <= stormGap {
			into := &joined[n]
			into.last, into.pieces, into.loose = max(into.last, c.last), append(into.pieces, c.pieces...), append(into.loose, c.loose...)
			continue
		}
		joined = append(joined, *c)
	}
	return slices.DeleteFunc(joined, func(c chains) bool { return len(c.loose) == 0 })
}

// begun is a chain of which the first pieces stay as they are.
type begun struct {
	chainAt, lastAt int64
}

// settle takes out the pieces before that of the first that is loose: no cut of theirs moves, as the chain begins where it did.
func (c *chains) settle() *begun {
	first := slices.MinFunc(c.loose, func(a, b looseEvent) int { return cmp.Compare(a.at, b.at) }).at
	var began *begun
	c.pieces = slices.DeleteFunc(c.pieces, func(s *storm) bool {
		if s.chainAt != c.first || s.piece() >= (first-c.first)/stormSpan {
			return false
		}
		if began == nil {
			began = &begun{chainAt: s.chainAt}
		}
		began.lastAt = max(began.lastAt, s.lastAt)
		return true
	})
	return began
}

// cut finds the pieces of some chains, and which events are in them.
func (w *logWrite) cut(ctx context.Context, key change.Digest, c chains) error {
	began := c.settle()
	members, err := w.stormMembers(ctx, key, c)
	if err != nil {
		return err
	}
	threads := map[uuid.UUID]bool{}
	for _, s := range c.pieces {
		threads[s.thread] = true
		if err := w.exec(ctx, `DELETE FROM storm WHERE key = $1 AND first_at = $2 AND thread = $3`, key[:], s.firstAt, s.thread[:]); err != nil {
			return err
		}
	}
	var rows [][]any
	for _, piece := range cutChains(key, began, members) {
		s, of := piece.storm, piece.members
		// It keeps its name, where one of its events gave it.
		for _, e := range of {
			if threads[e.ID] {
				s.thread = e.ID
				break
			}
		}
		thread := s.thread
		if len(of) < change.StormSize {
			thread = uuid.Nil
		}
		var moved []int64
		for _, e := range of {
			s.about(e)
			if e.Thread != thread {
				e.Thread = thread
				moved = append(moved, e.Seq)
			}
		}
		row, err := s.row()
		if err != nil {
			return err
		}
		rows = append(rows, row)
		if err := w.putThread(ctx, thread, moved); err != nil {
			return err
		}
	}
	return w.insertStorms(ctx, rows)
}

func (w *logWrite) putThread(ctx context.Context, thread uuid.UUID, events []int64) error {
	if len(events) == 0 {
		return nil
	}
	var name any
	if thread != uuid.Nil {
		name = thread[:]
	}
	args := []any{name}
	return w.exec(ctx, `UPDATE event SET thread = $1 WHERE seq IN (`+w.store.numbers(&args, events)+`)`, args...)
}

// stormMembers reads the events of some chains as they stand in the database, in the order of time.
func (w *logWrite) stormMembers(ctx context.Context, key change.Digest, c chains) ([]*change.Event, error) {
	var few []int64
	var threads [][]byte
	for _, s := range c.pieces {
		switch {
		case s.events >= change.StormSize:
			threads = append(threads, s.thread[:])
		case s.events == 2:
			few = append(few, s.one, s.two)
		default:
			few = append(few, s.one)
		}
	}
	for _, one := range c.loose {
		few = append(few, one.event.Seq)
	}
	var members []*change.Event
	seen := map[int64]bool{}
	take := func(row Row) error {
		e, err := scanEvent(row)
		if err == nil && !seen[e.Seq] {
			seen[e.Seq] = true
			members = append(members, &e)
		}
		return err
	}
	if len(few) > 0 {
		var args []any
		if err := w.ask(ctx, take, `SELECT seq, thread, doc FROM event WHERE seq IN (`+w.store.numbers(&args, few)+`)`, args...); err != nil {
			return nil, err
		}
	}
	if len(threads) > 0 {
		var args []any
		if err := w.ask(ctx, take, `SELECT seq, thread, doc FROM event WHERE thread IN (`+w.store.keys(&args, threads)+`)`, args...); err != nil {
			return nil, err
		}
	}
	if err := w.send(ctx); err != nil {
		return nil, err
	}
	// One that was in these storms may be of other ones now, or have happened at another time.
	members = slices.DeleteFunc(members, func(e *change.Event) bool {
		is, folds := e.StormKey()
		at := e.At().UnixMicro()
		return !folds || is != key || at < c.first || at > c.last
	})
	slices.SortFunc(members, func(a, b *change.Event) int { return cmp.Or(a.At().Compare(b.At()), cmp.Compare(a.Seq, b.Seq)) })
	return members, nil
}

// piece is a part of a chain with its events.
type piece struct {
	*storm
	members []*change.Event
}

// cutChains cuts events, which stand in the order of time, into chains and those into pieces. The first may go on with a chain
// that has begun.
func cutChains(key change.Digest, began *begun, events []*change.Event) []piece {
	var pieces []piece
	var now begun
	if began != nil {
		now = *began
	}
	for i, e := range events {
		at := e.At().UnixMicro()
		if i == 0 && began == nil || at-now.lastAt > stormGap {
			now.chainAt = at
		}
		now.lastAt = at
		if n := len(pieces); n > 0 && pieces[n-1].chainAt == now.chainAt && (at-now.chainAt)/stormSpan == pieces[n-1].piece() {
			p := &pieces[n-1]
			p.lastAt, p.events, p.members = at, p.events+1, append(p.members, e)
			if p.events == 2 {
				p.two = e.Seq
			}
			continue
		}
		pieces = append(pieces, piece{&storm{key: key, chainAt: now.chainAt, thread: e.ID, firstAt: at, lastAt: at, events: 1, one: e.Seq}, []*change.Event{e}})
	}
	return pieces
}

// row is the storm as it is kept.
func (s *storm) row() ([]any, error) {
	var names []string
	if s.kept != nil {
		if err := json.Unmarshal(s.kept, &names); err != nil {
			return nil, fmt.Errorf("read the subjects of a storm: %w", err)
		}
	}
	names = append(names, s.names...)
	slices.Sort(names)
	names = slices.Compact(names)
	subjects, err := json.Marshal(names[:min(len(names), stormSubjects)])
	if err != nil {
		return nil, fmt.Errorf("write a storm: %w", err)
	}
	return []any{s.key[:], s.chainAt, s.firstAt, s.thread[:], s.lastAt, s.events, string(subjects), s.one, s.two}, nil
}

func (w *logWrite) writeStorms(ctx context.Context) error {
	var rows [][]any
	for s := range w.touched {
		row, err := s.row()
		if err != nil {
			return err
		}
		rows = append(rows, row)
		if s.stored != 0 && s.stored != s.firstAt { // an earlier event came late
			if err := w.exec(ctx, `DELETE FROM storm WHERE key = $1 AND first_at = $2 AND thread = $3`, s.key[:], s.stored, s.thread[:]); err != nil {
				return err
			}
		}
	}
	return w.insertStorms(ctx, rows)
}

func (w *logWrite) insertStorms(ctx context.Context, rows [][]any) error {
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(bytes.Compare(a[0].([]byte), b[0].([]byte)), cmp.Compare(a[2].(int64), b[2].(int64)), strings.Compare(string(a[3].([]byte)), string(b[3].([]byte))))
	})
	return w.insert(ctx, `INSERT INTO storm (`+stormColumns+`) VALUES `,
		` ON CONFLICT (key, first_at, thread) DO UPDATE SET chain_at = excluded.chain_at, last_at = excluded.last_at, events = excluded.events,
		subjects = excluded.subjects, one = excluded.one, two = excluded.two`, rows)
}
