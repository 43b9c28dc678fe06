package integrationtest

import (
	"testing"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
)

// Round looks from a cursor on until there is no more, and gives all that was found and the last look, whose cursor was committed.
func Round(t *testing.T, poller integration.Poller, cursor string) ([]change.Event, integration.Look) {
	t.Helper()
	var all []change.Event
	for {
		look, err := poller.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		all, cursor = append(all, look.Events...), look.Cursor
		if !look.More {
			return all, look
		}
	}
}
