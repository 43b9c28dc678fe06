package observe

import (
	"context"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// Observer is a source that sends what it sees, and how it is doing.
type Observer struct {
	Session
	Collections []string // what it looks at
	// CurrentAt is when it last had nothing more to send; Lag is how long ago its last look was when that was committed.
	CurrentAt time.Time
	Lag       time.Duration
	// Events counts what was recorded or updated because of it; LastEventAt is the time of the newest.
	Events      int64
	LastEventAt time.Time
	// Refused says why something that it sent was last refused or left out; empty once all is well again.
	Refused   string
	RefusedAt time.Time
	// Mark is the key of its fingerprints, where the installation keeps no other.
	Mark []byte
}

// SilentAfter is how long an observer can be silent before it is taken for gone. It should be heard every 20 seconds.
const SilentAfter = time.Minute

// Silent reports whether nothing was heard of the observer for too long.
func (o *Observer) Silent(now time.Time) bool { return now.Sub(o.HeardAt) > SilentAfter }

// Put is an object as it is known from now on.
type Put struct {
	Known
	Gone bool
	// Kept says that state and memory are what they were: only the rest is written.
	Kept bool
}

// Work is what follows from a batch, to be committed as one.
type Work struct {
	Source  string
	Session int64
	Number  int64
	// At is when, by the server's clock; Since the earliest that the batch was seen.
	At, Since time.Time
	Puts      []Put
	// Seen are objects that are as they were.
	Seen []string
	// Forgotten are objects of which nothing is kept.
	Forgotten []string
	// Complete is added to what the session has, and to its baseline.
	Complete []string
	Report   Report
	Lag      time.Duration
	Refused  string
	// Events are normal, and resolved; Withdrawals normal, and By is the principal that they are by.
	Events      []change.Event
	Withdrawals []catalog.Statement
	By          string
	Announce    func([]catalog.Edit) []change.Event
}

// Store keeps what was seen.
type Store interface {
	// Observer gives one; NotFound when nothing was ever heard of it.
	Observer(ctx context.Context, source string) (Observer, error)
	// Observers lists all, by source.
	Observers(ctx context.Context) ([]Observer, error)
	// OpenSession begins a session, and forgets what is long gone. With Yield
	// it is a Conflict while another agent is alive, and so it is where the source is of another type. mark is kept
	// where the observer is new.
	OpenSession(ctx context.Context, opening Opening, mark []byte, now time.Time) (Observer, error)
	// Known gives what is known of objects; those of which nothing is known are left out.
	Known(ctx context.Context, source string, objects []string) (map[string]Known, error)
	// Kept lists the collections of which objects are known that are there as far as is known, whether they are still
	// looked at or not, by name.
	Kept(ctx context.Context, source string) ([]string, error)
	// Unseen lists objects of a collection that are there as far as is known, and that the session has not seen, by name
	// from strictly after one.
	Unseen(ctx context.Context, source, collection string, session int64, after string, limit int) ([]string, error)
	// Commit writes the work of a batch, whole or not at all. It is a Conflict when the session is not the present one,
	// or the batch not the next one.
	Commit(ctx context.Context, work Work) (Committed, error)
	// Refuse notes why something of a source was refused.
	Refuse(ctx context.Context, source, why string, at time.Time) error
	// Of lists what is known of the objects that belong to an entity and are there, by source and name, at most limit.
	Of(ctx context.Context, entity int64, limit int) ([]Seen, error)
}

// Committed tells what became of a batch.
type Committed struct {
	Receipts []change.Receipt
	Edits    []catalog.Edit
}

// Seen is an object as it is known, with where it is.
type Seen struct {
	Source string
	Type   string
	Scope  Scope
	Known
}
