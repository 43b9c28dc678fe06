package request

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the addresses whose word is taken for who sent a request.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks: 10.0.0.1, 10.0.0.0/8, fd00::/8.
func ParseProxies(texts []string) (Proxies, error) {
	var proxies Proxies
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", text)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		if prefix.Bits() == 0 {
			return nil, fmt.Errorf("%s would trust everyone: name the networks of your proxies", prefix)
		}
		proxies = append(proxies, prefix.Masked())
	}
	return proxies, nil
}

// Trusts reports whether an address is one of a proxy.
func (p Proxies) Trusts(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// Sent reports whether a request comes straight from a trusted proxy.
func (p Proxies) Sent(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.Trusts(peer.Addr().Unmap())
}

// longestChain bounds how many forwarding hops are followed.
const longestChain = 32

// Describe tells who sent a request. The X-Forwarded headers count only as far as they were written by trusted proxies:
// X-Forwarded-For is read from its end, and the first address that is not a proxy's is the client. What stands before
// it, anybody can have written.
func (p Proxies) Describe(r *http.Request) Info {
	info := Info{Secure: r.TLS != nil, Host: r.Host}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return info // a Unix socket, or a test
	}
	info.Client = peer.Addr().Unmap()
	if !p.Trusts(info.Client) {
		return info
	}
	info.Secure = strings.EqualFold(last(r.Header.Values("X-Forwarded-Proto")), "https")
	if host := last(r.Header.Values("X-Forwarded-Host")); host != "" {
		info.Host = host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= max(0, len(hops)-longestChain); i-- {
		addr, ok := hop(hops[i])
		if !ok {
			return info
		}
		info.Client = addr
		if !p.Trusts(addr) {
			return info
		}
	}
	return info
}

// hop reads an address as proxies write it: bare, in brackets, or with a port.
func hop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr().Unmap(), true
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap(), err == nil
}

// last is the value that the nearest proxy wrote.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	all := strings.Split(values[len(values)-1], ",")
	return strings.TrimSpace(all[len(all)-1])
}
