// Package sqlite opens the embedded store: one file, in WAL mode, written durably before anything is acknowledged.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// Readers is how many connections read at the same time.
const Readers = 8

// checkpointRows is after how many rows the write-ahead log is written back and cut, so that it stays small.
const checkpointRows = 8000

// Earlier versions could corrupt the file when the write-ahead log was reset: https://sqlite.org/wal.html#walresetbug.
const leastVersion = "3.51.3"

// Open opens or creates the database in a directory, which is made when it is not there.
func Open(ctx context.Context, dir string) (*store.Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "make the data directory: %w", err)
	}
	path := filepath.Join(dir, "tidings.db")
	write, err := sql.Open("sqlite", address(path, "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", address(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(Readers)
	read.SetMaxIdleConns(Readers)
	var version string
	if err := write.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return nil, errors.Join(fault.New(fault.Unavailable, "open %s: %w", path, err), write.Close(), read.Close())
	}
	if older(version, leastVersion) {
		return nil, errors.Join(fmt.Errorf("SQLite %s is linked in; at least %s is needed", version, leastVersion), write.Close(), read.Close())
	}
	// The log is cut by a reader's connection: the writer's own is kept by the store.
	checkpoint, err := sql.Open("sqlite", address(path, "_pragma=busy_timeout(100)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close(), read.Close())
	}
	checkpoint.SetMaxOpenConns(1)
	var written atomic.Int64
	return store.New(ctx, store.Engine{
		Name: "sqlite", Dialect: goose.DialectSQLite3, Clustered: "WITHOUT ROWID", Code: code, Prepare: true,
		Tend: func(ctx context.Context, rows int) {
			if written.Add(int64(rows)) < checkpointRows {
				return
			}
			written.Store(0)
			// A checkpoint that readers hold up is tried again after as many rows.
			_, _ = checkpoint.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)")
		},
		Close: checkpoint.Close,
	}, read, write)
}

func address(path, more string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)" +
		"&_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)&_pragma=journal_size_limit(67108864)&" + more
}

func code(err error) fault.Code {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return fault.Internal
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_INTERRUPT:
		return fault.Unavailable
	case lib.SQLITE_CONSTRAINT:
		return fault.Conflict
	}
	return fault.Internal
}

func older(a, b string) bool {
	var x, y [3]int
	_, _ = fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2])
	_, _ = fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}
