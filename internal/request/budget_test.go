package request_test

import (
	"bytes"
	"io"
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/request"
)

func TestBodiesBeyondTheBudgetAreRefusedUntilOthersEnd(t *testing.T) {
	t.Parallel()
	shed := 0
	budget := request.NewBudget(1000)
	budget.Shed = func() { shed++ }
	body := func() io.ReadCloser { return io.NopCloser(bytes.NewReader(make([]byte, 600))) }
	ctx, one := budget.Open(t.Context())
	if _, err := io.ReadAll(one.Body(body())); err != nil {
		t.Fatal(err)
	}
	_, two := budget.Open(t.Context())
	_, err := io.ReadAll(two.Body(body()))
	if !fault.Is(err, fault.Unavailable) || fault.RetryAfter(err) == 0 || shed != 1 || !two.Full() {
		t.Errorf("got %v, shed %d", err, shed)
	}
	two.Close()
	if request.ShareOf(ctx).Take(500) == nil {
		t.Error("one request may not take more than there is either")
	}
	one.Close()
	if budget.Held() != 0 {
		t.Errorf("%d bytes were never given back", budget.Held())
	}
	_, three := budget.Open(t.Context())
	if _, err := io.ReadAll(three.Body(body())); err != nil {
		t.Error(err)
	}
}
