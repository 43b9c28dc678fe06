package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"tidings.dev/tidings/integration"
)

// LastLook is how far a source that looks at the world has come; the zero value when it never did.
func (s *Store) LastLook(ctx context.Context, source string) (integration.Looked, error) {
	rows, err := s.query(ctx, `SELECT name, looked_at, cursor, fault, backfill FROM source WHERE name = $1`, source)
	found, err := collect(rows, err, scanLook)
	if err != nil || len(found) == 0 {
		return integration.Looked{Source: source}, s.fault("read where a source is", err)
	}
	return found[0], nil
}

// Looked records a look that found nothing, or failed. One that found something is recorded with its events.
func (s *Store) Looked(ctx context.Context, look integration.Looked) error {
	return s.update(ctx, "record a look", func(t *tx) error { return t.looked(ctx, &look) })
}

func (t *tx) looked(ctx context.Context, l *integration.Looked) error {
	backfill := ""
	if l.Backfill != nil {
		text, err := json.Marshal(l.Backfill)
		if err != nil {
			return err
		}
		backfill = string(text)
	}
	return t.exec(ctx, `INSERT INTO source (name, cursor, looked_at, fault, backfill) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, looked_at = excluded.looked_at, fault = excluded.fault, backfill = excluded.backfill`,
		l.Source, l.Cursor, l.At.UnixMicro(), l.Problem, backfill)
}

func scanLook(rows *sql.Rows) (integration.Looked, error) {
	var l integration.Looked
	var at int64
	var backfill string
	if err := rows.Scan(&l.Source, &at, &l.Cursor, &l.Problem, &backfill); err != nil || backfill == "" {
		l.At = instant(at)
		return l, err
	}
	l.At, l.Backfill = instant(at), &integration.Backfill{}
	return l, json.Unmarshal([]byte(backfill), l.Backfill)
}
