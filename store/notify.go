package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/notify"
)

var (
	_ notify.Store   = (*Store)(nil)
	_ notify.Follows = (*Store)(nil)
)

// hear keeps what was heard in chats, in the transaction of the delivery that told of it.
func (t *tx) hear(ctx context.Context, all []integration.Heard) error {
	rows := make([][]any, 0, len(all))
	for i := range all {
		doc, err := json.Marshal(all[i].Heard)
		if err != nil {
			return err
		}
		at := all[i].At.UnixMicro()
		// It is due at once, whatever the clock of the chat says.
		rows = append(rows, []any{all[i].Source, short(all[i].Key), at, int64(1), int64(0), int64(0), int64(0), "", string(doc)})
	}
	return t.insert(ctx, `INSERT INTO heard (source, digest, at, state, attempts, due_at, leased_until, problem, doc) VALUES `, ` ON CONFLICT (source, digest) DO NOTHING`, rows)
}

// ClaimHeard gives what is due to this server alone until the lease ends.
func (s *Store) ClaimHeard(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]notify.Hearing, error) {
	// Most of the time there is nothing, and nothing has to be written to see that.
	if due, err := s.anyDue(ctx, `SELECT 1 FROM heard WHERE state = 1 AND due_at <= $1 AND `+unleased+` LIMIT 1`, now, lease); err != nil || !due {
		return nil, err
	}
	var all []notify.Hearing
	err := s.update(ctx, "claim what was heard", func(t *tx) error {
		rows, err := t.query(ctx, `UPDATE heard SET leased_until = $3 WHERE state = 1 AND `+unleased+` AND (source, digest) IN (
			SELECT source, digest FROM heard WHERE state = 1 AND due_at <= $1 AND `+unleased+` ORDER BY due_at LIMIT $4+0) RETURNING source, attempts, doc`,
			append(leasing(now, lease), now.Add(lease).UnixMicro(), limit)...)
		all, err = collect(rows, err, func(rows *sql.Rows) (notify.Hearing, error) {
			var h notify.Hearing
			var doc string
			if err := rows.Scan(&h.Source, &h.Attempts, &doc); err != nil {
				return h, err
			}
			return h, json.Unmarshal([]byte(doc), &h.Heard.Heard)
		})
		return err
	})
	return all, err
}

// unleased holds for what no server works at, by the arguments of leasing: a lease that ends later than one of now would was
// given by a clock that was wrong.
const unleased = `(leased_until <= $1 OR leased_until > $2)`

func leasing(now time.Time, lease time.Duration) []any {
	return []any{now.UnixMicro(), now.Add(lease + clockSlack).UnixMicro()}
}

func (s *Store) anyDue(ctx context.Context, query string, now time.Time, lease time.Duration) (bool, error) {
	rows, err := s.query(ctx, query, leasing(now, lease)...)
	found, err := collect(rows, err, scanInt)
	return len(found) > 0, s.fault("look for what is due", err)
}

// Answer records what became of what was heard, and makes the promises that it led to.
func (s *Store) Answer(ctx context.Context, h *notify.Hearing, a notify.Answered) error {
	return s.update(ctx, "answer what was heard", func(t *tx) error {
		if err := t.promise(ctx, a.Posts); err != nil {
			return err
		}
		// What is done needs no words any more: a credential may stand among them.
		return t.exec(ctx, `UPDATE heard SET state = CAST($3 AS BIGINT), attempts = attempts + 1, due_at = $4, leased_until = 0, problem = $5,
			doc = CASE WHEN CAST($3 AS BIGINT) = 1 THEN doc ELSE '' END WHERE source = $1 AND digest = $2`,
			h.Source, short(h.Key), stateCode(a.State), dueMicros(a.DueAt), a.Problem)
	})
}

func stateCode(state notify.State) int64 { return int64(slices.Index(notify.States(), state) + 1) }

// dueMicros is an instant as it is kept; one that is never is after all others.
func dueMicros(at time.Time) int64 {
	if at.IsZero() {
		return farthest
	}
	return at.UnixMicro()
}

func notNever(micros int64) time.Time {
	if micros >= farthest {
		return time.Time{}
	}
	return instant(micros)
}

// postDoc is what of a post stands as JSON.
type postDoc struct {
	Key   string          `json:"key"`
	Topic notify.Topic    `json:"topic"`
	Place chat.Place      `json:"place"`
	Only  string          `json:"only,omitempty"`
	Reply string          `json:"reply,omitempty"`
	About json.RawMessage `json:"about,omitempty"`
}

