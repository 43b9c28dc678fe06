// Package signature checks that a delivery is the tool's, in the few ways that tools sign: a hash of the body, one with
// a time, a token in a header, a name and password. Which of them is meant is said by the integration, never by what
// the caller sent. Comparisons take the same time whatever differs.
//
// Every error is Unauthenticated, and says what to set where; it never repeats what was sent. Imports: fault,
// integration and the standard library. Integrations import it.
package signature

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Window is how far the time of a signature may lie from the server's clock, on either side.
const Window = 5 * time.Minute

// Secrets are those that are valid just now: the newest, and while it is being rotated the one before. Those that are
// not set are left out.
type Secrets []*integration.Secret

// Each opens the secrets one after the other until one fits. Without any it is Unauthenticated: a source without a secret
// takes nothing.
func (s Secrets) Each(ctx context.Context, fits func(secret string) bool) error {
	found := false
	for _, one := range s {
		value, err := one.Get(ctx)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		found = true
		if fits(value) {
			return nil
		}
	}
	if !found {
		return fault.New(fault.Unauthenticated, "this source has no secret, and so takes nothing: set one in Tidings, and the same in the tool")
	}
	return fault.New(fault.Unauthenticated, "the signature does not fit: the secret in the tool and the one in Tidings differ, or the body was changed on its way")
}

// Match checks a secret that the tool sends as it is, elsewhere than in a header: what was sent, the integration reads from
// the body or the query.
func (s Secrets) Match(ctx context.Context, sent string) error {
	return s.Each(ctx, func(secret string) bool { return same(secret, sent) })
}

// absent is for a header that should be there.
func absent(header string) error {
	return fault.New(fault.Unauthenticated, "the header %s is missing: set the secret in the tool as well", header)
}

// Hash is a hash function by name.
type Hash func() hash.Hash

// The hashes that are accepted.
var (
	SHA224 Hash = sha256.New224
	SHA256 Hash = sha256.New
	SHA384 Hash = sha512.New384
	SHA512 Hash = sha512.New
)

// HMAC is a keyed hash of the raw body in a header, in hexadecimal digits: "X-Hub-Signature-256: sha256=…".
type HMAC struct {
	Header string
	Prefix string // such as "sha256="; required where it is not empty
	Hash   Hash   // SHA256 when nil
	// List says that there may be several signatures, with commas between; one of them must fit.
	List bool
}

// Verify checks a delivery.
func (h HMAC) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	sent := d.Header.Get(h.Header)
	if sent == "" {
		return absent(h.Header)
	}
	candidates := []string{sent}
	if h.List {
		candidates = strings.Split(sent, ",")
	}
	var sums [][]byte
	for _, candidate := range candidates {
		digits, ok := strings.CutPrefix(strings.TrimSpace(candidate), h.Prefix)
		if sum, err := hex.DecodeString(digits); ok && err == nil {
			sums = append(sums, sum)
		}
	}
	if len(sums) == 0 {
		return fault.New(fault.Unauthenticated, "the header %s holds no signature of the form %s and hexadecimal digits", h.Header, h.Prefix)
	}
	return secrets.Each(ctx, func(secret string) bool { return fits(h.Hash, secret, d.Body, sums) })
}

// Sum is the signature of a body, for tests and for those who write to a Tidings.
func (h HMAC) Sum(secret string, body []byte) string {
	return h.Prefix + hex.EncodeToString(sum(h.Hash, secret, body))
}

func sum(of Hash, secret string, body []byte) []byte {
	if of == nil {
		of = SHA256
	}
	mac := hmac.New(of, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}

func fits(of Hash, secret string, body []byte, sums [][]byte) bool {
	want, found := sum(of, secret, body), false
	for _, got := range sums {
		if hmac.Equal(want, got) {
			found = true
		}
	}
	return found
}

// Timed is a keyed hash of a version, a time and the body, with colons between: "v0:1531420618:{…}", as Slack signs.
type Timed struct {
	Header     string // of "v0=" and hexadecimal digits
	TimeHeader string
	Version    string // "v0"; without one only the time stands before the body, and nothing before the digits
	Millis     bool   // the time is in milliseconds, as Statsig sends it
}

// Verify checks a delivery, and that it is not an old one.
func (t Timed) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	stamp, sent := d.Header.Get(t.TimeHeader), d.Header.Get(t.Header)
	if stamp == "" || sent == "" {
		return absent(t.Header + " or " + t.TimeHeader)
	}
	unit := time.Second
	if t.Millis {
		unit = time.Millisecond
	}
	if err := recent(stamp, unit, d.ReceivedAt); err != nil {
		return err
	}
	digits, ok := strings.CutPrefix(sent, t.version("="))
	got, err := hex.DecodeString(digits)
	if err != nil || !ok {
		return fault.New(fault.Unauthenticated, "the header %s holds no signature of the form %s and hexadecimal digits", t.Header, t.version("="))
	}
	signed := t.signed(stamp, d.Body)
	return secrets.Each(ctx, func(secret string) bool { return fits(SHA256, secret, signed, [][]byte{got}) })
}

func (t Timed) version(mark string) string {
	if t.Version == "" {
		return ""
	}
	return t.Version + mark
}

func (t Timed) signed(stamp string, body []byte) []byte {
	return append([]byte(t.version(":")+stamp+":"), body...)
}

// Sum is the signature of a body at a time, as the header carries it.
func (t Timed) Sum(secret, stamp string, body []byte) string {
	return t.version("=") + hex.EncodeToString(sum(SHA256, secret, t.signed(stamp, body)))
}

