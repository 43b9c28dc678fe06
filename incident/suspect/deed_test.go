package suspect

import (
	"math"
	"testing"

	"tidings.dev/tidings/change"
)

func TestDeeds(t *testing.T) {
	t.Parallel()
	titled := func(kind string, titles ...string) Candidate {
		c := Candidate{Kind: kind}
		for _, title := range titles {
			c.Events = append(c.Events, change.Event{Title: title})
		}
		return c
	}
	for title, want := range map[string]deed{
		"Remove the old rate limiter": gravely, "ENFORCE mTLS": gravely, "Fix a typo": harmless, "Fix a typo in the firewall": gravely, "pricing 1.4.2": plainly, "": plainly,
	} {
		c := titled("deploy", title)
		if got, _ := deedOf(&c); got != want {
			t.Errorf("%q is %d, not %d", title, got, want)
		}
	}
	// A story is judged by all that it tells.
	merged := titled("deploy", "orders 18 to production", "Merged: drop the old path")
	if got, word := deedOf(&merged); got != gravely || word != "drop" {
		t.Errorf("a story of %q is %d", word, got)
	}
	var all []Candidate
	for range 200 {
		all = append(all, titled("secret", "API key rotated"), titled("deploy", "orders 18"))
	}
	all = append(all, titled("deploy", "Remove the old path"), titled("deploy", "Fix a typo"))
	of := deedsOf(all)
	secret, plain, remove, typo := of[0].odds, of[1].odds, of[400].odds, of[401].odds
	if math.Abs(secret) > 0.05 {
		t.Errorf("where all of a kind speak of the same, that says %g", secret)
	}
	if remove < 0.5 || typo > -0.5 || math.Abs(plain) > 0.05 {
		t.Errorf("among plain changes: %g to remove, %g for a typo, %g for a plain one", remove, typo, plain)
	}
}
