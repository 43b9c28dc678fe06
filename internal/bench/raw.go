package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the engines as they are, without Tidings
	_ "modernc.org/sqlite"
)

// raw is the same engine without Tidings: one table of events of the same size with four indexes.
type raw struct {
	db      *sql.DB
	columns int
	next    int64
}

func openRaw(ctx context.Context, engine, place string) (*raw, error) {
	driver, address := "pgx", place
	if engine == "sqlite" {
		driver = "sqlite"
		address = "file:" + place + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, err
	}
	if engine == "sqlite" {
		db.SetMaxOpenConns(1)
	}
	for _, statement := range []string{
		`CREATE TABLE raw (seq BIGINT PRIMARY KEY, id BYTEA NOT NULL, at BIGINT NOT NULL, kind SMALLINT NOT NULL, entity BIGINT NOT NULL, doc TEXT NOT NULL)`,
		`CREATE UNIQUE INDEX raw_id ON raw (id)`, `CREATE INDEX raw_at ON raw (at, seq)`,
		`CREATE INDEX raw_kind ON raw (kind, at)`, `CREATE INDEX raw_entity ON raw (entity, at, seq)`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("%.30s: %w", statement, err)
		}
	}
	return &raw{db: db, columns: 6}, nil
}

var document = strings.Repeat("x", 560)

// insert writes n rows in one transaction, each by a prepared statement.
func (r *raw) insert(ctx context.Context, n int) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO raw (seq, id, at, kind, entity, doc) VALUES ($1,$2,$3,$4,$5,$6)`)
	if err != nil {
		return err
	}
	defer stmt.Close() //nolint:errcheck // it goes with the transaction
	for range n {
		r.next++
		id := make([]byte, 16)
		for i := range 8 {
			id[i], id[8+i] = byte(r.next>>(56-8*i)), byte(rand.Uint32()) //nolint:gosec // a key of a benchmark
		}
		at := time.Now().UnixMicro()
		if _, err := stmt.ExecContext(ctx, r.next, id, at, rand.IntN(20), rand.IntN(10_000), document); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return tx.Commit()
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
			err := r.insert(ctx, len(group))
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
