package when_test

import (
	"testing"
	"time"

	"tidings.dev/tidings/internal/cli/when"
)

// FuzzParse reads anything as an instant: what is taken can be written and read again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"90s", "2h30m ago", "3d", "now", "today", "yesterday", "14:30", "2026-01-02", "2026-01-02T03:04:05Z", "@1770000000", "1w", "-1h", "999999999999999999h", "@-9223372036854775808"} {
		f.Add(text)
	}
	now := time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		at, err := when.Parse(text, now)
		if err != nil {
			return
		}
		if _, err := at.MarshalText(); err != nil {
			t.Errorf("%q is %v, which no request can carry: %v", text, at, err)
		}
	})
}
