package outbound_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/outbound"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "8.8.8.8": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.100.100.200": false, "192.0.0.192": false, "224.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "fc00::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if got := outbound.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

func rule(t *testing.T, allow ...string) *outbound.Rule {
	t.Helper()
	r, err := outbound.NewRule(allow)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func get(t *testing.T, r *outbound.Rule, address string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := r.Client(outbound.Options{}).Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body[:min(len(body), 20)]), err
}

func TestPrivateAddressesAreNotAsked(t *testing.T) {
	t.Parallel()
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked = true
		_, _ = io.WriteString(w, "inside")
	}))
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f.1", "2130706433"} {
		if text, err := get(t, rule(t), "http://"+host+":"+port); err == nil {
			t.Errorf("%s answered %q", host, text)
		}
	}
	if asked {
		t.Error("it was asked")
	}
	if _, err := get(t, rule(t), server.URL); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "outbound.allow") {
		t.Errorf("got %v", err)
	}
	for _, allow := range []string{"127.0.0.1", "127.0.0.0/8"} {
		if text, err := get(t, rule(t, allow), server.URL); err != nil || text != "inside" {
			t.Errorf("%s: got %q, %v", allow, text, err)
		}
	}
	if text, err := get(t, rule(t, "localhost"), "http://localhost:"+port); err != nil || text != "inside" {
		t.Errorf("a name: got %q, %v", text, err)
	}
}

func TestRedirectsAreHeldToTheRule(t *testing.T) {
	t.Parallel()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch to := r.URL.Query().Get("to"); to {
		case "round":
			http.Redirect(w, r, server.URL+"/?to=round", http.StatusFound)
		case "large":
			_, _ = io.CopyN(w, zeroes{}, outbound.MaxBody+10)
		default:
			http.Redirect(w, r, to, http.StatusFound)
		}
	}))
	defer server.Close()
	allowed := rule(t, "127.0.0.1")
	for name, to := range map[string]string{
		"another address of this machine": "http://127.0.0.2:1/", "metadata": "http://169.254.169.254/latest/meta-data/", "a file": "file:///etc/passwd",
		"a user": "http://a:b@127.0.0.1/", "round and round": "round", "more than is read": "large",
	} {
		if text, err := get(t, allowed, server.URL+"/?to="+url.QueryEscape(to)); err == nil {
			t.Errorf("%s: got %q", name, text)
		}
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { return len(p), nil }

func TestNewRule(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"", "*", "http://x", "10.0.0.0/99", "a b"} {
		if _, err := outbound.NewRule([]string{wrong}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
	if err := rule(t, "*.example.internal").Host(t.Context(), "git.example.internal"); err != nil {
		t.Error(err)
	}
	if err := rule(t).Host(t.Context(), "[::1]"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v", err)
	}
}

// A redirect to another host carries no credential, whatever the header is called, and no body; the way back is the same.
func TestRedirectsCarryNoCredentials(t *testing.T) {
	t.Parallel()
	var got []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Private-Token")+r.Header.Get("Authorization")+r.UserAgent())
		_, _ = io.WriteString(w, "found")
	}))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1)+"/there", http.StatusTemporaryRedirect)
	}))
	defer first.Close()
	rule, err := rule(t).With([]string{"127.0.0.1", "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	client := rule.Client(outbound.Options{Agent: "Tidings/test", Asked: func(a outbound.Asked) { asked = append(asked, a.Outcome()) }})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		request, err := http.NewRequestWithContext(t.Context(), method, first.URL, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Private-Token", "canary")
		request.Header.Set("Authorization", "Bearer canary")
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		if (err != nil) != (method == http.MethodPost) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if strings.Join(got, ",") != "Tidings/test" || strings.Join(asked, ",") != "3xx,2xx,3xx" {
		t.Errorf("the other host was sent %q; asked: %v", got, asked)
	}
}
