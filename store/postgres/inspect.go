package postgres

import (
	"context"

	"tidings.dev/tidings/store"
)

// Inspect reads a database without changing it, beside servers or without any.
func Inspect(ctx context.Context, address string) (store.Inspection, error) {
	db, err := connect(ctx, address, 1)
	if err != nil {
		return store.Inspection{}, err
	}
	var found store.Inspection
	if err := db.QueryRowContext(ctx, "SELECT current_setting('server_version'), now()").Scan(&found.Version, &found.Now); err != nil {
		_ = db.Close() // the first error tells why
		return found, err
	}
	version, now := found.Version, found.Now
	e := engine()
	e.Measure = measure
	found, err = store.Inspect(ctx, e, db)
	found.Version, found.Now = version, now
	return found, err
}
