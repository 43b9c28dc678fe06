package integration

import (
	"context"
	"net/http"
	"net/url"
)

// TokenHook is the Hook of a source that asks the tool as well, once it has a token. It is embedded inline.
type TokenHook struct {
	Hook `yaml:",inline"`
	// Reach is how far the first look goes back.
	Reach `yaml:",inline"`
	// Token is what the tool is asked with, by reference; it may do no more than read.
	Token Secret `yaml:"token"`
	// HTTP is the guarded client, which Use brings.
	HTTP *http.Client `yaml:"-"`
}

// Use gives it the client to ask with.
func (h *TokenHook) Use(client *http.Client) { h.HTTP = client }

// Secrets names the settings that are secrets.
func (h *TokenHook) Secrets() []string { return append(h.Hook.Secrets(), "token") }

// Narrow lets no reference to the server's variables and files through.
func (h *TokenHook) Narrow() error {
	return Unreferred(map[string]*Secret{"secret": &h.Secret, "previous_secret": &h.PreviousSecret, "token": &h.Token})
}

// Guard gives the way to the secrets.
func (h *TokenHook) Guard(guard Guard) {
	h.Hook.Guard(guard)
	h.Token.Typed("token", guard)
}

// Bearer signs a request with the token (RFC 6750).
func (h *TokenHook) Bearer(ctx context.Context, r *http.Request) error {
	token, err := h.Token.Get(ctx)
	r.Header.Set("Authorization", "Bearer "+token)
	return err
}

// IsAddress reports whether a text is the address of something that can be asked over HTTP, without a credential in it.
func IsAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil
}
