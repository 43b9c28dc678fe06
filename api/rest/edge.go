package rest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/request"
	"tidings.dev/tidings/secret"
)

// edge is where a request becomes a call and an error becomes an answer, for every route alike.
type edge struct {
	log *slog.Logger
}

// resource is a path with its methods.
type resource struct {
	edge    *edge
	methods map[string]route
	allow   string
}

func newResource(e *edge, routes []route) *resource {
	res := &resource{edge: e, methods: make(map[string]route, len(routes))}
	allowed := []string{http.MethodOptions}
	for _, route := range routes {
		res.methods[route.method] = route
		allowed = append(allowed, route.method)
		if route.method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	res.allow = strings.Join(allowed, ", ")
	return res
}

// Header values are shared by all answers and never changed.
var (
	noStore   = []string{"no-store"}
	typeJSON  = []string{"application/json"}
	typeFault = []string{"application/problem+json"}
)

// ServeHTTP answers one request.
func (res *resource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["Cache-Control"] = noStore
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	route, ok := res.methods[method]
	switch {
	case ok:
		res.edge.serve(w, r, &route)
	case method == http.MethodOptions:
		w.Header().Set("Allow", res.allow)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", res.allow)
		answerProblem(w, problem{
			Status: http.StatusMethodNotAllowed, Code: fault.Invalid,
			Detail: fmt.Sprintf("%s takes %s, not %s", r.URL.Path, res.allow, clip(r.Method)),
		})
	}
}

func (e *edge) serve(w http.ResponseWriter, r *http.Request, route *route) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // it is compared as net/http compares it
				panic(p)
			}
			e.fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	var body *body
	// Who may not is told so before anything of theirs is read.
	err := access.Check(r.Context(), route.op)
	if err == nil && !route.raw {
		err = checkQuery(r.URL.RawQuery, route.query)
	}
	if err == nil && route.body > 0 {
		if body, err = newBody(r, route.body, route.raw); err == nil {
			r.Body = body
		}
	}
	if err == nil {
		err = route.serve(w, r)
	}
	if err == nil {
		return
	}
	if body != nil && (fault.Is(err, fault.TooLarge) || request.ShareOf(r.Context()).Full()) {
		body.drain(w, r)
	}
	e.fail(w, r, err)
}

// unknown answers for paths that are none.
func (e *edge) unknown(w http.ResponseWriter, r *http.Request) {
	w.Header()["Cache-Control"] = noStore
	answerProblem(w, problem{
		Status: http.StatusNotFound, Code: fault.NotFound,
		Detail: fmt.Sprintf("there is nothing at %s: see /api/v1/openapi.yaml", clip(r.URL.Path)),
	})
}

// problem is an error as RFC 9457 writes it; code, faults and request_id are ours.
type problem struct {
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Code      fault.Code    `json:"code"`
	Detail    string        `json:"detail"`
	Faults    []fault.Fault `json:"faults,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	// Documents stands in the answer to descriptors that could not be read.
	Documents []documentAnswer `json:"documents,omitempty"`
}

// statuses is the one place where a code becomes a status.
var statuses = map[fault.Code]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.RateLimited:     http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// fail answers with an error. What a client cannot mend is logged, once and here; the client gets an id to quote.
func (e *edge) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && fault.RetryAfter(err) == 0 && (fault.Is(err, fault.Internal) || fault.Is(err, fault.Unavailable)) {
		// The client has gone, or its right to ask has; it may still read, and a silence would be told as a 200. What says when to
		// come back was decided before, and whoever sent slowly on, and so used up the time for that, is there to read it.
		err = fault.New(fault.Unavailable, "the request was given up before it was done: send it again")
	}
	p := problem{Code: fault.CodeOf(err)}
	known, ok := errors.AsType[*fault.Error](err)
	if ok {
		p.Detail, p.Faults = known.Detail, known.Faults
	}
	switch {
	case p.Code == fault.Internal:
		p.Detail, p.Faults = "something went wrong in Tidings: the log has more under the request_id", nil
		p.RequestID = requestID(w)
		e.log.ErrorContext(r.Context(), "a request failed", "request_id", p.RequestID, "method", r.Method, "path", r.URL.Path, "error", err)
	case p.Code == fault.Unavailable && foreign(known):
		p.Detail = "Tidings cannot do this at the moment: try again"
		p.RequestID = requestID(w)
		e.log.WarnContext(r.Context(), "a request was put off", "request_id", p.RequestID, "method", r.Method, "path", r.URL.Path, "error", err)
	case p.Code == fault.Conflict && foreign(known):
		p.Detail = "this contradicts what was written at the same time: try again"
	}
	p.Status = statuses[p.Code]
	if p.Status == 0 {
		p.Status = http.StatusInternalServerError
	}
	if p.Code == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if wait := fault.RetryAfter(err); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	answerProblem(w, p)
}

// foreign reports whether the sentence of a fault repeats an error of the database or the network.
func foreign(err *fault.Error) bool {
	cause := errors.Unwrap(err)
	if cause == nil {
		return false
	}
	_, ok := errors.AsType[*fault.Error](cause)
	return !ok
}

// requestID is what the server gave the request, or a new one.
func requestID(w http.ResponseWriter) string {
	id := w.Header().Get("X-Request-Id")
	if id == "" {
		id = rand.Text()
		w.Header().Set("X-Request-Id", id)
	}
	return id
}

func answerProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header()["Content-Type"] = typeFault
	b := newBuffer()
	defer b.release()
	if err := b.encode(p); err != nil { // texts and numbers: it cannot fail
		w.WriteHeader(p.Status)
		return
	}
	b.send(w, p.Status)
}

// checkQuery refuses parameters that a route does not know, rather than answer another question than was asked.
func checkQuery(raw string, known []string) error {
	if raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return fault.New(fault.Invalid, "the query cannot be read: %w", err)
	}
	var faults []fault.Fault
	for name := range values {
		if slices.Contains(known, name) {
			continue
		}
		detail := "is not a parameter here: there are none"
		if len(known) > 0 {
			detail = fmt.Sprintf("is not a parameter here: did you mean %s? There are %s", nearest(name, known), strings.Join(known, ", "))
		}
		faults = append(faults, fault.Fault{Pointer: clip(name), Detail: detail})
	}
	slices.SortFunc(faults, func(a, b fault.Fault) int { return strings.Compare(a.Pointer, b.Pointer) })
	return fault.InvalidInput("query", faults)
}

// nearest is the known word that a mistaken one most likely stands for.
func nearest(word string, known []string) string {
	word = strings.ToLower(clip(word))
	best, least := known[0], math.MaxInt
	for _, candidate := range known {
		d := 2 * distance(word, candidate)
		if strings.HasPrefix(candidate, word) || strings.HasPrefix(word, candidate) {
			d = min(d, 3) // env for environment
		}
		if d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// clip bounds what an answer repeats of somebody's input.
func clip(text string) string {
	text, _ = secret.Hide(text) // it may be one in the wrong field
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}

// drainTime is how long a client may go on sending what is not read, so that it sees the answer before the end of the
// connection.
const (
	drainTime  = 5 * time.Second
	drainBytes = 64 << 20
)
