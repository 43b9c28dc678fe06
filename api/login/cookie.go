package login

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tidings.dev/tidings/internal/request"
)

// Cookies are how a browser keeps its session.
type Cookies struct {
	// Public is where people reach Tidings; nil where that is only this machine.
	Public *url.URL
}

const cookieName = "tidings"

// secure reports whether a browser sees HTTPS.
func (c *Cookies) secure(r *http.Request) bool {
	about := request.From(r.Context())
	return about.Secure || c.Public != nil && c.Public.Scheme == "https" && strings.EqualFold(about.Host, c.Public.Host)
}

// name binds a cookie to the host alone where HTTPS lets it: see __Host- in RFC 6265bis, section 4.1.3.2.
func (c *Cookies) name(r *http.Request, name string) string {
	if c.secure(r) {
		return "__Host-" + name
	}
	return name
}

// Read gives the secret of the session that a browser keeps; empty for none.
func (c *Cookies) Read(r *http.Request) string { return c.read(r, cookieName) }

func (c *Cookies) read(r *http.Request, name string) string {
	cookie, err := r.Cookie(c.name(r, name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Set gives a browser the secret of its session.
func (c *Cookies) Set(w http.ResponseWriter, r *http.Request, secret string, lasts time.Duration) {
	c.set(w, r, cookieName, secret, lasts)
}

// Clear takes it away.
func (c *Cookies) Clear(w http.ResponseWriter, r *http.Request) {
	c.set(w, r, cookieName, "", -time.Second)
}

// set writes a cookie; a browser that comes back from an identity provider has to send it, so that it is Lax.
func (c *Cookies) set(w http.ResponseWriter, r *http.Request, name, value string, lasts time.Duration) {
	age := int(lasts / time.Second)
	if age == 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: c.name(r, name), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: c.secure(r), SameSite: http.SameSiteLaxMode,
	})
}
