package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
	"tidings.dev/tidings/store/storetest"
)

var noon = time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)

func quiet(string, int64, int64) {}

func embedded(t *testing.T) backup.Place { return backup.Place{Directory: t.TempDir()} }

func server(t *testing.T) backup.Place { return backup.Place{URL: storetest.PostgresURL(t)} }

// each runs a test for every pair of engines.
func each(t *testing.T, test func(t *testing.T, from, to backup.Place)) {
	t.Helper()
	engines := map[string]func(*testing.T) backup.Place{"sqlite": embedded, "postgres": server}
	for from, source := range engines {
		for to, target := range engines {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				test(t, source(t), target(t))
			})
		}
	}
}

func open(t *testing.T, place backup.Place) *store.Store {
	t.Helper()
	var s *store.Store
	var err error
	if place.URL != "" {
		s, err = postgres.Open(t.Context(), place.URL)
	} else {
		s, err = sqlite.Open(t.Context(), place.Directory)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func event(i int) change.Event {
	e := change.Event{
		Source: "ci", Key: fmt.Sprint(i), Kind: "deploy", Title: fmt.Sprintf("pricing 1.%d \"\\ \t \u2028 é 😀", i),
		StartedAt: noon.Add(time.Duration(i) * time.Second), ReceivedAt: noon, Labels: map[string]string{"build": fmt.Sprint(i)},
		Actor:    change.Actor{Type: change.ByPerson, Name: fmt.Sprintf("Ana %d", i%7)},
		Subjects: []change.Subject{{Name: "service:pricing", Entity: 1}, {Name: "github:acme/lost"}},
	}
	e.Normalize(noon.Add(1000*time.Hour), "")
	return e
}

func describe(t *testing.T, s *store.Store, description string) {
	t.Helper()
	statement, err := catalog.Statement{
		Ref: catalog.Ref{Kind: catalog.Service, Name: "pricing"}, Source: catalog.Source{Name: "people", Rank: catalog.People},
		Claims: []catalog.Claim{catalog.Say(catalog.FieldDescription, description)},
	}.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(t.Context(), []catalog.Statement{statement}, "person:ana", noon, nil); err != nil {
		t.Fatal(err)
	}
}

// fill writes a service and events up to a number.
func fill(t *testing.T, s *store.Store, from, to int) {
	t.Helper()
	describe(t, s, "Prices a cart.")
	var events []change.Event
	for i := from; i < to; i++ {
		events = append(events, event(i))
	}
	if _, err := s.Append(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

// keys are those of all events from the source ci, newest first.
func keys(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	var after change.Cursor
	for {
		page, err := s.Feed(t.Context(), change.Filter{Sources: []string{"ci"}}, after, 500, false)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Events {
			all = append(all, page.Events[i].Key)
		}
		if page.Next == (change.Cursor{}) {
			return all
		}
		after = page.Next
	}
}

func closed(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// What was acknowledged before a backup began is in it, whatever is written meanwhile, and nothing of it in part.
func TestABackupUnderLoadIsRestored(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from, to backup.Place) {
		s := open(t, from)
		const before = 3000
		fill(t, s, 0, before)
		ctx, stop := context.WithCancel(t.Context())
		writing, written := make(chan struct{}), make(chan error)
		go func() {
			for i := before; ctx.Err() == nil; i += 10 {
				var group []change.Event
				for j := range 10 {
					group = append(group, event(i+j))
				}
				if _, err := s.Append(context.WithoutCancel(ctx), group); err != nil {
					written <- err
					return
				}
				if i == before {
					close(writing)
				}
			}
			written <- nil
		}()
		<-writing
		var archive bytes.Buffer
		report, err := backup.Write(t.Context(), from, "", "test", &archive, quiet)
		stop()
		if err := errors.Join(err, <-written); err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		content := archive.Bytes()
		if _, err := backup.Verify(t.Context(), bytes.NewReader(content), t.TempDir(), quiet); err != nil {
			t.Fatalf("verify: %v", err)
		}
		restored, err := backup.Restore(t.Context(), bytes.NewReader(content), to, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if restored.Rows != report.Rows || report.Rows == 0 {
			t.Errorf("restored %d rows of %d", restored.Rows, report.Rows)
		}
		copied := open(t, to)
		defer closed(t, copied)
		got := keys(t, copied)
		if len(got) < before+10 || len(got)%10 != 0 {
			t.Errorf("the backup has %d events: at least %d were acknowledged before it, in groups of ten", len(got), before+10)
		}
		for i, key := range got {
			if want := fmt.Sprint(len(got) - 1 - i); key != want {
				t.Fatalf("event %d: got %s, want %s", i, key, want)
			}
		}
		if page, err := copied.Feed(t.Context(), change.Filter{Sources: []string{"ci"}}, change.Cursor{}, 1, false); err != nil || page.Events[0].Title != event(len(got)-1).Title {
			t.Errorf("the title: got %+v, %v", page.Events, err)
		}
		// It goes on as a database like any other.
		fill(t, copied, len(got), len(got)+5)
		if again := keys(t, copied); len(again) != len(got)+5 {
			t.Errorf("after more writes: got %d events, want %d", len(again), len(got)+5)
		}
		if roll := catalog.NewRoll(copied); func() bool { _, err := roll.Refresh(t.Context()); return err != nil || roll.Len(catalog.Service) != 1 }() {
			t.Error("the roll did not come along")
		}
	})
}

func archived(t *testing.T, from backup.Place) []byte {
	t.Helper()
	var archive bytes.Buffer
	if _, err := backup.Write(t.Context(), from, "", "test", &archive, quiet); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func TestADamagedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	from := embedded(t)
	s := open(t, from)
	fill(t, s, 0, 500)
	closed(t, s)
	whole := archived(t, from)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"empty":            nil,
		"something else":   []byte(strings.Repeat("PK\x03\x04", 100)),
		"cut in half":      whole[:len(whole)/2],
		"cut near the end": whole[:len(whole)-300],
		"a bit is wrong":   flipped,
	} {
		to := embedded(t)
		if _, err := backup.Restore(t.Context(), bytes.NewReader(content), to, quiet); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
		if _, err := sqlite.Open(t.Context(), to.Directory); name == "cut in half" && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: a server opens what was restored in part: %v", name, err)
		}
	}
}

// errKilled stands for the end of a process.
var errKilled = errors.New("killed")

// breaking fails after so many bytes.
type breaking struct {
	io.Reader
	left int
}

func (b *breaking) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errKilled
	}
	n, err := b.Reader.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func TestABrokenOffRestoreGoesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from, to backup.Place) {
		s := open(t, from)
		fill(t, s, 0, 9000)
		closed(t, s)
		archive := archived(t, from)
		for _, part := range []int{4, 2} {
			_, err := backup.Restore(t.Context(), &breaking{bytes.NewReader(archive), len(archive) - len(archive)/part}, to, quiet)
			if err == nil {
				t.Fatal("a broken archive was restored")
			}
		}
		if _, err := backup.Restore(t.Context(), bytes.NewReader(archived(t, from)), to, quiet); !fault.Is(err, fault.Conflict) {
			t.Errorf("another archive into the same target: got %v, want a conflict", err)
		}
		if _, err := backup.Restore(t.Context(), bytes.NewReader(archive), to, quiet); err != nil {
			t.Fatal(err)
		}
		copied := open(t, to)
		defer closed(t, copied)
		if got := len(keys(t, copied)); got != 9000 {
			t.Errorf("got %d events", got)
		}
	})
}

