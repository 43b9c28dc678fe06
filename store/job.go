package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/job"
)

const jobColumns = `SELECT kind, key, payload, place, state, done, total, attempts, fault, asked_by, created_at, changed_at, due_at FROM job`

const jobInsert = `INSERT INTO job (kind, key, payload, place, state, done, total, attempts, fault, asked_by, created_at, changed_at, due_at, holder, held_until) `

// A job that waits goes on as it is; one that has ended begins anew.
const jobAgain = ` ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload, place = '', state = 1, done = 0, total = excluded.total, attempts = 0,
	fault = '', asked_by = excluded.asked_by, created_at = excluded.created_at, changed_at = excluded.changed_at, due_at = excluded.due_at, holder = '', held_until = 0
	WHERE job.state <> 1`

// Enqueue begins jobs.
func (s *Store) Enqueue(ctx context.Context, jobs ...job.Job) error {
	return s.update(ctx, "enqueue jobs", func(t *tx) error { return t.enqueue(ctx, jobs) })
}

// enqueue begins jobs in the transaction that needs them.
func (t *tx) enqueue(ctx context.Context, jobs []job.Job) error {
	for i := range jobs {
		j := &jobs[i]
		at := j.CreatedAt.UnixMicro()
		err := t.exec(ctx, jobInsert+`VALUES ($1,$2,$3,'',1,0,$4,0,'',$5,$6,$6,$7,'',0)`+jobAgain,
			j.Kind, j.Key, j.Payload, int64(j.Total), j.By, at, max(at, j.DueAt.UnixMicro()))
		if err != nil {
			return err
		}
	}
	return nil
}

// clockSlack is how far the clocks of servers may be apart. What was written further ahead, or is leased for longer than
// anybody leases, was written by a clock that was wrong: its word on when to go on does not count, or work would rest until
// the true time comes there.
const clockSlack = time.Minute

// TakeJob gives a job of one of the kinds that is due.
func (s *Store) TakeJob(ctx context.Context, kinds []string, holder string, now, until time.Time) (job.Job, bool, error) {
	if len(kinds) == 0 {
		return job.Job{}, false, nil
	}
	// Most of the time there is none: that costs a read.
	args := []any{now.UnixMicro(), now.Add(clockSlack).UnixMicro(), until.Add(clockSlack).UnixMicro()}
	free := `state = 1 AND (due_at <= $1 OR changed_at > $2) AND (held_until < $1 OR held_until > $3) AND kind IN ` + list(&args, kinds)
	rows, err := s.query(ctx, `SELECT 1 FROM job WHERE `+free+` LIMIT 1`, args...)
	found, err := collect(rows, err, scanInt)
	if err != nil || len(found) == 0 {
		return job.Job{}, false, s.fault("look for jobs", err)
	}
	var taken []job.Job
	err = s.update(ctx, "take a job", func(t *tx) error {
		args := append(slices.Clone(args), holder, until.UnixMicro())
		n := len(args)
		rows, err := t.query(ctx, `UPDATE job SET holder = $`+strconv.Itoa(n-1)+`, held_until = $`+strconv.Itoa(n)+` WHERE `+free+` AND (kind, key) IN
			(SELECT kind, key FROM job WHERE `+free+` ORDER BY due_at LIMIT 1)
			RETURNING kind, key, payload, place, state, done, total, attempts, fault, asked_by, created_at, changed_at, due_at`, args...)
		taken, err = collect(rows, err, scanJob)
		return err
	})
	if err != nil || len(taken) == 0 {
		return job.Job{}, false, err
	}
	return taken[0], true, nil
}

