package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/graph"
	"tidings.dev/tidings/api/login"
	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/api/rpc"
	"tidings.dev/tidings/api/scim"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/view"
)

// Time limits of the server. A stream sets its own deadline for each write.
const (
	headerTime = 10 * time.Second
	readTime   = 2 * time.Minute
	idleTime   = 2 * time.Minute
	// Until here an answer that ends is written: the longest writes take a minute, and what is large is on its way for long.
	writeTime = 5 * time.Minute
)

func (d *Daemon) newServer(ctx context.Context) (*http.Server, error) {
	mux := &router{mux: http.NewServeMux()}
	d.router = mux
	seen := &observe.Reader{Store: d.store, Interpreters: d.door.Interpreters}
	restAPI := rest.New(rest.Deps{
		Suspects: d.suspects, Incidents: d.keeper, Ranked: d.ranked, IncidentPage: d.incidentURL,
		Roll: d.roll, Feed: d.reader, Writer: door{d.door, d.metrics}, Sources: d.states, Seen: seen, Hook: d.called, Deliveries: d.store, Settings: d.book, Stream: d.limiter.Stream,
		Desk: d.desk, Link: d.LinkURL, Jobs: d.sourceBook.Jobs, Replay: d.sourceBook.ReplayAll, Board: d.board(), Now: d.config.clock(),
	})
	restAPI.Mount(mux)
	graphAPI := graph.New(graph.Deps{
		Suspects: d.suspects, Incidents: d.keeper, Ranked: d.ranked,
		Board: d.board(),
		Views: &view.Shelf{Store: d.store, Now: time.Now},
		Roll:  d.roll, Feed: d.reader, Writer: d.door, Sources: d.sourceBook, Jobs: d.sourceBook.Jobs, Seen: seen, Cost: d.metrics.graphCost,
		Spend: d.limiter.Cost, Stream: d.limiter.Stream,
		Installation: graph.Installation{Runtime: runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH, Database: d.config.engine(), StartedAt: time.Now().UTC()},
		Version:      Version, Organisation: d.organisationNow, NoLogin: d.config.NoLogin, Desk: d.desk,
	})
	graphAPI.Mount(mux)
	guard := d.newGuard(d.limiter.guard(routed(mux.mux)))
	ways, err := d.newLogin(guard.cookies)
	if err != nil {
		return nil, err
	}
	d.start(func() { ways.Run(ctx) })
	for pattern, handler := range ways.Routes() {
		mux.open(pattern, access.Public, handler)
	}
	for pattern, handler := range scim.New(d.desk).Routes() {
		mux.open(pattern, access.Provision, handler)
	}
	for _, route := range rpc.New(seeing{d.door, d.metrics}, nil).Routes() {
		mux.ask(route.Pattern, route.Operation, route.Handler)
	}
	d.mountHealth(mux)
	d.mountSupport(mux)
	mux.open("/", access.Public, newPage(&previews{
		roll: d.roll, log: d.reader.Store, incidents: d.keeper, organisation: d.organisationNow, public: d.config.public(), noLogin: d.config.NoLogin,
	}).ServeHTTP)
	server := &http.Server{
		Handler:           d.edge(guard),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	// gRPC needs HTTP/2, which a proxy speaks to us without encryption; browsers never do.
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	// Streams would otherwise hold up the end.
	server.RegisterOnShutdown(restAPI.Close)
	server.RegisterOnShutdown(graphAPI.Close)
	return server, nil
}

// incidentURL is where a browser shows an incident.
func (d *Daemon) incidentURL(number int64) string {
	base := d.URL()
	if public := d.config.public(); public != nil {
		base = public.String()
	}
	return base + "/i/" + strconv.FormatInt(number, 10)
}

// newGuard makes what stands before every route.
func (d *Daemon) newGuard(next http.Handler) *guard {
	g := &guard{
		next: next, desk: d.desk, csrf: http.NewCrossOriginProtection(), public: d.config.public(),
		noLogin: d.config.NoLogin, where: d.URL, instead: d.config.authenticate, againEvery: cmp.Or(d.config.againEvery, againEvery),
	}
	if g.public != nil {
		_ = g.csrf.AddTrustedOrigin(g.public.Scheme + "://" + g.public.Host) // Validate saw that it is one
	}
	g.cookies = &login.Cookies{Public: g.public}
	return g
}

// engine is the database, for people.
func (c *Config) engine() string {
	if c.DatabaseURL != "" {
		return "PostgreSQL"
	}
	return "SQLite"
}

// codes are those of what the server refuses by itself.
var codes = map[int]fault.Code{
	http.StatusUnauthorized:       fault.Unauthenticated,
	http.StatusForbidden:          fault.Forbidden,
	http.StatusNotFound:           fault.NotFound,
	http.StatusTooManyRequests:    fault.RateLimited,
	http.StatusServiceUnavailable: fault.Unavailable,
}

func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	body, _ := json.Marshal(map[string]any{ // strings and a number
		"type": "about:blank", "title": http.StatusText(status), "status": status, "code": cmp.Or(codes[status], fault.Invalid), "detail": detail,
	})
	_, _ = w.Write(body) // the client may have gone
}

// metricsFor reports whether somebody may read the metrics without being anybody: on this machine, unless a proxy stands
// there that speaks for others.
func (d *Daemon) metricsFor(r *http.Request) bool {
	if d.config.Metrics == metricsOpen {
		return true
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && loopback(host) && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