// Stamped is a keyed hash of a time and the body, with a dot between, in one header: "timestamp=1619071700,signature=…", as
// Buildkite signs.
type Stamped struct {
	Header string
}

// Verify checks a delivery, and that it is not an old one.
func (s Stamped) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	sent := d.Header.Get(s.Header)
	if sent == "" {
		return absent(s.Header)
	}
	before, digits, _ := strings.Cut(sent, ",signature=")
	stamp, ok := strings.CutPrefix(before, "timestamp=")
	got, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return fault.New(fault.Unauthenticated, "the header %s is not of the form timestamp=…,signature=… and hexadecimal digits", s.Header)
	}
	if err := recent(stamp, time.Second, d.ReceivedAt); err != nil {
		return err
	}
	signed := append([]byte(stamp+"."), d.Body...)
	return secrets.Each(ctx, func(secret string) bool { return fits(SHA256, secret, signed, [][]byte{got}) })
}

// Sum is the signature of a body at a time, as the header carries it.
func (s Stamped) Sum(secret, stamp string, body []byte) string {
	return "timestamp=" + stamp + ",signature=" + hex.EncodeToString(sum(SHA256, secret, append([]byte(stamp+"."), body...)))
}

// recent refuses a time that is too far from the clock.
func recent(stamp string, unit time.Duration, now time.Time) error {
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fault.New(fault.Unauthenticated, "the time of the signature is not a number")
	}
	at := time.Unix(n, 0)
	if unit == time.Millisecond {
		at = time.UnixMilli(n)
	}
	if age := now.Sub(at); age > Window || age < -Window {
		return fault.New(fault.Unauthenticated, "the time of the signature is more than %s off this server's clock: it was sent again by somebody, or a clock is wrong", Window)
	}
	return nil
}

// Standard is the signature of Standard Webhooks 1.0: "webhook-signature: v1,BASE64 v1,BASE64" over id, time and body.
type Standard struct{}

// Verify checks a delivery, and that it is not an old one.
func (Standard) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	id, stamp, sent := d.Header.Get("Webhook-Id"), d.Header.Get("Webhook-Timestamp"), d.Header.Get("Webhook-Signature")
	if id == "" || stamp == "" || sent == "" {
		return absent("webhook-signature, webhook-id or webhook-timestamp")
	}
	if err := recent(stamp, time.Second, d.ReceivedAt); err != nil {
		return err
	}
	var sums [][]byte
	for _, part := range strings.Fields(sent) {
		if text, ok := strings.CutPrefix(part, "v1,"); ok {
			if got, err := base64.StdEncoding.DecodeString(text); err == nil {
				sums = append(sums, got)
			}
		}
	}
	signed := append([]byte(id+"."+stamp+"."), d.Body...)
	return secrets.Each(ctx, func(secret string) bool { return fits(SHA256, standardKey(secret), signed, sums) })
}

// standardKey is the key that a secret of the form whsec_BASE64 stands for.
func standardKey(secret string) string {
	if key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")); err == nil && strings.HasPrefix(secret, "whsec_") {
		return string(key)
	}
	return secret
}

// Sum is the signature of a body, as the header carries it.
func (Standard) Sum(secret, id, stamp string, body []byte) string {
	return "v1," + base64.StdEncoding.EncodeToString(sum(SHA256, standardKey(secret), append([]byte(id+"."+stamp+"."), body...)))
}

// Token is a secret that the tool sends as it is, in a header: "X-Gitlab-Token: …". Over plain HTTP it can be read on its
// way; it proves nothing about the body.
type Token struct {
	Header string
	Prefix string // such as "Bearer "
}

// Verify checks a delivery.
func (t Token) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	sent := d.Header.Get(t.Header)
	if sent == "" {
		return absent(t.Header)
	}
	token, ok := strings.CutPrefix(sent, t.Prefix)
	if !ok {
		return fault.New(fault.Unauthenticated, "the header %s does not begin with %q", t.Header, t.Prefix)
	}
	return secrets.Each(ctx, func(secret string) bool { return same(secret, token) })
}

// Basic is the password of HTTP basic authentication; the user may be any.
type Basic struct{}

// Verify checks a delivery.
func (Basic) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	request := http.Request{Header: d.Header}
	_, password, ok := request.BasicAuth()
	if !ok {
		return fault.New(fault.Unauthenticated, "the header Authorization with a name and a password (basic authentication) is missing: set them in the tool")
	}
	return secrets.Each(ctx, func(secret string) bool { return same(secret, password) })
}

// Carried accepts a token however tools can send one: as a bearer token, as the password of basic authentication, or in
// the header X-Tidings-Token. For tools that sign nothing.
type Carried struct{}

// Verify checks a delivery.
func (Carried) Verify(ctx context.Context, d integration.Delivery, secrets Secrets) error {
	switch {
	case d.Header.Get("X-Tidings-Token") != "":
		return Token{Header: "X-Tidings-Token"}.Verify(ctx, d, secrets)
	case strings.HasPrefix(d.Header.Get("Authorization"), "Bearer "):
		return Token{Header: "Authorization", Prefix: "Bearer "}.Verify(ctx, d, secrets)
	case d.Header.Get("Authorization") != "":
		return Basic{}.Verify(ctx, d, secrets)
	}
	return fault.New(fault.Unauthenticated, "no token was sent: let the tool send the secret as Authorization: Bearer …, as the password of basic authentication, or as X-Tidings-Token: …")
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b)) // of one length, so that nothing is told by it
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
