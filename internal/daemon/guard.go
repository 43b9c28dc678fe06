package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/login"
	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/request"
)

// guard stands before every route: who asks, from where, and what a browser may do with the answer.
type guard struct {
	next    http.Handler
	desk    *access.Desk
	cookies *login.Cookies
	csrf    *http.CrossOriginProtection
	public  *url.URL // nil where it was not said
	noLogin bool
	// instead tells who asks in the place of the desk, where a test says so.
	instead    authenticator
	againEvery time.Duration
	where      func() string // the address of this server, for messages
}

// contentPolicy lets the page load from here alone.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// permissions takes from the page what it never needs: script that got in could not use it either.
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"

// ServeHTTP lets a request through, with its principal, or refuses it.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", permissions)
	header.Set("Content-Security-Policy", contentPolicy)
	// What holds no secret says so itself; everything else is for the one who asked, now.
	header.Set("Cache-Control", "no-store")
	if request.From(r.Context()).Secure || g.public != nil && g.public.Scheme == "https" {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if r.RequestURI == "*" {
		refuse(w, http.StatusBadRequest, "there is nothing at *")
		return
	}
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		g.next.ServeHTTP(w, r) // whoever watches over machines asks by address, and shows nothing
		return
	}
	if strings.HasPrefix(r.URL.Path, rest.HookPath) {
		// A tool is known by how it signs, to the source that it calls; it is nobody here, whatever it shows.
		g.next.ServeHTTP(w, r.WithContext(access.With(r.Context(), access.Principal{})))
		return
	}
	about := request.From(r.Context())
	shown := access.Shown{Bearer: bearer(r), UserAgent: r.UserAgent()}
	if about.Client.IsValid() {
		shown.Address = about.Client.String()
	}
	// A page elsewhere cannot make a browser send a token: what follows is about browsers alone.
	if shown.Bearer == "" || g.noLogin {
		// A name that merely resolves to this machine must not reach it: that is how a page elsewhere would get in.
		if !g.ours(about.Host) {
			refuse(w, http.StatusMisdirectedRequest, g.hosts())
			return
		}
		// Nor may a page of another origin write through the browser of somebody who may.
		if g.csrf.Check(r) != nil || !g.sameOrigin(r) {
			refuse(w, http.StatusForbidden, "a page of another origin cannot write here")
			return
		}
		shown.Cookie = g.cookies.Read(r)
	}
	who, err := g.identify(w, r, shown)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	ctx, release := whileStanding(access.With(r.Context(), who.Principal), who, g.againEvery)
	defer release()
	g.next.ServeHTTP(w, r.WithContext(ctx))
}

// identify tells who asks. A browser whose session ended goes on as one that never had any.
func (g *guard) identify(w http.ResponseWriter, r *http.Request, shown access.Shown) (identity, error) {
	switch {
	case g.instead != nil:
		return g.instead(r)
	case g.noLogin:
		who := access.Administrator
		who.Address = shown.Address
		return identity{Principal: who}, nil
	}
	seen, err := g.desk.Authenticate(r.Context(), shown)
	if shown.Bearer == "" && (fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.RateLimited)) {
		g.cookies.Clear(w, r)
		shown.Cookie = ""
		seen, err = g.desk.Authenticate(r.Context(), shown)
	}
	if seen.Renewed != "" {
		g.cookies.Set(w, r, seen.Renewed, time.Until(seen.ExpiresAt))
	}
	who := identity{Principal: seen.Principal}
	if seen.Principal.Credential != "" {
		who.again = func(ctx context.Context) (access.Principal, error) { return g.desk.Again(ctx, seen.Principal) }
	}
	return who, err
}

func (g *guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch known, _ := errors.AsType[*fault.Error](err); fault.CodeOf(err) {
	case fault.Unauthenticated, fault.Forbidden:
		refuseFor(w, err)
	case fault.RateLimited:
		w.Header().Set("Retry-After", strconv.Itoa(int(known.RetryAfter.Seconds())))
		refuse(w, http.StatusTooManyRequests, known.Detail)
	default:
		if r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "it could not be told whose a request is", "error", err, "path", r.URL.Path)
		}
		refuse(w, http.StatusServiceUnavailable, "Tidings cannot tell who you are at the moment: try again")
	}
}

// bearer is the token that a request shows; empty for none.
func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// ours reports whether a Host header names this server: this machine, or the host of public_url.
func (g *guard) ours(host string) bool {
	if g.public != nil && strings.EqualFold(host, g.public.Host) {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	return loopback(name) || err != nil && loopback(host)
}

func (g *guard) hosts() string {
	if g.public != nil {
		return "this server answers at " + g.public.String() + " only"
	}
	return "this server answers on loopback only: use " + g.where() + ", or set public_url"
}

// sameOrigin reports whether a page that writes is one of ours: a browser names the origin whenever it writes.
func (g *guard) sameOrigin(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	text := r.Header.Get("Origin")
	if text == "" {
		return true // no browser, or one that said more in Sec-Fetch-Site
	}
	origin, err := url.Parse(text)
	if err != nil || origin.Host == "" {
		return false
	}
	if g.public != nil && strings.EqualFold(origin.Host, g.public.Host) {
		return origin.Scheme == g.public.Scheme
	}
	return strings.EqualFold(origin.Host, request.From(r.Context()).Host)
}