// Promise makes promises.
func (s *Store) Promise(ctx context.Context, posts []notify.Post) error {
	if len(posts) == 0 {
		return nil
	}
	return s.update(ctx, "promise posts", func(t *tx) error { return t.promise(ctx, posts) })
}

func (t *tx) promise(ctx context.Context, posts []notify.Post) error {
	for i := range posts {
		p := &posts[i]
		if p.ID == uuid.Nil {
			id, err := uuid.NewV7()
			if err != nil {
				return err
			}
			p.ID = id
		}
		doc, err := json.Marshal(postDoc{p.Key, p.Topic, p.Place, p.Only, p.Reply, p.About})
		if err != nil {
			return err
		}
		err = t.exec(ctx, `INSERT INTO post (id, source, digest, state, created_at, due_at, leased_until, attempts, asked, sends, sent_at, remote, shown, problem, doc)
			VALUES ($1, $2, $3, 1, $4, $5, 0, 0, 1, 0, 0, '', $6, '', $7)
			ON CONFLICT (source, digest) DO UPDATE SET doc = excluded.doc, asked = post.asked + 1,
				state = CASE WHEN post.state = 3 THEN 1 ELSE post.state END,
				attempts = CASE WHEN post.state = 3 THEN 0 ELSE post.attempts END,
				due_at = CASE WHEN excluded.due_at < post.due_at THEN excluded.due_at ELSE post.due_at END`,
			p.ID[:], p.Source, short(p.Key), p.CreatedAt.UnixMicro(), dueMicros(p.DueAt), []byte{}, string(doc))
		if err != nil {
			return err
		}
	}
	return nil
}

const postColumns = `id, source, state, created_at, due_at, attempts, asked, sends, sent_at, remote, shown, problem, doc`

func scanPost(rows *sql.Rows) (notify.Post, error) {
	var p notify.Post
	var id []byte
	var state int
	var created, due, sent int64
	var doc string
	if err := rows.Scan(&id, &p.Source, &state, &created, &due, &p.Attempts, &p.Asked, &p.Sends, &sent, &p.Remote, &p.Shown, &p.Problem, &doc); err != nil {
		return p, err
	}
	var d postDoc
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		return p, err
	}
	p.Key, p.Topic, p.Place, p.Only, p.Reply, p.About = d.Key, d.Topic, d.Place, d.Only, d.Reply, d.About
	copy(p.ID[:], id)
	if all := notify.States(); state >= 1 && state <= len(all) {
		p.State = all[state-1]
	}
	p.CreatedAt, p.DueAt = instant(created), notNever(due)
	if sent > 0 {
		p.SentAt = instant(sent)
	}
	return p, nil
}

// PostKeyed gives a promise by its key.
func (s *Store) PostKeyed(ctx context.Context, source, key string) (notify.Post, error) {
	rows, err := s.query(ctx, `SELECT `+postColumns+` FROM post WHERE source = $1 AND digest = $2`, source, short(key))
	return s.onePost(collect(rows, err, scanPost))
}

// Post gives one by its id.
func (s *Store) Post(ctx context.Context, id uuid.UUID) (notify.Post, error) {
	rows, err := s.query(ctx, `SELECT `+postColumns+` FROM post WHERE id = $1`, id[:])
	return s.onePost(collect(rows, err, scanPost))
}

func (s *Store) onePost(found []notify.Post, err error) (notify.Post, error) {
	if err != nil {
		return notify.Post{}, s.fault("read a post", err)
	}
	if len(found) == 0 {
		return notify.Post{}, fault.New(fault.NotFound, "there is no such post: they are kept for some days only")
	}
	return found[0], nil
}

// ClaimPosts gives what is due to this server alone until the lease ends.
func (s *Store) ClaimPosts(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]notify.Post, error) {
	if due, err := s.anyDue(ctx, `SELECT 1 FROM post WHERE due_at <= $1 AND `+unleased+` AND state <> 3 LIMIT 1`, now, lease); err != nil || !due {
		return nil, err
	}
	var all []notify.Post
	err := s.update(ctx, "claim posts", func(t *tx) error {
		rows, err := t.query(ctx, `UPDATE post SET leased_until = $3, attempts = attempts + 1 WHERE `+unleased+` AND id IN (
			SELECT id FROM post WHERE due_at <= $1 AND `+unleased+` AND state <> 3 ORDER BY due_at LIMIT $4+0) RETURNING `+postColumns,
			append(leasing(now, lease), now.Add(lease).UnixMicro(), limit)...)
		all, err = collect(rows, err, scanPost)
		return err
	})
	slices.SortStableFunc(all, func(a, b notify.Post) int { return a.DueAt.Compare(b.DueAt) })
	return all, err
}

