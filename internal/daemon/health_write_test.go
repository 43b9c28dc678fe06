package daemon

import (
	"context"
	"testing"

	"tidings.dev/tidings/fault"
)

// A client that hangs up in the middle of its write must not take the server out of service.
func TestAWriteThatWasGivenUpSaysNothing(t *testing.T) {
	t.Parallel()
	h, failed := newHealth(0), fault.New(fault.Unavailable, "the database does not answer")
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	h.wrote(gone, failed)
	if h.troubled() {
		t.Error("a write that its client gave up counts as a failure of the database")
	}
	h.wrote(t.Context(), failed)
	if !h.troubled() {
		t.Error("a write that failed by itself does not count")
	}
	h.wrote(t.Context(), nil)
	if h.troubled() {
		t.Error("a write that went well does not end the trouble")
	}
}
