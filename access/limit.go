package access

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tidings.dev/tidings/fault"
)

// limits bounds how often somebody may fail, by address and by account. What succeeds is not counted, so that an office
// behind one address can log in at nine o'clock. Memory is bounded: of the two generations, the older is dropped.
type limits struct {
	mu       sync.Mutex
	now, old map[string]*rate.Limiter
}

const (
	limitBurst = 20
	limitEvery = 10 * time.Second
	limitKeys  = 5000 // of one generation
)

func newLimits() *limits {
	return &limits{now: map[string]*rate.Limiter{}}
}

func (l *limits) of(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limiter, ok := l.now[key]; ok {
		return limiter
	}
	if len(l.now) >= limitKeys {
		l.old, l.now = l.now, map[string]*rate.Limiter{}
	}
	limiter, ok := l.old[key]
	if !ok {
		limiter = rate.NewLimiter(rate.Every(limitEvery), limitBurst)
	}
	l.now[key] = limiter
	return limiter
}

// failed counts a failure, and gives the fault to answer with when there were too many.
func (l *limits) failed(key string) error {
	if l.of(key).Allow() {
		return nil
	}
	return tooOften()
}

// open reports, by a fault, that there were too many failures to try again now.
func (l *limits) open(key string) error {
	if l.of(key).Tokens() >= 1 {
		return nil
	}
	return tooOften()
}

func tooOften() error {
	err := fault.New(fault.RateLimited, "too many failures: wait a little, and try again")
	err.RetryAfter = limitEvery
	return err
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
