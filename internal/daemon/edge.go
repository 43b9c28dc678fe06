package daemon

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/internal/request"
)

// slowAnswer is how long an answer may take before it is worth a line in the log.
const slowAnswer = 2 * time.Second

// exchange is a request and its answer, as the outermost layer sees them.
type exchange struct {
	http.ResponseWriter
	metrics *metrics
	route   string // the pattern that answered; empty where something before it did
	status  int
	bytes   int64
	stream  bool
	dropped bool
}

type exchangeKey struct{}

// edge is the outermost layer: it gives every request its id, finds out who sent it, bounds what its body may take, and
// counts and logs what became of it.
func (d *Daemon) edge(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		info := d.proxies.Describe(r)
		info.ID = requestID(r, d.proxies)
		w.Header().Set("X-Request-Id", info.ID)
		if d.health.drains() {
			w.Header().Set("Connection", "close") // the next request of this client goes elsewhere
		}
		x := &exchange{ResponseWriter: w, metrics: d.metrics}
		ctx, span := d.span(r, &info)
		ctx = request.With(context.WithValue(ctx, exchangeKey{}, x), &info)
		ctx, share := d.budget.Open(ctx)
		r = r.WithContext(ctx)
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = share.Body(r.Body)
		}
		d.metrics.inFlight.Inc()
		defer func() {
			share.Close()
			d.metrics.inFlight.Dec()
			x.end(ctx, r, &info, time.Since(began))
			x.trace(span, r.Method)
		}()
		next.ServeHTTP(x, r)
	})
}

// routed tells the outermost layer which route answered.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if x, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
			x.route = pattern(r.Pattern)
		}
	})
}

// pattern is a route without its method, which is a label of its own.
func pattern(text string) string {
	if _, path, found := strings.Cut(text, " "); found {
		return path
	}
	return text
}

// requestID is that of a trusted proxy, so that its log and ours tell of the same request, or a new one.
func requestID(r *http.Request, proxies request.Proxies) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 64 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" || !proxies.Sent(r) {
		return uuid.NewString()
	}
	return id
}

// WriteHeader notes the status, and that a stream begins.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= http.StatusOK {
		x.status = status
		if status == http.StatusOK && strings.HasPrefix(x.Header().Get("Content-Type"), "text/event-stream") {
			x.stream = true
			x.metrics.openStreams.Inc()
		}
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write counts what is written.
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	n, err := x.ResponseWriter.Write(p)
	x.bytes += int64(n)
	x.dropped = x.dropped || tooSlow(err)
	return n, err
}

// ReadFrom keeps the quick way from a file to the connection.
func (x *exchange) ReadFrom(from io.Reader) (int64, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	n, err := io.Copy(x.ResponseWriter, from)
	x.bytes += n
	return n, err
}

// FlushError sends what was written, and notes when nobody took it in time.
func (x *exchange) FlushError() error {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	err := http.NewResponseController(x.ResponseWriter).Flush()
	x.dropped = x.dropped || tooSlow(err)
	return err
}

// Flush is FlushError for those who do not ask.
func (x *exchange) Flush() { _ = x.FlushError() }

// Hijack hands the connection over.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(x.ResponseWriter).Hijack()
}

// Unwrap gives http.ResponseController the deadlines.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// knownMethod is a method as a label: a client may write anything there.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// end counts and logs the answer.
func (x *exchange) end(ctx context.Context, r *http.Request, info *request.Info, took time.Duration) {
	route, method := x.route, knownMethod(r.Method)
	if route == "" {
		route = "none"
	}
	if x.status == 0 {
		x.status = http.StatusOK // as net/http answers what a handler leaves
		if r.Context().Err() != nil {
			x.status = statusGone
		}
	}
	if x.stream {
		x.metrics.openStreams.Dec()
		x.metrics.streams.WithLabelValues(route).Inc()
		if x.dropped {
			x.metrics.streamsCut.WithLabelValues(route).Inc()
		}
	} else {
		x.metrics.answered(route, method, x.status, took)
	}
	level, text := slog.LevelDebug, "answered"
	switch {
	case x.status >= http.StatusInternalServerError && x.status != http.StatusServiceUnavailable:
		level, text = slog.LevelWarn, "answered with a failure"
	case x.status == http.StatusServiceUnavailable:
		level, text = slog.LevelInfo, "refused for now"
	case !x.stream && took > slowAnswer:
		level, text = slog.LevelWarn, "answered slowly"
	}
	// The query is left out: it can hold what nobody should read.
	slog.Log(ctx, level, text, "method", method, "route", route, "path", r.URL.Path, "status", x.status, //nolint:sloglint // each text is a constant
		"bytes", x.bytes, "took", took, "client", info.Client)
}

// statusGone marks requests whose client hung up before the answer; nginx made the number known.
const statusGone = 499
