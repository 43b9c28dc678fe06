package store

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// deliveryRows are the columns that keep writes, in order.
const deliveryRows = `INSERT INTO delivery (source, digest, key, received_at, last_at, times, outcome, reason, events, bytes, header, query, body) VALUES `

// A delivery that comes again counts; what was taken once stays taken, and what failed before is what it is now.
const deliveryAgain = ` ON CONFLICT (source, digest) DO UPDATE SET times = delivery.times + excluded.times,
	last_at = CASE WHEN excluded.last_at > delivery.last_at THEN excluded.last_at ELSE delivery.last_at END,
	outcome = CASE WHEN delivery.outcome = 1 THEN 1 ELSE excluded.outcome END,
	reason = CASE WHEN delivery.outcome = 1 THEN delivery.reason ELSE excluded.reason END,
	events = CASE WHEN delivery.outcome = 1 THEN delivery.events ELSE excluded.events END,
	header = CASE WHEN delivery.outcome = 1 THEN delivery.header ELSE excluded.header END,
	body = CASE WHEN delivery.outcome = 1 THEN delivery.body ELSE excluded.body END`

// keepRows makes rows of deliveries, in groups in which none comes twice: one statement cannot touch a row twice. It is
// done before the transaction, which others wait for.
func (s *Store) keepRows(deliveries []integration.Kept) ([][][]any, error) {
	var groups [][][]any
	var rows [][]any
	seen := map[string]bool{}
	for i := range deliveries {
		k := &deliveries[i]
		digest := deliveryDigest(k)
		if at := k.Source + "\x00" + string(digest); seen[at] {
			groups, rows, seen = append(groups, rows), nil, map[string]bool{at: true}
		} else {
			seen[at] = true
		}
		header, err := json.Marshal(k.Header)
		if err != nil {
			return nil, err
		}
		body, err := s.deflate(k.Body)
		if err != nil {
			return nil, err
		}
		at := k.ReceivedAt.UnixMicro()
		rows = append(rows, []any{
			k.Source, digest, k.Key, at, at, int64(k.Times), int64(slices.Index(integration.Outcomes(), k.Outcome) + 1), k.Reason,
			int64(k.Events), int64(k.Bytes), string(header), k.Query, body,
		})
	}
	if len(rows) > 0 {
		groups = append(groups, rows)
	}
	return groups, nil
}

// keep writes deliveries in the transaction of their events.
func (t *tx) keep(ctx context.Context, groups [][][]any) error {
	for _, rows := range groups {
		if err := t.insert(ctx, deliveryRows, deliveryAgain, rows); err != nil {
			return err
		}
	}
	return nil
}

// deliveryDigest is by what a delivery is known: the tool's own id, else all that it sent.
func deliveryDigest(k *integration.Kept) []byte {
	if k.ID != "" {
		if digest, err := hex.DecodeString(k.ID); err == nil && len(digest) == 16 {
			return digest
		}
	}
	if k.Key != "" {
		return short("key\x00" + k.Key)
	}
	return short("body\x00" + k.Query + "\x00" + string(k.Body))
}

func short(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:16]
}

// Keep writes deliveries that have no events: what was refused, or replayed in vain.
func (s *Store) Keep(ctx context.Context, deliveries []integration.Kept) error {
	rows, err := s.keepRows(deliveries)
	if err != nil {
		return err
	}
	return s.update(ctx, "keep deliveries", func(t *tx) error { return t.keep(ctx, rows) })
}

