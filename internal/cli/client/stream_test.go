package client

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
)

var errEnough = errors.New("enough")

// A stream goes on after the last id that was dispatched, through silence, broken connections, half messages and a
// server that is not there for a while.
func TestStream(t *testing.T) {
	t.Parallel()
	var asked, got []string
	answers := []string{
		"retry: 10\nid: 7\n\n", // ends before anything happened
		"id: 7\n\n: a comment\n\nid: 8\ndata: one\n\ndata: half", // the half one never ended
		"",
		"id: 8\r\n\r\nid: 9\r\ndata: two\r\ndata:  lines\r\n\r\n: heartbeat\r\nid: 12\r\n\r\n",
		"id: 12\n\nid: 13\ndata:\n\nevent: x\nid: 14\ndata: three\n\n",
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Last-Event-Id"))
		answer := answers[len(asked)-1]
		if answer == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, answer)
	})
	opened, lost, found := 0, 0, 0
	err := c.Stream(t.Context(), "stream", nil, Listener{
		Opened: func() error { opened++; return nil },
		Message: func(m Message) error {
			got = append(got, m.ID+" "+string(m.Data))
			if m.ID == "14" {
				return errEnough
			}
			return nil
		},
		Lost:  func(error) { lost++ },
		Found: func() { found++ },
	})
	if !errors.Is(err, errEnough) {
		t.Errorf("Stream: %v, want the listener's error", err)
	}
	if diff := cmp.Diff([]string{"", "7", "8", "8", "12"}, asked); diff != "" {
		t.Errorf("resumed after (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"8 one", "9 two\n lines", "13 ", "14 three"}, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if opened != 1 || lost != 3 || found != 3 {
		t.Errorf("opened %d, lost %d, found %d times; want 1, 3, 3", opened, lost, found)
	}
}

// What waiting cannot mend ends a stream.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	for code, status := range map[fault.Code]int{fault.Invalid: 400, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.Unavailable: 503} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			problem(w, status, fmt.Sprintf(`{"code": %q, "detail": "no"}`, code))
		})
		if err := c.Stream(t.Context(), "stream", nil, Listener{}); !fault.Is(err, code) {
			t.Errorf("Stream at %d: %v, want %s", status, err, code)
		}
	}
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "id: 1\n\n")
	})
	if err := c.Stream(t.Context(), "stream", nil, Listener{Opened: func() error { return errEnough }}); !errors.Is(err, errEnough) {
		t.Errorf("Stream: %v, want the error of Opened", err)
	}
}
