package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
)

// Inspection is what can be told of a database without changing it, while a server uses it or none does.
type Inspection struct {
	Engine  string
	Version string // of the engine
	Health  Health
	// Schema is the number of the last migration that was applied, Known the last that this program knows.
	Schema, Known int64
	// Damage is what the engine's own check found; empty when it found nothing, or has no such check.
	Damage []string
	// Rows counts the rows of each table.
	Rows map[string]int64
	// Now is the database's clock; zero where it is that of this machine.
	Now time.Time
	// Observers are the agents that ever sent what they see, Settings what was set on the page, with secrets that DataKeys seal;
	// not known where the schema is another one.
	Observers []observe.Observer
	Settings  []setting.Setting
	DataKeys  []secret.DataKey
}

// Inspect reads an open database, and closes it.
func Inspect(ctx context.Context, engine Engine, db *sql.DB) (Inspection, error) {
	defer db.Close() //nolint:errcheck // it was only read
	found := Inspection{Engine: engine.Name, Rows: map[string]int64{}}
	engine.Prepare = false // it reads each thing once
	s := &Store{engine: engine, read: db}
	var err error
	if found.Health, err = s.Health(ctx); err != nil {
		return found, err
	}
	if found.Schema, found.Known, err = s.Schema(ctx); err != nil {
		return found, err
	}
	if found.Schema == found.Known {
		if found.Observers, err = s.Observers(ctx); err != nil {
			return found, err
		}
		if found.Settings, err = s.Settings(ctx); err != nil {
			return found, err
		}
		if found.DataKeys, err = s.DataKeys(ctx); err != nil {
			return found, err
		}
	}
	tables, err := engine.Tables(ctx, db)
	if err != nil {
		return found, s.fault("list the tables", err)
	}
	for _, table := range tables {
		var rows int64
		if err := db.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM %q`, table.Name)).Scan(&rows); err != nil {
			return found, s.fault("count "+table.Name, err)
		}
		found.Rows[table.Name] = rows
	}
	return found, nil
}
