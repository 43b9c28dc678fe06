package daemon

import (
	"errors"
	"net/http"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// router is where everything is mounted that the server answers, so that one list tells what there is.
type router struct {
	mux    *http.ServeMux
	routes []Route
}

// Route is a pattern of the server's mux. What it does is one operation, or is asked beneath it: by the REST API for each
// method, by the GraphQL API for each root field.
type Route struct {
	Pattern   string
	Operation access.Operation
}

// Handle mounts what asks access by itself.
func (r *router) Handle(pattern string, handler http.Handler) {
	r.routes = append(r.routes, Route{Pattern: pattern})
	r.mux.Handle(pattern, handler)
}

// ask mounts what performs an operation, and asks for it by itself.
func (r *router) ask(pattern string, op access.Operation, handler http.Handler) {
	r.routes = append(r.routes, Route{pattern, op})
	r.mux.Handle(pattern, handler)
}

// open mounts a route that performs an operation, and asks for it before anything of the request is read.
func (r *router) open(pattern string, op access.Operation, handler http.HandlerFunc) {
	r.openUnless(func(*http.Request) bool { return false }, pattern, op, handler)
}

// openUnless does so with an exception, for which nobody is asked.
func (r *router) openUnless(exempt func(*http.Request) bool, pattern string, op access.Operation, handler http.HandlerFunc) {
	r.routes = append(r.routes, Route{pattern, op})
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
		if err := access.Check(req.Context(), op); err != nil && !exempt(req) {
			refuseFor(w, err)
			return
		}
		handler(w, req)
	})
}

// refuseFor answers with a fault of access.
func refuseFor(w http.ResponseWriter, err error) {
	status := http.StatusForbidden
	if fault.Is(err, fault.Unauthenticated) {
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	detail := http.StatusText(status)
	if known, ok := errors.AsType[*fault.Error](err); ok {
		detail = known.Detail
	}
	refuse(w, status, detail)
}
