package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/integration/chat"
)

// trouble is what the answer to a page is about.
type trouble struct {
	Tool     string     `json:"tool"`
	Keys     []string   `json:"keys,omitempty"`
	URLs     []string   `json:"urls,omitempty"`
	Text     string     `json:"text,omitempty"`
	State    chat.State `json:"state,omitempty"`
	At       time.Time  `json:"at"` // when the page was seen
	Services []string   `json:"services"`
	// Of the event of the log, where it is known.
	Event       uuid.UUID `json:"event,omitzero"`
	Onset       time.Time `json:"onset"`
	Environment string    `json:"environment,omitempty"`
	Region      string    `json:"region,omitempty"`
	Cluster     string    `json:"cluster,omitempty"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Incident    int64     `json:"incident,omitempty"`
}

// paged are the tools of which a message means that somebody is called. What others say of what nobody knows here stays
// without an answer: a channel of alerts is loud enough.
var paged = []string{"pagerduty", "opsgenie", "incidentio"}

// Bounds of looking for what a page is about.
const (
	// signalReach is how far back it is looked for the signal that a message speaks of.
	signalReach = 12 * time.Hour
	signalPage  = 500
	// waitForSignal is how often it is looked again: the tool's own delivery may come after its message.
	waitForSignal = 4
	firstWait     = 400 * time.Millisecond
	// sameTrouble is within which messages without an id of their own about the same services are one trouble.
	sameTrouble = 30 * time.Minute
)

// page finds what a message of a tool is about, and promises an answer in its thread.
func (o *Office) page(ctx context.Context, h *Hearing) (Answered, error) {
	t := trouble{Tool: h.Tool, Keys: h.Keys, URLs: h.URLs, Text: clip(h.Text, 2000), State: h.State, At: h.At, Onset: h.At}
	signal, err := o.signal(ctx, h)
	if err != nil {
		return Answered{}, err
	}
	if signal != nil {
		t.about(signal)
	}
	if len(t.Services) == 0 {
		t.Services = o.mentioned(h.Text)
	}
	switch known := len(t.Services) > 0; {
	case signal != nil && known, known && (len(h.Keys) == 0 || o.unheardOf(h.Tool) || h.Attempts > 0):
		return o.promised(h, t)
	case h.Attempts < waitForSignal:
		// The tool's own delivery may come after its message. What is known by the words alone waits once for it.
		return Answered{State: Waiting, DueAt: o.Now().Add(firstWait << h.Attempts), Problem: "it is not known yet which service it is about"}, nil
	case slices.Contains(paged, h.Tool):
		return o.promised(h, t)
	}
	return Answered{State: Sent, Problem: "it names no service of the roll"}, nil
}

// unheardOf reports whether nothing but the chat tells of a tool.
func (o *Office) unheardOf(tool string) bool { return len(o.Named(tool)) == 0 }

func (o *Office) promised(h *Hearing, t trouble) (Answered, error) {
	about, err := json.Marshal(t)
	if err != nil {
		return Answered{}, err
	}
	return Answered{State: Sent, Posts: []Post{{
		Source: h.Source, Key: t.key(h), Topic: TopicSuspects, Place: chat.Place{Channel: h.Place.Channel, Thread: cmp.Or(h.Message, h.Place.Thread)},
		About: about, CreatedAt: o.Now(), DueAt: o.Now(),
	}}}, nil
}

// key is by what an answer is one, however often the tool says it, and in however many messages of one channel.
func (t *trouble) key(h *Hearing) string {
	switch {
	case len(h.Keys) > 0:
		return "page/" + h.Place.Channel + "/" + h.Tool + "/" + h.Keys[0]
	case len(t.Services) > 0:
		return fmt.Sprintf("page/%s/%s/%s/%s/%d", h.Place.Channel, h.Tool, strings.Join(t.Services, ","), t.Environment, messageTime(h).Unix()/int64(sameTrouble.Seconds()))
	}
	return "page/" + h.Place.Channel + "/" + h.Message
}

// messageTime is when the message was written that may have been changed since.
func messageTime(h *Hearing) time.Time {
	seconds, _, _ := strings.Cut(h.Message, ".")
	var at int64
	if _, err := fmt.Sscanf(seconds, "%d", &at); err != nil || at <= 0 {
		return h.At
	}
	return time.Unix(at, 0)
}

// about takes over what the log knows.
func (t *trouble) about(e *change.Event) {
	t.Event, t.Onset, t.Environment, t.Region, t.Cluster, t.EndedAt = e.ID, e.StartedAt, e.Environment, e.Region, e.Cluster, e.EndedAt
	t.Services = nil
	for _, subject := range e.Subjects {
		if subject.Entity != 0 && !slices.Contains(t.Services, subject.Name) {
			t.Services = append(t.Services, subject.Name)
		}
	}
	if !e.EndedAt.IsZero() {
		t.State = chat.Resolved
	}
}

// signal finds the event of the log that a message speaks of: by the tool's own key, else by an address that both name.
func (o *Office) signal(ctx context.Context, h *Hearing) (*change.Event, error) {
	for _, source := range o.Named(h.Tool) {
		for _, key := range h.Keys {
			e, err := o.Log.EventKeyed(ctx, source, key)
			if err == nil {
				return &e, nil
			}
			if !fault.Is(err, fault.NotFound) {
				return nil, err
			}
		}
	}
	if len(h.URLs) == 0 {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	scope, err := o.Feed.Resolve(feed.Query{Filter: change.Filter{Classes: []change.Class{change.ClassSignal}, Since: o.Now().Add(-signalReach)}})
	if err != nil {
		return nil, err
	}
	page, err := o.Feed.Store.Feed(ctx, scope.Filter, change.Cursor{}, signalPage, false)
	if err != nil {
		return nil, err
	}
	for i := range page.Events {
		for _, link := range page.Events[i].Links {
			if link.Type != "runbook" && link.Type != "dashboard" && slices.Contains(h.URLs, link.URL) {
				return &page.Events[i], nil
			}
		}
	}
	return nil, nil //nolint:nilnil // that there is none is an answer
}

var wordFormat = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]`)

// mentionedAtMost bounds what a text is taken to be about: what names more is a list.
const mentionedAtMost = 3

// mentioned are the services that a text names as the roll does: those of several words where there are any, because one
// word may mean something else.
func (o *Office) mentioned(text string) []string {
	var compound, plain []string
	for _, word := range wordFormat.FindAllString(clip(text, 4000), 400) {
		ref, err := catalog.ParseRef(word, catalog.Service)
		if err != nil {
			continue
		}
		e, found := o.Roll.Get(ref)
		if !found || e.Retired {
			continue
		}
		to := &plain
		if strings.ContainsAny(word, "-._") {
			to = &compound
		}
		if name := e.Ref().String(); !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	if len(compound) == 0 {
		compound = plain
	}
	if len(compound) > mentionedAtMost {
		return nil
	}
	return compound
}
