// Package rpc is what agents speak to: Connect, which is gRPC, gRPC-Web and JSON over HTTP in one handler.
//
// It carries and translates; every rule is in the domain. It may be imported by internal/daemon only. Imports: access,
// fault, observe and the standard library; beneath it agentv1 is the generated code, which agents import as well.
package rpc

//go:generate go -C ../../tools/protobuf run . ../../api/rpc/proto ../.. tidings.dev/tidings tidings/agent/v1/agent.proto

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/rpc/agentv1"
	"tidings.dev/tidings/api/rpc/agentv1/agentv1connect"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/request"
	"tidings.dev/tidings/observe"
)

// Door takes in what is seen. Both methods return after the commit; the principal is the context's.
type Door interface {
	// Open begins a session.
	Open(ctx context.Context, opening observe.Opening) (observe.Opened, error)
	// Observe works in a batch, and tells how many events that made.
	Observe(ctx context.Context, source string, batch observe.Batch) (int, error)
}

// API is what agents speak to.
type API struct {
	door    Door
	log     *slog.Logger
	handler http.Handler
	refuse  *connect.ErrorWriter
}

// New makes the API. A log that is nil is slog.Default().
func New(door Door, log *slog.Logger) *API {
	if log == nil {
		log = slog.Default()
	}
	a := &API{door: door, log: log}
	options := connect.WithHandlerOptions(connect.WithReadMaxBytes(observe.MaxBytes))
	_, a.handler = agentv1connect.NewObserverServiceHandler(a, options)
	a.refuse = connect.NewErrorWriter(options)
	return a
}

// Route is a pattern of the server's mux, with the operation that it performs.
type Route struct {
	Pattern   string
	Operation access.Operation
	Handler   http.Handler
}

// Routes lists every route. Each asks for its operation by itself, and refuses in the words of the client's protocol.
func (a *API) Routes() []Route {
	var routes []Route
	for _, procedure := range []string{agentv1connect.ObserverServiceOpenProcedure, agentv1connect.ObserverServiceSendProcedure} {
		routes = append(routes, Route{"POST " + procedure, access.Observe, http.HandlerFunc(a.serve)})
	}
	return routes
}

// serve asks who it is and whether there is memory for the body, before anything of it is read.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	err := access.Check(r.Context(), access.Observe)
	if err == nil {
		err = request.ShareOf(r.Context()).Take(inflated(r))
	}
	supported := spoken(r)
	if encoding := r.Header.Get("Content-Encoding"); err == nil && encoding != "" && encoding != "gzip" && encoding != "identity" {
		err = fault.New(fault.Invalid, "this Content-Encoding is not read: send gzip or none")
	}
	if err == nil && supported {
		r.Body = &body{r.Body, a}
		a.handler.ServeHTTP(&later{w}, r)
		return
	}
	if err == nil {
		err = fault.New(fault.Invalid, "send application/proto, application/json, or what gRPC and gRPC-Web send")
		w.Header().Set("Accept-Post", "application/json, application/proto")
	}
	refused := a.fault(r.Context(), "", err)
	for key, values := range refused.Meta() {
		w.Header()[key] = values
	}
	if refused.Code() == connect.CodeUnauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if !supported {
		r = r.Clone(r.Context())
		r.Header.Set("Content-Type", "application/json") // in whatever else it was asked, the answer is JSON
	}
	_ = a.refuse.Write(w, r, refused) // the client may have gone
}

// spoken reports whether a request is in one of the protocols.
func spoken(r *http.Request) bool {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset, said := parameters["charset"]; err != nil || len(parameters) > 1 || said && !strings.EqualFold(charset, "utf-8") || !said && len(parameters) > 0 {
		return false
	}
	switch kind {
	case "application/json", "application/proto", "application/grpc", "application/grpc+proto", "application/grpc+json",
		"application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json":
		return true
	}
	return false
}

// body gives the errors of reading a code: else they would be taken for ours.
type body struct {
	io.ReadCloser
	api *API
}

// Read reads.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return n, err
	}
	if _, known := errors.AsType[*fault.Error](err); !known {
		err = fault.New(fault.Invalid, "the body cannot be read")
	}
	return n, b.api.fault(context.Background(), "", err)
}

// later says when to come back, where Connect itself refused a body that is too large.
type later struct{ http.ResponseWriter }

// WriteHeader adds what is missing.
func (l *later) WriteHeader(status int) {
	if status == http.StatusTooManyRequests && l.Header().Get("Retry-After") == "" {
		l.Header().Set("Retry-After", "60")
	}
	l.ResponseWriter.WriteHeader(status)
}

// Flush sends what was written: gRPC needs it.
func (l *later) Flush() { _ = http.NewResponseController(l.ResponseWriter).Flush() }

// Unwrap gives http.ResponseController the deadlines.
func (l *later) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// inflated is how much a body may grow beyond what is read of the connection, which is counted there.
func inflated(r *http.Request) int {
	plain := r.Header.Get("Content-Encoding") == "" && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
	if plain {
		return 0
	}
	return observe.MaxBytes
}

