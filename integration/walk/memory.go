package walk

import (
	"crypto/sha256"
	"maps"

	"tidings.dev/tidings/change"
)

// memory is what looks learned: what was told, what the tags of lists are, what has ended. It spares requests and writes;
// without it the same is found, and nothing doubled.
type memory struct {
	confirmed map[string]string // by looks that were committed
	pending   map[string]string // what the last look adds to that, once its cursor comes back
}

// memoryEntries bounds it: what is beyond that is forgotten, with all the rest.
const memoryEntries = 50_000

func (m *memory) confirm(committed bool) {
	if !committed || m.confirmed == nil || len(m.confirmed)+len(m.pending) > memoryEntries {
		m.confirmed = map[string]string{}
	} else {
		maps.Copy(m.confirmed, m.pending)
	}
	m.pending = map[string]string{}
}

func (m *memory) get(key string) (value string, known bool) {
	if value, known = m.pending[key]; !known {
		value, known = m.confirmed[key]
	}
	return value, known
}

func (m *memory) put(key, value string) { m.pending[key] = value }

// Keys of the memory.
func told(key string, phase change.Phase) string { return "told " + key + " " + string(phase) }
func tag(address string) string                  { return "tag " + address }
func mark(name string) string                    { return "mark " + name }

// tells reports whether an event says something that was not told before, and keeps it.
func (m *memory) tells(e *change.Event) bool {
	key, digest := told(e.Key, e.Phase), sha256.Sum256(e.AppendDocument(nil))
	if before, _ := m.get(key); before == string(digest[:]) {
		return false
	}
	m.put(key, string(digest[:]))
	return true
}
