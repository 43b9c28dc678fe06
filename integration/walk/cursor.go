package walk

import (
	"cmp"
	"encoding/json"
	"time"

	"tidings.dev/tidings/integration"
)

// cursor is where each list is.
type cursor struct {
	// Commits counts looks that found something: a cursor that comes back says that they were committed.
	Commits int64            `json:"commits"`
	Lists   map[string]*pass `json:"lists"` // by name
}

// pass is a walk through a list, from the newest to what was told before. What changes meanwhile comes to the front: it is
// found by the next one, and what stands behind it is seen twice and not missed.
type pass struct {
	Start  time.Time `json:"start"`            // how far back the first one goes
	Since  time.Time `json:"since"`            // what is older was told
	First  bool      `json:"first,omitempty"`  // nothing was told yet
	Next   string    `json:"next,omitempty"`   // the page to go on with; empty before and after a walk
	Newest time.Time `json:"newest,omitzero"`  // of this walk
	Open   time.Time `json:"open,omitzero"`    // the oldest that is not finished
	At     time.Time `json:"at,omitzero"`      // how far it has come
	Barred bool      `json:"barred,omitempty"` // it could not be seen: nobody waits for it
}

const (
	// overlap is looked at again: lists are not of one instant.
	overlap = 10 * time.Minute
	// openFor is how long what is not finished is looked at again.
	openFor = 7 * 24 * time.Hour
)

// readCursor reads what a look returned. What is none begins anew: the same is found again, under the same keys.
func readCursor(from string) cursor {
	var c cursor
	if json.Unmarshal([]byte(from), &c) != nil {
		return cursor{}
	}
	return c
}

func (c *cursor) text() (string, error) {
	text, err := json.Marshal(c)
	return string(text), err
}

// keep keeps the walks through the lists that there are, and begins those through new ones.
func (c *cursor) keep(lists []List, until time.Time) {
	standing := map[string]*pass{}
	for i := range lists {
		name := lists[i].Name
		standing[name] = cmp.Or(c.Lists[name], &pass{Start: until, Since: until, First: true})
	}
	c.Lists = standing
}

// backfill is how far the first walks have come: as far as the least of them.
func (c *cursor) backfill(now time.Time) *integration.Backfill {
	b := &integration.Backfill{Done: true}
	for _, p := range c.Lists {
		if !p.First || p.Barred {
			continue
		}
		b.Done, b.Until = false, p.Start
		if at := cmp.Or(p.At, now.UTC().Truncate(time.Second)); at.After(b.At) {
			b.At = at
		}
	}
	return b
}

// saw notes a thing of the list.
func (p *pass) saw(it *Item, now time.Time) {
	p.At = it.At
	if it.At.After(p.Newest) {
		p.Newest = it.At
	}
	if it.Open && now.Sub(it.At) < openFor && (p.Open.IsZero() || it.At.Before(p.Open)) {
		p.Open = it.At
	}
}

// end ends a walk: the next one goes as far back as something can still change.
func (p *pass) end() {
	since := p.Since
	if newest := p.Newest.Add(-overlap); newest.After(since) {
		since = newest
	}
	if !p.Open.IsZero() && !p.Open.After(since) {
		since = p.Open
	}
	*p = pass{Start: p.Start, Since: since, Open: p.Open}
}
