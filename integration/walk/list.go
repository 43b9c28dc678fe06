package walk

import (
	"context"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// List is one list of the API, the newest first, such as the releases of a repository.
type List struct {
	// Name is that of the list in its source. The cursor keeps it: under another name it is another list.
	Name string
	// Owner is whose list it is, for people: "acme/payments". A trouble is said of it.
	Owner string
	// First is the address of the first page of what came since then, or of all where the tool cannot be asked for that.
	First func(since time.Time) string
	// Read gives what one page tells. NotFound, Forbidden and Invalid are of this list alone: all others go on.
	Read func(ctx context.Context, l *Look, p *Page) ([]Item, error)
	// Unchanged is what it means where the tool answers that its first page is as it was (304).
	Unchanged Unchanged
}

// Unchanged is what a list that is as it was says of the things in it.
type Unchanged int

// What it can say. A list that says nothing is never asked whether it changed.
const (
	SaysNothing  Unchanged = iota
	SaysFinished           // those that are finished are as they were
	SaysAll                // all are as they were
)

// asks reports whether it is enough to ask whether the list changed.
func (u Unchanged) asks(at *pass) bool {
	return !at.First && (u == SaysAll || u == SaysFinished && at.Open.IsZero())
}

// Page is one page of a list.
type Page struct {
	Start time.Time // how far back the first look goes
	Since time.Time // what is older was told
	Next  string    // where the next page is, by the header Link; Read can set it
	Body  []byte

	tool string
}

// Read reads the page as JSON.
func (p *Page) Read(into any) error {
	if err := integration.ReadJSON(p.Body, into); err != nil {
		return fault.New(fault.Unavailable, "%s answered with what it does not document: %s", p.tool, sentence(err))
	}
	return nil
}

// Item is one thing of a list.
type Item struct {
	At   time.Time // by which the list is ordered
	Open bool      // it is not finished: it is looked at again for a week

	events  []change.Event
	trouble error // of what could not be read of it; the rest is told
}

// Tell adds what is to be told of it, as the decoder of a delivery gives it.
func (it *Item) Tell(e change.Event, ignored string, err error) {
	switch {
	case err != nil:
		it.trouble = err
	case ignored == "":
		it.events = append(it.events, e)
	}
}