// SaveJob keeps how far a job has come.
func (s *Store) SaveJob(ctx context.Context, j job.Job, holder string, until time.Time) error {
	return s.update(ctx, "save a job", func(t *tx) error {
		rows, err := t.query(ctx, `UPDATE job SET place = $4, state = $5, done = $6, total = $7, attempts = $8, fault = $9, changed_at = $10, due_at = $11, held_until = $12
			WHERE kind = $1 AND key = $2 AND holder = $3 RETURNING 1`,
			j.Kind, j.Key, holder, j.Place, int64(slices.Index(job.States(), j.State)+1), int64(j.Done), int64(j.Total), int64(j.Attempts), j.Fault,
			j.ChangedAt.UnixMicro(), j.DueAt.UnixMicro(), until.UnixMicro())
		held, err := collect(rows, err, scanInt)
		if err == nil && len(held) == 0 {
			return fault.New(fault.Conflict, "another server does the job %s by now", j.ID())
		}
		return err
	})
}

// CancelJob ends one that waits, by a principal.
func (s *Store) CancelJob(ctx context.Context, kind, key, by string, now time.Time) (job.Job, error) {
	var cancelled []job.Job
	err := s.update(ctx, "cancel a job", func(t *tx) error {
		rows, err := t.query(ctx, `UPDATE job SET state = $3, fault = $4, changed_at = $5, holder = '', held_until = 0 WHERE kind = $1 AND key = $2 AND state = 1
			RETURNING kind, key, payload, place, state, done, total, attempts, fault, asked_by, created_at, changed_at, due_at`,
			kind, key, int64(slices.Index(job.States(), job.Cancelled)+1), "cancelled by "+by, now.UnixMicro())
		cancelled, err = collect(rows, err, scanJob)
		return err
	})
	if err != nil {
		return job.Job{}, err
	}
	if len(cancelled) == 0 {
		return job.Job{}, fault.New(fault.Conflict, "the job %s has ended meanwhile", kind+":"+key)
	}
	return cancelled[0], nil
}

// Job gives one; NotFound when there is none.
func (s *Store) Job(ctx context.Context, kind, key string) (job.Job, error) {
	if strings.ContainsRune(kind+key, 0) || !utf8.ValidString(kind+key) { // which PostgreSQL does not even look for
		return job.Job{}, fault.New(fault.NotFound, "there is no such job")
	}
	rows, err := s.query(ctx, jobColumns+` WHERE kind = $1 AND key = $2`, kind, key)
	found, err := collect(rows, err, scanJob)
	if err == nil && len(found) == 0 {
		return job.Job{}, fault.New(fault.NotFound, "there is no job %s: what is done is kept for some days only", kind+":"+key)
	}
	if err != nil {
		return job.Job{}, s.fault("read a job", err)
	}
	return found[0], nil
}

// Jobs lists them, the last changed first.
func (s *Store) Jobs(ctx context.Context, state job.State, limit int) ([]job.Job, error) {
	if limit < 1 || limit > 1000 {
		return nil, fault.New(fault.Invalid, "limit is from 1 to 1000, not %d", limit)
	}
	args, where := []any{limit}, ""
	if state != "" {
		args = append(args, slices.Index(job.States(), state)+1)
		where = ` WHERE state = $2`
	}
	rows, err := s.query(ctx, jobColumns+where+` ORDER BY changed_at DESC, kind, key LIMIT $1+0`, args...)
	jobs, err := collect(rows, err, scanJob)
	return jobs, s.fault("list jobs", err)
}

// ExpireJobs deletes what has ended and did not change since an instant.
func (s *Store) ExpireJobs(ctx context.Context, before time.Time) error {
	return s.update(ctx, "expire jobs", func(t *tx) error {
		return t.exec(ctx, `DELETE FROM job WHERE state <> 1 AND changed_at < $1`, before.UnixMicro())
	})
}

func scanJob(rows *sql.Rows) (job.Job, error) {
	var j job.Job
	var state int
	var created, changed, due int64
	err := rows.Scan(&j.Kind, &j.Key, &j.Payload, &j.Place, &state, &j.Done, &j.Total, &j.Attempts, &j.Fault, &j.By, &created, &changed, &due)
	j.CreatedAt, j.ChangedAt, j.DueAt = instant(created), instant(changed), instant(due)
	if all := job.States(); state >= 1 && state <= len(all) {
		j.State = all[state-1]
	}
	return j, err
}
