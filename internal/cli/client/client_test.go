package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
)

// serve starts a server with one handler, and gives a client of it that does not wait.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(server.URL+"/", "secret-token")
	if err != nil {
		t.Fatal(err)
	}
	c.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return c
}

func problem(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}

func TestNew(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]string{
		"http://127.0.0.1:8080": "http://127.0.0.1:8080", "localhost:8080/": "http://localhost:8080", "tidings.example": "http://tidings.example",
		" https://tidings.example/base/?x#y ": "https://tidings.example/base", "[::1]:80": "http://[::1]:80",
	} {
		c, err := New(server, "")
		if err != nil {
			t.Errorf("New(%q): %v", server, err)
		} else if c.Address() != want {
			t.Errorf("New(%q) is %s, want %s", server, c.Address(), want)
		}
	}
	for _, server := range []string{"", "://", "ftp://x", "http://", "http://me:secret@x", "http://x:port"} {
		if _, err := New(server, ""); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q): %v, want an invalid fault without the password", server, err)
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	var got []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("Content-Type"))
		fmt.Fprint(w, `{"n": 1}`)
	})
	var into struct{ N int }
	if err := c.Get(t.Context(), "entities/service/"+url.PathEscape("a/b"), url.Values{"q": {"x y"}}, &into); err != nil || into.N != 1 {
		t.Errorf("Get: %v, %v", into, err)
	}
	if err := c.Write(t.Context(), http.MethodPost, "aliases", map[string]string{}, nil); err != nil {
		t.Errorf("Write: %v", err)
	}
	want := []string{
		"GET", "/api/v1/entities/service/a%2Fb?q=x+y", "Bearer secret-token", "",
		"POST", "/api/v1/aliases", "Bearer secret-token", "application/json",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Whatever answers, the error says what to do about it, and of which sort it is.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		code   fault.Code
		detail string
		faults int
	}{
		{"a problem", func(w http.ResponseWriter, _ *http.Request) {
			problem(w, 400, `{"code": "invalid", "detail": "event: two", "faults": [{"pointer": "/a", "detail": "x"}, {"pointer": "/b", "detail": "y"}]}`)
		}, fault.Invalid, "event: two", 2},
		{"an internal error", func(w http.ResponseWriter, _ *http.Request) {
			problem(w, 500, `{"code": "internal", "detail": "something went wrong", "request_id": "r1"}`)
		}, fault.Internal, "something went wrong (request r1)", 0},
		{"a wrong token", func(w http.ResponseWriter, _ *http.Request) {
			problem(w, 401, `{"code": "unauthenticated", "detail": "who asks?"}`)
		}, fault.Unauthenticated, "who asks?: the token in TIDINGS_TOKEN is not taken", 0},
		{"a page", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			fmt.Fprint(w, "<html>")
		}, fault.Invalid, "answers 404 Not Found, which is not an answer of Tidings", 0},
		{"a page that is fine", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, fault.Invalid, "is not Tidings", 0},
		{"a login", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example/?back", http.StatusFound)
		}, fault.Invalid, "leads to https://login.example/?back", 0},
		{"a proxy without its server", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) }, fault.Unavailable, "a proxy before http", 0},
		{"a proxy that refuses", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, fault.Forbidden, "let tidings pass", 0},
		{"HTTPS", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			fmt.Fprint(w, "Client sent an HTTP request to an HTTPS server.\n")
		}, fault.Invalid, "speaks HTTPS: write https://", 0},
		{"a hang-up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Unavailable, "failed: EOF", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var into struct{}
			err := serve(t, tt.answer).Get(t.Context(), "events", nil, &into)
			known, ok := errors.AsType[*fault.Error](err)
			if !ok || known.Code != tt.code || !strings.Contains(known.Detail, tt.detail) || len(known.Faults) != tt.faults {
				t.Errorf("Get: %v, want %s: %s and %d faults", err, tt.code, tt.detail, tt.faults)
			}
		})
	}
}

// A busy server is asked again only where that is safe.
func TestAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		again bool
		want  int
	}{{true, 3}, {false, 1}} {
		asked := 0
		var waited []time.Duration
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked < 3 {
				w.Header().Set("Retry-After", "2")
				problem(w, 503, `{"code": "unavailable", "detail": "busy"}`)
			}
		})
		c.wait = func(_ context.Context, wait time.Duration) error {
			waited = append(waited, wait)
			return nil
		}
		_, err := c.Do(t.Context(), Request{Method: http.MethodPost, Path: "events", Again: tt.again})
		if asked != tt.want || (err == nil) != tt.again {
			t.Errorf("again %t: asked %d times, %v; want %d", tt.again, asked, err, tt.want)
		}
		for _, wait := range waited {
			if wait != 2*time.Second {
				t.Errorf("waited %s, want the 2s of Retry-After", wait)
			}
		}
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	lost, err := New("tidings.invalid", "")
	if err != nil {
		t.Fatal(err)
	}
	err = lost.broken(t.Context(), &url.Error{Op: "Get", Err: &net.DNSError{Name: "tidings.invalid", IsNotFound: true}})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), `there is no machine "tidings.invalid": check --server`) {
		t.Errorf("broken: %v, want to be told to check the address", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	c, err := New(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	if _, err := c.Read(t.Context(), "events", nil); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "Start one with tidings serve") {
		t.Errorf("Read: %v, want to be told to start a server", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Read(ended, "events", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Read after Ctrl-C: %v, want the context's error", err)
	}
}
