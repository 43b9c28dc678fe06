package store

import (
	"context"
	"database/sql"
)

// Health is how much room a database takes, in bytes; zero where an engine has no such thing.
type Health struct {
	Database int64 // the tables and their indexes
	Log      int64 // the write-ahead log beside the file
	Free     int64 // what is left on the disk; -1 where that cannot be told
}

// Health measures the database. It is cheap enough to be asked every few seconds.
func (s *Store) Health(ctx context.Context) (Health, error) {
	health, err := s.engine.Measure(ctx, s.read)
	return health, s.fault("measure the database", err)
}

// Pools are the connections that read and that write.
func (s *Store) Pools() (read, write sql.DBStats) { return s.read.Stats(), s.write.Stats() }

// probeRows is what a probe counts for: it writes a whole page into the write-ahead log for no row at all, and a server
// that does nothing else must write its log back now and then too.
const probeRows = 100

// Probe commits a write that changes nothing, and so finds out whether anything can be written.
func (s *Store) Probe(ctx context.Context) error {
	return s.update(ctx, "try a write", func(t *tx) error {
		seq, err := t.take(ctx, "entity")
		if err != nil {
			return err
		}
		t.rows += probeRows
		return t.put(ctx, "entity", seq)
	})
}

// Schema is the number of the last migration that was applied, and of the last that this program knows.
func (s *Store) Schema(ctx context.Context) (applied, known int64, err error) {
	steps, err := s.engine.steps()
	if err != nil {
		return 0, 0, err
	}
	for _, step := range steps {
		known = max(known, step.Version)
	}
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&applied)
	return applied, known, s.fault("read the schema's version", err)
}
