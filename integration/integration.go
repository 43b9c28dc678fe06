// Package integration is the contract that every tool's folder under integrations/ meets.
//
// An integration turns what a tool says or shows into events of the log and statements about the roll. It never
// stores, schedules or retries anything itself: the ingest package does that once for all of them. Imports: catalog,
// change, fault, observe and the standard library.
package integration

import (
	"context"
	"net"
	"net/http"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/observe"
)

// Spec describes an integration to the rest of the program.
type Spec struct {
	Name    string // the type in the configuration, such as git
	Title   string // for people, such as "Git repository"
	Summary string // one sentence: what it brings
	Class   Class
	// Config makes an empty configuration, which the strict YAML reader fills in. Nil for an integration that is not
	// configured at the server, because an agent brings what it sees.
	Config func() Config
	// Interpreter knows what the states that an observer sends mean; nil for an integration without one.
	Interpreter observe.Interpreter
}

// Config is the configuration of one source of this type.
type Config interface {
	// Validate names every fault of the configuration.
	Validate() error
	// Open makes the running source. It touches nothing outside yet.
	Open() (Source, error)
}

// Typed is a configuration that can be typed on the page, and not only written into the server's file: by somebody who
// may use the server, and must not be able to use the machine that it runs on.
type Typed interface {
	Config
	// Form is the settings, as one asks for them, the secrets among them.
	Form() []Field
	// Secrets names the settings that are secrets. They are typed apart, and kept sealed.
	Secrets() []string
	// Narrow names every fault of what was typed: no path of this machine, no reference to its variables and files, no
	// scheme that runs a program.
	Narrow() error
	// Guard gives the configuration the way to its secrets, and the rule for hosts that it may talk to.
	Guard(Guard)
}

// Outgoing is a configuration whose source connects to others.
type Outgoing interface {
	Config
	// Addresses are those that it will connect to, as URL or HOST:PORT, as far as the configuration says: so that one that the
	// server must not ask is named before it is missed.
	Addresses(ctx context.Context) []string
}

// Asking is a configuration whose source asks others over HTTP.
type Asking interface {
	Outgoing
	// Use gives it the one client that may: it asks no private address unless that is allowed, follows few redirects,
	// carries no credential to another host, and bounds what it reads. It is called before Open.
	Use(client *http.Client)
}

// Dialing is a configuration of which the source connects by something else than HTTP requests.
type Dialing interface {
	Outgoing
	// Connect gives it the one way to connect, by the rule of the client of Asking. It is called before Open.
	Connect(dial func(ctx context.Context, network, address string) (net.Conn, error))
}

// Knowing is a configuration of which the source asks the roll what a tool's names mean here. Mapping is one.
type Knowing interface {
	Config
	// Know gives it the roll. It is called before Open.
	Know(roll *catalog.Index)
}

// Guard is what a typed source has to go through.
type Guard struct {
	// Secret opens one of the source's secrets, anew for each use; NotFound where none is set.
	Secret func(ctx context.Context, field string) (string, error)
	// Host refuses hosts that must not be talked to.
	Host func(ctx context.Context, host string) error
}

// Source is a configured integration. What more it can do it shows by the interfaces below.
type Source interface {
	// Describe says what it looks at, for the page of sources: a path, an address. Never a secret.
	Describe() string
}

// Poller looks at the world once per call.
type Poller interface {
	Source
	// Poll looks once, from where the cursor of the last look left off; the first cursor is empty. It neither sleeps
	// nor retries. The same thing always gives the same event key, also where a delivery tells of it, so that looking
	// twice doubles nothing and a webhook that was missed is made up for. A first look at much brings one page, tells of
	// its progress, and says that there is more.
	//
	// Errors say what is the matter in words that help whoever set the source up: Unauthenticated for a credential that
	// is not known, Forbidden for one that may not, NotFound for a wrong address, RateLimited with the time to wait,
	// Unavailable for all that may pass. Package upstream makes them of HTTP's answers.
	Poll(ctx context.Context, cursor string) (Look, error)
}