// Deliveries lists those of a source, the one that came last first, from strictly after a cursor, without bodies. An
// outcome narrows it; empty does not.
func (s *Store) Deliveries(ctx context.Context, source string, outcome integration.Outcome, after string, limit int) (page []integration.Kept, next string, err error) {
	if limit < 1 || limit > 1000 {
		return nil, "", fault.New(fault.Invalid, "limit is from 1 to 1000, not %d", limit)
	}
	at, digest := farthest, []byte{}
	if after != "" {
		time, id, found := strings.Cut(after, "-")
		micros, timeErr := hex.DecodeString(time)
		raw, idErr := hex.DecodeString(id)
		if !found || timeErr != nil || idErr != nil || len(micros) != 8 || len(raw) != 16 {
			return nil, "", fault.New(fault.Invalid, "the cursor is not one of this list")
		}
		at, digest = 0, raw
		for _, b := range micros {
			at = at<<8 | int64(b)
		}
	}
	args := []any{source, at, digest, limit + 1}
	where := ""
	if outcome != "" {
		args = append(args, slices.Index(integration.Outcomes(), outcome)+1)
		where = ` AND outcome = $5`
	}
	rows, err := s.query(ctx, `SELECT source, digest, key, received_at, last_at, times, outcome, reason, events, bytes, header, query, '' FROM delivery
		WHERE source = $1 AND (last_at, digest) < ($2, $3)`+where+` ORDER BY last_at DESC, digest DESC LIMIT $4+0`, args...)
	page, err = collect(rows, err, scanDelivery)
	if err != nil {
		return nil, "", s.fault("list deliveries", err)
	}
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		micros := last.LastAt.UnixMicro()
		var at [8]byte
		for i := range at {
			at[7-i] = byte(micros >> (8 * i))
		}
		next = hex.EncodeToString(at[:]) + "-" + last.ID
	}
	return page, next, nil
}

// Delivery gives one delivery with its body; NotFound when it is not kept any more.
func (s *Store) Delivery(ctx context.Context, source, id string) (integration.Kept, error) {
	digest, err := hex.DecodeString(id)
	if err != nil || len(digest) != 16 {
		return integration.Kept{}, fault.New(fault.NotFound, "there is no delivery %q of %s", id[:min(len(id), 40)], source)
	}
	rows, err := s.query(ctx, `SELECT source, digest, key, received_at, last_at, times, outcome, reason, events, bytes, header, query, body FROM delivery
		WHERE source = $1 AND digest = $2`, source, digest)
	found, err := collect(rows, err, scanDelivery)
	if err == nil && len(found) == 0 {
		return integration.Kept{}, fault.New(fault.NotFound, "there is no delivery %s of %s: deliveries are kept for some days only", id, source)
	}
	if err != nil {
		return integration.Kept{}, s.fault("read a delivery", err)
	}
	return found[0], nil
}

// talliedDeliveries bounds how many deliveries one tally looks at.
const talliedDeliveries = 3000

// CountDeliveries is how many deliveries of a source have an outcome.
func (s *Store) CountDeliveries(ctx context.Context, source string, outcome integration.Outcome) (int, error) {
	rows, err := s.query(ctx, `SELECT COUNT(*) FROM delivery WHERE source = $1 AND outcome = $2`, source, slices.Index(integration.Outcomes(), outcome)+1)
	counts, err := collect(rows, err, scanInt)
	if err != nil || len(counts) == 0 {
		return 0, s.fault("count deliveries", err)
	}
	return int(counts[0]), nil
}

