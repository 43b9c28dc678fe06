package rest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/feed"
)

// Stream is the log as it grows, as server-sent events.
type Stream struct {
	Feed      *feed.Reader
	Now       func() time.Time
	Heartbeat time.Duration
	enter     func(context.Context) (func(), error) // may be nil
	closed    <-chan struct{}
}

const (
	heartbeat = 15 * time.Second
	// slowest is how long one write may take before the client is given up: it resumes by the last id it saw.
	slowest = 20 * time.Second
	// retry is how long a client should wait before it comes back.
	retry = 2 * time.Second
)

func (h *Stream) routes() []route {
	return []route{{method: http.MethodGet, op: access.ReadLog, path: "/api/v1/stream", query: slices.Concat(feedParams, []string{"last_event_id"}), serve: h.get}}
}

// get sends every event that passes the filter as it is committed or revised, until the client or the server leaves.
func (h *Stream) get(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	after := h.after(q, r)
	scope, err := q.scope(h.Feed)
	if err != nil {
		return err
	}
	newest, err := h.Feed.Store.Log(r.Context())
	if err != nil {
		return err
	}
	if after < 0 || after > newest { // a number that was never given out is of another database
		after = newest
	}
	if h.enter != nil {
		release, err := h.enter(r.Context())
		if err != nil {
			return err
		}
		defer release()
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		select {
		case <-h.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	subscription, err := h.Feed.Hub.Subscribe(ctx, after, matching(scope.Filter))
	if err != nil {
		return err
	}
	defer subscription.Close()
	s := newSink(w)
	defer s.release()
	s.open(after)
	if r.Method == http.MethodHead {
		return nil
	}
	h.carry(ctx, s, subscription, after)
	return nil
}

// after is the number to resume after; negative for from now on. The header is what a browser sends by itself.
func (h *Stream) after(q *query, r *http.Request) int64 {
	text := q.one("last_event_id")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		text = last
	}
	if text == "" {
		return -1
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		q.fault("last_event_id", "%q is not the id of an event of the stream", clip(text))
	}
	return n
}

// carry sends until something ends it; what that was, the client finds out by coming back.
func (h *Stream) carry(ctx context.Context, s *sink, subscription *feed.Subscription, after int64) {
	for s.flush() == nil && ctx.Err() == nil {
		waiting, cancel := context.WithTimeout(ctx, h.Heartbeat)
		events, last, err := subscription.Next(waiting)
		silent := waiting.Err() != nil
		cancel()
		switch {
		case err == nil:
			for i := range events {
				if s.event(&events[i]) != nil {
					return
				}
			}
			after = max(after, last)
		case ctx.Err() == nil && silent:
			after = max(after, last)
			s.beat(after)
		default:
			return
		}
	}
}

// matching is the filter's test, quick for filters that name many entities.
func matching(filter change.Filter) func(*change.Event) bool {
	if len(filter.Entities) < 16 {
		return filter.Match
	}
	wanted := make(map[int64]bool, len(filter.Entities))
	for _, id := range filter.Entities {
		wanted[id] = true
	}
	filter.Entities = nil
	return func(e *change.Event) bool {
		return slices.ContainsFunc(e.Subjects, func(s change.Subject) bool { return wanted[s.Entity] }) && filter.Match(e)
	}
}

// sink writes server-sent events (the HTML standard, section 9.2).
type sink struct {
	w       http.ResponseWriter
	control *http.ResponseController
	b       *buffer
}

func newSink(w http.ResponseWriter) *sink {
	return &sink{w: w, control: http.NewResponseController(w), b: newBuffer()}
}

func (s *sink) release() { s.b.release() }

func (s *sink) open(after int64) {
	header := s.w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // nginx would hold back what is small
	s.w.WriteHeader(http.StatusOK)
	_ = s.control.SetReadDeadline(time.Time{}) // that of the server is for requests; a recorder has none
	s.b.WriteString("retry: " + strconv.FormatInt(retry.Milliseconds(), 10) + "\n")
	s.id(after)
	s.b.WriteString("\n")
}

// id tells where to resume; alone, without data, it is no event to the client.
func (s *sink) id(number int64) {
	s.b.WriteString("id: ")
	s.b.Write(strconv.AppendInt(s.b.AvailableBuffer(), number, 10))
	s.b.WriteByte('\n')
}

func (s *sink) beat(after int64) {
	s.b.WriteString(": heartbeat\n")
	s.id(after)
	s.b.WriteByte('\n')
}

// sunk is how much is gathered before it is sent on.
const sunk = 64 << 10

func (s *sink) event(e *change.Committed) error {
	s.id(e.Number)
	s.b.WriteString("data: ")
	s.b.Write(wire.Append(s.b.AvailableBuffer(), &e.Event))
	s.b.WriteString("\n\n")
	if s.b.Len() > sunk {
		return s.flush()
	}
	return nil
}

// flush sends what was gathered, and fails when the client does not take it in time.
func (s *sink) flush() error {
	if s.b.Len() == 0 {
		return nil
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(slowest)) // a recorder has none
	_, err := s.w.Write(s.b.Bytes())
	s.b.Reset()
	if err != nil {
		return err
	}
	return s.control.Flush()
}
