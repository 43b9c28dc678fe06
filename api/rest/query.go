package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
)

// Bounds of a query.
const (
	maxValues    = catalog.MaxFilterValues // of one parameter
	maxLimit     = 1000
	defaultLimit = 50
)

// query reads the parameters of a request, and gathers the faults of all of them. A parameter without a value counts
// as absent.
type query struct {
	values url.Values
	now    time.Time
	faults []fault.Fault
}

// newQuery reads a query that checkQuery let through.
func newQuery(r *http.Request, now time.Time) *query {
	q := &query{now: now}
	if r.URL.RawQuery != "" {
		q.values = r.URL.Query()
	}
	return q
}

func (q *query) fault(name, format string, args ...any) {
	q.faults = append(q.faults, fault.Fault{Pointer: name, Detail: fmt.Sprintf(format, args...)})
}

// err names every fault so far.
func (q *query) err() error { return fault.InvalidInput("query", q.faults) }

// list is every value of a parameter that may be repeated, or hold several joined by commas.
func (q *query) list(name string) []string {
	var items []string
	for _, value := range q.values[name] {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
		if len(items) > maxValues {
			q.fault(name, "has more than %d values", maxValues)
			return nil
		}
	}
	return items
}

// one is the value of a parameter that is given once; empty when it is absent.
func (q *query) one(name string) string {
	values := q.values[name]
	if len(values) > 1 {
		q.fault(name, "is given %d times: once is enough", len(values))
	}
	if len(values) == 0 {
		return ""
	}
	return strings.TrimSpace(values[0])
}

// flag is a switch: 1 or true, 0 or false, and true when it stands alone.
func (q *query) flag(name string) bool {
	if _, given := q.values[name]; !given {
		return false
	}
	switch value := strings.ToLower(q.one(name)); value {
	case "", "1", "true", "yes":
		return true
	case "0", "false", "no":
		return false
	default:
		q.fault(name, "is 1 or 0, not %q", clip(value))
		return false
	}
}

// number is a whole number within bounds, or the fallback when the parameter is absent.
func (q *query) number(name string, least, most, fallback int) int {
	text := q.one(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		q.fault(name, "is a whole number from %d to %d, not %q", least, most, clip(text))
		return fallback
	}
	return n
}

func (q *query) limit() int { return q.number("limit", 1, maxLimit, defaultLimit) }

// instant is a time: RFC 3339, Unix in a unit that its size tells, or relative to now as in "-24h"; zero when absent.
func (q *query) instant(name string) time.Time {
	text := q.one(name)
	if text == "" {
		return time.Time{}
	}
	at, err := parseInstant(text, q.now)
	if err != "" {
		q.fault(name, "%q %s", clip(text), err)
	}
	return at
}

const (
	errInstant = "is not a time: write RFC 3339 such as 2026-06-11T14:31:02Z, a Unix time, or -24h for a day ago"
	errUnit    = "lies before 1970 or after 2200: is the unit right?"
)

// latest is beyond any honest question, and within what the store can count.
var latest = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// parseInstant reads a time; the second result says what is wrong with it.
func parseInstant(text string, now time.Time) (time.Time, string) {
	at, ok := parseUnix(text)
	if !ok {
		at, ok = parseRelative(text, now)
	}
	if !ok {
		// A plus that was not escaped in the address arrives as a space.
		if n := len(text); n > 6 && text[n-6] == ' ' {
			text = text[:n-6] + "+" + text[n-5:]
		}
		var err error
		if at, err = time.Parse(time.RFC3339Nano, strings.ToUpper(text)); err != nil {
			return time.Time{}, errInstant
		}
	}
	if at.Unix() < 0 || at.After(latest) {
		return time.Time{}, errUnit
	}
	return at.UTC().Truncate(time.Microsecond), ""
}

// parseUnix tells the unit by the size: today is about 1.8e9 s, 1.8e12 ms, 1.8e15 µs, 1.8e18 ns.
func parseUnix(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || text[0] == '+' {
		return time.Time{}, false
	}
	switch {
	case n < 1e11:
		return time.Unix(n, 0), true
	case n < 1e14:
		return time.UnixMilli(n), true
	case n < 1e17:
		return time.UnixMicro(n), true
	}
	return time.Unix(0, n), true
}

// parseRelative reads "24h" and "-24h" alike as a day ago; besides Go's units it takes d for days and w for weeks.
func parseRelative(text string, now time.Time) (time.Time, bool) {
	text = strings.TrimPrefix(strings.ToLower(text), "-")
	if text == "now" {
		return now, true
	}
	var ago time.Duration
	if n := len(text); n > 1 && (text[n-1] == 'd' || text[n-1] == 'w') {
		days, err := strconv.ParseUint(text[:n-1], 10, 16)
		if err != nil {
			return time.Time{}, false
		}
		ago = time.Duration(days) * 24 * time.Hour
		if text[n-1] == 'w' {
			ago *= 7
		}
	} else {
		var err error
		if ago, err = time.ParseDuration(text); err != nil || ago < 0 {
			return time.Time{}, false
		}
	}
	return now.Add(-ago), true
}

// feedParams are the parameters of a filter of events.
var feedParams = []string{
	"service", "team", "system", "tag", "entity", "kind", "class", "phase", "environment", "actor", "actor_type",
	"source", "q", "dark", "since", "until", "with", "depth",
}

// feed reads a filter of events.
func (q *query) feed() feed.Query {
	f := feed.Query{
		Services: q.list("service"), Teams: q.list("team"), Systems: q.list("system"), Tags: q.list("tag"), Entities: q.list("entity"),
	}
	f.Kinds, f.Environments, f.Actors, f.Sources = q.list("kind"), q.list("environment"), q.list("actor"), q.list("source")
	for _, class := range q.list("class") {
		f.Classes = append(f.Classes, change.Class(class))
	}
	for _, phase := range q.list("phase") {
		f.Phases = append(f.Phases, change.Phase(phase))
	}
	for _, actor := range q.list("actor_type") {
		f.ActorTypes = append(f.ActorTypes, change.ActorType(strings.ToLower(actor)))
	}
	f.Text, f.Dark, f.Since, f.Until = q.one("q"), q.flag("dark"), q.instant("since"), q.instant("until")
	f.Depth = q.number("depth", 1, feed.MaxDepth, 0)
	for _, with := range q.list("with") {
		if with != "dependencies" {
			q.fault("with", "takes dependencies, not %q", clip(with))
		} else if f.Depth == 0 {
			f.Depth = 1
		}
	}
	if f.Depth > 0 && len(f.Services)+len(f.Teams)+len(f.Systems)+len(f.Tags)+len(f.Entities) == 0 {
		q.fault("depth", "needs a service, team, system, tag or entity to start from")
	}
	return f
}

// scope resolves a filter of events against the roll.
func (q *query) scope(reader *feed.Reader) (feed.Scope, error) {
	f := q.feed()
	if err := q.err(); err != nil {
		return feed.Scope{}, err
	}
	return reader.Resolve(f)
}

// cursor reads a place in the log.
func (q *query) cursor() change.Cursor {
	cursor, err := change.ParseCursor(q.one("cursor"))
	if err != nil {
		q.fault("cursor", "was not made by this server: start again without it")
	}
	return cursor
}
