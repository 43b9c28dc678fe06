// Package limit bounds how much somebody may have at a time: token buckets and counts by key, in a memory that is bounded
// too. What a key stands for (a principal, a source, an address) is the caller's. Imports: fault.
package limit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tidings.dev/tidings/fault"
)

// Rate is a bucket for each key: so many a second, and so many at once. The zero value bounds nothing.
type Rate struct {
	PerSecond float64
	Burst     int
}

// keys is how many buckets one generation holds. When it is full the older generation is dropped: whoever it held begins
// with a full bucket.
const keys = 20_000

// Buckets are the buckets of one rate.
type Buckets struct {
	most Rate
	what string // "requests", for the sentence of a refusal

	mu       sync.Mutex
	now, old map[string]*rate.Limiter
}

// NewBuckets makes the buckets of a rate; what they hold is named in refusals.
func NewBuckets(what string, r Rate) *Buckets {
	if r.PerSecond > 0 && r.Burst < 1 {
		r.Burst = int(max(r.PerSecond, 1))
	}
	return &Buckets{most: r, what: what, now: map[string]*rate.Limiter{}}
}

// Take takes n from the bucket of a key. It is RateLimited, with the time to wait, when that holds fewer; what is more
// than a whole bucket empties a full one, so that it can be had at all.
func (b *Buckets) Take(key string, n int) error {
	if b == nil || b.most.PerSecond <= 0 || n <= 0 {
		return nil
	}
	bucket, now := b.of(key), time.Now()
	n = min(n, b.most.Burst)
	if bucket.AllowN(now, n) {
		return nil
	}
	missing := float64(n) - bucket.TokensAt(now)
	err := fault.New(fault.RateLimited, "too many %s at once: at most %g a second, and %d in a burst; wait, and send less at a time", b.what, b.most.PerSecond, b.most.Burst)
	err.RetryAfter = max(time.Duration(missing/b.most.PerSecond*float64(time.Second)), time.Millisecond)
	return err
}

// Has reports, by the same fault, that the bucket of a key is empty. It takes nothing.
func (b *Buckets) Has(key string) error {
	if b == nil || b.most.PerSecond <= 0 || b.of(key).Tokens() >= 1 {
		return nil
	}
	return b.Take(key, 1)
}

func (b *Buckets) of(key string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bucket, ok := b.now[key]; ok {
		return bucket
	}
	if len(b.now) >= keys {
		b.old, b.now = b.now, make(map[string]*rate.Limiter, keys)
	}
	bucket, ok := b.old[key]
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(b.most.PerSecond), b.most.Burst)
	}
	b.now[key] = bucket
	return bucket
}

// Count bounds how many of something each key has at a time.
type Count struct {
	most int
	what string

	mu   sync.Mutex
	held map[string]int
}

// NewCount makes a count of at most so many for each key; zero bounds nothing.
func NewCount(what string, most int) *Count {
	return &Count{most: most, what: what, held: map[string]int{}}
}

// retryCount is when to come back: whoever has as many as they may has to end one first.
const retryCount = 5 * time.Second

// Enter takes a place, which release gives back, once. It is RateLimited when a key has all of its places.
func (c *Count) Enter(key string) (release func(), err error) {
	if c == nil || c.most <= 0 {
		return func() {}, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[key] >= c.most {
		err := fault.New(fault.RateLimited, "you have %d %s open already: close one first", c.most, c.what)
		err.RetryAfter = retryCount
		return nil, err
	}
	c.held[key]++
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.held[key]--; c.held[key] <= 0 {
			delete(c.held, key)
		}
	}), nil
}
