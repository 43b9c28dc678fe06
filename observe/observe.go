// Package observe is what was seen of the world: the last known state of each object, and the difference that a new
// look makes, as events of the log and statements about the roll.
//
// An observer (a Kubernetes agent, say) sends what it sees in sessions. Within a session batches are numbered, and each
// is worked in once, in one transaction with the events that follow from it: a batch that is sent again changes nothing,
// and one of a session that a newer one has replaced is refused. An object that an observer sees for the first time
// after having been away is compared with what was known before, and its change dated to the interval between.
//
// What a difference means only the integration knows: see Interpreter. Imports: catalog, change and fault.
package observe

import (
	"encoding/json"
	"errors"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
)

// Bounds of what is sent.
const (
	MaxBatch  = 1000     // observations of one batch
	MaxBytes  = 4 << 20  // bytes of one batch on the wire, inflated
	MaxName   = 512      // bytes of an object's name
	MaxState  = 64 << 10 // bytes of one object's state
	MaxMemory = 64 << 10 // bytes that an interpreter may remember of one object
)

// ErrGap is the cause of the error about a batch whose number is not the next one.
var ErrGap = errors.New("the number of a batch is not the next one")

// Observation is one thing that was seen of one object. An observer sends them in the order in which they happened, and
// never leaves one out that it knows of.
type Observation struct {
	// Object is the object's name, unique within the source and the same for ever: "payments/deployment/api".
	Object string `json:"object"`
	// Collection is what the object is looked for in: a look at a whole collection tells what is gone from it.
	Collection string `json:"collection"`
	// State is the object's state as its integration writes it down. Equal states are equal byte for byte. Empty together
	// with Act, and where Gone is true.
	State json.RawMessage `json:"state,omitempty"`
	// Gone says that the object does not exist any more.
	Gone bool `json:"gone,omitempty"`
	// Act is something that somebody did to the object, by the word of the platform's audit. It can come before or after
	// the state that it led to, and for an object whose state is not known.
	Act *Act `json:"act,omitempty"`
	// SeenAt is when the observer saw it, by the observer's clock.
	SeenAt time.Time `json:"seen_at"`
	// Since is when an observer that only looks from time to time had looked before; zero for one that watches.
	Since time.Time `json:"since,omitzero"`
}

// Act is one successful write of somebody to an object, as the platform's audit tells it.
type Act struct {
	ID           string    `json:"id"` // the audit's own id
	At           time.Time `json:"at"` // when the platform had done it
	Verb         string    `json:"verb"`
	Part         string    `json:"part,omitempty"`         // what of the object was written, such as "scale"
	User         string    `json:"user"`                   // who did it; the impersonated user where there is one
	Impersonator string    `json:"impersonator,omitempty"` // who was logged in, where another was impersonated
	Agent        string    `json:"agent,omitempty"`        // the client program
	Automation   bool      `json:"automation,omitempty"`   // the user is a machine's account
	ObjectID     string    `json:"object_id,omitempty"`    // the platform's id of the object, where the audit tells it
	Manager      string    `json:"manager,omitempty"`      // under which name the platform notes the writer on the object
}

// Batch is a numbered part of a session.
type Batch struct {
	Source  string
	Session int64
	Number  int64 // 1, 2, 3, … within its session
	// Observations are in the order in which they were seen.
	Observations []Observation
	// Complete names the collections of which every object has been sent in this session by the end of this batch: what
	// is known of them and was not sent is gone.
	Complete []string
	// Report is how the observer is doing.
	Report Report
}

// Report is how an observer is doing, for the page of sources.
type Report struct {
	Version  string    `json:"version,omitempty"`
	Detail   string    `json:"detail,omitempty"`   // what it looks at: "https://10.0.0.1:6443, all namespaces"
	Problem  string    `json:"problem,omitempty"`  // what it cannot see just now, and what to do
	Waiting  int       `json:"waiting,omitempty"`  // observations that it holds and has not sent
	Lost     int       `json:"lost,omitempty"`     // observations that found no room, and were made up for by looking again
	Objects  int       `json:"objects,omitempty"`  // objects that it watches
	SyncedAt time.Time `json:"synced_at,omitzero"` // when it had seen everything once
}

// Opening is what an observer says when it begins a session.
type Opening struct {
	Source string
	Type   string // the integration, such as "kubernetes"
	// Collections are all that the observer looks at. What was known of others ends without a word in the log:
	// nobody looks at it any more.
	Collections []string
	// Scope says where the source's objects are.
	Scope Scope
	// Agent is which process it is, for people: "tidings-agent-7d9f8". Two of one source are told apart by it.
	Agent string
	// Yield asks to be refused (Conflict) while another agent of the source is alive: one that was replaced does not
	// replace its successor.
	Yield  bool
	Report Report
}

// Scope says where the objects of a source are; an object's own state may be finer.
type Scope struct {
	Cluster     string `json:"cluster,omitempty"`
	Environment string `json:"environment,omitempty"`
	Region      string `json:"region,omitempty"`
	// Extent says which part of the collections is looked at, such as "namespaces shop, payments"; empty is all. When it
	// changes, what comes in was not created and what drops out is not gone.
	Extent string `json:"extent,omitempty"`
}

