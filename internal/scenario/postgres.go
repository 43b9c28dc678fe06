//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// dump writes each table into a file, with its bytes as they are, so that they can be looked through.
func dump(ctx context.Context, address, directory string) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only read from
	rows, err := conn.Query(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, table := range tables {
		file, err := os.Create(filepath.Join(directory, table))
		if err != nil {
			return err
		}
		_, err = conn.PgConn().CopyTo(ctx, file, "COPY "+pgx.Identifier{table}.Sanitize()+" TO STDOUT (FORMAT binary)")
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}
