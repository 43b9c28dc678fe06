package change

import "time"

// Latest asks for the newest events of each of some entities.
type Latest struct {
	Entities []int64
	Kinds    []string // none lets all through
	Since    time.Time
	Until    time.Time // both inclusive
	// Each is how many of each entity at most.
	Each int
}
