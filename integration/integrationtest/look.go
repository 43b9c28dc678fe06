package integrationtest

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Answer is what a tool answers to a request, always with the status 200.
type Answer func(*http.Request) []byte

// RoundTrip answers at once.
func (a Answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a(r))), Request: r}, nil
}

// mostLooks bounds a tool that has always more.
const mostLooks = 5

// Look looks at a tool that answers whatever comes: it never panics, errors say that it is not as documented, and events
// are fit for the log. It gives them.
func Look(t *testing.T, poller integration.Poller) []change.Event {
	t.Helper()
	var all []change.Event
	var look integration.Look
	for range mostLooks {
		var err error
		look, err = poller.Poll(t.Context(), look.Cursor)
		if err != nil && !fault.Is(err, fault.Unavailable) {
			t.Fatalf("got %v, want what says that it is not documented", err)
		}
		all = append(all, look.Events...)
		if err != nil || !look.More {
			break
		}
	}
	fit(t, "looked at", all, time.Now())
	return all
}
