package daemon_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/store/storetest"
)

// withLogin runs a test against a server of either engine where nobody has an account yet.
func withLogin(t *testing.T, edit func(*daemon.Config), test func(t *testing.T, d *daemon.Daemon)) {
	t.Helper()
	run := func(t *testing.T, store func(*daemon.Config)) {
		t.Parallel()
		d, err := daemon.Open(t.Context(), settings(func(c *daemon.Config) {
			c.NoLogin = false
			store(c)
			if edit != nil {
				edit(c)
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		test(t, d)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, func(c *daemon.Config) { c.Data = t.TempDir() }) })
	t.Run("postgres", func(t *testing.T) {
		run(t, func(c *daemon.Config) { c.Data, c.DatabaseURL = "", storetest.PostgresURL(t) })
	})
}

// browser is a client that keeps cookies.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

type reply struct {
	status int
	header http.Header
	text   string
}

// ask sends a request as a client does; headers come in pairs.
func ask(t *testing.T, client *http.Client, method, address, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(content)}
}

// first logs the first administrator in.
func first(t *testing.T, d *daemon.Daemon) *http.Client {
	t.Helper()
	_, secret, ok := strings.Cut(d.FirstLink(), "/login/link#")
	if !ok {
		t.Fatalf("the link is %q", d.FirstLink())
	}
	client := browser(t)
	in := ask(t, client, "POST", d.URL()+"/api/v1/login/link", `{"secret":"`+secret+`","name":"ada"}`)
	if in.status != http.StatusOK || !strings.Contains(in.text, "administrator") {
		t.Fatalf("got %d %s", in.status, in.text)
	}
	cookie := in.header.Get("Set-Cookie")
	for _, want := range []string{"tidings=", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	return client
}

func TestTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	withLogin(t, nil, func(t *testing.T, d *daemon.Daemon) {
		stranger := browser(t)
		for path, want := range map[string]int{
			"/api/v1/events": 401, "/api/v1/stream": 401, "/api/v1/entities": 401, "/api/v1/login/../events": 401,
			"//api/v1/events": 401, "/api/v1/login": 200, "/healthz": 200, "/readyz": 200,
		} {
			got := ask(t, stranger, "GET", d.URL()+path, "", "Accept", "application/json")
			if got.status != want || want == 401 && (!strings.Contains(got.text, `"unauthenticated"`) || got.header.Get("WWW-Authenticate") != "Bearer") {
				t.Errorf("%s: got %d %.200s", path, got.status, got.text)
			}
		}
		if got := ask(t, stranger, "POST", d.URL()+"/api/v1/events", `{"title":"x","service":"y"}`); got.status != 401 {
			t.Errorf("a stranger writes: %d", got.status)
		}
		client := first(t, d)
		if got := ask(t, client, "POST", d.URL()+"/api/v1/events", `{"title":"x","service":"y"}`); got.status != 201 {
			t.Errorf("the administrator writes: %d %s", got.status, got.text)
		}
		if got := ask(t, client, "POST", d.URL()+"/api/v1/events", `{"title":"x","service":"y"}`, "Sec-Fetch-Site", "cross-site"); got.status != 403 {
			t.Errorf("a page of another origin writes: %d", got.status)
		}
		if got := ask(t, client, "POST", d.URL()+"/graphql", `{"query":"{ viewer { name noLogin } }"}`); !strings.Contains(got.text, `"ada"`) || !strings.Contains(got.text, `"noLogin":false`) {
			t.Errorf("got %s", got.text)
		}
		if got := ask(t, client, "GET", d.URL()+"/api/v1/events?kind=access", ""); !strings.Contains(got.text, "ada logged in by a one-time link") {
			t.Errorf("the audit: %s", got.text)
		}
		if got := ask(t, client, "POST", d.URL()+"/api/v1/login/logout", "", "Sec-Fetch-Site", "cross-site"); got.status != 403 {
			t.Errorf("a page of another origin logs out: %d", got.status)
		}
		if got := ask(t, client, "POST", d.URL()+"/api/v1/login/logout", ""); got.status != 204 {
			t.Errorf("got %d", got.status)
		}
		if got := ask(t, client, "GET", d.URL()+"/api/v1/events", ""); got.status != 401 {
			t.Errorf("after the logout: %d", got.status)
		}
	})
}

func TestAnybodyMayReadWhereTheyAreLet(t *testing.T) {
	t.Parallel()
	withLogin(t, func(c *daemon.Config) { c.Login.Anonymous = "read" }, func(t *testing.T, d *daemon.Daemon) {
		if got := ask(t, http.DefaultClient, "GET", d.URL()+"/api/v1/events", ""); got.status != 200 {
			t.Errorf("got %d %s", got.status, got.text)
		}
		if got := ask(t, http.DefaultClient, "GET", d.URL()+"/api/v1/events", "", "Authorization", "Bearer nonsense"); got.status != 401 {
			t.Errorf("a wrong token: %d %s", got.status, got.text)
		}
		if got := ask(t, http.DefaultClient, "GET", d.URL()+"/api/v1/events", "", "Cookie", "tidings=nonsense"); got.status != 200 || !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("an old cookie: %d %v", got.status, got.header)
		}
	})
}