// TallyDeliveries counts the newest deliveries of a source since an instant by hour and outcome, those that were sent again
// once, and tells when the last came at all. What is older than the newest 3,000 is left out, and the tally is partial then.
func (s *Store) TallyDeliveries(ctx context.Context, source string, since time.Time) (integration.Tally, error) {
	var tally integration.Tally
	seen := 0
	rows, err := s.query(ctx, `SELECT hour, outcome, COUNT(*), MAX(last_at) FROM (
			SELECT last_at / 3600000000 AS hour, outcome, last_at FROM delivery WHERE source = $1 AND last_at >= $2 ORDER BY last_at DESC, digest DESC LIMIT $3+0
		) AS newest GROUP BY hour, outcome ORDER BY hour, outcome`, source, since.UnixMicro(), talliedDeliveries)
	err = each(rows, err, func(rows *sql.Rows) error {
		var hour, last int64
		var outcome, n int
		if err := rows.Scan(&hour, &outcome, &n, &last); err != nil {
			return err
		}
		if all := integration.Outcomes(); outcome >= 1 && outcome <= len(all) {
			tally.Hours = append(tally.Hours, integration.HourTally{At: time.Unix(hour*3600, 0).UTC(), Outcome: all[outcome-1], Deliveries: n})
		}
		seen += n
		tally.LastAt = later(tally.LastAt, instant(last))
		return nil
	})
	if err != nil {
		return tally, s.fault("count deliveries", err)
	}
	tally.Partial = seen == talliedDeliveries
	if seen > 0 {
		return tally, nil
	}
	rows, err = s.query(ctx, `SELECT last_at FROM delivery WHERE source = $1 ORDER BY last_at DESC, digest DESC LIMIT 1`, source)
	err = each(rows, err, func(rows *sql.Rows) error {
		var last int64
		err := rows.Scan(&last)
		tally.LastAt = instant(last)
		return err
	})
	return tally, s.fault("find the last delivery", err)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// EventsOf gives the events of a source that have one of the keys, in no order; keys without an event are left out.
func (s *Store) EventsOf(ctx context.Context, source string, keys []string) ([]change.Event, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	digests := make([][]byte, len(keys))
	for i, key := range keys {
		identity := (&change.Event{Source: source, Key: key}).Identity()
		digests[i] = identity[:]
	}
	var found []change.Event
	for chunk := range slices.Chunk(distinct(digests), 512) {
		var args []any
		rows, err := s.query(ctx, `SELECT seq, thread, doc FROM event WHERE identity IN `+list(&args, chunk), args...)
		events, err := collect(rows, err, plainEvent)
		if err != nil {
			return nil, s.fault("read the events of a delivery", err)
		}
		found = append(found, events...)
	}
	return found, nil
}

// expireDeliveriesAtOnce is how many deliveries are deleted in one transaction.
const expireDeliveriesAtOnce = 500

// ExpireDeliveries deletes some of the deliveries that came last before an instant, and tells how many.
func (s *Store) ExpireDeliveries(ctx context.Context, before time.Time) (int, error) {
	n := 0
	err := s.update(ctx, "expire deliveries", func(t *tx) error {
		rows, err := t.query(ctx, `SELECT source, digest, '', 0, 0, 0, 1, '', 0, 0, '{}', '', '' FROM delivery WHERE last_at < $1 ORDER BY last_at LIMIT $2+0`, before.UnixMicro(), expireDeliveriesAtOnce)
		old, err := collect(rows, err, scanDelivery)
		if err != nil {
			return err
		}
		n = len(old)
		for i := range old {
			if err := t.exec(ctx, `DELETE FROM delivery WHERE source = $1 AND digest = $2 AND last_at < $3`, old[i].Source, deliveryDigest(&old[i]), before.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func scanDelivery(rows *sql.Rows) (integration.Kept, error) {
	var k integration.Kept
	var digest, body []byte
	var received, last int64
	var outcome int
	var header string
	err := rows.Scan(&k.Source, &digest, &k.Key, &received, &last, &k.Times, &outcome, &k.Reason, &k.Events, &k.Bytes, &header, &k.Query, &body)
	if err != nil {
		return k, err
	}
	k.ID, k.ReceivedAt, k.LastAt = hex.EncodeToString(digest), instant(received), instant(last)
	if all := integration.Outcomes(); outcome >= 1 && outcome <= len(all) {
		k.Outcome = all[outcome-1]
	}
	if err := json.Unmarshal([]byte(header), &k.Header); err != nil {
		return k, err
	}
	k.Body, err = inflate(body)
	return k, err
}

// deflate makes a body small. A writer takes over a megabyte to make, and so is used again.
func (s *Store) deflate(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return []byte{}, nil
	}
	var b bytes.Buffer
	w, ok := s.deflaters.Get().(*flate.Writer)
	if ok {
		w.Reset(&b)
	} else {
		var err error
		if w, err = flate.NewWriter(&b, flate.BestSpeed); err != nil {
			return nil, err
		}
	}
	_, err := w.Write(body)
	err = errors.Join(err, w.Close())
	s.deflaters.Put(w)
	return b.Bytes(), err
}

// maxInflated bounds what a stored body may grow to: the largest that any tool sends.
const maxInflated = 64 << 20

func inflate(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body)), maxInflated))
}
