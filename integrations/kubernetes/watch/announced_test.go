package watch

import (
	"slices"
	"testing"
	"time"
)

// What a whole watch does not tell of is gone; one that ended at once says nothing.
func TestAnnounced(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	event := func(name string) *object { return &object{namespace: "shop", name: name, body: &warning{}} }
	a := announce([]*object{event("old"), event("lasting"), event("deleted")}, now)
	next := func(lasted time.Duration, want ...string) {
		t.Helper()
		now = now.Add(lasted)
		var gone []string
		for _, o := range a.next(now) {
			gone = append(gone, o.key())
		}
		if slices.Sort(gone); !slices.Equal(gone, want) {
			t.Errorf("gone after a watch of %s: %v, want %v", lasted, gone, want)
		}
	}
	a.remove(event("deleted"))
	next(7 * time.Minute) // the list told of all of them
	next(time.Second)     // ended before it told of any
	a.add(event("lasting"))
	next(8*time.Minute, "shop/old")
	a.add(event("lasting"))
	a.add(event("new"))
	next(8 * time.Minute)
	next(8*time.Minute, "shop/lasting", "shop/new")
}
