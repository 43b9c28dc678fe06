package daemon_test

import (
	"net/http"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// TestEveryAnswerTellsTheBrowser walks answers of every sort, refusals among them, and looks at their headers.
func TestEveryAnswerTellsTheBrowser(t *testing.T) {
	t.Parallel()
	config := daemon.Default()
	config.Listen, config.Data, config.NoLogin, config.TrustedProxies = "127.0.0.1:0", t.TempDir(), true, []string{"127.0.0.1"}
	d, err := daemon.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close(t.Context()) })
	for _, test := range []struct {
		method, path, host, origin string
		want                       int
		fresh                      bool // it must be kept by nobody
	}{
		{"GET", "/api/v1/events", "", "", 200, true},
		{"GET", "/api/v1/settings", "", "", 200, true},
		{"GET", "/api/v1/entities/service/nobody", "", "", 404, true},
		{"GET", "/api/v1/nothing", "", "", 404, true},
		{"GET", "/api/v1/events?wrong=1", "", "", 400, true},
		{"DELETE", "/api/v1/events", "", "", 405, true},
		{"POST", "/api/v1/events", "", "https://evil.example", 403, true},
		{"GET", "/api/v1/events", "evil.example", "", 421, true},
		{"POST", "/graphql", "", "", 0, true},
		{"GET", "/metrics", "", "", 200, true},
		{"GET", "/support/bundle", "", "", 200, true},
		{"POST", "/", "", "", 405, true},
		{"GET", "/nothing.js", "", "", 404, true},
		{"GET", "/api/../api/v1/events", "", "", 0, false},
		{"GET", "/healthz", "", "", 200, true},
		{"GET", "/readyz", "", "", 200, true},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, d.URL()+test.path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if test.host != "" {
			request.Host = test.host
		}
		if test.origin != "" {
			request.Header.Set("Origin", test.origin)
		}
		request.Header.Set("X-Forwarded-Proto", "https")
		request.Header.Set("X-Forwarded-For", "198.51.100.7")
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		name := test.method + " " + test.path
		if test.want != 0 && answer.StatusCode != test.want {
			t.Errorf("%s: got %d, want %d", name, answer.StatusCode, test.want)
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy": "camera=()", "Strict-Transport-Security": "max-age=",
			"Content-Security-Policy": "default-src 'self'",
		} {
			if got := answer.Header.Get(header); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if policy := answer.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", name, policy)
		}
		if got := answer.Header.Get("Cache-Control"); test.fresh && got != "no-store" {
			t.Errorf("%s: Cache-Control is %q", name, got)
		}
		for _, header := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
			if got := answer.Header.Get(header); got != "" {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
	}
}
