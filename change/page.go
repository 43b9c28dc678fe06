package change

import (
	"time"

	"github.com/google/uuid"
)

// Status tells what became of an event that was handed in.
type Status string

// The statuses.
const (
	Recorded  Status = "recorded"  // it is new
	Updated   Status = "updated"   // it advanced an event of the same source and key
	Duplicate Status = "duplicate" // everything it says was known
)

// Receipt acknowledges one event, after the commit.
type Receipt struct {
	ID     uuid.UUID `json:"id"`
	Key    string    `json:"key"`
	Status Status    `json:"status"`
}

// Committed is an event with the number under which it was committed or revised: what a live reader resumes after.
type Committed struct {
	Number int64
	Event  Event
}

// Page is a part of the feed, newest first.
type Page struct {
	Events []Event
	// Next is where the following page begins; zero when this is the last.
	Next Cursor
	// SearchedUntil is how far back was searched, where the page ended for that before it was full.
	SearchedUntil time.Time
}

// Thread is a story or a storm: its newest events, newest first, and how many it has.
type Thread struct {
	Events []Event
	Count  int
	// Names are the distinct subjects of a storm of which not every event was read.
	Names []string
}

// Tally is a kept count of events in one bucket of time.
type Tally struct {
	At          time.Time
	Kind        string
	Environment string
	ActorType   ActorType
	Source      string
	Events      int64
}

// Unclaimed is an outside name that no entity answers to, and its past.
type Unclaimed struct {
	Alias   string
	Events  int64
	FirstAt time.Time
	LastAt  time.Time
}
