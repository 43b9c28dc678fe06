package change_test

import (
	"testing"
	"time"

	"tidings.dev/tidings/change"
)

func TestParseRetention(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	ages, faults := change.ParseRetention(map[string]string{"signals": "90d", "notes": "2y", "changes": "forever", "alert": "5w", "build": "forever"})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for kind, want := range map[string]time.Duration{"alert": 35 * day, "incident": 90 * day, "note": 730 * day, "deploy": 0, "build": 0} {
		if got := ages[kind]; got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
	_, faults = change.ParseRetention(map[string]string{"signals": "7d", "deploys": "90d", "notes": "90", "changes": "-5d", "alert": "99999999999999999999d"})
	if len(faults) != 5 {
		t.Errorf("got %v", faults)
	}
}
