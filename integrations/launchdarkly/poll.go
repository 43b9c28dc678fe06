package launchdarkly

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/integration/walk"
)

// Asked is a source that asks for the audit log as well: what was before the webhook, and what the webhook missed.
type Asked struct {
	*Source
	*walk.Walker
	flags map[string]*flag // of the page that is read, by address
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
)

func (s *Source) asking() *Asked {
	client := &upstream.Client{
		Tool: "LaunchDarkly", Base: s.config.address(), HTTP: s.config.HTTP,
		Sign: func(ctx context.Context, r *http.Request) error {
			token, err := s.config.Token.Get(ctx)
			r.Header.Set("Authorization", token)
			return err
		},
	}
	a := &Asked{Source: s, Walker: &walk.Walker{Client: client, Credential: &s.config.Token, Reach: s.config.Reach}}
	a.Lists = func(context.Context, *walk.Look) ([]walk.List, error) {
		first := func(since time.Time) string { return a.page(since.UnixMilli(), 0) }
		return []walk.List{{Name: "auditlog", Owner: "the audit log", First: first, Read: a.read}}, nil
	}
	return a
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	at := "the audit log at " + strings.TrimPrefix(s.config.address(), "https://")
	if s.config.Secret.IsSet() {
		return s.Source.Describe() + ", and " + at
	}
	return at
}

// pageSize is LaunchDarkly's largest.
const pageSize = 20

// page is the address of the entries between two times in milliseconds, without both; before is zero for the newest.
func (s *Asked) page(after, before int64) string {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "after": {strconv.FormatInt(after, 10)}}
	if before != 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	return s.Client.Base + "/api/v2/auditlog?" + query.Encode()
}

// read tells the entries of a page, and says where the next one is: LaunchDarkly does not.
func (s *Asked) read(ctx context.Context, l *walk.Look, p *walk.Page) ([]walk.Item, error) {
	var list struct {
		Items []entry `json:"items"`
	}
	if err := p.Read(&list); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(list.Items))
	s.flags = map[string]*flag{}
	for i := range list.Items {
		items[i].At = integration.Millis(list.Items[i].Date)
		if s.config.Property != "" {
			if l.Told("entry/"+integration.Line(list.Items[i].ID), "") {
				continue // an entry never changes, and its flag need not be asked for again
			}
			if err := s.complete(ctx, l, &list.Items[i], p.Since); err != nil {
				return nil, err
			}
		}
		items[i].Tell(s.event(&list.Items[i]))
	}
	p.Next = ""
	if len(items) == pageSize {
		// Entries of one millisecond may stand on both sides of a page's end; a page that holds nothing else is passed over.
		before := list.Items[pageSize-1].Date
		if list.Items[0].Date != before {
			before++
		}
		p.Next = s.page(p.Since.UnixMilli(), before)
	}
	return items, nil
}

// complete asks for the flag that an entry of the list is about, where one of its custom properties counts. One that is gone
// says nothing.
func (s *Asked) complete(ctx context.Context, l *walk.Look, e *entry, since time.Time) error {
	r := e.resource()
	if e.Kind != "flag" || r.project == "" || r.key == "" || integration.Millis(e.Date).Before(since) {
		return nil
	}
	at := s.Client.Base + "/api/v2/flags/" + url.PathEscape(r.project) + "/" + url.PathEscape(r.key)
	known, asked := s.flags[at]
	if !asked {
		known = &flag{}
		if _, err := l.Get(ctx, at, known); err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
			return err
		}
		s.flags[at] = known
	}
	e.CurrentVersion = known
	return nil
}
