package request

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"tidings.dev/tidings/fault"
)

// Budget bounds the bytes of all bodies that are held at once, so that many large ones are refused instead of filling
// the memory. It is taken as bodies are read, inflated, and given back when their requests end.
type Budget struct {
	limit int64
	held  atomic.Int64
	// Shed is called for every body that is refused; it may be nil.
	Shed func()
}

// NewBudget makes a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Held is how many bytes are held now.
func (b *Budget) Held() int64 { return b.held.Load() }

// retryBodies is when a client whose body found no room should come back.
const retryBodies = 2 * time.Second

// Share is what one request holds of a budget.
type Share struct {
	budget *Budget
	held   int64
	full   bool
	pass   bool
}

// Open begins a request's share. Close ends it, when nothing reads for the request any more.
func (b *Budget) Open(ctx context.Context) (context.Context, *Share) {
	share := &Share{budget: b}
	return context.WithValue(ctx, shareKey{}, share), share
}

type shareKey struct{}

// ShareOf finds the share of a context; Take on it works also where there is none.
func ShareOf(ctx context.Context) *Share {
	share, _ := ctx.Value(shareKey{}).(*Share)
	return share
}

// Take takes some bytes more. It is Unavailable, with the time to wait, when others hold too many.
func (s *Share) Take(n int) error {
	if s == nil || n <= 0 {
		return nil
	}
	if s.budget.held.Add(int64(n)) > s.budget.limit {
		s.budget.held.Add(int64(-n))
		if !s.full && s.budget.Shed != nil {
			s.budget.Shed()
		}
		s.full = true
		err := fault.New(fault.Unavailable, "the server holds as many bodies as it has memory for: send this again in a moment")
		err.RetryAfter = retryBodies
		return err
	}
	s.held += int64(n)
	return nil
}

// Full reports whether the request was refused for want of room.
func (s *Share) Full() bool { return s != nil && s.full }

// Pass says that what is read from now on is not kept.
func (s *Share) Pass() {
	if s != nil {
		s.pass = true
	}
}

func (s *Share) passing() bool { return s != nil && s.pass }

// Close gives everything back.
func (s *Share) Close() {
	s.budget.held.Add(-s.held)
	s.held = 0
}

// Body counts what is read of a body against a share.
func (s *Share) Body(body io.ReadCloser) io.ReadCloser { return &counted{body, s} }

type counted struct {
	io.ReadCloser
	share *Share
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.share.passing() {
		return n, err
	}
	if full := c.share.Take(n); full != nil {
		return 0, full
	}
	return n, err
}
