package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"tidings.dev/tidings/fault"
)

var update = flag.Bool("update", false, "rewrite the wanted parts of the fixtures and the tables of docs/events.md")

// fixture is a request and what comes of it: headers, body, and events or faults, with the warnings, in one file.
type fixture struct {
	archive *txtar.Archive
	header  http.Header
	body    []byte
}

func readFixture(t testing.TB, path string) fixture {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{archive: archive, header: http.Header{}}
	for _, file := range archive.Files {
		switch file.Name {
		case "headers":
			header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(file.Data, '\n')))).ReadMIMEHeader()
			if err != nil {
				t.Fatal(path, err)
			}
			f.header = http.Header(header)
		case "body":
			f.body = file.Data
		}
	}
	return f
}

// outcome is what a fixture wants: JSON that people can review, without what changes from run to run.
func outcome(t testing.TB, f fixture) (string, []byte) {
	t.Helper()
	batch, err := Read(f.header, f.body, noon)
	var got struct {
		Error    string        `json:"error,omitempty"`
		Events   []Event       `json:"events,omitempty"`
		Faults   []fault.Fault `json:"faults,omitempty"`
		Warnings []fault.Fault `json:"warnings,omitempty"`
	}
	if err != nil {
		var e *fault.Error
		if !errors.As(err, &e) || len(batch.Events) > 0 {
			t.Fatalf("not a fault alone: %v, %v", err, batch)
		}
		got.Faults = e.Faults
		if len(e.Faults) == 0 {
			got.Error = e.Error()
		}
	}
	for i := range batch.Events {
		event := New(&batch.Events[i])
		if event.Key == event.ID.String() {
			event.Key = "(its id)"
		}
		clear(event.ID[:])
		got.Events = append(got.Events, event)
	}
	got.Warnings = batch.Warnings
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(got); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(out.String(), "      \"id\": \"00000000-0000-0000-0000-000000000000\",\n", "")
	if err != nil {
		return "faults", []byte(text)
	}
	return "events", []byte(text)
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			f := readFixture(t, path)
			name, got := outcome(t, f)
			var want txtar.File
			kept := f.archive.Files[:0]
			for _, file := range f.archive.Files {
				if file.Name == "events" || file.Name == "faults" {
					want = file
				} else {
					kept = append(kept, file)
				}
			}
			if *update {
				f.archive.Files = append(kept, txtar.File{Name: name, Data: got})
				if err := os.WriteFile(path, txtar.Format(f.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want.Name+"\n"+string(want.Data), name+"\n"+string(got)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}
