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

// connectTime bounds one attempt to connect, also where the URL asks for more.
const connectTime = 10 * time.Second

// letGo lets the database give up a writer that is cut off or paused in the middle of a transaction: it holds the lock
// that every other server waits for. These are set one by one, since what speaks the protocol need not know them all.
func letGo(ctx context.Context, conn *pgx.Conn) error {
	for _, setting := range []string{
		"idle_in_transaction_session_timeout = '10s'", "tcp_user_timeout = '10s'",
		"tcp_keepalives_idle = 5", "tcp_keepalives_interval = 2", "tcp_keepalives_count = 3",
	} {
		if _, err := conn.Exec(ctx, "SET "+setting); err != nil {
			if _, said := errors.AsType[*pgconn.PgError](err); !said {
				return err
			}
		}
	}
	return nil
}

// Open connects to a database by its URL (postgres://user@host/database?sslmode=…) and brings its schema up to date.
func Open(ctx context.Context, address string) (*store.Store, error) {
	config, err := parse(address, serving)
	if err != nil {
		return nil, err
	}
	config.ConnectTimeout = min(config.ConnectTimeout, connectTime)
	read, write := stdlib.OpenDB(*config), stdlib.OpenDB(*config, stdlib.OptionAfterConnect(letGo))
	read.SetMaxOpenConns(Readers)
	read.SetMaxIdleConns(Readers)
	read.SetConnMaxIdleTime(5 * time.Minute)
	write.SetMaxOpenConns(Writers)
	write.SetMaxIdleConns(Writers)
	if err := check(ctx, write, config); err != nil {
		return nil, errors.Join(err, write.Close(), read.Close())
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the migration lock: %w", err), write.Close(), read.Close())
	}
	e := engine()
	e.Locker = locker
	e.Listen = func(ctx context.Context, hint func()) error { return listen(ctx, config, hint) }
	e.Notify = func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "SELECT pg_notify($1, '')", channel)
		return err
	}
	e.Measure, e.Clock = measure, "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
	return store.New(ctx, e, read, write)
}

// measure asks for the size; what is free on a server's disk, it does not tell.
func measure(ctx context.Context, db *sql.DB) (store.Health, error) {
	health := store.Health{Free: -1}
	err := db.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&health.Database)
	return health, err
}

// parse reads an address; name is how the connections show in pg_stat_activity.
func parse(address, name string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's own error repeats the address, and with it the password.
		return nil, fault.New(fault.Invalid, "the database URL cannot be read: write postgres://user:password@host:5432/database")
	}
	config.RuntimeParams["application_name"] = name
	config.RuntimeParams["timezone"] = "UTC"
	return config, nil
}

// check refuses a server that does not answer or is too old.
func check(ctx context.Context, db *sql.DB, config *pgx.ConnConfig) error {
	var version int
	if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return fault.New(fault.Unavailable, "connect to PostgreSQL at %s: %w", config.Host, err)
	}
	if version < leastVersion {
		return fmt.Errorf("PostgreSQL 15 or later is needed; %s runs %d", config.Host, version/10000)
	}
	return nil
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
	case "08", "25", "40", "53", "55", "57", "58": // connection, state of the transaction (read-only), rollback, resources, in use, shutting down, system
		return fault.Unavailable
	case "23":
		return fault.Conflict
	}
	return fault.Internal
}
