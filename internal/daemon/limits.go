package daemon

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"strconv"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/limit"
	"tidings.dev/tidings/internal/request"
)

// Limits bounds what one principal, and one source, may have from this server. Zero bounds nothing. They are generous:
// they keep one that went wrong from taking what is there for all. Without a login there is one principal, and no limit.
type Limits struct {
	// Requests of one principal; of one address where nobody is logged in.
	Requests Rate `yaml:"requests"`
	// Events that one principal tells of, and that are told of one source.
	Events       Rate `yaml:"events"`
	SourceEvents Rate `yaml:"source_events"`
	// GraphCost is what the questions of one principal may cost, about as many values as are written.
	GraphCost Rate `yaml:"graph_cost"`
	// Streams is how many one principal has open.
	Streams int `yaml:"streams"`
}

// Rate is so many a second, and so many at once.
type Rate struct {
	PerSecond float64 `yaml:"per_second"`
	Burst     int     `yaml:"burst"`
}

func defaultLimits() Limits {
	return Limits{
		Requests:     Rate{PerSecond: 500, Burst: 5_000},
		Events:       Rate{PerSecond: 5_000, Burst: 100_000},
		SourceEvents: Rate{PerSecond: 5_000, Burst: 100_000},
		GraphCost:    Rate{PerSecond: 200_000, Burst: 12_000_000}, // of the dearest question two a second
		Streams:      200,
	}
}

// limits are those of the configuration, unless everybody is one and the same.
func (d *Daemon) limits() Limits {
	if d.config.NoLogin {
		return Limits{}
	}
	return d.config.Limits
}

// The limits by name, as metrics and the log have them.
const (
	limitRequests     = "requests"
	limitEvents       = "events"
	limitSourceEvents = "source_events"
	limitGraphCost    = "graph_cost"
	limitStreams      = "streams"
)

// limiter holds what everybody has left.
type limiter struct {
	requests, events, sourceEvents, graphCost *limit.Buckets
	streams                                   *limit.Count
	told                                      *limit.Buckets // one line of the log for each key now and then
	refused                                   func(limit string)
}

func newLimiter(l Limits, refused func(string)) *limiter {
	buckets := func(what string, r Rate) *limit.Buckets { return limit.NewBuckets(what, limit.Rate(r)) }
	return &limiter{
		requests: buckets("requests", l.Requests), events: buckets("events", l.Events), sourceEvents: buckets("events of this source", l.SourceEvents),
		graphCost: buckets("values", l.GraphCost), streams: limit.NewCount("streams", l.Streams),
		told: buckets("", Rate{PerSecond: 1.0 / 60, Burst: 1}), refused: refused,
	}
}

// key is whose bucket a request draws from: the principal's, or that of the address where nobody is logged in.
func key(ctx context.Context) string {
	who := access.From(ctx)
	if who.Known() {
		return who.String()
	}
	return "address:" + network(request.From(ctx).Client)
}

// network is what counts as one address: an IPv6 host owns at least a /64.
func network(client netip.Addr) string {
	client = client.Unmap().WithZone("")
	if client.Is6() {
		if prefix, err := client.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return client.String()
}

// note counts a refusal and logs the first of a minute.
func (l *limiter) note(ctx context.Context, name, key string, err error) error {
	if err == nil {
		return nil
	}
	l.refused(name)
	if l.told.Take(name+" "+key, 1) == nil {
		slog.WarnContext(ctx, "somebody is over a limit", "limit", name, "who", key, "again_in", fault.RetryAfter(err))
	}
	return err
}

// guard bounds the requests of everybody. Health is asked for by machines that must be told the truth.
func (l *limiter) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		if r.RequestURI == "*" {
			refuse(w, http.StatusBadRequest, "there is nothing at *") // the mux would say so without a word
			return
		}
		who := key(r.Context())
		if err := l.note(r.Context(), limitRequests, who, l.requests.Take(who, 1)); err != nil {
			known, _ := errors.AsType[*fault.Error](err)
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
			refuse(w, http.StatusTooManyRequests, known.Detail)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Events is asked by the door before events are taken in. What Tidings itself looks for it paces itself.
func (l *limiter) Events(ctx context.Context, sources map[string]int) error {
	who := access.From(ctx)
	if who.Type == access.System || who.Type == access.Source {
		return nil
	}
	all := 0
	for _, n := range sources {
		all += n
	}
	name := key(ctx)
	if err := l.note(ctx, limitEvents, name, l.events.Take(name, all)); err != nil {
		return err
	}
	for source, n := range sources {
		if err := l.note(ctx, limitSourceEvents, source, l.sourceEvents.Take(source, n)); err != nil {
			return err
		}
	}
	return nil
}

// Cost is asked before a question of GraphQL is answered.
func (l *limiter) Cost(ctx context.Context, cost int) error {
	name := key(ctx)
	return l.note(ctx, limitGraphCost, name, l.graphCost.Take(name, cost))
}

// Stream is asked before a stream is opened; release ends it.
func (l *limiter) Stream(ctx context.Context) (release func(), err error) {
	name := key(ctx)
	release, err = l.streams.Enter(name)
	return release, l.note(ctx, limitStreams, name, err)
}