// Posted records what became of a post. One that was promised again meanwhile stays due.
func (s *Store) Posted(ctx context.Context, p *notify.Post, r notify.Result, now time.Time) error {
	doc, err := json.Marshal(postDoc{p.Key, p.Topic, p.Place, p.Only, p.Reply, p.About})
	if err != nil {
		return err
	}
	sent := int64(0)
	if r.Sent {
		sent = 1
	}
	failed := int64(0)
	if r.Problem != "" {
		failed = 1
	}
	shown := r.Shown
	if shown == nil {
		shown = []byte{}
	}
	return s.update(ctx, "record a post", func(t *tx) error {
		return t.exec(ctx, `UPDATE post SET leased_until = 0, state = $2, remote = $3, shown = $4, problem = $5,
			sends = sends + CAST($6 AS BIGINT), sent_at = CASE WHEN CAST($6 AS BIGINT) = 1 THEN CAST($7 AS BIGINT) ELSE sent_at END,
			attempts = CASE WHEN CAST($8 AS BIGINT) = 1 THEN attempts ELSE 0 END,
			due_at = CASE WHEN asked = CAST($9 AS BIGINT) THEN CAST($10 AS BIGINT) ELSE due_at END,
			doc = CASE WHEN asked = CAST($9 AS BIGINT) THEN $11 ELSE doc END
			WHERE id = $1`,
			p.ID[:], stateCode(r.State), r.Remote, shown, r.Problem, sent, now.UnixMicro(), failed, p.Asked, dueMicros(r.DueAt), string(doc))
	})
}

// Posts lists those of a state, or all, the newest first.
func (s *Store) Posts(ctx context.Context, state notify.State, after string, limit int) (page []notify.Post, next string, err error) {
	at, id := farthest, []byte{}
	if after != "" {
		key, err := hex.DecodeString(strings.TrimSpace(after))
		if err != nil || len(key) != 24 {
			return nil, "", fault.New(fault.Invalid, "the cursor is not one of this list")
		}
		at, id = 0, key[8:]
		for _, b := range key[:8] {
			at = at<<8 | int64(b)
		}
	}
	var found []notify.Post
	states := notify.States()
	if state != "" {
		states = []notify.State{state}
	}
	// One probe of the index a state.
	for _, one := range states {
		rows, err := s.query(ctx, `SELECT `+postColumns+` FROM post WHERE state = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4+0`, stateCode(one), at, id, limit+1)
		some, err := collect(rows, err, scanPost)
		if err != nil {
			return nil, "", s.fault("list posts", err)
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b notify.Post) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return slices.Compare(b.ID[:], a.ID[:])
	})
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		key := make([]byte, 8, 24)
		for i, micros := 7, last.CreatedAt.UnixMicro(); i >= 0; i, micros = i-1, micros>>8 {
			key[i] = byte(micros)
		}
		next = hex.EncodeToString(append(key, last.ID[:]...))
	}
	return found, next, nil
}

// TallyPosts counts posts by state, and tells since when the oldest that is due waits.
func (s *Store) TallyPosts(ctx context.Context, now time.Time) (map[notify.State]int64, time.Time, error) {
	counts := map[notify.State]int64{}
	rows, err := s.query(ctx, `SELECT state, count(*) FROM post GROUP BY state`)
	err = each(rows, err, func(rows *sql.Rows) error {
		var state int
		var n int64
		err := rows.Scan(&state, &n)
		if all := notify.States(); err == nil && state >= 1 && state <= len(all) {
			counts[all[state-1]] = n
		}
		return err
	})
	if err != nil {
		return nil, time.Time{}, s.fault("count posts", err)
	}
	rows, err = s.query(ctx, `SELECT due_at FROM post WHERE due_at <= $1 AND state <> 3 ORDER BY due_at LIMIT 1`, now.UnixMicro())
	due, err := collect(rows, err, scanInt)
	if err != nil || len(due) == 0 {
		return counts, time.Time{}, s.fault("count posts", err)
	}
	return counts, instant(due[0]), nil
}

// expirePostsAtOnce is how many posts are deleted in one transaction.
const expirePostsAtOnce = 500

