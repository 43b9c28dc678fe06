package fleet

import (
	"sync"
	"time"
)

// Patience keeps an instance that is not listed any more for a while: a session that is lost and found again within it
// was none that went.
type Patience struct {
	// For is how long; a directory that knows sessions loses all of them when it restarts.
	For time.Duration

	mu   sync.Mutex
	last map[string]map[string]held // of each object
}

type held struct {
	instance Instance
	since    time.Time // when it was missed first; zero while it is listed
}

// Hold adds to what is listed of an object now what was listed not long ago.
func (p *Patience) Hold(object string, listed []Instance, now time.Time) []Instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last = map[string]map[string]held{}
	}
	next := map[string]held{}
	for _, i := range listed {
		next[i.ID] = held{instance: i}
	}
	for id, h := range p.last[object] {
		if _, still := next[id]; still {
			continue
		}
		if h.since.IsZero() {
			h.since = now
		}
		if now.Sub(h.since) < p.For {
			next[id] = h
			listed = append(listed, h.instance)
		}
	}
	p.last[object] = next
	return listed
}
