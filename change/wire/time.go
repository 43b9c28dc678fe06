package wire

import (
	"errors"
	"math/big"
	"strings"
	"time"
)

// layouts are the written times that can mean only one instant: all name their zone.
var layouts = [...]string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999Z0700", // CloudWatch, Lambda, GoCD
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 -0700", // GitLab
	"2006-01-02 15:04:05.999999999 -07:00",
	"2006-01-02 15:04:05.999999999 UTC", // GitLab
	time.RFC1123Z,
	"Mon, 02 Jan 2006 15:04:05 GMT",
}

var (
	errTime = errors.New("is not a time: write RFC 3339 such as 2026-06-11T14:31:02Z, or a Unix time in seconds, milliseconds, microseconds or nanoseconds")
	errZone = errors.New("has no time zone, so it could be several instants: add Z for UTC or an offset such as +02:00")
)

// parseTime reads a written or Unix time. The zero time of Go, which some tools send for "not yet", is the zero Time.
func parseTime(s string, unit time.Duration) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 {
		return time.Time{}, errTime
	}
	if isNumber(s) {
		return unixTime(s, unit)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly, "Jan 2, 2006 3:04:05 PM"} {
		if _, err := time.Parse(layout, s); err == nil {
			return time.Time{}, errZone
		}
	}
	if up := strings.ToUpper(s); up != s && len(s) > 10 && (s[10] == 't' || s[len(s)-1] == 'z') {
		return parseTime(up, unit) // RFC 3339 allows both cases, Go only one
	}
	return time.Time{}, errTime
}

func isNumber(s string) bool {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && !strings.ContainsRune("+-.eE", rune(s[i])) {
			return false
		}
	}
	// 2026-06-11 has these characters too.
	return strings.LastIndexByte(s, '-') <= 0 || strings.ContainsAny(s, "eE")
}

// unixTime tells the unit by the size, unless it is known: today is about 1.8e9 s, 1.8e12 ms, 1.8e15 µs, 1.8e18 ns.
func unixTime(s string, unit time.Duration) (time.Time, error) {
	whole, ok := wholeNumber(s)
	var rest *big.Rat
	if !ok {
		if e := strings.IndexAny(s, "eE"); e >= 0 && len(s)-e > 4 {
			return time.Time{}, errTime // 1e999999999 would be a gigabyte
		}
		if rest, ok = new(big.Rat).SetString(s); !ok {
			return time.Time{}, errTime
		}
		float, _ := rest.Float64()
		if float > 9.2e18 || float < -9.2e18 {
			return time.Time{}, errTime
		}
		whole = int64(float)
	}
	if unit == 0 {
		switch size := max(whole, -whole); {
		case size < 1e11:
			unit = time.Second
		case size < 1e14:
			unit = time.Millisecond
		case size < 1e17:
			unit = time.Microsecond
		default:
			unit = time.Nanosecond
		}
	}
	if rest == nil {
		perSecond := int64(time.Second / unit)
		return time.Unix(whole/perSecond, whole%perSecond*int64(unit)).UTC(), nil
	}
	nanos := rest.Mul(rest, new(big.Rat).SetInt64(int64(unit)))
	n := new(big.Int).Quo(nanos.Num(), nanos.Denom())
	seconds, fraction := new(big.Int).QuoRem(n, big.NewInt(int64(time.Second)), new(big.Int))
	if !seconds.IsInt64() {
		return time.Time{}, errTime
	}
	return time.Unix(seconds.Int64(), fraction.Int64()).UTC(), nil
}

// wholeNumber reads up to 18 digits.
func wholeNumber(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 19 {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' || n > 900_000_000_000_000_000 {
			return 0, false
		}
		n = n*10 + int64(digits[i]-'0')
	}
	if digits != s {
		n = -n
	}
	return n, true
}

// startTime is the time at which Harness says that a run began, or zero.
func (v *value) startTime() time.Time {
	at, err := parseTime(v.get("startTime").text, 0)
	if err != nil {
		return time.Time{}
	}
	return at
}
