package backup_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/store/sqlite"
)

func depot(t *testing.T, name string) *backup.Depot {
	t.Helper()
	d, err := backup.NewDepot(name, backup.Remote{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// recovered are the keys of what a depot gives, newest first.
func recovered(t *testing.T, from sqlite.Depot) []string {
	t.Helper()
	place := embedded(t)
	if _, err := sqlite.Recover(t.Context(), from, place.Directory); err != nil {
		t.Fatal(err)
	}
	s := open(t, place)
	defer closed(t, s)
	return keys(t, s)
}

func unbroken(t *testing.T, got []string) {
	t.Helper()
	for i, key := range got {
		if want := fmt.Sprint(len(got) - 1 - i); key != want {
			t.Fatalf("event %d: got %s, want %s", i, key, want)
		}
	}
}

// Whenever the machine is lost, what was shipped is a database of one instant shortly before.
func TestShippedAtAnyMoment(t *testing.T) {
	t.Parallel()
	place, shipped := embedded(t), t.TempDir()
	s, err := sqlite.Ship(t.Context(), place.Directory, depot(t, shipped))
	if err != nil {
		t.Fatal(err)
	}
	describe(t, s, "Prices a cart.")
	ctx, stop := context.WithCancel(t.Context())
	var written atomic.Int64
	done := make(chan error)
	go func() {
		for i := 0; ctx.Err() == nil && i < 10_000; i += 200 {
			var group []change.Event
			for j := range 200 {
				e := event(i + j)
				e.Detail = strings.Repeat("0123456789", 1500) // so that the log is cut now and then
				group = append(group, e)
			}
			if _, err := s.Append(context.WithoutCancel(ctx), group); err != nil {
				done <- err
				return
			}
			written.Store(int64(i + 200))
		}
		done <- nil
	}()
	seen, logs := 0, 0
	for range 3 {
		before := int(written.Load())
		// The loss of the machine: what the depot has at this moment. Looked at until everything from before came.
		for {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(shipped)); err != nil {
				t.Fatal(err)
			}
			if names, err := depot(t, copied).List(t.Context()); err != nil || !strings.Contains(strings.Join(names, " "), ".db.zst") {
				time.Sleep(20 * time.Millisecond)
				continue
			}
			got := recovered(t, depot(t, copied))
			unbroken(t, got)
			if len(got) < seen || len(got)%200 != 0 {
				t.Fatalf("%d events, after %d", len(got), seen)
			}
			if seen = len(got); seen >= before {
				break
			}
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	names, err := depot(t, shipped).List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.Contains(name, "-000000000000.wal") {
			logs++
		}
	}
	if got := recovered(t, depot(t, shipped)); int64(len(got)) != written.Load() {
		t.Errorf("after an orderly end: got %d events of %d", len(got), written.Load())
	}
	t.Logf("%d events in %d epochs and %d files", written.Load(), logs, len(names))
}

// A second run begins a line of its own; a gap in what was shipped ends what can be used, and damage is noticed.
func TestShippedLinesGapsAndDamage(t *testing.T) {
	t.Parallel()
	place, shipped := embedded(t), t.TempDir()
	for run := range 2 {
		s, err := sqlite.Ship(t.Context(), place.Directory, depot(t, shipped))
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s, run*500, run*500+500)
		for {
			names, err := depot(t, shipped).List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(strings.Join(names, " "), ".db.zst") == run+1 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		closed(t, s)
	}
	if got := recovered(t, depot(t, shipped)); len(got) != 1000 {
		t.Errorf("got %d events, want 1000", len(got))
	}
	segments, err := filepath.Glob(shipped + "/*/*.wal.zst")
	if err != nil || len(segments) < 2 {
		t.Fatalf("segments: %v, %v", segments, err)
	}
	last := segments[len(segments)-1]
	whole, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(last, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Recover(t.Context(), depot(t, shipped), t.TempDir()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a damaged segment: got %v", err)
	}
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	unbroken(t, recovered(t, depot(t, shipped)))
	if _, err := sqlite.Recover(t.Context(), depot(t, t.TempDir()), t.TempDir()); !fault.Is(err, fault.NotFound) {
		t.Errorf("an empty depot: got %v", err)
	}
	if _, err := sqlite.Recover(t.Context(), depot(t, shipped), place.Directory); !fault.Is(err, fault.Conflict) {
		t.Errorf("over a database: got %v", err)
	}
}

// away is a depot that does not answer for a while.
type away struct {
	*backup.Depot
	gone atomic.Bool
}

func (a *away) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if a.gone.Load() {
		return errKilled
	}
	return a.Depot.Put(ctx, name, write)
}

// Writers do not wait for a depot that does not answer, and what it missed comes when it is back.
func TestShippingGoesOnWhenTheDepotIsBack(t *testing.T) {
	t.Parallel()
	place, to := embedded(t), &away{Depot: depot(t, t.TempDir())}
	to.gone.Store(true)
	s, err := sqlite.Ship(t.Context(), place.Directory, to)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		fill(t, s, i*500, i*500+500)
	}
	to.gone.Store(false)
	for {
		names, err := to.List(t.Context())
		if err == nil && strings.Contains(strings.Join(names, " "), ".db.zst") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	closed(t, s)
	if got := recovered(t, to); len(got) != 1000 {
		t.Errorf("got %d events", len(got))
	}
}
