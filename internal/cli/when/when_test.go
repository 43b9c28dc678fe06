package when_test

import (
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/when"
)

var (
	berlin = time.FixedZone("CEST", 2*60*60)
	now    = time.Date(2026, 6, 11, 14, 30, 0, 0, berlin)
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"now":                           "2026-06-11T14:30:00+02:00",
		"90s":                           "2026-06-11T14:28:30+02:00",
		"2h":                            "2026-06-11T12:30:00+02:00",
		"-2h":                           "2026-06-11T12:30:00+02:00",
		"2h ago":                        "2026-06-11T12:30:00+02:00",
		"1h 30m ago":                    "2026-06-11T13:00:00+02:00",
		"2H30M":                         "2026-06-11T12:00:00+02:00",
		"3d":                            "2026-06-08T14:30:00+02:00",
		"1w":                            "2026-06-04T14:30:00+02:00",
		"1w2d":                          "2026-06-02T14:30:00+02:00",
		"1d12h":                         "2026-06-10T02:30:00+02:00",
		"today":                         "2026-06-11T00:00:00+02:00",
		"Yesterday":                     "2026-06-10T00:00:00+02:00",
		"14:30":                         "2026-06-11T14:30:00+02:00",
		"14:31":                         "2026-06-10T14:31:00+02:00",
		"09:15:20":                      "2026-06-11T09:15:20+02:00",
		"2026-06-01":                    "2026-06-01T00:00:00+02:00",
		"2026-06-01 03:04":              "2026-06-01T03:04:00+02:00",
		"2026-06-01T03:04:05":           "2026-06-01T03:04:05+02:00",
		"2026-06-01t03:04:05z":          "2026-06-01T03:04:05Z",
		"2026-06-01 03:04:05.5+05:30":   "2026-06-01T03:04:05.5+05:30",
		"2026-06-01T03:04:05.123456Z":   "2026-06-01T03:04:05.123456Z",
		"@1781181000":                   "2026-06-11T14:30:00+02:00",
		" 2h ":                          "2026-06-11T12:30:00+02:00",
		"2026-06-11T14:31:02.000-07:00": "2026-06-11T14:31:02-07:00",
	} {
		got, err := when.Parse(text, now)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
		} else if got.Format(time.RFC3339Nano) != want {
			t.Errorf("Parse(%q) = %s, want %s", text, got.Format(time.RFC3339Nano), want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "soon", "2", "0", "d", "ago", "99999999d", "25:00", "2026-13-01", "2026-06-32", "1d2w", "@", "@-1", "--2h", "1e9h", "2026"} {
		if got, err := when.Parse(text, now); !fault.Is(err, fault.Invalid) {
			t.Errorf("Parse(%q) = %s, %v; want an invalid fault", text, got, err)
		}
	}
}

// A day is one of the calendar: clocks that were put forward in between do not shift the hour.
func TestParseDaylight(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	got, err := when.Parse("1d", time.Date(2026, 3, 29, 12, 0, 0, 0, zone))
	if want := time.Date(2026, 3, 28, 12, 0, 0, 0, zone); err != nil || !got.Equal(want) {
		t.Errorf("Parse(1d) = %s, %v; want %s", got, err, want)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 11, 23, 5, 9, 999, time.UTC)
	for _, tt := range []struct {
		now  time.Time
		utc  bool
		want string
	}{
		{now, false, "2026-06-12 01:05:09 (23:05Z)"},
		{now, true, "2026-06-11 23:05:09Z"},
		{now.UTC(), false, "2026-06-11 23:05:09Z"},
	} {
		if got := when.Show(at, tt.now, tt.utc); got != tt.want {
			t.Errorf("Show(%s, utc %t) = %q, want %q", tt.now.Location(), tt.utc, got, tt.want)
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for ago, want := range map[time.Duration]string{
		-3 * time.Hour: "in 3h", -time.Second: "just now", 0: "just now", 12 * time.Second: "12s ago", 59 * time.Minute: "59m ago",
		47 * time.Hour: "47h ago", 49 * time.Hour: "2d ago", 400 * 24 * time.Hour: "400d ago", 800 * 24 * time.Hour: "2y ago",
	} {
		if got := when.Age(now.Add(-ago), now); got != want {
			t.Errorf("Age(%s) = %q, want %q", ago, got, want)
		}
	}
}
