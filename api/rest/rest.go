// Package rest is the REST surface of Tidings: events in and out, the live stream, the roll, descriptors and the small
// lists beside them, as openapi.yaml documents them.
//
// It carries and translates; every rule is in the domain. It may be imported by internal/daemon only. Imports: the
// domain packages, access, the contract of integrations (for the state of a source) and the standard library.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/notify"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/setting"
)

// Writer takes in what is written. Every method returns after the commit; the principal is the context's.
type Writer interface {
	// Record takes all events or none, and acknowledges them in order.
	Record(ctx context.Context, events []change.Event) ([]change.Receipt, error)
	// Apply takes all statements or none.
	Apply(ctx context.Context, statements []catalog.Statement) (catalog.Applied, error)
	// Describe applies documents, or with dry only tells what would change; one outcome a document, in order.
	Describe(ctx context.Context, documents []descriptor.Document, dry bool) ([]descriptor.Outcome, error)
	// Claim says that an outside name is an entity, and tells how many past events that gave to it.
	Claim(ctx context.Context, alias string, ref catalog.Ref) (catalog.Claimed, error)
}

// Deps is what the API needs.
type Deps struct {
	Roll   *catalog.Roll
	Feed   *feed.Reader
	Writer Writer
	// Suspects ranks what could be the cause of a trouble.
	Suspects Asker
	// Incidents keeps what is in trouble, Ranked ranks what could be the cause, and IncidentPage is where a browser shows one.
	Incidents    *incident.Keeper
	Ranked       *suspect.Incidents
	IncidentPage func(number int64) string
	// Sources tells how the configured sources are doing; nil when there are none.
	Sources func(ctx context.Context) []integration.State
	// Seen tells what runs, as far as agents see it; it may be nil.
	Seen *observe.Reader
	// Hook finds a source that tools call; Deliveries keeps what they sent.
	Hook       func(source string) (Hook, bool)
	Deliveries Deliveries
	// Board is what is said in chats, and who follows what.
	Board *notify.Board
	// Jobs is what is done in the background; Replay begins to decode again what became of a source's deliveries.
	Jobs   *job.Desk
	Replay Replay
	// Settings is what can be set while the server runs.
	Settings *setting.Book
	// Desk keeps who may come in; Link is where a browser shows the secret of a one-time link.
	Desk *access.Desk
	Link func(secret string) string
	// Log is told of internal errors; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Stream is asked before a stream is opened, and told when it ends; an error refuses it. It may be nil.
	Stream func(ctx context.Context) (release func(), err error)
	// Heartbeat is how often a silent stream gives a sign of life; zero means every 15 seconds.
	Heartbeat time.Duration
}

// API is the REST surface.
type API struct {
	routes  []route
	edge    *edge
	closing context.CancelFunc
}

// New makes the API.
func New(deps Deps) *API {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	if deps.Heartbeat <= 0 {
		deps.Heartbeat = heartbeat
	}
	closed, closing := context.WithCancel(context.Background())
	api := &API{edge: &edge{log: deps.Log}, closing: closing}
	for _, resource := range []interface{ routes() []route }{
		&Events{Feed: deps.Feed, Writer: deps.Writer, Now: deps.Now},
		&Incidents{Keeper: deps.Incidents, Ranked: deps.Ranked, Feed: deps.Feed, Page: deps.IncidentPage, Now: deps.Now},
		&Stream{Feed: deps.Feed, Now: deps.Now, Heartbeat: deps.Heartbeat, enter: deps.Stream, closed: closed.Done()},
		&Suspects{Reader: deps.Suspects, Now: deps.Now},
		&Entities{Roll: deps.Roll, Feed: deps.Feed, Writer: deps.Writer, Seen: deps.Seen, Now: deps.Now},
		&Relations{Roll: deps.Roll, Now: deps.Now},
		&Descriptors{Roll: deps.Roll, Writer: deps.Writer, room: make(chan struct{}, describedAtOnce)},
		&Unclaimed{Feed: deps.Feed, Roll: deps.Roll, Writer: deps.Writer},
		&Sources{States: deps.Sources},
		&Hooks{Find: deps.Hook, Kept: deps.Deliveries},
		&Notify{deps.Board},
		&Jobs{Desk: deps.Jobs, Replay: deps.Replay},
		&Settings{Book: deps.Settings},
		&Access{Desk: deps.Desk, Feed: deps.Feed, Now: deps.Now, Link: deps.Link},
		&Reference{},
	} {
		api.routes = append(api.routes, resource.routes()...)
	}
	return api
}

// Mount adds every route, and answers what is unknown beneath /api/v1/ with a problem.
func (a *API) Mount(mux Mux) {
	byPath := map[string][]route{}
	for _, route := range a.routes {
		byPath[route.path] = append(byPath[route.path], route)
	}
	for path, routes := range byPath {
		mux.Handle(path, newResource(a.edge, routes))
	}
	mux.Handle("/api/v1/", http.HandlerFunc(a.edge.unknown))
	mux.Handle(HookPath, http.HandlerFunc(a.edge.unknown))
}

// Mux is where routes are mounted: an http.ServeMux, or what stands before one.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}

// Route is what stands at a path, for who walks all of them.
type Route struct {
	Method, Path string
	Operation    access.Operation
}

// Routes lists every route.
func (a *API) Routes() []Route {
	all := make([]Route, len(a.routes))
	for i, route := range a.routes {
		all[i] = Route{route.method, route.path, route.op}
	}
	return all
}

// Close ends every stream, so that a server that shuts down need not wait for them. Their readers resume elsewhere.
func (a *API) Close() { a.closing() }

// route is one method of one path, with all that it takes: openapi.yaml says the same, and a test compares them.
type route struct {
	method string
	op     access.Operation
	path   string   // as http.ServeMux writes it, without a method
	query  []string // the parameters that it knows
	body   int64    // the most bytes of a body, inflated; zero where none is read
	raw    bool     // the body is read as it came, and any query is let through: somebody else's format
	serve  func(http.ResponseWriter, *http.Request) error
}

// HookPath is beneath which tools deliver. Who they are is told by their signatures: no token and no cookie is asked for
// there, and what they show as one is left to the source.
const HookPath = "/hooks/"

// buffers keeps memory for answers and bodies of a usual size.
var buffers = sync.Pool{New: func() any { return new(buffer) }}
