package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Message is one server-sent event. A message without data only tells where to resume.
type Message struct {
	ID   string // the last id so far
	Data []byte
}

// Listener is told what a stream brings, in its order, from one goroutine.
type Listener struct {
	// Opened is called once, when the first connection stands: from then on nothing is missed. Its error ends the stream.
	Opened func() error
	// Message takes what comes. Its error ends the stream.
	Message func(Message) error
	// Lost and Found tell of a connection that broke, and of the one that follows it. Both may be nil.
	Lost  func(err error)
	Found func()
}

// Bounds of a stream.
const (
	maxLine    = 16 << 20
	longest    = 10 * time.Second // between two attempts
	silence    = time.Minute      // the server gives a sign of life every 15 seconds
	defaultGap = 500 * time.Millisecond
)

// Stream listens until the context ends, and then returns its error. A connection that breaks is made anew, after the
// last id, so that there is neither a gap nor a repetition. A refusal, or no server at the beginning, ends it.
func (c *Client) Stream(ctx context.Context, path string, query url.Values, listener Listener) error {
	s := &stream{client: c, path: path, query: query, listener: listener, gap: defaultGap}
	for failures := 0; ; failures++ {
		err := s.listen(ctx, failures > 0)
		var final *final
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &final):
			return final.err
		case !s.opened, fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.Forbidden), fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
			return err
		case s.heard:
			failures = 0
		}
		if failures == 0 && listener.Lost != nil {
			listener.Lost(err)
		}
		wait := min(s.gap<<min(failures, 10), longest)
		wait = max(wait/2+rand.N(wait/2+1), fault.RetryAfter(err)) //nolint:gosec // jitter needs no secrecy
		if err := c.wait(ctx, wait); err != nil {
			return err
		}
	}
}

// final is an error of the listener.
type final struct{ err error }

func (f *final) Error() string { return f.err.Error() }

type stream struct {
	client   *Client
	path     string
	query    url.Values
	listener Listener
	last     string // the last id
	gap      time.Duration
	opened   bool
	heard    bool // the connection at hand brought something
}

// listen makes one connection and reads it to its end.
func (s *stream) listen(ctx context.Context, again bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.heard = false
	header := http.Header{"Accept": {"text/event-stream"}}
	if s.last != "" {
		header.Set("Last-Event-Id", s.last)
	}
	response, err := s.client.send(ctx, Request{Method: http.MethodGet, Path: s.path, Query: s.query, Header: header})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20)) // what is there tells enough
		return s.client.refusal(response, body)
	}
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return s.client.foreign(response, nil)
	}
	if again && s.listener.Found != nil {
		s.listener.Found()
	}
	// A connection can die without a word: then the signs of life are missing.
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	err = s.read(response.Body, func() { watchdog.Reset(silence) })
	if err == nil {
		err = fault.New(fault.Unavailable, "the server ended the stream")
	}
	return err
}

// read parses server-sent events (the HTML standard, section 9.2.6).
func (s *stream) read(body io.Reader, alive func()) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var data []byte
	id, begun := s.last, false
	for lines.Scan() {
		alive()
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "":
			if lines.Text() != "" {
				continue // a comment
			}
			if err := s.dispatch(id, data, begun); err != nil {
				return err
			}
			data, begun = nil, false
		case "id":
			id = value
		case "data":
			if begun {
				data = append(data, '\n')
			}
			data, begun = append(data, value...), true
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil && ms >= 0 {
				s.gap = max(time.Duration(min(ms, int(longest/time.Millisecond)))*time.Millisecond, 10*time.Millisecond)
			}
		}
	}
	return lines.Err()
}

// dispatch hands on one message; only then is its id the one to resume after. The first tells where the stream begins:
// without it, a connection that breaks at once could not be resumed.
func (s *stream) dispatch(id string, data []byte, begun bool) error {
	s.heard = true
	if !s.opened {
		s.last = id
		if s.listener.Opened != nil {
			if err := s.listener.Opened(); err != nil {
				return &final{err}
			}
		}
		s.opened = true
	}
	if begun {
		if err := s.listener.Message(Message{ID: id, Data: data}); err != nil {
			return &final{err}
		}
	}
	s.last = id
	return nil
}
