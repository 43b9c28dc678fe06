// Package outbound is how the server asks others over HTTP, at addresses that somebody else may have chosen: never at
// one of this machine, of its network, or of the cloud's metadata service, unless the configuration allows it. The rule
// is held when the connection is made, after names were resolved, so that no name and no redirect leads around it.
//
// Anything in the server may import it. Imports: fault and the standard library.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"tidings.dev/tidings/fault"
)

// Bounds of one request.
const (
	DialTime     = 10 * time.Second
	RequestTime  = 30 * time.Second
	FileTime     = time.Minute // until the answer to a file begins
	MaxRedirects = 5
	MaxBody      = 16 << 20 // bytes of an answer
)

// Rule says which addresses may be asked beside those of the public internet.
type Rule struct {
	networks []netip.Prefix
	names    map[string]bool
}

// NewRule reads what the configuration allows: networks (10.20.0.0/16), addresses (10.1.2.3), and names
// (git.example.internal; *.example.internal for all beneath). A name that is allowed may resolve to any address.
func NewRule(allow []string) (*Rule, error) {
	r := &Rule{names: map[string]bool{}}
	var faults []fault.Fault
	for i, entry := range allow {
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			r.networks = append(r.networks, prefix.Masked())
			continue
		}
		if addr, err := netip.ParseAddr(entry); err == nil {
			r.networks = append(r.networks, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		name := strings.ToLower(strings.TrimSuffix(entry, "."))
		if name == "" || name == "*" || strings.ContainsAny(name, "/:@ ") {
			faults = append(faults, fault.Fault{Pointer: fmt.Sprintf("allow[%d]", i), Detail: fmt.Sprintf("%q is not a network such as 10.20.0.0/16, an address, or a name such as git.example.internal", entry)})
			continue
		}
		r.names[name] = true
	}
	return r, fault.InvalidInput("outbound", faults)
}

// With is the rule with further addresses allowed.
func (r *Rule) With(allow []string) (*Rule, error) {
	if len(allow) == 0 {
		return r, nil
	}
	more, err := NewRule(allow)
	if err != nil {
		return nil, err
	}
	more.networks = append(more.networks, r.networks...)
	maps.Copy(more.names, r.names)
	return more, nil
}

// special are networks that are not private by the library's word, and no part of the public internet either.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared by carriers; some clouds' metadata (100.100.100.200)
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments; Oracle's metadata (192.0.0.192)
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("64:ff9b::/96"),    // IPv4 in IPv6: it would hide any of the above
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"), // 6to4, the same
	netip.MustParsePrefix("2001::/32"), // Teredo, the same
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("100::/64"),
}

// Public reports whether an address is one of the public internet.
func Public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range special {
		if network.Contains(addr) {
			return false
		}
	}
	return true
}

// Address checks an address that is about to be connected to; its error is Forbidden.
func (r *Rule) Address(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if Public(addr) {
		return nil
	}
	for _, network := range r.networks {
		if network.Contains(addr) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "%s is not an address of the public internet: to let the server ask there, list it, its network or its name under outbound.allow, or under allow beside what asks", addr)
}

// named reports whether a name is allowed whatever it resolves to.
func (r *Rule) named(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if r.names[host] {
		return true
	}
	for {
		_, rest, found := strings.Cut(host, ".")
		if !found {
			return false
		}
		if r.names["*."+rest] {
			return true
		}
		host = rest
	}
}

// Host resolves a name and checks all that it leads to: for programs that connect by themselves, such as git. What such
// a program resolves a moment later can be something else; Client leaves no such gap.
func (r *Rule) Host(ctx context.Context, host string) error {
	host = strings.Trim(host, "[]")
	if r.named(host) {
		return nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return r.Address(addr)
	}
	ctx, cancel := context.WithTimeout(ctx, DialTime)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return fault.New(fault.Unavailable, "%s cannot be found: %w", host, err)
	}
	for _, addr := range found {
		if err := r.Address(addr); err != nil {
			return err
		}
	}
	return nil
}

// Refuses tells whether the rule keeps a client from an address, a URL or HOST:PORT, as it resolves just now: the host that would
// have to be allowed, and what it leads to. A host that is asked through a proxy, or cannot be found, is not refused.
func (r *Rule) Refuses(ctx context.Context, address string) (host string, to netip.Addr, refused bool) {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err != nil || proxy != nil {
			return "", to, false
		}
		host = u.Hostname()
	} else if host, _, err = net.SplitHostPort(address); err != nil {
		return "", to, false
	}
	if host == "" || r.named(host) {
		return host, to, false
	}
	addresses := []netip.Addr{}
	if addr, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, addr)
	} else if addresses, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host); err != nil {
		return host, to, false
	}
	for _, addr := range addresses {
		if r.Address(addr) != nil {
			return host, addr.Unmap().WithZone(""), true
		}
	}
	return host, to, false
}

