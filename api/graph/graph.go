// Package graph serves the roll and the log as GraphQL: queries and mutations by POST /graphql, subscriptions there too,
// as server-sent events. The schema is schema.graphqls; the executor beneath is generated from it.
//
// Resolvers only translate: the rules live in catalog, change and feed, and writes go through the door of ingest.
// Imports: access, catalog, catalog/descriptor, change, feed, fault, integration, source, view. Only the daemon imports it.
package graph

//go:generate go tool gqlgen generate

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/notify"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/source"
	"tidings.dev/tidings/view"
)

// Writer is the door into the roll. The principal of a write is that of its context.
type Writer interface {
	// Apply takes statements in: all of them, or none. What is wrong with one is an Invalid fault.
	Apply(ctx context.Context, statements []catalog.Statement) (catalog.Applied, error)
	// Describe applies documents; the mistakes of a document are in its outcome. A dry run changes nothing.
	Describe(ctx context.Context, documents []descriptor.Document, dry bool) ([]descriptor.Outcome, error)
	// Claim says that an outside name is an entity, and tells how many past events that gave it. It is NotFound when
	// there is no such entity, and a Conflict when another has the name.
	Claim(ctx context.Context, alias string, ref catalog.Ref) (catalog.Claimed, error)
}

// Deps is what the API stands on.
type Deps struct {
	Roll   *catalog.Roll
	Feed   *feed.Reader
	Writer Writer
	// Suspects ranks what could be the cause of a trouble.
	Suspects Asker
	// Incidents keeps what is in trouble, and Ranked ranks what could be the cause.
	Incidents *incident.Keeper
	Ranked    *suspect.Incidents
	// Version is that of the program.
	Version string
	// Installation tells of the server, for people.
	Installation Installation
	// Organisation is whose installation this is, for people; it may be empty.
	Organisation func() string
	// NoLogin says that everyone is the administrator.
	NoLogin bool
	// Desk knows who can log in; it is not asked while login is off.
	Desk *access.Desk
	// Jobs is what is done in the background; it may be nil.
	Jobs *job.Desk
	// Sources are the configured sources; it may be nil.
	Sources *source.Book
	// Board is what is said in chats, and who follows what.
	Board *notify.Board
	// Views are the saved views of the lists.
	Views *view.Shelf
	// Seen tells what runs, as far as agents see it; it may be nil.
	Seen *observe.Reader
	// Cost is told what each operation would cost (query, mutation or subscription); it may be nil.
	Cost func(operation string, cost int)
	// Spend is asked before an operation of a cost is answered: an error refuses it. It may be nil.
	Spend func(ctx context.Context, cost int) error
	// Stream is asked before a stream is opened, and told when it ends; an error refuses it. It may be nil.
	Stream func(ctx context.Context) (release func(), err error)
}

// API answers GraphQL requests.
type API struct {
	deps         Deps
	exec         *executor.Executor
	environments environments
	recency      recency
	streams      atomic.Int64
	heartbeat    time.Duration
	compress     func(http.Handler) http.HandlerFunc

	ending context.Context // of the streams
	end    context.CancelFunc
}

// New makes the API; Mount makes it answer.
func New(deps Deps) *API {
	a := &API{deps: deps, heartbeat: heartbeat, compress: compressing()}
	a.ending, a.end = context.WithCancel(context.Background())
	schema := NewExecutableSchema(Config{Resolvers: resolvers{a}})
	a.exec = executor.New(schema)
	a.exec.SetErrorPresenter(present)
	a.exec.SetRecoverFunc(recovered)
	a.exec.SetParserTokenLimit(maxTokens)
	known := newDocuments()
	a.exec.SetQueryCache(known)
	a.exec.Use(extension.Introspection{})
	a.exec.Use(overlaps{known: known})
	a.exec.Use(guard{})
	a.exec.Use(limits{schema: schema, told: deps.Cost, spend: deps.Spend})
	a.exec.Use(perResponse{store: deps.Feed.Store})
	return a
}

// Close ends every subscription, so that a server that shuts down need not wait for them. Their readers resume elsewhere.
func (a *API) Close() { a.end() }

// Mount serves POST /graphql. Whoever mounts it has put the principal into the context of every request.
func (a *API) Mount(mux Mux) { mux.Handle("POST /graphql", http.HandlerFunc(a.serve)) }

// Mux is where the API is mounted: an http.ServeMux, or what stands before one.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}

// resolvers leads the generated code to the resolvers of each type.
type resolvers struct{ *API }

func (r resolvers) Query() QueryResolver               { return queries(r) }
func (r resolvers) Mutation() MutationResolver         { return mutations(r) }
func (r resolvers) Subscription() SubscriptionResolver { return subscriptions(r) }
func (r resolvers) Entity() EntityResolver             { return entities(r) }
func (r resolvers) EntityPage() EntityPageResolver     { return entityPages(r) }
func (r resolvers) Incident() IncidentResolver         { return incidents(r) }
func (r resolvers) Unclaimed() UnclaimedResolver       { return unclaimed(r) }
func (r resolvers) Source() SourceResolver             { return sourceNodes(r) }

type (
	queries       struct{ *API }
	mutations     struct{ *API }
	subscriptions struct{ *API }
	entities      struct{ *API }
	entityPages   struct{ *API }
	incidents     struct{ *API }
	unclaimed     struct{ *API }
	sourceNodes   struct{ *API }
)

// perResponse gives each response its own batches and its own budget; a subscription has many responses.
type perResponse struct{ store feed.Store }

var _ interface {
	graphql.HandlerExtension
	graphql.ResponseInterceptor
} = perResponse{}

// ExtensionName and Validate make it an extension of the executor.
func (perResponse) ExtensionName() string { return "PerResponse" }

// Validate has nothing to check.
func (perResponse) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse puts what one response shares into its context.
func (p perResponse) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	shared := &response{newest: newestEvents{store: p.store}}
	shared.left.Store(maxEntities)
	return next(context.WithValue(ctx, responseKey{}, shared))
}

type responseKey struct{}

// response is what the resolvers of one response share.
type response struct {
	newest newestEvents
	left   atomic.Int64 // entities that it may still hold

	asking sync.Mutex
	asked  feed.Conditions // nil until somebody asked
}

// conditions are those of one response: all of it tells of the same instant.
func (r *response) conditions(ctx context.Context, reader *feed.Reader) (feed.Conditions, error) {
	r.asking.Lock()
	defer r.asking.Unlock()
	if r.asked == nil {
		var err error
		if r.asked, err = reader.Conditions(ctx, time.Now()); err != nil {
			return nil, err
		}
	}
	return r.asked, nil
}

func responseOf(ctx context.Context) *response {
	shared, ok := ctx.Value(responseKey{}).(*response)
	if !ok {
		return &response{}
	}
	return shared
}
