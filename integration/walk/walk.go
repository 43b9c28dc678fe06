// Package walk goes through the lists of a tool's API, each from its newest thing to what was told before: it finds what was
// before the webhook, and what the webhook missed. What is the same for all tools is here once: the cursor, the bounds of
// a look, what was told already, what cannot be seen, and how far the first look has come. An integration says which
// lists there are, and what stands in a page of one.
//
// Integrations that poll lists import it. Imports: change, fault, integration and upstream.
package walk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Walker goes through the lists of one source. It is embedded in a source, which it makes an integration.Poller.
type Walker struct {
	Client *upstream.Client
	// Credential is what is asked with: while none is typed nothing is looked at, and the webhook alone tells.
	Credential *integration.Secret
	// Reach is how far the first look goes back.
	Reach integration.Reach
	// Lists names the lists that there are. It is asked again every ten minutes.
	Lists func(ctx context.Context, l *Look) ([]List, error)
	// Clock is time.Now where it is nil.
	Clock func() time.Time

	memory   memory
	returned string            // the cursor of the last look
	done     map[string]bool   // lists of the round that goes on
	troubles map[string]string // of the round that goes on, by list
	lists    []List
	missing  []string // what was named and cannot be seen
	listedAt time.Time
}

// Bounds of a look.
const (
	lookEvents   = 500 // about so many make one commit
	lookRequests = 100
	// listAgain is how often it is asked which lists there are, and listPages how many pages that may take.
	listAgain = 10 * time.Minute
	listPages = 20
	// mostSaid is how many troubles are told of.
	mostSaid = 3
)

// unreturned is no cursor.
const unreturned = "-"

// Poll goes on through the lists, until there is enough for a commit or everything was looked at.
func (w *Walker) Poll(ctx context.Context, from string) (integration.Look, error) {
	if _, err := w.Credential.Get(ctx); fault.Is(err, fault.NotFound) && !w.Credential.Referred() {
		return integration.Look{Cursor: from, Idle: "no token is set: only the webhook tells"}, nil
	}
	reach, err := w.Reach.Reach()
	if err != nil {
		return integration.Look{}, err
	}
	w.confirm(from)
	l := &Look{Now: w.now(), walker: w, cursor: readCursor(from)}
	more, err := l.round(ctx, l.Now.Add(-reach).UTC().Truncate(time.Second))
	if err != nil && (len(l.events) == 0 || ctx.Err() != nil) {
		w.returned = unreturned
		return integration.Look{}, err
	}
	// What was found before something failed is taken in; the next look fails at once, and says so.
	if len(l.events) > 0 {
		l.cursor.Commits++
	}
	w.returned, err = l.cursor.text()
	found := integration.Look{Events: l.events, Cursor: w.returned, More: more, Wait: l.wait, Backfill: l.cursor.backfill(l.Now), Problem: w.trouble()}
	if !more {
		w.done, w.troubles = nil, nil
	}
	return found, err
}

func (w *Walker) now() time.Time {
	if w.Clock != nil {
		return w.Clock()
	}
	return time.Now()
}

// confirm takes up what the last look learned, if it was committed. Else all of the round is looked at again.
func (w *Walker) confirm(from string) {
	committed := from == w.returned
	w.memory.confirm(committed)
	if !committed || w.done == nil {
		w.done, w.troubles = map[string]bool{}, map[string]string{}
	}
}

func (w *Walker) trouble() string {
	all := append(slices.Clone(w.missing), slices.Sorted(maps.Values(w.troubles))...)
	if n := len(all) - mostSaid; n > 0 {
		all = append(all[:mostSaid], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(slices.Compact(all), "; ")
}

// sentence is what an error says, without its code.
func sentence(err error) string {
	_, text, _ := strings.Cut(err.Error(), ": ")
	return text
}