// Opened is a session that has begun.
type Opened struct {
	Source  string
	Session int64
	// Key is that of the source's fingerprints (HMAC-SHA256), the same in each session.
	Key []byte
}

// Session is an observer's turn. A newer one of the same source ends it.
type Session struct {
	Source string
	Type   string
	Number int64
	Batch  int64 // the last batch that was worked in
	Scope  Scope
	Agent  string // who opened it
	// Baseline are the collections that were complete at least once, in this session or an earlier one: an object that is
	// new in any other was not created, but is looked at for the first time.
	Baseline []string
	// Complete are the collections that were complete in this session: they are watched since.
	Complete []string
	// HeardAt is when the observer was last heard, by the server's clock; AwayFrom when the session before it was.
	HeardAt  time.Time
	AwayFrom time.Time
	OpenedAt time.Time
	Report   Report
}

// Known is what is known of one object before an observation.
type Known struct {
	Object     string
	Collection string
	State      json.RawMessage // empty when none is known: it was never seen, or is gone
	Memory     json.RawMessage // the interpreter's own notes
	Entity     int64           // what the object belonged to when it was last worked in; zero for nothing
	Session    int64           // the session that last saw it
	SeenAt     time.Time       // when it was last seen in this state
}

// Look is one observation together with what is known, for an Interpreter.
type Look struct {
	Source string
	Scope  Scope
	Known  Known
	Observation
	// First says that the collection was never looked at as a whole before: what exists is not news.
	First bool
	// After and Before bound the instant of what is found: it is later than After, which is zero when nothing is known of
	// it, and not later than Before. They lie seconds apart while the observer watches, and as long as it was away after that.
	After, Before time.Time
}

// Finding is what an observation means.
type Finding struct {
	// Subject names what the object belongs to: an outside name that the statements claim as an alias, or a reference.
	// Empty for an object that belongs to nothing.
	Subject string
	// Events are what happened. Keys are derived from the platform's own ids, so that the same difference always has the
	// same key; Source is set by the door. A Subject that is empty in an event means the subject of the object.
	Events []change.Event
	// Statements are what the object says about the roll, and withdrawals of what it said and says no longer.
	Statements []catalog.Statement
	// Problems are what the object's owner wrote and nobody could read, one sentence each: the page of sources shows the
	// last, with the object's name.
	Problems []string
	// Memory replaces the interpreter's notes. An object that is gone keeps its memory until Forget.
	Memory json.RawMessage
	// Forget drops an object that is gone, memory and all.
	Forget bool
}

// Interpreter knows what the states of an integration's objects mean. It is pure: no clock, no storage, no network.
type Interpreter interface {
	// Interpret compares what is known with what was seen. It is called once for each observation, in their order, and
	// for each object that is found gone. It never fails: a state that cannot be read is Invalid at Check, before anything
	// is stored.
	Interpret(Look) Finding
	// Check reports whether an observation can be read. The error is Invalid and names what is wrong.
	Check(Observation) error
	// Running tells what an object runs by its last known state; false for an object that runs nothing, such as a
	// configuration, and for a state that cannot be read.
	Running(scope Scope, state json.RawMessage) (Running, bool)
}

// Running is what one object runs just now, in words that every platform has.
type Running struct {
	Kind        string    `json:"kind"` // the platform's word: Deployment, CronJob
	Group       string    `json:"group,omitempty"`
	Name        string    `json:"name"` // within its group: a namespace
	Environment string    `json:"environment,omitempty"`
	Cluster     string    `json:"cluster,omitempty"`
	Region      string    `json:"region,omitempty"`
	Version     string    `json:"version,omitempty"` // of the main image
	Commit      string    `json:"commit,omitempty"`  // where the version is one
	Images      []Image   `json:"images,omitempty"`  // the main one first
	Asked       *int      `json:"asked,omitempty"`   // instances asked for; nil where nobody asks for a number
	Ready       int       `json:"ready"`             // instances that answer
	Updated     int       `json:"updated"`           // instances of the newest version
	Least       int       `json:"least,omitempty"`   // bounds of an autoscaler; zero without one
	Most        int       `json:"most,omitempty"`
	Phase       string    `json:"phase,omitempty"`   // of the newest version: progressing, complete, stalled, failed, paused, aborted
	Message     string    `json:"message,omitempty"` // why, where it is not complete
	Exposure    *float64  `json:"exposure,omitempty"`
	Schedule    string    `json:"schedule,omitempty"` // of what runs by the clock
	Stopped     bool      `json:"stopped,omitempty"`  // suspended, or asked for none
	Hosts       []string  `json:"hosts,omitempty"`    // where it is exposed: "shop.example.com/cart"
	Troubles    []string  `json:"troubles,omitempty"` // what it suffers from, one sentence each
	CreatedAt   time.Time `json:"created_at,omitzero"`
	ChangedAt   time.Time `json:"changed_at,omitzero"` // when the phase began
}

// Image is one image that an object runs.
type Image struct {
	Container string `json:"container"`
	Image     string `json:"image"`
	Version   string `json:"version,omitempty"`
}
