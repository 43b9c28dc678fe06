package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// keeper writes the write-ahead log back into the file. Most of that is done beside the writer; what was written meanwhile is
// left to the writer, so that the log begins anew within the file that it has: to write over what is there lets a commit
// wait for the disk half as long as to make a file longer.
type keeper struct {
	db  *sql.DB
	log string
	// pages is after how many, as far as they are known, the log is written back.
	pages   int64
	written atomic.Int64
	busy    atomic.Bool
	nearly  atomic.Bool // little is left, which is the writer's to do
	ship    *shipper    // nil where nothing is shipped
}

func newKeeper(path string, depot Depot) (*keeper, error) {
	db, err := sql.Open("sqlite", address(path, readerCache))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	k := &keeper{db: db, log: path + "-wal", pages: checkpointPages}
	if depot != nil {
		k.ship = newShipper(depot, path)
	}
	return k, nil
}

// tend counts what was written, and writes the log back when there is much of it. The writer waits for it.
func (k *keeper) tend(ctx context.Context, rows int) {
	ctx = context.WithoutCancel(ctx)
	if k.ship != nil {
		if info, err := os.Stat(k.log); err == nil && info.Size() >= cutAt {
			k.ship.cut(info.Size(), func() bool { return k.cut(ctx) })
		}
		return
	}
	if k.nearly.CompareAndSwap(true, false) {
		// Where readers hold it up, the log goes on, and is tried again after as many pages.
		_, _ = k.checkpoint(ctx, "RESTART", shortWait)
	}
	if k.written.Add(int64(rows+pagesOfCommit)) < k.pages || !k.busy.CompareAndSwap(false, true) {
		return
	}
	k.written.Store(0)
	if info, err := os.Stat(k.log); err == nil && info.Size() > longestLog {
		_, _ = k.checkpoint(ctx, "TRUNCATE", longWait)
		k.busy.Store(false)
		return
	}
	go func() {
		defer k.busy.Store(false)
		k.writeBack(ctx)
		k.nearly.Store(true)
	}()
}

// writeBack writes the log back beside the writer, again and again until little came meanwhile.
func (k *keeper) writeBack(ctx context.Context) {
	for before := 0; ; {
		c, err := k.checkpoint(ctx, "PASSIVE", 0)
		if err != nil || c.written-before <= fewPages {
			return
		}
		before = c.written
	}
}

// checkpointed is what a checkpoint came to.
type checkpointed struct {
	busy, pages, written int // whether somebody held it up, the pages in the log, and how many of them are in the file
}

// checkpoint writes the log back, and waits for others at most so long.
func (k *keeper) checkpoint(ctx context.Context, mode string, wait time.Duration) (checkpointed, error) {
	var c checkpointed
	if _, err := k.db.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout(%d)", wait.Milliseconds())); err != nil {
		return c, err
	}
	err := k.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&c.busy, &c.pages, &c.written)
	return c, err
}

// cut writes all of the log back and empties it, and tells whether that was done: a reader may hold it up. The writer
// waits no longer than a moment for that.
func (k *keeper) cut(ctx context.Context) bool {
	c, err := k.checkpoint(ctx, "TRUNCATE", shortWait)
	return err == nil && c.busy == 0
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
	_, _ = k.checkpoint(context.Background(), "TRUNCATE", longWait)
	return k.db.Close()
}
