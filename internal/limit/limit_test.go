package limit

import (
	"strconv"
	"testing"

	"tidings.dev/tidings/fault"
)

func TestBuckets(t *testing.T) {
	t.Parallel()
	b := NewBuckets("requests", Rate{PerSecond: 0.001, Burst: 3})
	for range 3 {
		if err := b.Take("a", 1); err != nil {
			t.Fatal(err)
		}
	}
	err := b.Take("a", 1)
	if !fault.Is(err, fault.RateLimited) || fault.RetryAfter(err) <= 0 {
		t.Errorf("a fourth: got %v, after %s", err, fault.RetryAfter(err))
	}
	if err := b.Take("b", 100); err != nil {
		t.Errorf("more than a bucket of somebody else: %v", err)
	}
	if err := b.Take("b", 1); err == nil {
		t.Error("that did not empty it")
	}
	if err := NewBuckets("requests", Rate{}).Take("a", 1<<30); err != nil {
		t.Errorf("without a bound: %v", err)
	}
}

// Whoever comes under ever new names must not fill the memory, nor empty the bucket of somebody who keeps theirs.
func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	b := NewBuckets("requests", Rate{PerSecond: 0.001, Burst: 1})
	_ = b.Take("kept", 1)
	for i := range 3 * keys {
		_ = b.Take(strconv.Itoa(i), 1)
		if i%1000 == 0 && b.Take("kept", 1) == nil {
			t.Fatalf("after %d others the bucket was full again", i)
		}
	}
	if n := len(b.now) + len(b.old); n > 2*keys {
		t.Errorf("%d buckets", n)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	c := NewCount("streams", 2)
	first, err := c.Enter("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Enter("a"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Enter("a"); !fault.Is(err, fault.RateLimited) {
		t.Errorf("a third: %v", err)
	}
	if _, err := c.Enter("b"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	first()
	first()
	if _, err := c.Enter("a"); err != nil {
		t.Errorf("after one was closed: %v", err)
	}
	if _, err := c.Enter("a"); err == nil {
		t.Error("closing one twice gave two places")
	}
}
