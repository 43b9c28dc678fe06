package sqlite

import (
	"context"
	"database/sql"
	"errors"
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
	ship    *shipper // nil where nothing is shipped
}

func newKeeper(path string, depot Depot) (*keeper, error) {
	db, err := sql.Open("sqlite", address(path, readerCache))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	k := &keeper{db: db, log: path + "-wal"}
	if depot != nil {
		k.ship = newShipper(depot, path)
	}
	return k, nil
}

// tend counts the rows that were written, and writes the log back when there are many.
func (k *keeper) tend(ctx context.Context, rows int) {
	if k.ship != nil {
		if info, err := os.Stat(k.log); err == nil && info.Size() >= cutAt {
			k.ship.cut(info.Size(), func() bool { return k.cut(context.WithoutCancel(ctx)) })
		}
		return
	}
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

// cut writes all of the log back and empties it, and tells whether that was done: a reader may hold it up. The writer
// waits no longer than a moment for that.
func (k *keeper) cut(ctx context.Context) bool {
	var busy, frames, written int
	if _, err := k.db.ExecContext(ctx, "PRAGMA busy_timeout(100)"); err != nil {
		return false
	}
	err := k.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &written)
	return err == nil && busy == 0
}

// begin starts to ship, when nobody writes yet.
func (k *keeper) begin(ctx context.Context) error {
	if k.ship == nil {
		return nil
	}
	if !k.cut(ctx) {
		return errors.New("the write-ahead log cannot be cut: something else reads the database")
	}
	k.ship.begin(ctx)
	return nil
}

// close cuts the log, so that the next start finds one file.
func (k *keeper) close() error {
	if k.ship != nil {
		k.ship.close()
	}
	_, _ = k.db.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	return k.db.Close()
}
