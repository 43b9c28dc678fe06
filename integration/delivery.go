package integration

import (
	"context"
	"net/http"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration/chat"
)

// Delivery is one request that a tool sent to /hooks/{source}.
type Delivery struct {
	Method string
	Header http.Header
	Query  string // raw
	Body   []byte // as it was signed: inflated only where the tool signs before it deflates
	// ReceivedAt is the server's clock: signatures that carry a time are held against it.
	ReceivedAt time.Time
}

// Receiver is a source that tools call. What they send is verified, kept, decoded and committed before it is
// acknowledged; all of that is done once for everybody, by package ingest.
type Receiver interface {
	Source
	// Verify reports whether the delivery is the tool's. Unauthenticated says what is wrong with it, in words that help
	// whoever sets the tool up and nobody else; it is the same for a source without a secret, which takes nothing.
	Verify(ctx context.Context, d Delivery) error
	// Decode reads a verified delivery, and an old one again: it asks nobody but the roll, and the same delivery always gives
	// events with the same keys. Invalid says what cannot be read. The body may have had secrets taken out of it when it is
	// read again.
	Decode(d Delivery) (Decoded, error)
	// Headers names the headers that Decode reads: they are kept with the body, all others are not.
	Headers() []string
	// MaxBody is the most bytes that the tool sends.
	MaxBody() int64
}

// Sparing is a receiver whose tool sends what nobody needs here and what should not lie about, such as data of the people
// who use a service.
type Sparing interface {
	Receiver
	// Spare gives the body as it is kept: all that Decode reads is in it. It is called for what was verified, readable or not.
	Spare(body []byte) []byte
}

// Confirming is a receiver whose tool asks whether it may deliver, and wants to be answered at an address of its own.
type Confirming interface {
	Receiver
	// Confirm answers such a question, and does nothing for any other delivery. It is called once the delivery is verified,
	// and not when one is read again. Unavailable lets the tool ask again.
	Confirm(ctx context.Context, d Delivery) error
}

// Completing is a receiver that can ask its tool for what a delivery leaves out, such as which files a merge changed.
type Completing interface {
	Receiver
	// Complete is called in the place of Decode, and gives what that gives, the same keys among it. The tool waits meanwhile:
	// it asks for little and for a few seconds at most, and where that fails it gives what Decode does.
	Complete(ctx context.Context, d Delivery) (Decoded, error)
}

// Decoded is what a delivery means.
type Decoded struct {
	// Key is the tool's own id of the delivery, the same when it is sent again; empty where there is none.
	Key        string
	Events     []change.Event
	Statements []catalog.Statement
	// Heard is what was said or pressed in a chat: it is kept with the delivery, and answered afterwards.
	Heard []chat.Heard
	// Ignored says why there is nothing in it for the log: "a review of a pull request is no change". It is no fault.
	Ignored string
	// Answer is what the tool wants to read: a challenge that it sets before it delivers. Nil for most.
	Answer *Answer
}

// Answer is what the tool reads.
type Answer struct {
	Status      int // 200 where it is zero
	ContentType string
	Body        []byte
}

// Outcome is what became of a delivery.
type Outcome string

// The outcomes.
const (
	Taken   Outcome = "taken"   // its events are in the log
	Ignored Outcome = "ignored" // it holds nothing for the log
	Failed  Outcome = "failed"  // it could not be decoded: it is kept, and can be decoded again
	Refused Outcome = "refused" // it was not the tool's, or too large: only that it came is kept
)

// Outcomes lists every outcome.
func Outcomes() []Outcome { return []Outcome{Taken, Ignored, Failed, Refused} }

// Received is what became of a delivery, for whoever sent it.
type Received struct {
	Outcome Outcome
	Reason  string // why it was ignored, or could not be decoded
	Events  int
	Answer  *Answer
}

// Kept is a delivery as it is kept: without its secrets, for a bounded time.
type Kept struct {
	ID         string // of ours
	Source     string
	Key        string // the tool's; or a digest of the body
	ReceivedAt time.Time
	LastAt     time.Time // when it came last, where it came again
	Times      int
	Outcome    Outcome
	Reason     string // why it was ignored, failed or refused
	Events     int
	Bytes      int // of the body as it came
	Header     http.Header
	Query      string
	Body       []byte // empty in lists, and of what was refused
}

// Tally is how many deliveries came of late.
type Tally struct {
	LastAt  time.Time   // when one came last, of whatever outcome; zero where none is kept
	Hours   []HourTally // the oldest first; hours without any are left out
	Partial bool        // there were more than were counted
}

// HourTally is how many deliveries of an outcome came in an hour.
type HourTally struct {
	At         time.Time
	Outcome    Outcome
	Deliveries int
}
