package watch

import (
	"strings"
	"sync"
	"time"
)

// stands remembers which other object some stand for: an autoscaler for the workload that it scales, an EndpointSlice for
// its Service. The audit names the first alone, and comes after the act: one that is gone is known for a while.
type stands struct {
	mu sync.Mutex
	of map[string]stand // by resource, namespace and name
}

// stand is what acts upon an object are told of.
type stand struct {
	object string // "shop/deployment/cart"
	uid    string // by which such an act is told from one upon the other object itself
	gone   time.Time
}

// The resources that stand for others.
const (
	scalersName = "horizontalpodautoscalers"
	slicesName  = "endpointslices"
	// endpointsName is the older form, of which Kubernetes makes slices itself.
	endpointsName = "endpoints"
)

// remembered is how long one that is gone is known. An API server tries for some minutes to deliver its audit.
const remembered = 15 * time.Minute

func (s *stands) put(key string, one stand, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]stand{}
	}
	s.of[key] = one
	if one.gone.IsZero() {
		return
	}
	for other, one := range s.of {
		if !one.gone.IsZero() && now.Sub(one.gone) > remembered {
			delete(s.of, other)
		}
	}
}

// forget notes that one is gone.
func (s *stands) forget(key string, now time.Time) {
	s.mu.Lock()
	one, known := s.of[key]
	s.mu.Unlock()
	if known {
		one.gone = now
		s.put(key, one, now)
	}
}

// Stands tells which object another one stands for, or stood for a while ago, in which collection that is, and the id that
// an act upon it has there: an autoscaler stands for the workload that it scales, with its own id, and an EndpointSlice or
// Endpoints that somebody wrote by hand for their Service. It may be called while Watch runs.
func (l *Looker) Stands(resource, namespace, name string) (object, collectionOf, uid string, found bool) {
	l.stands.mu.Lock()
	defer l.stands.mu.Unlock()
	one, found := l.stands.of[resource+"/"+namespace+"/"+name]
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
