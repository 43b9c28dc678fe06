// Package sqlite opens the embedded store: one file, in WAL mode, written durably before anything is acknowledged.
package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/disk"
	"tidings.dev/tidings/store"
)

// Readers is how many connections read at the same time.
const Readers = 8

// The write-ahead log is written back after so many pages; one that was written many times in between is written back once.
// A row is about a page, and a commit as many more: of each tree that it touches one. Where the log grows past a bound,
// because readers hold it up, the writer waits for them.
const (
	checkpointPages = 24_000
	pagesOfCommit   = 8
	fewPages        = 1000 // that the writer may be left with
	longestLog      = 256 << 20
	keptLog         = 128 << 20 // what stays of the file when the log begins anew
)

// How long the writer waits for readers of the log.
const (
	shortWait = 100 * time.Millisecond
	longWait  = 10 * time.Second
)

// What connections keep of the file in memory, in KiB.
const (
	writerCache = 48_000
	readerCache = 8_000
)

// Earlier versions could corrupt the file when the write-ahead log was reset: https://sqlite.org/wal.html#walresetbug.
const leastVersion = "3.51.3"

// Open opens or creates the database in a directory, which is made when it is not there.
func Open(ctx context.Context, dir string) (*store.Store, error) { return Ship(ctx, dir, nil) }

// Ship is Open, and copies the database to a depot from then on, continuously, until it is closed.
func Ship(ctx context.Context, dir string, depot Depot) (*store.Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "make the data directory: %w", err)
	}
	held, err := hold(ctx, dir)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, filepath.Join(dir, file), held, depot)
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return s, nil
}

func open(ctx context.Context, path string, held *sql.DB, depot Depot) (*store.Store, error) {
	write, err := sql.Open("sqlite", address(path, writerCache, "_txlock=immediate", "_pragma=wal_autocheckpoint(0)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", address(path, readerCache, "_pragma=query_only(1)"))
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
	k, err := newKeeper(path, depot)
	if err != nil {
		return nil, errors.Join(err, write.Close(), read.Close())
	}
	e, session := engine(), newSession()
	e.Send, e.Tend = session.send, k.tend
	e.Close = func() error { return errors.Join(session.close(), k.close(), held.Close()) }
	e.Rewrite = rewrite
	e.Measure = func(context.Context, *sql.DB) (store.Health, error) { return measure(path) }
	opened, err := store.New(ctx, e, read, write)
	if err != nil {
		return nil, err
	}
	if err := k.begin(ctx); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return opened, nil
}

// rewrite copies what there is through a temporary file, which may be as large as the database.
func rewrite(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "PRAGMA temp_store = FILE; VACUUM")
	return err
}

// measure looks at the files alone: it tells something also when the database does not.
func measure(path string) (store.Health, error) {
	file, err := os.Stat(path)
	if err != nil {
		return store.Health{}, fault.New(fault.Unavailable, "the database file cannot be seen: %w", err)
	}
	health := store.Health{Database: file.Size(), Free: -1}
	if log, err := os.Stat(path + "-wal"); err == nil {
		health.Log = log.Size()
	}
	if free, err := disk.Free(filepath.Dir(path)); err == nil {
		health.Free = free
	}
	return health, nil
}

func address(path string, cache int, more ...string) string {
	settings := append([]string{
		"_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=busy_timeout(10000)", "_pragma=temp_store(MEMORY)",
		fmt.Sprintf("_pragma=journal_size_limit(%d)", keptLog), fmt.Sprintf("_pragma=cache_size(-%d)", cache),
	}, more...)
	return place(path) + "?" + strings.Join(settings, "&")
}

// place is a path as the driver takes it.
func place(path string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String()
}

// pack writes numbers, keys or texts as a JSON list.
func pack(items any) any {
	b := []byte{'['}
	switch items := items.(type) {
	case []int64:
		for _, n := range items {
			b = append(strconv.AppendInt(b, n, 10), ',')
		}
	case []string:
		for _, text := range items {
			quoted, _ := json.Marshal(text) // a text cannot fail
			b = append(append(b, quoted...), ',')
		}
	case [][]byte:
		for _, key := range items {
			b = append(hex.AppendEncode(append(b, '"'), key), '"', ',')
		}
	}
	return string(append(bytes.TrimSuffix(b, []byte{','}), ']'))
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
