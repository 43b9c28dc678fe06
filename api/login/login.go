// Package login is how people come in through a browser: by an identity provider, or by a one-time link. It carries
// what they show to access.Desk, and the session's secret back in a cookie.
//
// It may be imported by internal/daemon only. Imports: access, fault and internal/outbound.
package login

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/internal/request"
)

// Deps is what the routes need.
type Deps struct {
	Desk    *access.Desk
	Cookies *Cookies
	// Organisation and NoLogin are told to the page that lets people in.
	Organisation string
	NoLogin      bool
	Providers    []Provider
}

// Provider is an identity provider that speaks OpenID Connect, with what its configuration refers to.
type Provider struct {
	ProviderConfig
	Secret string
	Rule   *outbound.Rule // says where it may be
	Agent  string         // is how requests to it show themselves
}

// API is the routes of logging in and out. They are the only ones beneath /api/ that ask for no principal.
type API struct {
	deps      Deps
	providers []*provider
}

// New makes the routes.
func New(deps Deps) *API {
	a := &API{deps: deps}
	for _, p := range deps.Providers {
		a.providers = append(a.providers, newProvider(p))
	}
	return a
}

// Run looks for the identity providers that do not answer yet, until the context ends.
func (a *API) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, p := range a.providers {
		all.Go(func() { p.find(ctx) })
	}
	all.Wait()
}

// Routes are the routes by their patterns, as http.ServeMux writes them.
func (a *API) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /api/v1/login":                     a.handle(a.ways),
		"POST /api/v1/login/link":               a.handle(a.link),
		"POST /api/v1/login/logout":             a.handle(a.logout),
		"GET /api/v1/login/{provider}":          a.handle(a.start),
		"GET /api/v1/login/{provider}/callback": a.handle(a.end),
	}
}

// handle turns an error into an answer.
func (a *API) handle(serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := serve(w, r); err != nil {
			fail(w, r, err)
		}
	}
}

var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusBadRequest, fault.TooLarge: http.StatusRequestEntityTooLarge, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden,
	fault.RateLimited: http.StatusTooManyRequests, fault.Unavailable: http.StatusServiceUnavailable,
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	code, detail := fault.CodeOf(err), "something went wrong in Tidings: the log has more"
	if known, ok := errors.AsType[*fault.Error](err); ok && code != fault.Internal && code != fault.Unavailable {
		detail = known.Detail
	} else if code == fault.Unavailable {
		detail = "Tidings cannot do this at the moment: try again"
	}
	status := statuses[code]
	if status == 0 {
		status, code = http.StatusInternalServerError, fault.Internal
	}
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		slog.ErrorContext(r.Context(), "a login failed on our side", "error", err, "path", r.URL.Path, "request_id", w.Header().Get("X-Request-Id"))
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if wait := fault.RetryAfter(err); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	answer(w, "application/problem+json", status, map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail})
}

func answer(w http.ResponseWriter, kind string, status int, v any) {
	body, _ := json.Marshal(v) // texts and numbers
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the browser may have gone
}

// shown is what there is to see of whoever logs in.
func (*API) shown(r *http.Request) access.Shown {
	shown := access.Shown{UserAgent: r.UserAgent()}
	if client := request.From(r.Context()).Client; client.IsValid() {
		shown.Address = client.String()
	}
	return shown
}

// Ways is how people can come in, as the page shows it.
type Ways struct {
	Organisation string `json:"organisation"`
	// NoLogin says that everyone is the administrator here.
	NoLogin   bool  `json:"no_login"`
	Providers []Way `json:"providers"`
}

// Way is one identity provider.
type Way struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// URL is where a browser goes to log in; ?return= names the page to come back to.
	URL string `json:"url"`
	// Available is false while the provider does not answer.
	Available bool `json:"available"`
}

func (a *API) ways(w http.ResponseWriter, _ *http.Request) error {
	ways := Ways{Organisation: a.deps.Organisation, NoLogin: a.deps.NoLogin, Providers: []Way{}}
	for _, p := range a.providers {
		ways.Providers = append(ways.Providers, Way{Name: p.Name, Title: cmp.Or(p.Title, p.Name), URL: "/api/v1/login/" + p.Name, Available: p.available()})
	}
	answer(w, "application/json", http.StatusOK, ways)
	return nil
}

// maxBody bounds what is sent to log in.
const maxBody = 16 << 10

// link logs in by a one-time link. It takes a request of the page, not the mere opening of an address: a chat that looks
// at the link must not use it up.
func (a *API) link(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Secret string `json:"secret"`
		Name   string `json:"name"`
		Title  string `json:"title"`
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || json.Unmarshal(body, &asked) != nil {
		return fault.New(fault.Invalid, `send JSON such as {"secret": "…", "name": "ada"}`)
	}
	in, err := a.deps.Desk.Redeem(r.Context(), asked.Secret, asked.Name, asked.Title, a.shown(r))
	if err != nil {
		return err
	}
	a.deps.Cookies.Set(w, r, in.Secret, time.Until(in.ExpiresAt))
	answer(w, "application/json", http.StatusOK, map[string]string{"name": in.Account.Name, "role": in.Account.Role().String()})
	return nil
}

func (a *API) logout(w http.ResponseWriter, r *http.Request) error {
	if err := a.deps.Desk.Logout(r.Context()); err != nil {
		return err
	}
	a.deps.Cookies.Clear(w, r)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
