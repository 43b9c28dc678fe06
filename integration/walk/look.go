package walk

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration/upstream"
)

// Look is one call of Poll on its way.
type Look struct {
	Now time.Time

	walker   *Walker
	cursor   cursor
	events   []change.Event
	requests int
	wait     time.Duration
}

// Get asks for something of the API, and counts that. The value may be nil.
func (l *Look) Get(ctx context.Context, at string, into any) (upstream.Answer, error) {
	return l.get(ctx, at, nil, into)
}

func (l *Look) get(ctx context.Context, at string, header http.Header, into any) (upstream.Answer, error) {
	answer, err := l.walker.Client.Get(ctx, at, header, into)
	l.requests++
	l.wait = max(l.wait, answer.Wait)
	return answer, err
}

// Named asks for a thing that the configuration names. One that cannot be seen is said, and costs no other.
func (l *Look) Named(ctx context.Context, name, at string, into any) (seen bool, err error) {
	_, err = l.Get(ctx, at, into)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		l.Missing(name, sentence(err))
		return false, nil
	}
	return err == nil, err
}

// Missing says why something that the configuration names cannot be looked at.
func (l *Look) Missing(name, why string) {
	l.walker.missing = append(l.walker.missing, name+": "+why)
}

// Pages reads all pages of what has few, such as the projects of a group.
func (l *Look) Pages(ctx context.Context, at string, read func(p *Page) error) error {
	for n := 0; at != "" && n < listPages; n++ {
		var body json.RawMessage
		answer, err := l.Get(ctx, at, &body)
		if err != nil {
			return err
		}
		p := &Page{Body: answer.Body, Next: answer.Next, tool: l.walker.Client.Tool}
		if err := read(p); err != nil {
			return err
		}
		at = p.Next
	}
	return nil
}

// Told reports whether an event was told in this phase: what it costs to read more of it can be spared.
func (l *Look) Told(key string, phase change.Phase) bool { return l.knows(told(key, phase)) }

// Mark keeps that something needs no more requests, once the look is committed. It may be forgotten.
func (l *Look) Mark(name string) { l.walker.memory.put(mark(name), "") }

// Marked reports whether it was marked.
func (l *Look) Marked(name string) bool { return l.knows(mark(name)) }

func (l *Look) knows(key string) bool {
	_, known := l.walker.memory.get(key)
	return known
}

// round goes through the lists that are still to be looked at.
func (l *Look) round(ctx context.Context, until time.Time) (more bool, err error) {
	w := l.walker
	if err := l.list(ctx); err != nil {
		return false, err
	}
	l.cursor.keep(w.lists, until)
	for i := range w.lists {
		for list := &w.lists[i]; !w.done[list.Name]; {
			if len(l.events) >= lookEvents || l.requests >= lookRequests || l.wait > 0 {
				return true, nil
			}
			if err := l.step(ctx, list, l.cursor.Lists[list.Name]); err != nil {
				return true, err
			}
		}
	}
	return false, nil
}

// list asks which lists there are, where that is not known or too old.
func (l *Look) list(ctx context.Context) error {
	w := l.walker
	if w.lists != nil && l.Now.Sub(w.listedAt) < listAgain {
		return nil
	}
	before := w.missing
	w.missing = nil
	lists, err := w.Lists(ctx, l)
	if err != nil {
		w.missing = before
		return err
	}
	w.lists, w.listedAt = lists, l.Now
	return nil
}

// step reads the next page of a list. One that cannot be seen is said, and costs no other; of the only one it is all there is to
// say.
func (l *Look) step(ctx context.Context, list *List, at *pass) error {
	w := l.walker
	err := l.page(ctx, list, at)
	at.Barred = fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid)
	if !at.Barred || len(w.lists) == 1 {
		return err
	}
	w.troubles[list.Name], w.done[list.Name] = list.Owner+": "+sentence(err), true
	return nil
}

// page reads one page of a list, and notes whether that ends its walk.
func (l *Look) page(ctx context.Context, list *List, at *pass) error {
	w, address := l.walker, at.Next
	begins := address == "" || !strings.HasPrefix(address, w.Client.Base)
	if begins {
		address = list.First(at.Since)
	}
	answer, err := l.fetch(ctx, list, at, address, begins)
	if err != nil {
		return err
	}
	if answer.NotModified() {
		w.done[list.Name] = true
		return nil
	}
	p := &Page{Start: at.Start, Since: at.Since, Next: answer.Next, Body: answer.Body, tool: w.Client.Tool}
	items, err := list.Read(ctx, l, p)
	if err != nil {
		return err
	}
	if begins {
		at.Newest, at.Open = time.Time{}, time.Time{}
	}
	if p.Next == address {
		return fault.New(fault.Unavailable, "%s names a page as the one that follows itself", w.Client.Tool)
	}
	if at.Next = p.Next; l.take(list, at, items) || at.Next == "" {
		at.end()
		w.done[list.Name] = true
	}
	return nil
}

// fetch asks for a page. Where it may be as it was the tool is asked for the difference only, which some do not count.
func (l *Look) fetch(ctx context.Context, list *List, at *pass, address string, begins bool) (upstream.Answer, error) {
	memory, header := &l.walker.memory, http.Header{}
	if last, known := memory.get(tag(address)); known && begins && list.Unchanged.asks(at) {
		header.Set("If-None-Match", last)
	}
	var body json.RawMessage
	answer, err := l.get(ctx, address, header, &body)
	if now := answer.Header.Get("ETag"); err == nil && now != "" && begins && list.Unchanged != SaysNothing {
		memory.put(tag(address), now)
	}
	return answer, err
}

// take adds what is told by a page and was not told before, and reports whether the walk has come to what is older.
func (l *Look) take(list *List, at *pass, items []Item) (ended bool) {
	for i := range items {
		it := &items[i]
		if it.At.Before(at.Since) {
			ended = true
			continue
		}
		at.saw(it, l.Now)
		if it.trouble != nil {
			l.walker.troubles[list.Name] = list.Owner + ": " + sentence(it.trouble)
		}
		for n := range it.events {
			if e := &it.events[n]; l.walker.memory.tells(e) {
				l.events = append(l.events, *e)
			}
		}
	}
	return ended
}