// Look is what one call of Poll found. Events and cursor are committed together.
type Look struct {
	Events     []change.Event
	Statements []catalog.Statement
	Cursor     string // where to go on
	More       bool   // there is more to fetch at once, as in a long backfill
	// Backfill is how far the look into the past has come; nil while there is nothing to tell of it.
	Backfill *Backfill
	// Wait is how long to wait before the next look at least, because the tool says so; zero is as configured.
	Wait time.Duration
	// Problem says what could not be seen, while all else was: "acme/payments: …". Empty where all was seen.
	Problem string
	// Idle says why nothing was looked at although nothing is wrong: "no token is set". Empty where something was.
	Idle string
}

// Backfill is how far a source's first look has come. It goes from the present into the past.
type Backfill struct {
	Until time.Time `json:"until,omitzero"` // how far back it goes; zero where only a number bounds it
	At    time.Time `json:"at,omitzero"`    // how far it has come
	Done  bool      `json:"done"`
	// Events is how many it brought so far. It is counted for the source.
	Events int `json:"events"`
}

// Seer is a source that sees the state of objects, at each call all of them. What differs from the last look is found by
// the Interpreter of its Spec, and becomes events and statements; what was missed while the server was down is found by
// the next look, and dated between the two.
type Seer interface {
	Source
	// Collections are all that it looks at; Scope says where.
	Collections() []string
	Scope() observe.Scope
	// See puts every object that there is, and says Complete of each collection that it has seen as a whole: objects
	// that were there before and were not put are gone. Trouble tells of a collection that cannot be seen, which then is
	// as it was. It neither sleeps nor retries, and returns an error where nothing at all can be seen, as Poll does.
	//
	// Mark gives the keyed fingerprint of a value that must not leave See: the same for equal values.
	See(ctx context.Context, mark func(value string) string, to observe.Sink) error
}

// Looked is how far a source that looks has come: kept so that a server that starts goes on from there.
type Looked struct {
	Source   string
	At       time.Time
	Cursor   string
	Problem  string // why the look failed; empty when it did not
	Backfill *Backfill
}

// Beside is what is committed together with events, in one transaction.
type Beside struct {
	Deliveries []Kept   // that the events came in
	Looks      []Looked // that the events were found by
	Heard      []Heard  // in a chat: what has to be answered
}

// Heard is what was heard in the chat of a source.
type Heard struct {
	Source string
	chat.Heard
}

// Listener is a source that hears of what happens over a connection that it opens itself, for those whom a tool cannot
// reach. What it hears goes the way of a delivery that was verified.
type Listener interface {
	Receiver
	// Listen hands on what it hears, until the context ends or the connection does; it is called again then. A delivery
	// is acknowledged to the tool when deliver returned without an error. Errors are those of Poll.
	Listen(ctx context.Context, deliver func(ctx context.Context, d Delivery) (Received, error)) error
	// Listens reports whether there is anything to listen to, as it is configured.
	Listens(ctx context.Context) bool
}

// Health is how a source is doing, in one word.
type Health string

// The states of health.
const (
	Waiting Health = "waiting" // it has not been looked at yet
	Working Health = "working"
	Failing Health = "failing" // Fault tells why
	Off     Health = "off"     // somebody switched it off
)

// State is how a source is doing: one that is looked at by the server since its start, one that an agent looks at since
// its first session.
type State struct {
	Name        string
	Type        string
	State       Health
	Detail      string // what it looks at
	Fault       string // why the last look failed; empty when it did not
	LookedAt    time.Time
	LastEventAt time.Time
	Events      int
	// SilentSince is the hour of its last event, where it would usually have told of more by now; zero where all is as usual.
	SilentSince time.Time
	// Backfill is how far its look into the past has come; nil for a source that has none.
	Backfill *Backfill
	// Deliveries are how many came, by what became of them; nil for a source that nobody calls.
	Deliveries map[Outcome]int
	// Observed tells more of a source that an agent looks at; nil for any other.
	Observed *Observed
}

// Observed is how a source is doing that an agent looks at.
type Observed struct {
	Agent    string // the process
	Version  string
	Since    time.Time // when its session began
	HeardAt  time.Time
	SyncedAt time.Time     // when it had seen everything once; zero before
	Objects  int           // that it watches
	Waiting  int           // observations that it holds and has not sent
	Lost     int           // observations that found no room, and were made up for by looking again
	Lag      time.Duration // how long ago its last look was when that was committed
	Cluster  string
}
