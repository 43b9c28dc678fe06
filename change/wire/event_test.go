package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// TestAppend holds what is written by hand against what the tags of Event say.
func TestAppend(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 28, 23, 59, 59, 123456000, time.UTC)
	exposure := 0.1
	full := change.Event{
		ID: uuid.New(), Source: "ci", Key: `a "key"`, Kind: "deploy", Guessed: true, Phase: change.Succeeded, Title: "pricing <b>é…</b>", Detail: "two\nlines\x01",
		Subjects:    []change.Subject{{Name: "service:pricing", Entity: 7, Outside: "github:acme/pricing"}, {Name: "x:y"}},
		Environment: "production", Region: "eu", Cluster: "one", Actor: change.Actor{Type: change.ByPerson, Name: "Ada", Via: "argo"},
		StartedAt: at, EndedAt: at.Add(time.Minute), ReceivedAt: at.Truncate(time.Second), Version: "1.2", Previous: "1.1", Commit: "abcdef0",
		Diff: []change.Diff{{Field: "replicas", Old: "2", New: "3"}, {}}, Exposure: &exposure,
		Links:  []change.Link{{Type: "diff", Title: "what", URL: "https://example.com/?a=b&c"}, {}},
		Labels: map[string]string{"b": "2", "a": ""}, Story: "s", Thread: uuid.New(), Dark: true,
		History: []change.PhaseChange{{Phase: change.Started, At: at, ReceivedAt: at}}, Ramp: []change.Exposed{{Exposure: 12.5, At: at}, {Exposure: 50, At: at.Add(time.Minute)}}, RecordedBy: "token:ci",
	}
	for _, e := range []change.Event{full, {}} {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(New(&e)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(Append(nil, &e))+"\n"); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	}
}
