package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration/upstream"
)

// app signs requests as the installation of a GitHub App: "Authenticating as a GitHub App installation".
type app struct {
	config *Config
	client *upstream.Client // without a credential

	mu           sync.Mutex
	installation int64
	token        string
	until        time.Time
}

// Times of tokens: those of an App live ten minutes at most, those of an installation one hour.
const (
	claimTime = 9 * time.Minute
	tokenLeft = 5 * time.Minute // before its end a token is made anew
)

func (a *app) sign(ctx context.Context, r *http.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Until(a.until) < tokenLeft {
		if err := a.renew(ctx); err != nil {
			return err
		}
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	return nil
}

// renew asks for a token of the installation.
func (a *app) renew(ctx context.Context) error {
	claim, err := a.claim(ctx, time.Now())
	if err != nil {
		return err
	}
	as := http.Header{"Authorization": {"Bearer " + claim}}
	if a.installation = a.config.InstallationID; a.installation == 0 {
		var all []struct {
			ID int64 `json:"id"`
		}
		if _, err := a.client.Get(ctx, "app/installations", as, &all); err != nil {
			return err
		}
		if len(all) != 1 {
			return fault.New(fault.Invalid, "the App has %d installations: install it once, or say which one by installation_id", len(all))
		}
		a.installation = all[0].ID
	}
	var made struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	if _, err := a.client.Post(ctx, fmt.Sprintf("app/installations/%d/access_tokens", a.installation), as, struct{}{}, &made); err != nil {
		return err
	}
	a.token, a.until = made.Token, made.ExpiresAt
	return nil
}

// claim is a JSON Web Token (RFC 7519) signed with the App's key.
func (a *app) claim(ctx context.Context, now time.Time) (string, error) {
	text, err := a.config.PrivateKey.Get(ctx)
	if err != nil {
		return "", err
	}
	key, err := readKey(text)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(claimTime).Unix(), "iss": a.config.AppID})
	if err != nil {
		return "", err
	}
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(body)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fault.New(fault.Invalid, "the private key of the App cannot sign: %w", err)
	}
	return signed + "." + encode(signature), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// readKey reads the key as GitHub gives it out: PEM. It never repeats what it read.
func readKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return nil, fault.New(fault.Invalid, "the private key of the App is not PEM: give the whole file that GitHub offered for download")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := any.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, fault.New(fault.Invalid, "the private key of the App is no RSA key")
	}
	return key, nil
}