// Open begins a session.
func (a *API) Open(ctx context.Context, r *connect.Request[agentv1.OpenRequest]) (*connect.Response[agentv1.OpenResponse], error) {
	m := r.Msg
	opened, err := a.door.Open(ctx, observe.Opening{
		Source: m.GetSource(), Type: m.GetType(), Collections: m.GetCollections(), Agent: m.GetAgent(), Yield: m.GetYield(),
		Scope:  observe.Scope{Cluster: m.GetCluster(), Environment: m.GetEnvironment(), Region: m.GetRegion(), Extent: m.GetExtent()},
		Report: report(m.GetReport()),
	})
	if err != nil {
		return nil, a.fault(ctx, m.GetSource(), err)
	}
	return connect.NewResponse(&agentv1.OpenResponse{
		Source: opened.Source, Session: opened.Session, FingerprintKey: opened.Key, MaxObservations: observe.MaxBatch, MaxBytes: observe.MaxBytes,
	}), nil
}

// Send works in a batch.
func (a *API) Send(ctx context.Context, r *connect.Request[agentv1.SendRequest]) (*connect.Response[agentv1.SendResponse], error) {
	m := r.Msg
	batch := observe.Batch{Session: m.GetSession(), Number: m.GetNumber(), Complete: m.GetComplete(), Report: report(m.GetReport())}
	batch.Observations = make([]observe.Observation, len(m.GetObservations()))
	for i, o := range m.GetObservations() {
		batch.Observations[i] = observe.Observation{
			Object: o.GetObject(), Collection: o.GetCollection(), State: json.RawMessage(o.GetState()), Gone: o.GetGone(), Act: act(o.GetAct()), SeenAt: at(o.GetSeenAt()),
		}
	}
	events, err := a.door.Observe(ctx, m.GetSource(), batch)
	if err != nil {
		return nil, a.fault(ctx, m.GetSource(), err)
	}
	return connect.NewResponse(&agentv1.SendResponse{Events: int32(min(events, math.MaxInt32))}), nil //nolint:gosec // it is bounded here
}

func at(t *timestamppb.Timestamp) time.Time {
	if t == nil || !t.IsValid() {
		return time.Time{}
	}
	return t.AsTime()
}

func act(a *agentv1.Act) *observe.Act {
	if a == nil {
		return nil
	}
	return &observe.Act{
		ID: a.GetId(), At: at(a.GetAt()), Verb: a.GetVerb(), Part: a.GetPart(), User: a.GetUser(), Impersonator: a.GetImpersonator(),
		Agent: a.GetAgent(), Automation: a.GetAutomation(), ObjectID: a.GetObjectId(), Manager: a.GetManager(),
	}
}

func report(r *agentv1.Report) observe.Report {
	return observe.Report{
		Version: r.GetVersion(), Detail: r.GetDetail(), Problem: r.GetProblem(), Waiting: int(r.GetWaiting()), Lost: int(r.GetLost()),
		Objects: int(r.GetObjects()), SyncedAt: at(r.GetSyncedAt()),
	}
}

// codes is the one place where a code becomes one of Connect.
var codes = map[fault.Code]connect.Code{
	fault.Invalid:         connect.CodeInvalidArgument,
	fault.TooLarge:        connect.CodeInvalidArgument, // it will be as large the next time
	fault.NotFound:        connect.CodeNotFound,
	fault.Conflict:        connect.CodeAborted,
	fault.Unauthenticated: connect.CodeUnauthenticated,
	fault.Forbidden:       connect.CodePermissionDenied,
	fault.RateLimited:     connect.CodeResourceExhausted,
	fault.Unavailable:     connect.CodeUnavailable,
	fault.Internal:        connect.CodeInternal,
}

// fault gives an error its code and a text that may be shown. What a client cannot mend is logged, once and here.
func (a *API) fault(ctx context.Context, source string, err error) *connect.Error {
	code, detail := codes[fault.CodeOf(err)], ""
	if known, ok := errors.AsType[*fault.Error](err); ok {
		detail = known.Detail
	}
	switch {
	case errors.Is(err, observe.ErrGap):
		code = connect.CodeOutOfRange
	case ctx.Err() != nil:
		code, detail = connect.CodeUnavailable, "the request was given up before it was done: send it again"
	case code == connect.CodeInternal || code == 0:
		code, detail = connect.CodeInternal, "something went wrong in Tidings: its log has more"
		a.log.ErrorContext(ctx, "an agent's request failed", "source", source, "error", err)
	case code == connect.CodeUnavailable && foreign(err):
		detail = "Tidings cannot do this at the moment: try again"
		a.log.WarnContext(ctx, "an agent's request was put off", "source", source, "error", err)
	case code == connect.CodeInvalidArgument:
		a.log.InfoContext(ctx, "what an agent sent is refused", "source", source, "why", detail)
	}
	answer := connect.NewError(code, errors.New(detail))
	if wait := fault.RetryAfter(err); wait > 0 {
		answer.Meta().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	return answer
}

// foreign reports whether the sentence of a fault repeats an error of the database or the network.
func foreign(err error) bool {
	known, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return true
	}
	cause := errors.Unwrap(known)
	if cause == nil {
		return false
	}
	_, ok = errors.AsType[*fault.Error](cause)
	return !ok
}
