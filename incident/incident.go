// Package incident is what is known of a trouble: what is in it, since when, how bad, what was said and done, and what
// people found to be its cause. Who could be the cause is asked of package suspect.
//
// An incident is what its entries say, in their order (Apply); the Keeper alone makes entries, of the signals of the log
// and of what people do. Imports: access, catalog, change and fault.
package incident

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Status is how far a trouble has come.
type Status string

// The statuses.
const (
	Open         Status = "open"         // nobody took it yet
	Acknowledged Status = "acknowledged" // somebody did
	Resolved     Status = "resolved"
)

// OnsetBy says what the onset was estimated from. A stronger one is not replaced by a weaker one.
type OnsetBy string

// What an onset is estimated from, the weakest first.
const (
	OnsetByPage   OnsetBy = "page"   // when somebody was called
	OnsetByAlert  OnsetBy = "alert"  // the first alert that belongs to it
	OnsetBySignal OnsetBy = "signal" // a step in a measured signal
	OnsetByPerson OnsetBy = "person" // somebody said so
)

// Onset is when the trouble began, which is before the page.
type Onset struct {
	At time.Time `json:"at"`
	By OnsetBy   `json:"by"`
}

// Incident is one trouble, as its entries leave it.
type Incident struct {
	// Number is its name among people: INC-482. Numbers rise and are never used again.
	Number int64  `json:"number"`
	Title  string `json:"title"`
	Status Status `json:"status"`
	// Severity is 1, the worst, to 5; zero is not known.
	Severity    int    `json:"severity,omitempty"`
	Environment string `json:"environment,omitempty"`
	Region      string `json:"region,omitempty"`
	Cluster     string `json:"cluster,omitempty"`
	// Subjects are what is in trouble, in the order in which it was learned.
	Subjects       []change.Subject `json:"subjects"`
	Onset          Onset            `json:"onset"`
	OpenedAt       time.Time        `json:"opened_at"`
	AcknowledgedAt time.Time        `json:"acknowledged_at,omitzero"`
	ResolvedAt     time.Time        `json:"resolved_at,omitzero"`
	// Signals are the events of the log that speak of it, the earliest learned first: pages and alerts, of any tool; at
	// most MaxSignals.
	Signals []uuid.UUID `json:"signals"`
	// Firing are the signals that go on, and Paging those of them that are an incident in the tool that told of it.
	Firing []uuid.UUID `json:"firing,omitempty"`
	Paging []uuid.UUID `json:"paging,omitempty"`
	// Called says that a tool called somebody: when its own incident ends, this one does. Otherwise it ends when its
	// alerts have been silent for a while.
	Called bool `json:"called,omitempty"`
	// Set are the fields that a person set: signals do not change them any more.
	Set []string `json:"set,omitempty"`
	// ActiveAt is when its signals last began or ended.
	ActiveAt time.Time `json:"active_at"`
	// Roles are who does what: "commander" to "person:ines", or to the name of one whom the roll cannot know.
	Roles map[string]string `json:"roles,omitempty"`
	// Conversations are where it is talked about.
	Conversations []Conversation `json:"conversations,omitempty"`
	Links         []change.Link  `json:"links,omitempty"`
	// MergedInto is the incident that this one turned out to be.
	MergedInto int64 `json:"merged_into,omitempty"`
	// Done is how many changes stand in the timeline.
	Done int `json:"done,omitempty"`
	// Entries is how many the timeline has: what reads it again does so when this rose.
	Entries int64 `json:"entries"`
}

// Name is how people call it: INC-482.
func (i *Incident) Name() string { return NameOf(i.Number) }

// NameOf is how people call the incident of a number.
func NameOf(number int64) string { return "INC-" + strconv.FormatInt(number, 10) }

// MaxSignals bounds the signals that an incident keeps: what comes beyond belongs to it all the same, and is not listed.
const MaxSignals = 500

// Conversation is a thread or a channel of a chat tool.
type Conversation struct {
	Source  string `json:"source"`  // the configured chat
	Channel string `json:"channel"` // the chat's own id of it
	Thread  string `json:"thread,omitempty"`
	URL     string `json:"url,omitempty"`
}

// EntryKind is what an entry of the timeline says.
type EntryKind string

// The kinds of entry. An incident is what its entries say, in their order.
const (
	EntryOpened       EntryKind = "opened"
	EntrySignal       EntryKind = "signal" // an alert or a page was found to belong to it
	EntryAcknowledged EntryKind = "acknowledged"
	EntryResolved     EntryKind = "resolved"
	EntryReopened     EntryKind = "reopened"
	EntryMerged       EntryKind = "merged"
	EntrySplit        EntryKind = "split"  // a signal turned out to be of another incident
	EntryEdited       EntryKind = "edited" // title, severity, services, environment, onset
	EntryRole         EntryKind = "role"
	EntrySaid         EntryKind = "said" // in a chat
	EntryNoted        EntryKind = "noted"
	EntryDone         EntryKind = "done"    // a change that somebody made because of it
	EntryVerdict      EntryKind = "verdict" // what a person found of a change
	EntryConversation EntryKind = "conversation"
	EntryCalled       EntryKind = "called" // somebody is paged through a pager, by hand
)

// Entry is one line of the timeline. Entries are only ever added.
type Entry struct {
	ID       uuid.UUID    `json:"id"`
	Incident int64        `json:"incident"`
	Sequence int64        `json:"sequence"` // from 1, without gaps
	Kind     EntryKind    `json:"kind"`
	At       time.Time    `json:"at"` // when it happened
	Recorded time.Time    `json:"recorded_at"`
	By       change.Actor `json:"by"`
	Text     string       `json:"text,omitempty"` // Markdown, untrusted
	Event    uuid.UUID    `json:"event,omitzero"` // of the log
	// Fields are what an edit, a role, a verdict or a conversation changed, by name: the Field constants.
	Fields map[string]string `json:"fields,omitempty"`
	// Subjects and Links are those that it added, or that it put in the place of others.
	Subjects []change.Subject `json:"subjects,omitempty"`
	Links    []change.Link    `json:"links,omitempty"`
}

// Recorded is an entry with its number among those of all incidents, which rises in the order of commit.
type Recorded struct {
	Number int64
	Entry  Entry
}

// Finding is what a person found of a change.
type Finding string

// The findings.
const (
	Caused    Finding = "caused"    // it was this
	Fixed     Finding = "fixed"     // this ended it
	Suspected Finding = "suspect"   // it may have been this
	Dismissed Finding = "dismissed" // it was not this
)

// Verdict is a person's word on one change in one incident. The latest word on a change counts.
type Verdict struct {
	Incident int64     `json:"incident"`
	Event    uuid.UUID `json:"event"`
	Finding  Finding   `json:"finding"`
	By       string    `json:"by"` // the principal
	At       time.Time `json:"at"`
	Reason   string    `json:"reason,omitempty"`
	// Rank is where the ranker had the change when the incident was judged: 1 for the first, zero where it had not.
	// Recency is where the plain order of the most recent first had it.
	Rank    int `json:"rank,omitempty"`
	Recency int `json:"recency,omitempty"`
	// Kind, Services and Title are those of the change: what is learned of it outlives the event.
	Kind     string  `json:"kind,omitempty"`
	Services []int64 `json:"services,omitempty"`
	Title    string  `json:"title,omitempty"`
}
