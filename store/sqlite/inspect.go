package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// worst bounds what the check of the file lists.
const worst = 20

// Inspect reads the database of a directory without changing it, beside a server or without one. It checks the whole
// file, which takes about a second for each gigabyte.
func Inspect(ctx context.Context, dir string) (store.Inspection, error) {
	path, err := Existing(dir)
	if err != nil {
		return store.Inspection{}, err
	}
	db, err := sql.Open("sqlite", place(path)+"?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(10000)")
	if err != nil {
		return store.Inspection{}, fmt.Errorf("open %s: %w", path, err)
	}
	var version string
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		_ = db.Close() // the first error tells why
		return store.Inspection{}, fault.New(fault.Unavailable, "open %s: %w", path, err)
	}
	damage, err := check(ctx, db)
	if err != nil {
		_ = db.Close()
		return store.Inspection{}, fault.New(fault.Unavailable, "check %s: %w", path, err)
	}
	e := engine()
	e.Measure = func(context.Context, *sql.DB) (store.Health, error) { return measure(path) }
	found, err := store.Inspect(ctx, e, db)
	found.Version, found.Damage = version, damage
	return found, err
}

func check(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("PRAGMA quick_check(%d)", worst))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var damage []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			damage = append(damage, line)
		}
	}
	return damage, rows.Err()
}
