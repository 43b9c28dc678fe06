package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/login"
	"tidings.dev/tidings/internal/daemon"
)

// freePort is a port that nobody listened on a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// identityProvider starts a real OpenID provider, whose client is known by the callbacks.
func identityProvider(t *testing.T, port int, callbacks ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "../../scripts/oidc-provider", append([]string{fmt.Sprint(port)}, callbacks...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "ready ") {
				ready <- true
				break
			}
		}
		close(ready)
		_, _ = io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it ends by the signal
	})
	if !<-ready {
		t.Fatalf("the identity provider did not start: %s", said.String())
	}
}

// withProvider configures an identity provider that is yet to start.
func withProvider(port int) func(*daemon.Config) {
	return func(c *daemon.Config) {
		c.Login = daemon.LoginConfig{
			Providers: []login.ProviderConfig{{
				Name: "company", Title: "Company", Issuer: fmt.Sprintf("http://127.0.0.1:%d", port),
				ClientID: "tidings", ClientSecret: "not-a-secret", Scopes: []string{"openid", "profile", "email", "groups"}, Allow: []string{"127.0.0.1"},
			}},
			Groups: []access.Grant{{Group: "admins", Role: access.RoleAdministrator}, {Group: "team-*", Role: access.RoleMember, Teams: []string{"*"}}},
		}
	}
}

// waitFor asks until an answer holds a text.
func waitFor(t *testing.T, address, want string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(ask(t, http.DefaultClient, "GET", address, "").text, want) {
			return
		}
	}
	t.Fatalf("%s never held %s", address, want)
}

var (
	action = regexp.MustCompile(`action="([^"]+)"`)
	prompt = regexp.MustCompile(`name="prompt" value="([^"]+)"`)
)

// signIn goes through a login as a browser does, and gives the last answer and its address.
func signIn(t *testing.T, client *http.Client, start, name string) (*http.Response, string) {
	t.Helper()
	answer, err := client.Get(start)
	for range 5 {
		if err != nil {
			t.Fatal(err)
		}
		body, failed := io.ReadAll(answer.Body)
		answer.Body.Close()
		if failed != nil {
			t.Fatal(failed)
		}
		form, asked := action.FindSubmatch(body), prompt.FindSubmatch(body)
		if form == nil || asked == nil {
			return answer, string(body)
		}
		answer, err = client.PostForm(string(form[1]), url.Values{"prompt": {string(asked[1])}, "login": {name}, "password": {"any"}})
	}
	t.Fatal("the provider asks without an end")
	return nil, ""
}

func TestLoginByARealIdentityProvider(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	d, err := daemon.Open(t.Context(), settings(func(c *daemon.Config) {
		c.NoLogin, c.Data = false, t.TempDir()
		withProvider(port)(c)
	}))
	if err != nil {
		t.Fatalf("an identity provider that is not there keeps the server from starting: %v", err)
	}
	t.Cleanup(func() { _ = d.Close(context.Background()) })
	ways := ask(t, http.DefaultClient, "GET", d.URL()+"/api/v1/login", "")
	if !strings.Contains(ways.text, `"available":false`) || !strings.Contains(ways.text, `"title":"Company"`) {
		t.Errorf("got %s", ways.text)
	}
	start := d.URL() + "/api/v1/login/company?return=/services/pricing%3Ftab=feed"
	if got := ask(t, &http.Client{CheckRedirect: stay}, "GET", start, ""); got.status != 303 || got.header.Get("Location") != "/login?error=unavailable" {
		t.Errorf("while it is not there: %d %v", got.status, got.header)
	}
	identityProvider(t, port, d.URL()+"/api/v1/login/company/callback")
	waitFor(t, d.URL()+"/api/v1/login", `"available":true`)

	priya := browser(t)
	if last, _ := signIn(t, priya, start, "priya"); last.Request.URL.String() != d.URL()+"/services/pricing?tab=feed" {
		t.Fatalf("the browser ended at %s", last.Request.URL)
	}
	if got := ask(t, priya, "POST", d.URL()+"/graphql", `{"query":"{viewer{name}}"}`); !strings.Contains(got.text, `"priya"`) {
		t.Errorf("got %d %s", got.status, got.text)
	}
	if got := ask(t, priya, "POST", d.URL()+"/api/v1/events", `{"title":"x","service":"y"}`); got.status != 201 {
		t.Errorf("a member records: %d %s", got.status, got.text)
	}
	if last, _ := signIn(t, browser(t), start, "guest"); last.Request.URL.String() != d.URL()+"/login?error=forbidden" {
		t.Errorf("somebody without a group ended at %s", last.Request.URL)
	}

	// A login that another browser began, or nobody, or that is told twice.
	began := browser(t)
	began.CheckRedirect = stay
	first := ask(t, began, "GET", start, "")
	to, err := url.Parse(first.header.Get("Location"))
	if err != nil || to.Query().Get("code_challenge_method") != "S256" || to.Query().Get("nonce") == "" {
		t.Fatalf("sent to %s, %v", to, err)
	}
	for what, test := range map[string]struct {
		client *http.Client
		query  string
	}{
		"another browser": {browser(t), "code=x&state=" + to.Query().Get("state")},
		"another state":   {began, "code=x&state=made-up"},
	} {
		test.client.CheckRedirect = stay
		if got := ask(t, test.client, "GET", d.URL()+"/api/v1/login/company/callback?"+test.query, ""); got.header.Get("Location") != "/login?error=expired" {
			t.Errorf("%s: %d %v", what, got.status, got.header)
		}
	}
	for what, query := range map[string]string{
		"a forged code": "code=x&state=", "a refusal": "error=access_denied&state=", "another issuer": "code=x&iss=https://evil.example&state=",
	} {
		again := ask(t, began, "GET", start, "")
		to, err := url.Parse(again.header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, began, "GET", d.URL()+"/api/v1/login/company/callback?"+query+to.Query().Get("state"), ""); got.header.Get("Location") != "/login?error=refused" {
			t.Errorf("%s: %d %v", what, got.status, got.header)
		}
	}
	for _, path := range []string{"//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/%2Fevil", "/api/v1/login/company"} {
		last, _ := signIn(t, browser(t), d.URL()+"/api/v1/login/company?return="+url.QueryEscape(path), "priya")
		if at := last.Request.URL; at.Host != strings.TrimPrefix(d.URL(), "http://") || strings.HasPrefix(at.Path, "/api") || strings.HasPrefix(at.Path, "//") {
			t.Errorf("return=%s ended at %s", path, at)
		}
	}
	ada := browser(t)
	signIn(t, ada, start, "ada")
	audit := ask(t, ada, "GET", d.URL()+"/api/v1/events?kind=access&limit=100", "")
	for _, want := range []string{"priya logged in by company", "guest failed to log in: no group gives a role", "Somebody failed to log in"} {
		if !strings.Contains(audit.text, want) {
			t.Errorf("the audit lacks %q", want)
		}
	}
}

// stay keeps a client from following redirects.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
