package agent

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes/audit"
	"tidings.dev/tidings/internal/agent"
	"tidings.dev/tidings/observe"
)

// server answers as it is told; looking is watching nothing.
type server struct{ err error }

func (s *server) Open(context.Context, observe.Opening) (agent.Opened, error) {
	return agent.Opened{Source: "kubernetes-test", Session: 1}, s.err
}

func (s *server) Send(context.Context, observe.Batch) error { return s.err }

type looker struct{}

func (looker) Watch(ctx context.Context, _ func(string) string, _ observe.Sink) error {
	<-ctx.Done()
	return ctx.Err()
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w
}

// An agent is ready once it had a session, and stays so while the server is away; not while the server refuses it.
func TestReadiness(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, then error
		status      int
		says        string
	}{
		"a session":    {nil, nil, 200, "open"},
		"never one":    {fault.New(fault.Unavailable, "nobody answers"), nil, 503, "away\nnobody answers"},
		"away":         {nil, fault.New(fault.Unavailable, "nobody answers"), 200, "away\nnobody answers"},
		"refused":      {nil, fault.New(fault.Unauthenticated, "who are you?"), 503, "refused\nwho are you?"},
		"standing by":  {fault.New(fault.Conflict, "another looks"), nil, 200, "stands_by\nanother looks"},
		"audit broken": {nil, nil, 200, "open\nthe audit cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &server{err: test.first}
				a := agent.New(agent.Settings{Opening: observe.Opening{Type: "kubernetes"}}, s, looker{})
				h := health(a, nil)
				if w := get(h, "/readyz"); w.Code != http.StatusServiceUnavailable {
					t.Errorf("before it runs: %d", w.Code)
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- a.Run(ctx) }()
				defer func() {
					cancel()
					if err := <-ended; err != nil {
						t.Error(err)
					}
				}()
				synctest.Wait()
				if test.then != nil {
					s.err = test.then
					if err := a.Deliver(timeout(t), []observe.Observation{{Object: "o", Act: &observe.Act{ID: "1"}}}); !fault.Is(err, fault.Unavailable) {
						t.Errorf("error %v", err)
					}
				}
				if strings.HasPrefix(test.says, "open\n") {
					a.Trouble("audit", "the audit cannot be read")
				}
				if w := get(h, "/readyz"); w.Code != test.status || !strings.HasPrefix(w.Body.String(), test.says) {
					t.Errorf("%d: %s", w.Code, w.Body)
				}
				if w := get(h, "/healthz"); w.Code != http.StatusOK {
					t.Errorf("not alive: %d", w.Code)
				}
				// An agent that stands by sends the audit on.
				w := httptest.NewRecorder()
				standby(a, &audit.Receiver{Token: agent.Token("token", "")}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/audit", http.NoBody))
				want := http.StatusUnauthorized
				if a.Status().Connection == agent.StandsBy {
					want = http.StatusServiceUnavailable
				}
				if w.Code != want || (want == http.StatusServiceUnavailable) != (w.Header().Get("Connection") == "close") {
					t.Errorf("the audit is answered %d", w.Code)
				}
			})
		})
	}
}

func timeout(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// Every metric is explained to those who look at it.
func TestMetrics(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	a := agent.New(agent.Settings{}, &server{}, looker{})
	found := map[string]bool{}
	for _, name := range regexp.MustCompile(`(?m)^tidings_agent_\w+`).FindAllString(get(health(a, &audit.Receiver{}), "/metrics").Body.String(), -1) {
		found[name] = true
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("docs/cli.md does not list %s", name)
		}
	}
	if len(found) < 15 {
		t.Errorf("there are only %d", len(found))
	}
	for _, name := range regexp.MustCompile("\\| `(tidings_agent_\\w+)` \\|").FindAllStringSubmatch(string(page), -1) {
		if !found[name[1]] {
			t.Errorf("docs/cli.md lists %s, which there is not", name[1])
		}
	}
}

// The audit is taken in the clear on this machine alone.
func TestEncryption(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		settings auditSettings
		fine     bool
	}{
		"this machine":               {auditSettings{listen: "127.0.0.1:1"}, true},
		"this machine, by IPv6":      {auditSettings{listen: "[::1]:1"}, true},
		"this machine, by name":      {auditSettings{listen: "localhost:1"}, true},
		"everywhere":                 {auditSettings{listen: ":1"}, false},
		"an address":                 {auditSettings{listen: "10.1.2.3:1"}, false},
		"a name":                     {auditSettings{listen: "agent.example.com:1"}, false},
		"no certificate":             {auditSettings{listen: "127.0.0.1:1", cert: file, key: file}, false},
		"an authority without a key": {auditSettings{listen: "127.0.0.1:1", clientCA: file}, false},
	} {
		if _, err := test.settings.encryption(); (err == nil) != test.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"32MiB": 32 << 20, "32Mi": 32 << 20, "1024 KiB": 1 << 20, "1GiB": 1 << 30, "1KiB": 0, "2GiB": 0, "32": 0, "32MB": 0, "-1MiB": 0, "999999GiB": 0} {
		if got, err := parseBytes(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
}
