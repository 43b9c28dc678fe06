package incident

import (
	"testing"

	"tidings.dev/tidings/change"
)

// What a tool calls its own incident in the title is left out of the name of ours, and nothing else is.
func TestATitleHasOneNumber(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"INC-482: checkout is slow": "checkout is slow", "[#482] checkout is slow": "checkout is slow", "#482: checkout is slow": "checkout is slow",
		"INC-7 – checkout is slow": "checkout is slow", "checkout is slow": "checkout is slow",
		"INC-4820: it is back": "INC-4820: it is back", "INC-482:": "INC-482:", "482 errors a minute": "482 errors a minute", "P95-482: slow": "P95-482: slow", "": "",
	} {
		e := change.Event{
			Title: title, Labels: map[string]string{"incident": "INC-482", "number": "482"}, Links: []change.Link{{Type: "incident", Title: "INC-7"}, {Type: "alert", Title: "P95-482"}},
		}
		if got := titleOf(&e); got != want {
			t.Errorf("%q is called %q, want %q", title, got, want)
		}
	}
}
