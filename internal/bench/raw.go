package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the engines as they are, without Tidings
	_ "modernc.org/sqlite"

	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// raw is the same engine without Tidings: rows of the same size, written by prepared statements.
type raw struct {
	db     *sql.DB
	next   int64
	insert func(ctx context.Context, r *raw, n int) error
}

func connect(engine, place string) (*sql.DB, error) {
	if engine == "sqlite" {
		db, err := sql.Open("sqlite", "file:"+place+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=cache_size(-48000)&_txlock=immediate")
		if err == nil {
			db.SetMaxOpenConns(1)
		}
		return db, err
	}
	return sql.Open("pgx", place)
}

// openRaw makes one table of events with four indexes besides its key.
func openRaw(ctx context.Context, engine, place string) (*raw, error) {
	db, err := connect(engine, place)
	if err != nil {
		return nil, err
	}
	number := "BIGINT"
	if engine == "sqlite" {
		number = "INTEGER" // the row's own number: any other type would cost an index more
	}
	for _, statement := range []string{
		`CREATE TABLE raw (seq ` + number + ` PRIMARY KEY, id BYTEA NOT NULL, at BIGINT NOT NULL, kind SMALLINT NOT NULL, entity BIGINT NOT NULL, doc TEXT NOT NULL)`,
		`CREATE UNIQUE INDEX raw_id ON raw (id)`, `CREATE INDEX raw_at ON raw (at, seq)`,
		`CREATE INDEX raw_kind ON raw (kind, at)`, `CREATE INDEX raw_entity ON raw (entity, at, seq)`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("%.30s: %w", statement, err)
		}
	}
	return &raw{db: db, insert: insertRaw}, nil
}

// openSame makes the tables of Tidings itself.
func (b *bench) openSame(ctx context.Context) (*raw, error) {
	place := filepath.Join(b.dir, "same", "tidings.db")
	if b.engine == "postgres" {
		place = b.database("same")
		s, err := postgres.Open(ctx, place)
		if err != nil {
			return nil, err
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
	} else {
		s, err := sqlite.Open(ctx, filepath.Dir(place))
		if err != nil {
			return nil, err
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
	db, err := connect(b.engine, place)
	return &raw{db: db, insert: insertSame}, err
}

var document = strings.Repeat("x", 560)

// insertRaw writes n rows of one table in one transaction.
func insertRaw(ctx context.Context, r *raw, n int) error {
	return r.write(ctx, n, []string{`INSERT INTO raw (seq, id, at, kind, entity, doc) VALUES ($1,$2,$3,$4,$5,$6)`}, func(id, _ []byte, at int64) [][]any {
		return [][]any{{r.next, id, at, rand.IntN(20), rand.IntN(10_000), document}} //nolint:gosec // rows of a benchmark
	})
}

// insertSame writes what one event of a pipeline is in our tables: itself, its subject, and the key of its story.
func insertSame(ctx context.Context, r *raw, n int) error {
	return r.write(ctx, n, []string{
		`INSERT INTO event (seq, identity, at, kind, phase, environment, source, actor, actor_type, thread, doc) VALUES ($1,$3,$4,$5,3,'production','ci',$6,'person',$2,$7)`,
		`INSERT INTO event_subject (entity, at, seq, kind) VALUES ($1,$2,$3,$4)`,
		`INSERT INTO story_key (key, thread, at) VALUES ($1,$2,$3)`,
	}, func(id, key []byte, at int64) [][]any {
		kind := rand.IntN(20) //nolint:gosec // rows of a benchmark
		return [][]any{
			{r.next, id, key, at, kind, fmt.Sprintf("person %d", rand.IntN(500)), document}, //nolint:gosec // rows of a benchmark
			{rand.IntN(10_000), at, r.next, kind},                                           //nolint:gosec // as above
			{key, id, at},
		}
	})
}

// write runs prepared statements n times in one transaction.
func (r *raw) write(ctx context.Context, n int, texts []string, rows func(id, key []byte, at int64) [][]any) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit there is nothing to undo
	statements := make([]*sql.Stmt, len(texts))
	for i, text := range texts {
		if statements[i], err = tx.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // it ends with the transaction
			return err
		}
	}
	for range n {
		r.next++
		id, key := make([]byte, 16), make([]byte, 16)
		for i := range 8 {
			id[i] = byte(r.next >> (56 - 8*i))
		}
		for i := range key {
			key[i] = byte(rand.Uint32()) //nolint:gosec // a key of a benchmark
		}
		for i, args := range rows(id, key, time.Now().UnixMicro()) {
			if _, err := statements[i].ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// batches writes batches for a span and gives the rows a second.
func (r *raw) batches(ctx context.Context, span time.Duration) (float64, error) {
	began, first := time.Now(), r.next
	for time.Since(began) < span {
		if err := r.insert(ctx, r, batchSize); err != nil {
			return 0, err
		}
	}
	return float64(r.next-first) / time.Since(began).Seconds(), nil
}

// grouped lets clients insert single rows, which are gathered into one transaction a group.
func (r *raw) grouped(ctx context.Context, clients int, span time.Duration) (load, error) {
	queue := make(chan chan error, clients)
	ending, end := context.WithCancel(ctx)
	defer end()
	go func() {
		for {
			var group []chan error
			select {
			case <-ending.Done():
				return
			case one := <-queue:
				group = append(group, one)
			}
			for len(group) < clients && len(queue) > 0 {
				group = append(group, <-queue)
			}
			err := r.insert(ctx, r, len(group))
			for _, one := range group {
				one <- err
			}
		}
	}()
	return drive(ctx, clients, span, func(context.Context, int, int) error {
		done := make(chan error, 1)
		queue <- done
		return <-done
	})
}

// page reads fifty rows of one entity by the index.
func (r *raw) page(ctx context.Context, span time.Duration) (load, error) {
	stmt, err := r.db.PrepareContext(ctx, `SELECT seq, at, doc FROM raw WHERE entity = $1 AND at <= $2 ORDER BY at DESC, seq DESC LIMIT 50`)
	if err != nil {
		return load{}, err
	}
	defer stmt.Close() //nolint:errcheck // nothing depends on it any more
	return drive(ctx, 1, span, func(ctx context.Context, _, _ int) error {
		rows, err := stmt.QueryContext(ctx, rand.IntN(10_000), time.Now().UnixMicro()) //nolint:gosec // as above
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var seq, at int64
			var doc string
			if err := rows.Scan(&seq, &at, &doc); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
