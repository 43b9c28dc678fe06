package incident

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Key finds an incident by something that it has: a signal, a ticket, the name of an alert.
type Key [16]byte

// keyOf makes a key of what it is and its parts.
func keyOf(parts ...string) Key {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return Key(sum[:16])
}

func eventKey(id uuid.UUID) Key { return keyOf("event", id.String()) }

// State is how far the keeping has come.
type State struct {
	Followed int64 // the number of the log up to which signals were taken in
	Number   int64 // of the newest incident
	Entry    int64 // of the newest entry of all
}

// Changed is one incident with what is new of it.
type Changed struct {
	Incident Incident // as it is now
	Before   int64    // its entries when it was read; zero for one that is new
	Entries  []Entry
	Keys     []Key
}

// Write is one step of the keeping. It is written as a whole, or not at all.
type Write struct {
	// From and To move on in the log; both are the same where nothing was followed.
	From, To  int64
	Incidents []Changed
	Verdicts  []Verdict
	// Calls become jobs in the same commit.
	Calls []Call
	// Events are added to the log in the same commit.
	Events []change.Event
}

// Filter says which incidents are listed. Empty lists let everything through.
type Filter struct {
	Statuses     []Status
	Environments []string
	// Entities are in trouble, by the id of the store; nil lets all through, an empty list nothing.
	Entities []int64
	// Since and Until bound when it was opened: from, and before.
	Since, Until time.Time
	// Severity is the mildest that is let through; zero lets all through.
	Severity int
	// Merged lets those through as well that turned out to be others.
	Merged bool
	// Text is in its title, in its name such as INC-482, or in the name of what is in trouble; case makes no difference.
	Text string
}

// Says tells whether the text that is looked for is found in the incident.
func (f *Filter) Says(i *Incident) bool {
	wanted := strings.ToLower(strings.TrimSpace(f.Text))
	found := func(text string) bool { return strings.Contains(strings.ToLower(text), wanted) }
	return found(i.Title) || found(NameOf(i.Number)) || slices.ContainsFunc(i.Subjects, func(s change.Subject) bool { return found(s.Name) })
}

// Cursor is where a page of incidents ended: they are listed by when they were opened, the newest first.
type Cursor struct {
	OpenedAt time.Time
	Number   int64
}

// Tail is a part of the log that is to be taken in.
type Tail struct {
	Events []change.Committed
	To     int64 // up to which number it was looked
	More   bool  // whether the log goes on after it
}

// Store keeps incidents.
type Store interface {
	IncidentState(ctx context.Context) (State, error)
	// Signals lists what was committed or revised after a number of the log, in that order: signals, and the changes of some
	// entities that began since an instant. It looks at a bounded part of the log.
	Signals(ctx context.Context, after int64, changed []int64, since time.Time, limit int) (Tail, error)
	// CommitIncidents is a Conflict when an incident, the place in the log or the newest number is not what was read.
	CommitIncidents(ctx context.Context, w Write) error
	// LiveIncidents lists those that are not resolved, or were active since an instant, the latest active first.
	LiveIncidents(ctx context.Context, since time.Time, limit int) ([]Incident, error)
	// Incidents gives those of the numbers that there are.
	Incidents(ctx context.Context, numbers []int64) (map[int64]Incident, error)
	IncidentsByKey(ctx context.Context, keys []Key) (map[Key]int64, error)
	ListIncidents(ctx context.Context, filter Filter, after Cursor, limit int) ([]Incident, error)
	// Timeline lists the entries of one incident after a sequence, in order.
	Timeline(ctx context.Context, number, after int64, limit int) ([]Entry, error)
	// IncidentEntries lists those of all incidents after a number, in the order of commit.
	IncidentEntries(ctx context.Context, after int64, limit int) ([]Recorded, error)
	// Verdicts lists the latest word on each change, of one incident or, for zero, of all: the newest first.
	Verdicts(ctx context.Context, number int64, limit int) ([]Verdict, error)
}

// Log is where signals are read that came before.
type Log interface {
	Feed(ctx context.Context, filter change.Filter, after change.Cursor, limit int, fold bool) (change.Page, error)
	Event(ctx context.Context, id uuid.UUID) (change.Event, error)
}
