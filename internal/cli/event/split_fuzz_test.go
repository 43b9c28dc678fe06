package event

import "testing"

// FuzzSplit splits anything into requests: each is within the bounds of the server, and none is lost.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(`{"title":"x"}`))
	f.Add([]byte("{\"title\":\"x\"}\n{\"title\":\"y\"} [1]\n"))
	f.Add([]byte("{\n{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		next := 0
		for i, p := range split(text) {
			if p.first != next || i > 0 && p.events == 0 || p.events > partEvents {
				t.Errorf("part %d begins at %d with %d events, after %d", i, p.first, p.events, next)
			}
			next += p.events
		}
	})
}
