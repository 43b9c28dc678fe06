// Package integration is the contract that every tool's folder under integrations/ meets.
//
// An integration turns what a tool says or shows into events of the log and statements about the roll. It never
// stores, schedules or retries anything itself: the ingest package does that once for all of them. Imports: catalog,
// change, fault, observe and the standard library.
package integration

import (
	"context"
	"net/http"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
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

// Asking is a configuration whose source asks others over HTTP.
type Asking interface {
	Config
	// Use gives it the one client that may: it asks no private address unless that is allowed, follows few redirects, and
	// bounds what it reads. It is called before Open.
	Use(client *http.Client)
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
	// nor retries. The same thing always gives the same event key, so that looking twice doubles nothing.
	Poll(ctx context.Context, cursor string) (Look, error)
}

// Look is what one call of Poll found.
type Look struct {
	Events     []change.Event
	Statements []catalog.Statement
	Cursor     string // where to go on
	More       bool   // there is more to fetch at once, as in a long backfill
}

// Health is how a source is doing, in one word.
type Health string

// The states of health.
const (
	Waiting Health = "waiting" // it has not been looked at yet
	Working Health = "working"
	Failing Health = "failing" // Fault tells why
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
