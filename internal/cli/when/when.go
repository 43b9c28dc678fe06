// Package when reads and writes time as people do on a command line: instants, distances from now, and ages.
//
// It may be imported by the commands. Imports: fault and the standard library.
package when

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Help tells which words Parse reads, for the help of a flag.
const Help = "2h, 3d, yesterday, 14:30, 2026-06-11, or RFC 3339"

// layouts without a zone are of the zone of now.
var layouts = []string{
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
}

// Parse reads an instant in any of these forms, the zone being that of now unless the text names one:
// a distance back from now ("90s", "2h30m", "3d", "1w", with or without "ago"), "now", "today" and "yesterday" (their
// midnight), a time of today or, where that lies ahead, of yesterday ("14:30"), a date (its midnight), a date and time,
// RFC 3339, and Unix seconds with an "@" before them.
func Parse(text string, now time.Time) (time.Time, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch word {
	case "now":
		return now, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	if at, ok := distance(word, now); ok {
		return at, nil
	}
	if seconds, ok := strings.CutPrefix(word, "@"); ok {
		if n, err := strconv.ParseInt(seconds, 10, 64); err == nil && n >= 0 && n < 1e11 {
			return time.Unix(n, 0).In(now.Location()), nil
		}
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if at, err := time.Parse(layout, word); err == nil {
			at = time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), at.Second(), 0, now.Location())
			if at.After(now) {
				at = at.AddDate(0, 0, -1)
			}
			return at, nil
		}
	}
	written := strings.ToUpper(word)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00"} {
		if at, err := time.Parse(layout, written); err == nil {
			return at, nil
		}
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, written, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is not a time: write %s", text, Help)
}

const maxDays = 36_500

// distance reads how long ago something was. Days and weeks are those of the calendar, whatever the clocks did.
func distance(text string, now time.Time) (time.Time, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(text, "ago"))
	text = strings.TrimPrefix(text, "-")
	days := 0
	for _, unit := range []struct {
		name string
		days int
	}{{"w", 7}, {"d", 1}} {
		before, after, found := strings.Cut(text, unit.name)
		if !found {
			continue
		}
		n, err := strconv.Atoi(before)
		if err != nil || n < 0 || n > maxDays {
			return time.Time{}, false
		}
		days += n * unit.days
		if text = after; text == "" {
			return now.AddDate(0, 0, -days), days <= maxDays
		}
	}
	length, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || length < 0 || text == "0" {
		return time.Time{}, false
	}
	return now.AddDate(0, 0, -days).Add(-length), true
}

// Show writes an instant to the second: in UTC alone, or in the zone of now with UTC beside it.
func Show(at, now time.Time, utc bool) string {
	_, offset := at.In(now.Location()).Zone()
	if utc || offset == 0 {
		return at.UTC().Format("2006-01-02 15:04:05Z")
	}
	return at.In(now.Location()).Format("2006-01-02 15:04:05") + at.UTC().Format(" (15:04Z)")
}

// Age says how long ago an instant was, in one unit: "just now", "5m ago", "3d ago"; or "in 2h" for one ahead.
func Age(at, now time.Time) string {
	age := now.Sub(at)
	switch {
	case age <= -time.Minute:
		return "in " + span(-age)
	case age < 10*time.Second:
		return "just now"
	}
	return span(age) + " ago"
}

const day = 24 * time.Hour

func span(age time.Duration) string {
	switch {
	case age < time.Minute:
		return fmt.Sprintf("%ds", age/time.Second)
	case age < time.Hour:
		return fmt.Sprintf("%dm", age/time.Minute)
	case age < 2*day:
		return fmt.Sprintf("%dh", age/time.Hour)
	case age < 2*365*day:
		return fmt.Sprintf("%dd", age/day)
	}
	return fmt.Sprintf("%dy", age/(365*day))
}
