package backup_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/tools/txtar"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/store"
)

var update = flag.Bool("update", false, "write testdata of the newest schema anew; only before it is released")

// testdata/schema-N.txtar is the unpacked backup of a database with the schema of that number. Those of released
// schemas are never changed.
func golden(schema int64) string { return fmt.Sprintf("testdata/schema-%04d.txtar", schema) }

// Every released schema, with data in it, comes up to date on both engines, and what was in it is there.
func TestUpgradeFromEverySchema(t *testing.T) {
	t.Parallel()
	newest, err := store.Newest()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		place := embedded(t)
		s := open(t, place)
		past(t, s)
		closed(t, s)
		unpack(t, archived(t, place), golden(newest))
	}
	files, err := filepath.Glob("testdata/schema-*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema to upgrade from: %v", err)
	}
	for _, file := range files {
		for engine, place := range map[string]func(*testing.T) backup.Place{"sqlite": embedded, "postgres": server} {
			t.Run(filepath.Base(file)+" on "+engine, func(t *testing.T) {
				t.Parallel()
				to := place(t)
				if _, err := backup.Restore(t.Context(), pack(t, file), to, quiet); err != nil {
					t.Fatalf("%v\nWhere a schema that is not released was changed: go test ./internal/backup -run Upgrade -update", err)
				}
				s := open(t, to)
				defer closed(t, s)
				builds := kindsFilled(t, s)
				if len(builds) != 4 {
					t.Errorf("got %d builds, not 4", len(builds))
				}
				if got := keys(t, s); !slices.Equal(got, []string{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0"}) {
					t.Errorf("the events: got %v", got)
				}
				roll := catalog.NewRoll(s)
				if _, err := roll.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				e, ok := roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"})
				if !ok || e.Description != "Prices a cart." {
					t.Errorf("the service: got %+v", e)
				}
				fill(t, s, 10, 12)
				if got := keys(t, s); len(got) != 12 {
					t.Errorf("after more writes: got %v", got)
				}
				again, err := s.Append(t.Context(), []change.Event{event(3)})
				if err != nil || again[0].Status == change.Recorded {
					t.Errorf("a retry from before the upgrade: got %+v, %v", again, err)
				}
			})
		}
	}
}

// kindsFilled gives the events of one kind of the service, before and after a job told old rows of which kind they are, which
// has to be the same.
func kindsFilled(t *testing.T, s *store.Store) []string {
	t.Helper()
	if j, err := s.Job(t.Context(), job.Kinds, "log"); err != nil || j.State != job.Waiting {
		t.Errorf("the job that fills in the kinds: %+v, %v", j, err)
	}
	builds := func() []string {
		found, err := s.Latest(t.Context(), change.Latest{Entities: []int64{1}, Kinds: []string{"build"}, Since: noon.Add(-time.Hour), Until: noon.Add(time.Hour), Each: 9})
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Feed(t.Context(), change.Filter{Entities: []int64{1}, Kinds: []string{"build"}}, change.Cursor{}, 9, false)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for i := range found {
			keys = append(keys, found[i].Key)
		}
		if !slices.EqualFunc(found, page.Events, func(a, b change.Event) bool { return a.ID == b.ID }) {
			t.Errorf("the feed has %d builds, and not the %d that are the latest", len(page.Events), len(found))
		}
		return keys
	}
	before := builds()
	for again, want := range []int{18, 0} {
		n, _, more, err := s.FillKinds(t.Context(), store.Subject{})
		if err != nil || more || n != want {
			t.Errorf("filled in, for the %d. time: %d, %t, %v", again+1, n, more, err)
		}
	}
	if after := builds(); !slices.Equal(before, after) {
		t.Errorf("the builds were %v and are %v", before, after)
	}
	return before
}

// past is the data of each schema: a service, ten events of it, a story, a storm, and a name from outside.
func past(t *testing.T, s *store.Store) {
	t.Helper()
	fill(t, s, 0, 10)
	var events []change.Event
	for i := range 4 {
		storm := change.Event{
			Source: "kubernetes", Key: fmt.Sprint("scale-", i), Kind: "scale", Title: "pricing scaled", StartedAt: noon.Add(time.Duration(i) * time.Second),
			ReceivedAt: noon, Actor: change.Actor{Type: change.ByAutomation, Name: "hpa"}, Subjects: []change.Subject{{Name: "service:pricing", Entity: 1}},
		}
		story := storm
		story.Source, story.Key, story.Kind, story.Title, story.Story = "pipeline", fmt.Sprint("step-", i), "build", "pricing built", "build-7"
		events = append(events, storm, story)
	}
	for i := range events {
		events[i].Normalize(noon.Add(time.Hour), "")
	}
	if _, err := s.Append(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, archive []byte, to string) {
	t.Helper()
	pressed, err := zstd.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	defer pressed.Close()
	files := tar.NewReader(pressed)
	text := &txtar.Archive{Comment: []byte("The unpacked backup of a small database, to upgrade from.\n")}
	for {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		text.Files = append(text.Files, txtar.File{Name: file.Name, Data: content})
	}
	if err := os.WriteFile(to, txtar.Format(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func pack(t *testing.T, name string) io.Reader {
	t.Helper()
	text, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	pressed, err := zstd.NewWriter(&archive)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewWriter(pressed)
	for _, file := range text.Files {
		err := files.WriteHeader(&tar.Header{Name: file.Name, Size: int64(len(file.Data)), Mode: 0o600})
		if err == nil {
			_, err = files.Write(file.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), pressed.Close()); err != nil {
		t.Fatal(err)
	}
	return &archive
}
