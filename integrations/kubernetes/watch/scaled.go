package watch

import (
	"strings"
	"sync"
	"time"
)

// scaled remembers what each autoscaler scales, for the audit, which names the autoscaler alone, and comes after the act:
// one that is gone is known for a while.
type scaled struct {
	mu sync.Mutex
	of map[string]scaling
}

type scaling struct {
	object, uid string
	gone        time.Time
}

// remembered is how long an autoscaler that is gone is known. An API server tries for some minutes to deliver its audit.
const remembered = 15 * time.Minute

func (s *scaled) put(name string, before, after *autoscaler, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]scaling{}
	}
	switch {
	case after != nil:
		s.of[name] = scaling{object: after.target, uid: after.UID}
	case before != nil:
		s.of[name] = scaling{object: before.target, uid: before.UID, gone: now}
		for other, one := range s.of {
			if !one.gone.IsZero() && now.Sub(one.gone) > remembered {
				delete(s.of, other)
			}
		}
	}
}

// Scales tells which workload an autoscaler scales, or scaled a while ago, in which collection that is, and the
// autoscaler's own id. It may be called while Watch runs.
func (l *Looker) Scales(namespace, name string) (object, collectionOf, uid string, found bool) {
	l.scaled.mu.Lock()
	defer l.scaled.mu.Unlock()
	one, found := l.scaled.of[namespace+"/"+name]
	if !found {
		return "", "", "", false
	}
	parts := strings.Split(one.object, "/")
	if len(parts) != 3 {
		return "", "", "", false
	}
	collectionOf, found = collection(parts[1])
	return one.object, collectionOf, one.uid, found
}