// Options are how a client shows itself and what is told of it.
type Options struct {
	Agent string      // the User-Agent of requests that name none
	Asked func(Asked) // is told of every request; it may be nil
}

// Asked is one request that was made.
type Asked struct {
	Host   string
	Status int // zero where there was no answer
	Err    error
}

// Outcome is the class of the status, forbidden, or failed.
func (a Asked) Outcome() string {
	switch {
	case a.Err == nil && a.Status > 0:
		return fmt.Sprintf("%dxx", a.Status/100)
	case fault.Is(a.Err, fault.Forbidden):
		return "forbidden"
	}
	return "failed"
}

// Client is an HTTP client that keeps to the rule. It follows few redirects, never from https to http, carries no cookies,
// and no header that may be a credential to another host. A proxy of the environment (HTTPS_PROXY) is used, and trusted:
// it then is what resolves names, and what has to keep to such a rule.
func (r *Rule) Client(options Options) *http.Client {
	return &http.Client{Transport: bounded{r.transport(), options}, CheckRedirect: redirect, Timeout: RequestTime}
}

// Files is how whole files are carried, of any size and for as long as it takes, as they are: for a client of storage,
// which bounds and tries again by itself.
func (r *Rule) Files() http.RoundTripper {
	transport := r.transport()
	transport.ResponseHeaderTimeout = FileTime
	transport.DisableCompression = true
	return transport
}

func (r *Rule) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            r.Dial,
		TLSHandshakeTimeout:    DialTime,
		ResponseHeaderTimeout:  RequestTime,
		IdleConnTimeout:        time.Minute,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    4,
		MaxResponseHeaderBytes: 256 << 10,
		ForceAttemptHTTP2:      true,
	}
}

// proxied reports whether an address is that of a proxy of the environment, which the operator chose.
func proxied(address string) bool {
	for _, scheme := range []string{"http", "https"} {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: scheme, Host: "tidings.invalid"}})
		if err == nil && proxy != nil && withPort(proxy) == address {
			return true
		}
	}
	return false
}

func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// Dial connects, as Client does, for what speaks something else than HTTP.
func (r *Rule) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: DialTime}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !r.named(host) && !proxied(address) {
		// After the name was resolved, and for every address that is tried.
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return r.Address(to.Addr())
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// harmless are the headers that may go to another host than the one that was asked.
var harmless = []string{"Accept", "Accept-Language", "User-Agent", "Referer"}

func redirect(next *http.Request, before []*http.Request) error {
	first, last := before[0], before[len(before)-1]
	switch {
	case len(before) > MaxRedirects:
		return errors.New("too many redirects")
	case next.URL.Scheme != "https" && next.URL.Scheme != "http", last.URL.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("a redirect from %s to %s is not followed", last.URL.Scheme, next.URL.Scheme)
	case next.URL.User != nil:
		return errors.New("a redirect with a user is not followed")
	case strings.EqualFold(next.URL.Host, first.URL.Host):
		return nil
	case next.Method != http.MethodGet && next.Method != http.MethodHead:
		return errors.New("a redirect that would send the body to another host is not followed")
	}
	// Tools have credentials in headers of their own, of which the library knows nothing.
	for name := range next.Header {
		if !slices.Contains(harmless, name) {
			next.Header.Del(name)
		}
	}
	return nil
}

// bounded bounds what is read of an answer, and refuses what is no web address.
type bounded struct {
	http.RoundTripper
	options Options
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && r.URL.Scheme != "http" {
		return nil, fault.New(fault.Invalid, "%s is neither http nor https", r.URL.Scheme)
	}
	if r.Header.Get("User-Agent") == "" && b.options.Agent != "" {
		r = r.Clone(r.Context())
		r.Header.Set("User-Agent", b.options.Agent)
	}
	answer, err := b.RoundTripper.RoundTrip(r)
	if b.options.Asked != nil {
		asked := Asked{Host: r.URL.Host, Err: err}
		if answer != nil {
			asked.Status = answer.StatusCode
		}
		b.options.Asked(asked)
	}
	if err != nil {
		return nil, err
	}
	answer.Body = &limited{Reader: io.LimitReader(answer.Body, MaxBody+1), Closer: answer.Body}
	return answer, nil
}

type limited struct {
	io.Reader
	io.Closer
	read int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if l.read += int64(n); l.read > MaxBody {
		return n, fault.New(fault.Unavailable, "the answer is over %d MiB: it is not read on", MaxBody>>20)
	}
	return n, err
}
