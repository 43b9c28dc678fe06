package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // what explains

	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/sqlite"
)

// TestSeenIsFoundByItsIndex asks SQLite how it looks for what was seen: it has no statistics, and by itself prefers the index
// of kinds, by which a deploy reads every other of twenty minutes.
func TestSeenIsFoundByItsIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "tidings.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var id, parent, unused int
	var plan string
	if err := db.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+store.SeenBetween, 1, 2, 3, 4).Scan(&id, &parent, &unused, &plan); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan, "event_dark") {
		t.Errorf("got %q, want a search by event_dark", plan)
	}
}
