package request_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"tidings.dev/tidings/internal/request"
)

// FuzzDescribe reads anything as what a proxy says: whom we do not trust cannot say who they are.
func FuzzDescribe(f *testing.F) {
	f.Add("192.0.2.1, 10.0.0.1", "https", "tidings.example", "10.0.0.2:1234")
	f.Add("[2001:db8::1]:80,10.0.0.1", "http", "a\x00b", "192.0.2.9:1")
	f.Add(",,,", "", "", "unix")
	proxies, err := request.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, forwarded, proto, host, peer string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"], r.Header["X-Forwarded-Host"] = []string{forwarded}, []string{proto}, []string{host}
		info := proxies.Describe(r)
		from, err := netip.ParseAddrPort(peer)
		if err == nil && !proxies.Trusts(from.Addr().Unmap()) && (info.Client != from.Addr().Unmap() || info.Secure || info.Host != r.Host) {
			t.Errorf("%s said that it is %v", peer, info)
		}
	})
}
