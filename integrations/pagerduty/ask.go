package pagerduty

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Asked is a source that asks PagerDuty as well: for who is on call, and for incidents of which no webhook told.
type Asked struct {
	*Source
	client *upstream.Client
	now    func() time.Time
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
	_ integration.Seer     = (*Asked)(nil)
)

func (s *Source) asking() *Asked {
	c := s.config
	client := &upstream.Client{
		Tool: "PagerDuty", Base: c.api(), HTTP: c.HTTP,
		Header: http.Header{"Accept": {"application/vnd.pagerduty+json;version=2"}},
		Sign: func(ctx context.Context, r *http.Request) error {
			token, err := c.Token.Get(ctx)
			r.Header.Set("Authorization", "Token token="+token)
			return err
		},
	}
	return &Asked{Source: s, client: client, now: time.Now}
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	return "webhook of PagerDuty, and " + strings.TrimPrefix(s.config.api(), "https://")
}

// silent reports whether there is no token to ask with, although nothing is wrong: the webhook may be all that was wanted.
func (s *Asked) silent(ctx context.Context) bool {
	_, err := s.config.Token.Get(ctx)
	return fault.Is(err, fault.NotFound)
}

// pageSize is PagerDuty's largest page, and furthest how far it lets itself be paged through.
const (
	pageSize = 100
	furthest = 10_000
)

// page is what every list of PagerDuty has beside its items.
type page struct {
	More bool `json:"more"`
}

// walk goes through a list page by page; read asks for one, and tells whether there is more.
func (s *Asked) walk(ctx context.Context, path string, query url.Values, read func(at string) (more bool, err error)) error {
	for offset := 0; offset < furthest; offset += pageSize {
		query.Set("limit", fmt.Sprint(pageSize))
		query.Set("offset", fmt.Sprint(offset))
		more, err := read(path + "?" + query.Encode())
		if err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
