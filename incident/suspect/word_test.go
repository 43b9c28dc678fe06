package suspect

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// How far a change stands out by a word follows from the share of all changes that have it, and not from their number: in a busy
// neighbourhood there is always another that speaks of the same.
func TestSharedWords(t *testing.T) {
	t.Parallel()
	of := func(holders, changes int) float64 {
		candidates := make([]Candidate, changes)
		for i := range candidates {
			head := change.Event{ID: uuid.New(), Kind: "config", Title: fmt.Sprintf("setting %d", i)}
			if i < holders {
				head.Title = "fraud_timeout_ms 800 to 1500"
			}
			candidates[i] = Candidate{Head: head, Events: []change.Event{head}}
		}
		return shared(map[string]bool{"fraud_timeout_ms": true}, candidates, map[uuid.UUID]map[string]bool{})[candidates[0].Head.ID]
	}
	for _, c := range []struct {
		holders, changes int
		least, most      float64
	}{
		{1, 2, 0.5, 1}, {1, 500, 0.5, 1}, {2, 500, 0.4, of(1, 500)}, {2, 4, 0, of(2, 500)}, {100, 500, 0, 0.1}, {500, 500, 0, 0.01}, {1, 1, 0.5, 1},
	} {
		if got := of(c.holders, c.changes); got < c.least || got > c.most {
			t.Errorf("a word that %d of %d have counts for %.3f; want %.3f to %.3f", c.holders, c.changes, got, c.least, c.most)
		}
	}
}

// Who names the incident answers it: an acknowledgement is no suspect for speaking of what the alert speaks of.
func TestNameOfTheTrouble(t *testing.T) {
	t.Parallel()
	spoken := said(&Question{
		Signals: []change.Event{
			{Kind: "incident", Key: "INC-482", Title: "INC-482: quote timeouts"},
			{Kind: "alert", Key: "quote/0307", Title: "quote p99", Labels: map[string]string{"incident": "INC-482", "table": "orders"}},
		},
		Words: []string{"INC-482: quote timeouts"},
	})
	for _, word := range []string{"inc-482", "inc", "482"} {
		if spoken[word] {
			t.Errorf("the trouble speaks of %q, which is its own name", word)
		}
	}
	for _, word := range []string{"quote", "timeout", "order"} {
		if !spoken[word] {
			t.Errorf("the trouble does not speak of %q", word)
		}
	}
}