// ExpirePosts deletes some posts and hearings that ended before an instant, and tells how many.
func (s *Store) ExpirePosts(ctx context.Context, before time.Time) (int, error) {
	n := 0
	err := s.update(ctx, "expire posts", func(t *tx) error {
		for _, statement := range []string{
			`DELETE FROM post WHERE id IN (SELECT id FROM post WHERE state <> 1 AND created_at < $1 AND due_at > CAST($2 AS BIGINT) ORDER BY created_at LIMIT $3+0) RETURNING 1`,
			`DELETE FROM heard WHERE (source, digest) IN (SELECT source, digest FROM heard WHERE state <> 1 AND at < $1 AND due_at > CAST($2 AS BIGINT) LIMIT $3+0) RETURNING 1`,
		} {
			rows, err := t.query(ctx, statement, before.UnixMicro(), before.UnixMicro(), expirePostsAtOnce)
			gone, err := collect(rows, err, scanInt)
			if err != nil {
				return err
			}
			n += len(gone)
		}
		return nil
	})
	return n, err
}

// EventKeyed gives the event of a source by its key.
func (s *Store) EventKeyed(ctx context.Context, source, key string) (change.Event, error) {
	identity := (&change.Event{Source: source, Key: key}).Identity()
	rows, err := s.query(ctx, `SELECT seq, thread, doc FROM event WHERE identity = $1`, identity[:])
	found, err := collect(rows, err, plainEvent)
	if err != nil {
		return change.Event{}, s.fault("read an event", err)
	}
	if len(found) == 0 {
		return change.Event{}, fault.New(fault.NotFound, "%s told of no event %q", source, key)
	}
	return found[0], nil
}

// Follows lists who follows what, by number.
func (s *Store) Follows(ctx context.Context) ([]notify.Follow, error) {
	rows, err := s.query(ctx, `SELECT number, doc FROM follow ORDER BY number`)
	all, err := collect(rows, err, func(rows *sql.Rows) (notify.Follow, error) {
		var f notify.Follow
		var number int64
		var doc string
		if err := rows.Scan(&number, &doc); err != nil {
			return f, err
		}
		err := json.Unmarshal([]byte(doc), &f)
		f.Number = number
		return f, err
	})
	return all, s.fault("list follows", err)
}

// PutFollow writes one; one without a number is given the next.
func (s *Store) PutFollow(ctx context.Context, f notify.Follow) (notify.Follow, error) {
	err := s.update(ctx, "write a follow", func(t *tx) error {
		last, err := t.take(ctx, "follow")
		if err != nil {
			return err
		}
		if f.Number == 0 {
			f.Number = last + 1
			if err := t.put(ctx, "follow", f.Number); err != nil {
				return err
			}
		}
		doc, err := json.Marshal(f)
		if err != nil {
			return err
		}
		return t.exec(ctx, `INSERT INTO follow (number, changed_at, doc) VALUES ($1, $2, $3)
			ON CONFLICT (number) DO UPDATE SET changed_at = excluded.changed_at, doc = excluded.doc`, f.Number, time.Now().UnixMicro(), string(doc))
	})
	return f, err
}

// DeleteFollow deletes one.
func (s *Store) DeleteFollow(ctx context.Context, number int64) error {
	return s.update(ctx, "delete a follow", func(t *tx) error {
		rows, err := t.query(ctx, `DELETE FROM follow WHERE number = $1 RETURNING number`, number)
		gone, err := collect(rows, err, scanInt)
		if err == nil && len(gone) == 0 {
			return fault.New(fault.NotFound, "nobody follows by the number %d", number)
		}
		return err
	})
}

// Followed is up to where of a trail it was looked who follows.
func (s *Store) Followed(ctx context.Context, trail notify.Trail) (int64, error) {
	rows, err := s.query(ctx, `SELECT value FROM counter WHERE name = $1`, string(trail))
	found, err := collect(rows, err, scanInt)
	if err != nil || len(found) == 0 {
		return -1, s.fault("read how far was followed", err)
	}
	return found[0], nil
}

// PromiseFollowed goes on in a trail, and makes the promises that this led to.
func (s *Store) PromiseFollowed(ctx context.Context, trail notify.Trail, from, to int64, posts []notify.Post) error {
	return s.update(ctx, "promise posts to those who follow", func(t *tx) error {
		at, err := t.take(ctx, string(trail))
		if err != nil {
			return err
		}
		if at != from {
			return fault.New(fault.Conflict, "another server went on")
		}
		if err := t.put(ctx, string(trail), to); err != nil {
			return err
		}
		return t.promise(ctx, posts)
	})
}
