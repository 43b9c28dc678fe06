package github_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/github"
)

// An App proves itself by a token that its key signs, and looks with one of its installation.
func TestAnAppLooksAsItsInstallation(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600); err != nil {
		t.Fatal(err)
	}
	asApp := func(r *http.Request) bool {
		parts := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
		if len(parts) != 3 {
			return false
		}
		signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
		body, _ := base64.RawURLEncoding.DecodeString(parts[1])
		digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		var claims struct {
			Iss      string
			Iat, Exp int64
		}
		return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) == nil && json.Unmarshal(body, &claims) == nil &&
			claims.Iss == "4711" && claims.Exp-claims.Iat <= 600 && time.Now().Unix() < claims.Exp
	}
	asked := 0
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, allowed bool, body string) {
		if !allowed {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(body))
	}
	mux.HandleFunc("GET /app/installations", func(w http.ResponseWriter, r *http.Request) { reply(w, asApp(r), `[{"id":7}]`) })
	mux.HandleFunc("POST /app/installations/7/access_tokens", func(w http.ResponseWriter, r *http.Request) {
		asked++
		reply(w, asApp(r), `{"token":"of-the-installation","expires_at":"`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		body := "[]"
		switch {
		case r.URL.Path == "/installation/repositories":
			body = `{"repositories":[{"full_name":"acme/payments","default_branch":"main"}]}`
		case strings.HasSuffix(r.URL.Path, "/runs"):
			body = `{"workflow_runs":[]}`
		case strings.HasSuffix(r.URL.Path, "/releases"):
			body = `[{"id":1,"tag_name":"v1","published_at":"` + time.Now().UTC().Format(time.RFC3339) + `"}]`
		}
		reply(w, r.Header.Get("Authorization") == "Bearer of-the-installation", body)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	c := &github.Config{API: server.URL, AppID: "4711"}
	_ = c.PrivateKey.UnmarshalYAML(func(into any) error {
		*into.(*string) = "file:" + file
		return nil
	})
	c.Use(server.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		look, err := source.(integration.Poller).Poll(t.Context(), "")
		if err != nil || len(look.Events) != 1 || look.Problem != "" {
			t.Fatalf("got %+v, %v", look, err)
		}
	}
	if asked != 1 {
		t.Errorf("a token that lives an hour was asked for %d times", asked)
	}
}
