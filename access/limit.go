package access

import (
	"net/netip"

	"tidings.dev/tidings/internal/limit"
)

// newAttempts bounds how often somebody may fail, by address and by account: every ten seconds, and twenty times at once.
// What succeeds is not counted, so that an office behind one address can log in at nine o'clock.
func newAttempts() *limit.Buckets {
	return limit.NewBuckets("failures", limit.Rate{PerSecond: 0.1, Burst: 20})
}

// network is what counts as one address: an IPv6 host owns at least a /64.
func network(text string) string {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Unmap().Is4() {
		return text
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return text
	}
	return prefix.String()
}
