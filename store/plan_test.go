package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // what explains

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/sqlite"
)

// TestFewAreFoundByTheirIndex asks SQLite how it looks for what is few: it has no statistics, and by itself prefers the index of kinds,
// by which a deploy reads every other of twenty minutes, and how entities are is read out of every change of a week.
func TestFewAreFoundByTheirIndex(t *testing.T) {
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
	signals, changes := []change.Class{change.ClassSignal}, []change.Class{change.ClassChange}
	started, failed := []change.Phase{change.Started}, []change.Phase{change.Failed}
	for _, look := range []struct{ what, text, index string }{
		{"what was seen", store.SeenBetween, "event_dark"},
		{"signals that last", store.Looked(&change.Filter{Classes: signals, Phases: started}), "event_open"},
		{"rollouts", store.Looked(&change.Filter{Kinds: []string{"deploy", "rollback"}, Phases: started}), "event_open"},
		{"changes that failed", store.Looked(&change.Filter{Classes: changes, Phases: failed}), "event_failed"},
		{"drills that failed", store.Looked(&change.Filter{Kinds: []string{"drill"}, Phases: failed}), "event_kind"},
		{"signals", store.Looked(&change.Filter{Classes: signals}), "event_kind"},
	} {
		var id, parent, unused int
		var plan string
		args := make([]any, strings.Count(look.text, "$"))
		if err := db.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+look.text, args...).Scan(&id, &parent, &unused, &plan); err != nil {
			t.Fatalf("%s: %v", look.what, err)
		}
		if !strings.Contains(plan, look.index) {
			t.Errorf("%s: got %q, want a search by %s", look.what, plan, look.index)
		}
	}
}
