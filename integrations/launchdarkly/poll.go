package launchdarkly

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Asked is a source that asks for the audit log as well: what was before the webhook, and what the webhook missed.
type Asked struct {
	*Source
	client *upstream.Client
	now    func() time.Time
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
)

func (s *Source) asking() *Asked {
	client := &upstream.Client{
		Tool: "LaunchDarkly", Base: s.config.address(), HTTP: s.config.http,
		Sign: func(ctx context.Context, r *http.Request) error {
			token, err := s.config.Token.Get(ctx)
			r.Header.Set("Authorization", token)
			return err
		},
	}
	return &Asked{Source: s, client: client, now: time.Now}
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	at := "the audit log at " + strings.TrimPrefix(s.config.address(), "https://")
	if s.config.Secret.IsSet() {
		return s.Source.Describe() + ", and " + at
	}
	return at
}

// Bounds of a look.
const (
	pageSize  = 20 // LaunchDarkly's largest page
	lookPages = 25 // make one commit
	// overlap is looked at again: an entry may be listed a little later than it is dated.
	overlap = 10 * time.Minute
	// mostTold is how many ids are kept of what was told within the overlap; what is beyond that is told again, as the same.
	mostTold = 500
)

// cursor is a walk through the audit log, from the newest to what was told before. Times are in milliseconds, as LaunchDarkly's.
type cursor struct {
	Until  int64    `json:"until"`            // how far back the first walk goes
	Since  int64    `json:"since"`            // what is older was told
	Done   bool     `json:"done,omitempty"`   // the first walk is over
	Before int64    `json:"before,omitempty"` // where the walk goes on; zero where it begins
	Newest int64    `json:"newest,omitempty"` // of this walk
	Fresh  []string `json:"fresh,omitempty"`  // ids of this walk that the next one will see again
	Told   []string `json:"told,omitempty"`   // those of the last one
}

// Poll goes on through the audit log.
func (s *Asked) Poll(ctx context.Context, from string) (integration.Look, error) {
	if _, err := s.config.Token.Get(ctx); fault.Is(err, fault.NotFound) && !s.config.Token.Referred() {
		return integration.Look{Cursor: from, Idle: "no token is set: only the webhook tells"}, nil
	}
	at, err := s.begin(from)
	if err != nil {
		return integration.Look{}, err
	}
	var look integration.Look
	var problems []string
	for page := 0; ; page++ {
		if look.More = at.Before != 0 || page == 0; !look.More || page == lookPages || look.Wait > 0 {
			break
		}
		items, wait, err := s.page(ctx, &at)
		if err != nil && (page == 0 || ctx.Err() != nil) {
			return integration.Look{}, err
		}
		if err != nil { // what was found before is taken in; the next look fails at once, and says so
			break
		}
		look.Wait = wait
		for i := range items {
			e, ignored, err := s.event(&items[i])
			switch {
			case err != nil:
				problems = append(problems, "entry "+integration.Clip(items[i].ID)+": "+err.Error())
			case ignored == "":
				look.Events = append(look.Events, e)
			}
		}
	}
	look.Problem = strings.Join(problems[:min(len(problems), 3)], "; ")
	look.Backfill = &integration.Backfill{Until: integration.Millis(at.Until), At: integration.Millis(at.Before), Done: at.Done}
	text, err := json.Marshal(at)
	look.Cursor = string(text)
	return look, err
}

// begin reads the cursor, or makes the first one.
func (s *Asked) begin(from string) (cursor, error) {
	var at cursor
	if json.Unmarshal([]byte(from), &at) == nil && at.Since != 0 {
		return at, nil
	}
	reach, err := s.config.Reach.Reach()
	until := s.now().Add(-reach).UnixMilli()
	return cursor{Until: until, Since: until}, err
}

// page asks for one page, gives what of it is not told yet, and moves the cursor behind it.
func (s *Asked) page(ctx context.Context, at *cursor) (items []entry, wait time.Duration, err error) {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}, "after": {strconv.FormatInt(at.Since, 10)}}
	if at.Before != 0 {
		query.Set("before", strconv.FormatInt(at.Before, 10))
	}
	var list struct {
		Items []entry `json:"items"` // the newest first
	}
	answer, err := s.client.Get(ctx, "api/v2/auditlog?"+query.Encode(), nil, &list)
	if err != nil {
		return nil, 0, err
	}
	oldest := int64(0)
	for _, item := range list.Items {
		if oldest = item.Date; at.Newest == 0 {
			at.Newest = item.Date
		}
		if !slices.Contains(at.Told, item.ID) && !slices.Contains(at.Fresh, item.ID) {
			items = append(items, item)
		}
		if item.Date > at.Newest-overlap.Milliseconds() && len(at.Fresh) < mostTold && !slices.Contains(at.Fresh, item.ID) {
			at.Fresh = append(at.Fresh, item.ID)
		}
	}
	if len(list.Items) < pageSize {
		at.end()
		return items, answer.Wait, nil
	}
	// Entries of one millisecond may stand on both sides of a page's end; a page that holds nothing else is passed over.
	if next := oldest + 1; at.Before == 0 || next < at.Before {
		at.Before = next
	} else {
		at.Before = oldest
	}
	return items, answer.Wait, nil
}

// end ends a walk.
func (c *cursor) end() {
	*c = cursor{Until: c.Until, Since: max(c.Since, c.Newest-overlap.Milliseconds()), Done: true, Told: c.Fresh}
}
