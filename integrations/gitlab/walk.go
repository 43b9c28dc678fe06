package gitlab

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// cursor is where each list of each project is.
type cursor struct {
	// Commits counts looks that found something: a cursor that comes back says that they were committed.
	Commits int64            `json:"commits"`
	Lists   map[string]*pass `json:"lists"` // by the project's id and the list
}

// pass is a walk through a list, from the newest to what was told before. What changes meanwhile comes to the front: it is
// found by the next one, and what stands behind it is seen twice and not missed.
type pass struct {
	Start  time.Time `json:"start"`            // how far back the first one goes
	Since  time.Time `json:"since"`            // what is older was told
	First  bool      `json:"first,omitempty"`  // nothing was told yet
	Next   string    `json:"next,omitempty"`   // the page to go on with; empty before and after a walk
	Newest time.Time `json:"newest,omitzero"`  // of this walk
	At     time.Time `json:"at,omitzero"`      // how far it has come
	Barred bool      `json:"barred,omitempty"` // it could not be seen: nobody waits for it
}

// look is one call of Poll on its way.
type look struct {
	*Asked
	cursor   cursor
	events   []change.Event
	requests int
	wait     time.Duration
	until    time.Time // how far the first look goes back
}

// round goes through the lists of the projects that are still to be looked at.
func (l *look) round(ctx context.Context) (more bool, err error) {
	projects, err := l.projects(ctx)
	if err != nil {
		return false, err
	}
	standing := map[string]*pass{}
	for i := range projects {
		for n := range lists {
			name := lists[n].of(&projects[i])
			standing[name] = cmp.Or(l.cursor.Lists[name], &pass{Start: l.until, Since: l.until, First: true})
		}
	}
	l.cursor.Lists = standing
	for i := range projects {
		p := &projects[i]
		for n := range lists {
			name := lists[n].of(p)
			for at := standing[name]; !l.done[name]; {
				if len(l.events) >= lookEvents || l.requests >= lookRequests || l.wait > 0 {
					return true, nil
				}
				switch err := l.page(ctx, &lists[n], p, at); {
				case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden), fault.Is(err, fault.Invalid):
					// Of this one list; all others can be seen.
					l.troubles[name], l.done[name], at.Barred = p.Path+": "+sentence(err), true, true
				case err != nil:
					return true, err
				default:
					at.Barred = false
				}
			}
		}
	}
	return false, nil
}

// page reads one page of a list, and notes whether that ends its walk.
func (l *look) page(ctx context.Context, kind *list, p *project, at *pass) error {
	address := at.Next
	begins := address == "" || !strings.HasPrefix(address, l.client.Base)
	if begins {
		address = p.path(kind.query(p, at.Since) + fmt.Sprintf("&per_page=%d", perPage))
	}
	var body json.RawMessage
	answer, err := l.get(ctx, address, &body)
	if err != nil {
		return err
	}
	items, err := kind.read(ctx, l, p, at, body)
	if err != nil {
		return err
	}
	if begins {
		at.Newest = time.Time{}
	}
	at.Next = answer.Next
	ended := answer.Next == ""
	for _, it := range items {
		if it.at.Before(at.Since) {
			ended = true
			continue
		}
		if it.at.After(at.Newest) {
			at.Newest = it.at
		}
		at.At = it.at
		for i := range it.tell {
			if err := l.take(p, &it.tell[i]); err != nil {
				l.troubles[kind.of(p)] = p.Path + ": " + sentence(err)
			}
		}
	}
	if ended {
		*at = pass{Start: at.Start, Since: latest(at.Since, at.Newest.Add(-overlap))}
		l.done[kind.of(p)] = true
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// take adds what a payload tells, unless the same was told before.
func (l *look) take(p *project, told *payload) error {
	told.Project = *p
	e, ignored, err := l.event(integration.Delivery{}, told)
	if err != nil || ignored != "" {
		return err
	}
	key, digest := toldKey(e.Key, e.Phase), sha256.Sum256(e.AppendDocument(nil))
	if l.told[key] == digest || l.pending[key] == digest {
		return nil
	}
	l.pending[key] = digest
	l.events = append(l.events, e)
	return nil
}

func toldKey(key string, phase change.Phase) string { return key + " " + string(phase) }

// backfill is how far the first looks have come: as far as the least of them.
func (l *look) backfill() *integration.Backfill {
	b := &integration.Backfill{Done: true}
	for _, p := range l.cursor.Lists {
		if !p.First || p.Barred {
			continue
		}
		b.Done, b.Until = false, p.Start
		if at := cmp.Or(p.At, l.now().UTC().Truncate(time.Second)); at.After(b.At) {
			b.At = at
		}
	}
	return b
}

// get asks for something of the API.
func (l *look) get(ctx context.Context, at string, into any) (upstream.Answer, error) {
	answer, err := l.client.Get(ctx, at, nil, into)
	l.requests++
	l.wait = max(l.wait, answer.Wait)
	return answer, err
}
