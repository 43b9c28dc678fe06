package sqlite

import (
	"context"
	"database/sql"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestLogBeginsAnew goes on to write while the log is written back, as a busy server does.
func TestLogBeginsAnew(t *testing.T) {
	t.Parallel()
	k, db := kept(t)
	first := writtenBack(t, k, db)
	for range 6 {
		writtenBack(t, k, db)
	}
	if size := writtenBack(t, k, db); size > first*3/2 {
		t.Errorf("the log is %d bytes long after it was written back eight times, and was %d after the first", size, first)
	}
	if all := rows(t, db); all != 8*111 {
		t.Errorf("%d rows; want %d", all, 8*111)
	}
}

// writtenBack commits before, while and after the log is written back, and tells how long the file is then.
func writtenBack(t *testing.T, k *keeper, db *sql.DB) int64 {
	t.Helper()
	commit(t, k, db, 100)
	reader, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true}) // what comes after it is not written back
	if err != nil {
		t.Fatal(err)
	}
	before := rows(t, reader)
	commit(t, k, db, 10)
	k.writeBack(t.Context())
	if still := rows(t, reader); still != before {
		t.Errorf("a reader sees %d rows that saw %d before", still, before)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	k.nearly.Store(true)
	commit(t, k, db, 1)
	return logSize(t, k)
}

// kept is a database with a table, whose log is written back when the test says so.
func kept(t *testing.T) (*keeper, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), file)
	db, err := sql.Open("sqlite", address(path, writerCache, "_pragma=wal_autocheckpoint(0)"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE t (content BLOB)"); err != nil {
		t.Fatal(err)
	}
	k, err := newKeeper(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	k.pages = math.MaxInt64
	t.Cleanup(func() {
		if err := k.close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return k, db
}

// commit writes rows of most of a page one by one.
func commit(t *testing.T, k *keeper, db *sql.DB, n int) {
	t.Helper()
	for range n {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (randomblob(3000))"); err != nil {
			t.Fatal(err)
		}
		k.tend(t.Context(), 1)
	}
}

func logSize(t *testing.T, k *keeper) int64 {
	t.Helper()
	info, err := os.Stat(k.log)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func rows(t *testing.T, from interface {
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
},
) (n int) {
	t.Helper()
	if err := from.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
