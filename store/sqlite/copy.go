package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// file is the name of the database in its directory.
const file = "tidings.db"

// engine is what every handle of this engine has in common.
func engine() store.Engine {
	return store.Engine{
		Name: "sqlite", Dialect: goose.DialectSQLite3, Clustered: "WITHOUT ROWID", Number: "INTEGER", Code: code, Prepare: true, Begin: "BEGIN IMMEDIATE",
		Tables:  tables,
		Numbers: "SELECT value AS item FROM json_each(%s)", Keys: "SELECT unhex(value) AS item FROM json_each(%s)", Pack: pack, Ordered: true, Together: 4,
		Texts:  "SELECT value AS item FROM json_each(%s)",
		Within: "CROSS JOIN json_each((SELECT json_group_array(n.seq) FROM (%s) AS n)) AS n",
	}
}

// Snapshot copies the database of a directory as it is now, while a server writes, and opens the copy. The copy lies in
// the directory temp until it is closed; an empty temp means beside the database. A reader that stayed in the database
// itself for as long as a backup takes would keep its write-ahead log from being cut.
func Snapshot(ctx context.Context, dir, temp string) (*store.Snapshot, error) {
	path, err := Existing(dir)
	if err != nil {
		return nil, err
	}
	if temp == "" {
		temp = dir
	}
	folder, err := os.MkdirTemp(temp, "backup-")
	if err != nil {
		return nil, fault.New(fault.Unavailable, "make room for a copy: %w", err)
	}
	remove := func() error { return os.RemoveAll(folder) }
	original, err := sql.Open("sqlite", address(path, readerCache))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), remove())
	}
	original.SetMaxOpenConns(1)
	whole := filepath.Join(folder, file)
	_, err = original.ExecContext(ctx, "VACUUM INTO ?", whole)
	if err = errors.Join(err, original.Close()); err != nil {
		return nil, errors.Join(fault.New(code(err), "copy %s: %w", path, err), remove())
	}
	return snapshot(ctx, whole, remove)
}

// Frozen opens the database of a directory that no server writes, and keeps servers away until it is closed.
func Frozen(ctx context.Context, dir string) (*store.Snapshot, error) {
	path, err := Existing(dir)
	if err != nil {
		return nil, err
	}
	held, err := hold(ctx, dir)
	if err != nil {
		return nil, err
	}
	return snapshot(ctx, path, held.Close)
}

// Existing is the path of the database in a directory; it is not found where there is none.
func Existing(dir string) (string, error) {
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); err != nil {
		return "", fault.New(fault.NotFound, "there is no database in %s", dir)
	}
	return path, nil
}

func snapshot(ctx context.Context, path string, release func() error) (*store.Snapshot, error) {
	db, err := sql.Open("sqlite", address(path, readerCache, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), release())
	}
	db.SetMaxOpenConns(1)
	return store.NewSnapshot(ctx, engine(), db, "BEGIN", release)
}

// Fill makes the database of a directory that has none, with the schema of a number, to become the copy of another; or
// goes on with one that was broken off. The process may be killed at any time; a machine that loses its power may not.
func Fill(ctx context.Context, dir string, schema int64, origin string) (*store.Filling, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "make the data directory: %w", err)
	}
	held, err := hold(ctx, dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, file)
	write, err := sql.Open("sqlite", address(path, writerCache, "_pragma=synchronous(NORMAL)", "_pragma=wal_autocheckpoint(8000)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), held.Close())
	}
	// The schema is brought up to date while the one connection that fills is open.
	write.SetMaxOpenConns(1)
	e := engine()
	e.Close = held.Close
	read, err := sql.Open("sqlite", address(path, readerCache))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close(), held.Close())
	}
	return store.NewFilling(ctx, e, read, write, schema, origin)
}

// hold keeps every other process from opening the directory's database to write, until it is closed or the process
// ends in whatever way. The lock is that of a second, empty database, which works alike on every system.
func hold(ctx context.Context, dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", place(filepath.Join(dir, "tidings.lock"))+"?_pragma=busy_timeout(1000)")
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		return nil, errors.Join(fault.New(fault.Unavailable, "another process of Tidings works with %s: stop it first (%w)", dir, err), db.Close())
	}
	return db, nil
}

// tables reads the catalogue: https://sqlite.org/pragma.html#pragma_table_list. The tables of full-text indexes are of
// other types, and left out.
func tables(ctx context.Context, q store.Querier) ([]store.Table, error) {
	rows, err := q.QueryContext(ctx, `SELECT t.name, c.name, upper(c.type), c.pk FROM pragma_table_list t, pragma_table_xinfo(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' AND c.hidden = 0 ORDER BY t.name, c.cid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []store.Catalogued
	for rows.Next() {
		var c store.Catalogued
		var declared string
		if err := rows.Scan(&c.Table, &c.Column.Name, &declared, &c.KeyPlace); err != nil {
			return nil, err
		}
		c.Column.Type = declaredType(declared)
		list = append(list, c)
	}
	return store.TablesOf(list), rows.Err()
}

func declaredType(declared string) store.Type {
	switch {
	case strings.Contains(declared, "INT"):
		return store.Integer
	case strings.Contains(declared, "CHAR"), strings.Contains(declared, "TEXT"), strings.Contains(declared, "JSON"):
		return store.Text
	case declared == "BYTEA", declared == "BLOB":
		return store.Bytes
	case strings.HasPrefix(declared, "BOOL"):
		return store.Boolean
	case declared == "REAL", strings.HasPrefix(declared, "DOUBLE"), strings.HasPrefix(declared, "FLOAT"):
		return store.Real
	}
	return ""
}