// Behind a proxy that ends HTTPS, under its own name.
func TestAPublicAddress(t *testing.T) {
	t.Parallel()
	withLogin(t, func(c *daemon.Config) {
		c.PublicURL, c.TrustedProxies = "https://tidings.example.com", []string{"127.0.0.0/8"}
	}, func(t *testing.T, d *daemon.Daemon) {
		link, secret, _ := strings.Cut(d.FirstLink(), "#")
		if link != "https://tidings.example.com/login/link" {
			t.Errorf("the link leads to %s", link)
		}
		public := []string{"Host", "tidings.example.com", "Origin", "https://tidings.example.com", "X-Forwarded-For", "203.0.113.9, 127.0.0.1"}
		body := `{"secret":"` + secret + `","name":"ada"}`
		for what, headers := range map[string][]string{
			"another host":          {"Host", "evil.example"},
			"another origin":        {"Host", "tidings.example.com", "Origin", "https://evil.example"},
			"the origin in HTTP":    {"Host", "tidings.example.com", "Origin", "http://tidings.example.com"},
			"no origin to speak of": {"Host", "tidings.example.com", "Origin", "null"},
		} {
			if got := ask(t, http.DefaultClient, "POST", d.URL()+"/api/v1/login/link", body, headers...); got.status != 403 && got.status != 421 {
				t.Errorf("%s: got %d", what, got.status)
			}
		}
		in := ask(t, http.DefaultClient, "POST", d.URL()+"/api/v1/login/link", body, public...)
		cookie := in.header.Get("Set-Cookie")
		if in.status != 200 || !strings.HasPrefix(cookie, "__Host-tidings=") || !strings.Contains(cookie, "; Secure") {
			t.Fatalf("got %d %q", in.status, cookie)
		}
		pair, _, _ := strings.Cut(cookie, ";")
		audit := ask(t, http.DefaultClient, "GET", d.URL()+"/api/v1/events?kind=access", "", append(public, "Cookie", pair)...)
		if audit.status != 200 || !strings.Contains(audit.text, "203.0.113.9") {
			t.Errorf("got %d %s", audit.status, audit.text)
		}
		if got := ask(t, http.DefaultClient, "GET", d.URL()+"/healthz", "", "Host", "10.1.2.3:8080"); got.status != 200 {
			t.Errorf("a prober: got %d", got.status)
		}
	})
}

func TestWhoMayComeInIsChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(*daemon.Config)
		want string
	}{
		"everyone the administrator of a network": {func(c *daemon.Config) { c.Listen = "0.0.0.0:0" }, "no_login"},
		"a network without an address":            {func(c *daemon.Config) { c.Listen, c.NoLogin = "0.0.0.0:0", false }, "public_url"},
		"an address with a path":                  {func(c *daemon.Config) { c.PublicURL = "https://example.com/tidings" }, "public_url"},
		"a proxy of no address":                   {func(c *daemon.Config) { c.TrustedProxies = []string{"nginx"} }, "trusted_proxies"},
		"anybody writes":                          {func(c *daemon.Config) { c.Login.Anonymous = "write" }, "login.anonymous"},
		"a short session":                         {func(c *daemon.Config) { c.Login.Session.Idle = 5 }, "login.session.idle"},
	} {
		config := settings(test.edit)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	config := settings(func(c *daemon.Config) {
		c.Listen, c.NoLogin, c.PublicURL = "0.0.0.0:0", false, "https://tidings.example.com"
	})
	if err := config.Validate(); err != nil {
		t.Error(err)
	}
}
