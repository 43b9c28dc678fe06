package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/request"
)

// flow is a login on its way. It stands in a cookie, so that the browser that began is the one that ends, and any server
// can end what another began.
type flow struct {
	Provider string `json:"p"`
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"` // of RFC 7636
	Return   string `json:"r"`
}

const (
	flowCookie = "tidings-login"
	flowLasts  = 10 * time.Minute
	maxReturn  = 1 << 10
)

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// start sends a browser to the identity provider.
func (a *API) start(w http.ResponseWriter, r *http.Request) error {
	p := a.provider(r.PathValue("provider"))
	if p == nil {
		return fault.New(fault.NotFound, "there is no identity provider %q", clip(r.PathValue("provider")))
	}
	found, err := p.connect(r.Context())
	if err != nil {
		a.back(w, r, "unavailable")
		return nil
	}
	f := flow{Provider: p.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Return: localPath(r.URL.Query().Get("return"))}
	value, err := json.Marshal(f)
	if err != nil {
		return err
	}
	a.deps.Cookies.set(w, r, flowCookie, base64.RawURLEncoding.EncodeToString(value), flowLasts)
	http.Redirect(w, r, p.config(found, a.callback(r, p)).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), http.StatusSeeOther)
	return nil
}

// end begins the session of a browser that comes back.
func (a *API) end(w http.ResponseWriter, r *http.Request) error {
	ctx, shown := r.Context(), a.shown(r)
	p := a.provider(r.PathValue("provider"))
	if p == nil {
		return fault.New(fault.NotFound, "there is no identity provider %q", clip(r.PathValue("provider")))
	}
	f, ok := a.flow(r)
	a.deps.Cookies.set(w, r, flowCookie, "", -time.Second)
	query := r.URL.Query()
	if err := a.deps.Desk.May(shown); err != nil {
		a.back(w, r, "rate_limited")
		return nil
	}
	if !ok || f.Provider != p.Name || !equal(query.Get("state"), f.State) {
		a.deps.Desk.Fail(ctx, shown, "it began in another browser, or too long ago")
		a.back(w, r, "expired")
		return nil
	}
	// RFC 9207: an answer that names its issuer was given by the one that was asked.
	if issuer := query.Get("iss"); issuer != "" && issuer != p.Issuer || query.Get("code") == "" {
		a.deps.Desk.Fail(ctx, shown, "the identity provider "+p.Name+" refused")
		a.back(w, r, "refused")
		return nil
	}
	found, err := p.connect(ctx)
	if err != nil {
		a.back(w, r, "unavailable")
		return nil
	}
	who, err := p.identify(ctx, found, query.Get("code"), a.callback(r, p), f)
	if errors.Is(err, errRefused) || fault.Is(err, fault.Forbidden) {
		slog.WarnContext(ctx, "a login by an identity provider was refused", "provider", p.Name, "error", err)
		a.deps.Desk.Fail(ctx, shown, "what the identity provider "+p.Name+" said does not let anybody in")
	}
	if err == nil {
		in, failed := a.deps.Desk.Login(ctx, who, shown)
		if failed == nil {
			a.deps.Cookies.Set(w, r, in.Secret, time.Until(in.ExpiresAt))
			http.Redirect(w, r, f.Return, http.StatusSeeOther)
			return nil
		}
		err = failed
	}
	a.backFor(ctx, w, r, err)
	return nil
}

// backFor sends a browser to the page that lets people in, with a word for what went wrong.
func (a *API) backFor(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	switch code := fault.CodeOf(err); {
	case errors.Is(err, errRefused):
		a.back(w, r, "refused")
	case code == fault.Forbidden, code == fault.RateLimited:
		a.back(w, r, string(code))
	default:
		slog.ErrorContext(ctx, "a login failed on our side", "error", err)
		a.back(w, r, "unavailable")
	}
}

// back is a word only: nothing that somebody put into an address is shown.
func (*API) back(w http.ResponseWriter, r *http.Request, word string) {
	http.Redirect(w, r, "/login?error="+word, http.StatusSeeOther)
}

func (a *API) provider(name string) *provider {
	for _, p := range a.providers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// callback is the address that the provider sends people back to, as it was told to it.
func (a *API) callback(r *http.Request, p *provider) string {
	base := ""
	if public := a.deps.Cookies.Public; public != nil {
		base = public.String()
	} else {
		scheme := "http"
		if a.deps.Cookies.secure(r) {
			scheme = "https"
		}
		base = scheme + "://" + request.From(r.Context()).Host // the guard let it through: a name of this machine
	}
	return base + "/api/v1/login/" + p.Name + "/callback"
}

func (a *API) flow(r *http.Request) (flow, bool) {
	var f flow
	value, err := base64.RawURLEncoding.DecodeString(a.deps.Cookies.read(r, flowCookie))
	if err != nil || json.Unmarshal(value, &f) != nil || f.State == "" || f.Nonce == "" {
		return flow{}, false
	}
	f.Return = localPath(f.Return)
	return f, true
}

// localPath is a path of this server to return to, and the front page for anything else.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || len(path) > maxReturn || u.Scheme != "" || u.Host != "" || u.Opaque != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/api/") {
		return "/"
	}
	return path
}

// clip bounds what an answer repeats of somebody's input.
func clip(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), 40)], "")
}
