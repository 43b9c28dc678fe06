package change_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

func full() change.Event {
	at := time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.UTC)
	exposure := 12.5
	return change.Event{
		ID: uuid.MustParse("0195f8a0-0000-7000-8000-000000000001"), Source: "ci", Key: `a "key"`, Kind: "deploy", Guessed: true, Phase: change.Succeeded,
		Title: "pricing 1.2 <b>é…</b> \u2028", Detail: "two\nlines\tand a \\ backslash\x01",
		Subjects:    []change.Subject{{Name: "service:pricing", Entity: 7, Outside: "github:acme/pricing"}, {Name: "x:y"}},
		Environment: "production", Region: "eu", Cluster: "one", Actor: change.Actor{Type: change.ByPerson, Name: "Ada", Via: "argo"},
		StartedAt: at, EndedAt: at.Add(time.Minute), ReceivedAt: at.Truncate(time.Second), Version: "1.2", Previous: "1.1", Commit: "abcdef0",
		Diff: []change.Diff{{Field: "replicas", Old: "2", New: "3"}, {}}, Exposure: &exposure,
		Links:  []change.Link{{Type: "diff", Title: "what", URL: "https://example.com/?a=b&c"}},
		Labels: map[string]string{"b": "2", "a": "", `"`: "\n"}, Story: "s", Dark: true,
		History: []change.PhaseChange{{Phase: change.Started, At: at, ReceivedAt: at}, {Phase: change.Succeeded, At: at, ReceivedAt: at}},
		Ramp:    []change.Exposed{{Exposure: 12.5, At: at}, {Exposure: 100, At: at}},
		SaidAt:  at.Add(time.Hour), Said: map[string]string{"version": "11772323199123456"}, Joins: []string{"commit 1234567", "version 1.1"},
		RecordedBy: "token:ci", Redacted: []string{"detail", "labels/dsn"},
	}
}

// The document is written by hand: a field that was forgotten there would be lost without a word.
func TestEveryFieldIsTried(t *testing.T) {
	t.Parallel()
	all := reflect.ValueOf(full())
	for i := range all.NumField() {
		field := all.Type().Field(i)
		if apart := field.Name == "Thread"; !apart && field.Tag.Get("json") != "-" && all.Field(i).IsZero() {
			t.Errorf("the event that is tried has no %s", field.Name)
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	least := change.Event{Source: "api", Subjects: []change.Subject{{Name: "a:b"}}, StartedAt: change.Earliest}
	for _, want := range []change.Event{full(), least} {
		document := string(want.AppendDocument(nil))
		var got, standard change.Event
		if err := got.ReadDocument(document); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back, want -, got +:\n%s", diff)
		}
		// It is the JSON that the tags say: others can read it, and so can we what was written by them.
		if err := json.Unmarshal([]byte(document), &standard); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, standard); diff != "" {
			t.Errorf("by the tags, want -, got +:\n%s", diff)
		}
		other, err := json.MarshalIndent(want, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := got.ReadDocument(string(other)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from other JSON, want -, got +:\n%s", diff)
		}
		var about []int64
		for _, subject := range want.Subjects {
			if subject.Entity != 0 {
				about = append(about, subject.Entity)
			}
		}
		for _, text := range []string{document, string(other)} {
			if ids, err := change.EntitiesIn(text); err != nil || !slices.Equal(ids, about) {
				t.Errorf("the entities are %v, %v, want %v", ids, err, about)
			}
		}
	}
}

func FuzzReadDocument(f *testing.F) {
	e := full()
	document := string(e.AppendDocument(nil))
	for _, seed := range []string{document, document[:len(document)/2], "{}", `{"id":"` + strings.Repeat("a", 36) + `"}`, `{"exposure":1e400}`, `{"started_at":"2026-02-30T00:00:00Z"}`, `{"labels":{"a":"\ud800"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		var e change.Event
		if e.ReadDocument(document) != nil {
			return
		}
		if x := e.Exposure; x != nil && *x != *x {
			t.Fatal("read a number that is none")
		}
		first := string(e.AppendDocument(nil))
		var again change.Event
		if err := again.ReadDocument(first); err != nil {
			t.Fatalf("%v: %s", err, first)
		}
		if second := string(again.AppendDocument(nil)); second != first {
			t.Errorf("not the same again:\n%s\n%s", first, second)
		}
	})
}

func BenchmarkReadDocument(b *testing.B) {
	e := full()
	document := string(e.AppendDocument(nil))
	b.ReportAllocs()
	for b.Loop() {
		if err := e.ReadDocument(document); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendDocument(b *testing.B) {
	e := full()
	var document []byte
	b.ReportAllocs()
	for b.Loop() {
		document = e.AppendDocument(document[:0])
	}
}
