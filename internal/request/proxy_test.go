package request_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"tidings.dev/tidings/internal/request"
)

func TestWhoSentARequest(t *testing.T) {
	t.Parallel()
	proxies, err := request.ParseProxies([]string{"10.0.0.0/8", "fd00::1"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		peer   string
		header http.Header
		client string
		secure bool
		host   string
	}{
		"straight":                     {"192.0.2.1:5000", nil, "192.0.2.1", false, "example.com"},
		"a stranger's word":            {"192.0.2.1:5000", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil"}}, "192.0.2.1", false, "example.com"},
		"one proxy":                    {"10.1.1.1:5000", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"tidings.example.org"}}, "203.0.113.9", true, "tidings.example.org"},
		"what a client wrote itself":   {"10.1.1.1:5000", http.Header{"X-Forwarded-For": {"127.0.0.1, 203.0.113.9"}}, "203.0.113.9", false, "example.com"},
		"two proxies, two headers":     {"10.1.1.1:5000", http.Header{"X-Forwarded-For": {"203.0.113.9", "10.9.9.9"}}, "203.0.113.9", false, "example.com"},
		"all of them proxies":          {"10.1.1.1:5000", http.Header{"X-Forwarded-For": {"10.3.3.3, 10.2.2.2"}}, "10.3.3.3", false, "example.com"},
		"with a port":                  {"[fd00::1]:5000", http.Header{"X-Forwarded-For": {"[2001:db8::7]:4711"}}, "2001:db8::7", false, "example.com"},
		"no address":                   {"10.1.1.1:5000", http.Header{"X-Forwarded-For": {"unknown"}}, "10.1.1.1", false, "example.com"},
		"an address of the old family": {"[::ffff:10.1.1.1]:5000", http.Header{"X-Forwarded-For": {"::ffff:203.0.113.9"}}, "203.0.113.9", false, "example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "http://example.com/", nil)
			r.RemoteAddr = test.peer
			r.Header = test.header
			got := proxies.Describe(r)
			if got.Client.String() != test.client || got.Secure != test.secure || got.Host != test.host {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestProxiesThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0.0.0.0/0", "::/0", "proxy.example.com", "10.0.0.0/33"} {
		if _, err := request.ParseProxies([]string{text}); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}
