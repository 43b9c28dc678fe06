// Package postgres opens the store on PostgreSQL 15 or later, for more than one server or more than one machine holds.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// Connections of one server: readers, and writers, of which one at a time gets through.
const (
	Readers = 16
	Writers = 4
)

const leastVersion = 150000

// Open connects to a database by its URL (postgres://user@host/database?sslmode=…) and brings its schema up to date.
func Open(ctx context.Context, address string) (*store.Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's own error repeats the address, and with it the password.
		return nil, fault.New(fault.Invalid, "the database URL cannot be read: write postgres://user:password@host:5432/database")
	}
	config.RuntimeParams["application_name"] = "tidings"
	config.RuntimeParams["timezone"] = "UTC"
	read, write := stdlib.OpenDB(*config), stdlib.OpenDB(*config)
	read.SetMaxOpenConns(Readers)
	read.SetMaxIdleConns(Readers)
	read.SetConnMaxIdleTime(5 * time.Minute)
	write.SetMaxOpenConns(Writers)
	write.SetMaxIdleConns(Writers)
	var version int
	if err := write.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, errors.Join(fault.New(fault.Unavailable, "connect to PostgreSQL at %s: %w", config.Host, err), write.Close(), read.Close())
	}
	if version < leastVersion {
		return nil, errors.Join(fmt.Errorf("PostgreSQL 15 or later is needed; %s runs %d", config.Host, version/10000), write.Close(), read.Close())
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the migration lock: %w", err), write.Close(), read.Close())
	}
	return store.New(ctx, store.Engine{
		Name: "postgres", Dialect: goose.DialectPostgres, Number: "BIGINT", Code: code, Locker: locker,
		Listen: func(ctx context.Context, hint func()) error { return listen(ctx, config, hint) },
		Notify: func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, "SELECT pg_notify($1, '')", channel)
			return err
		},
	}, read, write)
}

// channel is where servers hint to each other that something was committed.
const channel = "tidings"

func listen(ctx context.Context, config *pgx.ConnConfig, hint func()) error {
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the connection is given up either way
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		hint()
	}
}

// code reads the SQLSTATE class: https://www.postgresql.org/docs/15/errcodes-appendix.html.
func code(err error) fault.Code {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || len(e.Code) < 2 {
		return fault.Unavailable // the connection itself failed
	}
	switch e.Code[:2] {
	case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, in use, shutting down, system
		return fault.Unavailable
	case "23":
		return fault.Conflict
	}
	return fault.Internal
}
