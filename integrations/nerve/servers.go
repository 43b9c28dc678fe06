package nerve

import (
	"math/rand/v2"
	"sync"

	"github.com/go-zookeeper/zk"
)

// servers are those of an ensemble, each tried in its turn. The library's own would resolve their names before it connects,
// so that a name that is allowed could not be told from its address.
type servers struct {
	mu    sync.Mutex
	names []string
	next  int
	tried int // since the last that answered
}

var _ zk.HostProvider = (*servers)(nil)

// Init takes the servers, in an order of chance, so that not all clients begin with the first.
func (s *servers) Init(names []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append([]string(nil), names...)
	rand.Shuffle(len(s.names), func(i, j int) { s.names[i], s.names[j] = s.names[j], s.names[i] })
	return nil
}

// Len is how many there are.
func (s *servers) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.names)
}

// Next gives the next one, and whether all were tried in vain.
func (s *servers) Next() (server string, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	server = s.names[s.next]
	s.next = (s.next + 1) % len(s.names)
	s.tried++
	return server, s.tried > 1 && (s.tried-1)%len(s.names) == 0
}

// Connected notes that one answered.
func (s *servers) Connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = 0
}