func TestAMoveGoesOnAndIsCompared(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from, to backup.Place) {
		s := open(t, from)
		fill(t, s, 0, 9000)
		if _, err := backup.Move(t.Context(), from, to, quiet); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("beside a running server: got %v, want it refused", err)
		}
		closed(t, s)
		ctx, kill := context.WithCancel(t.Context())
		_, err := backup.Move(ctx, from, to, func(table string, done, _ int64) {
			if table == "event" && done >= 4000 {
				kill()
			}
		})
		if err == nil {
			t.Fatal("the move was not broken off")
		}
		began := int64(-1)
		report, err := backup.Move(t.Context(), from, to, func(table string, done, _ int64) {
			if table == "event" && began < 0 {
				began = done
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if began <= 4000 {
			t.Errorf("the second attempt began anew, with %d events", began)
		}
		if report.Rows < 9000 {
			t.Errorf("moved %d rows", report.Rows)
		}
		copied := open(t, to)
		if got := len(keys(t, copied)); got != 9000 {
			t.Errorf("got %d events", got)
		}
		closed(t, copied)
		if _, err := backup.Move(t.Context(), from, to, quiet); !fault.Is(err, fault.Conflict) {
			t.Errorf("into what is not empty: got %v, want a conflict", err)
		}
	})
}

// What the source recorded between two attempts may lie before what was copied: it has to be noticed.
func TestAMoveNoticesThatItsSourceWentOn(t *testing.T) {
	t.Parallel()
	from, to := embedded(t), embedded(t)
	s := open(t, from)
	fill(t, s, 0, 5000)
	closed(t, s)
	ctx, kill := context.WithCancel(t.Context())
	_, err := backup.Move(ctx, from, to, func(table string, _, _ int64) {
		if table == "event" {
			kill()
		}
	})
	if err == nil {
		t.Fatal("the move was not broken off")
	}
	s = open(t, from)
	describe(t, s, "Prices a cart, and more.") // which changes a row that was copied
	closed(t, s)
	if _, err := backup.Move(t.Context(), from, to, quiet); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v, want a conflict", err)
	}
}

func TestSavedFilesAreWholeOrNotThere(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.tar.zst")
	save := func(err error) error {
		return backup.Save(t.Context(), name, backup.Remote{}, nil, func(w io.Writer) error {
			_, _ = w.Write([]byte("half"))
			return err
		})
	}
	if err := save(errKilled); !errors.Is(err, errKilled) {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(name)); err != nil || len(entries) != 0 {
		t.Errorf("something stayed behind: %v, %v", entries, err)
	}
	if err := save(nil); err != nil {
		t.Fatal(err)
	}
	content, err := backup.Load(t.Context(), name, backup.Remote{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if got, _ := io.ReadAll(content); string(got) != "half" {
		t.Errorf("got %q", got)
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"sqlite:/var/lib/tidings":                       "sqlite:/var/lib/tidings",
		"postgres://u:secret@db.example:5432/tidings?x": "postgres://db.example:5432/tidings",
	} {
		place, err := backup.ParsePlace("--to", text)
		if err != nil || place.String() != want {
			t.Errorf("%s: got %s, %v", text, place, err)
		}
	}
	for _, text := range []string{"", "sqlite:", "mysql://x", "/var/lib/tidings", "env:TIDINGS_NOT_SET"} {
		if _, err := backup.ParsePlace("--to", text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
