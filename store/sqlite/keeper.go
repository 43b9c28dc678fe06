package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync/atomic"
)

// keeper writes the write-ahead log back into the file, beside the writer.
type keeper struct {
	db      *sql.DB
	log     string
	written atomic.Int64
	busy    atomic.Bool
}

func newKeeper(path string) (*keeper, error) {
	db, err := sql.Open("sqlite", address(path, readerCache))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &keeper{db: db, log: path + "-wal"}, nil
}

// tend counts the rows that were written, and writes the log back when there are many.
func (k *keeper) tend(ctx context.Context, rows int) {
	if k.written.Add(int64(rows)) < checkpointRows || !k.busy.CompareAndSwap(false, true) {
		return
	}
	k.written.Store(0)
	ctx = context.WithoutCancel(ctx)
	// A checkpoint that readers hold up is tried again after as many rows.
	if info, err := os.Stat(k.log); err == nil && info.Size() > longestLog {
		_, _ = k.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		k.busy.Store(false)
		return
	}
	go func() {
		defer k.busy.Store(false)
		_, _ = k.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	}()
}

// close cuts the log, so that the next start finds one file.
func (k *keeper) close() error {
	_, _ = k.db.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	return k.db.Close()
}
