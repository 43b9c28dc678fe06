package integration

import (
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Reach is how far a source's first look goes back, in the configuration. It is embedded inline.
type Reach struct {
	// Backfill is how far the first look goes back: 14d unless said, 0 for none.
	Backfill string `yaml:"backfill"`
}

const (
	defaultReach = 14 * 24 * time.Hour
	longestReach = 5 * 365 * 24 * time.Hour
)

// Reach is the duration; the error is a fault of the field.
func (r *Reach) Reach() (time.Duration, error) {
	text := strings.TrimSpace(r.Backfill)
	if text == "" {
		return defaultReach, nil
	}
	days, isDays := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(days)
	reach := time.Duration(n) * 24 * time.Hour
	if !isDays && text != "0" || err != nil {
		reach, err = time.ParseDuration(text)
	}
	if err != nil || n > int(longestReach/(24*time.Hour)) || reach < 0 || reach > longestReach {
		return 0, fault.New(fault.Invalid, "is how far the first look goes back, such as 14d or 36h, at most five years; 0 for not at all")
	}
	return reach, nil
}

// ReachFaults names what is wrong with it.
func (r *Reach) ReachFaults() []fault.Fault {
	if _, err := r.Reach(); err != nil {
		return []fault.Fault{{Pointer: "/backfill", Detail: strings.TrimPrefix(err.Error(), "invalid: ")}}
	}
	return nil
}

// ReachFields is that of Reach.
func ReachFields() []Field {
	return []Field{{
		Name: "backfill", Title: "How far the first look goes back", Type: TypeText, Example: "30d", Help: "14d without it; 0 for not at all.",
	}}
}
