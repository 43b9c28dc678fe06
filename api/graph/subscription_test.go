package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/graph"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// stream is a reader of server-sent events.
type stream struct {
	response *http.Response
	lines    *bufio.Scanner
	cancel   context.CancelFunc
}

type message struct {
	event string // comment for a comment
	data  string
}

func open(t testing.TB, url, query string, variables map[string]any) *stream {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("got %d %s", response.StatusCode, kind)
	}
	s := &stream{response: response, lines: bufio.NewScanner(response.Body), cancel: cancel}
	s.lines.Buffer(nil, 1<<20)
	t.Cleanup(s.close)
	return s
}

func (s *stream) close() {
	s.cancel()
	s.response.Body.Close()
}

// read is the next message; false at the end of the stream.
func (s *stream) read() (message, bool) {
	var m message
	for s.lines.Scan() {
		line := s.lines.Text()
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			return m, true
		case name == "":
			m.event = "comment"
		case name == "event":
			m.event = value
		case name == "data":
			m.data += value
		}
	}
	return m, false
}

type liveEvent struct {
	cursor string
	title  string
}

// next is the next event; the test fails on anything else but comments.
func (s *stream) next(t testing.TB) (liveEvent, bool) {
	for {
		m, more := s.read()
		if !more {
			return liveEvent{}, false
		}
		if m.event == "comment" {
			continue
		}
		var a struct {
			Data struct {
				Events struct {
					Cursor string
					Event  struct{ Title string }
				}
			}
			Errors []any
		}
		if err := json.Unmarshal([]byte(m.data), &a); m.event != "next" || err != nil || len(a.Errors) > 0 {
			t.Errorf("got %+v", m)
			return liveEvent{}, false
		}
		return liveEvent{a.Data.Events.Cursor, a.Data.Events.Event.Title}, true
	}
}

const follow = `subscription ($filter: FeedFilter, $after: String) { events(filter: $filter, after: $after) { cursor event { title subjects { ref } } } }`

// waitFor waits until a reader is live, so that what comes next is from now on.
func waitFor(t testing.TB, api *graph.API, readers int64) {
	t.Helper()
	for range 1000 {
		if api.Streams() == readers {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("there are %d readers, want %d", api.Streams(), readers)
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	now, err := h.store.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The subscription begins after the headers: without a cursor the first event could come before it.
	live := open(t, h.url, follow, map[string]any{"filter": map[string]any{"teams": []string{"payments"}}, "after": strconv.FormatInt(now, 10)})
	if m, _ := live.read(); m.event != "comment" {
		t.Errorf("the stream begins with %+v", m)
	}
	h.record(t, change.Event{Title: "not theirs", Subjects: about("basket")}, change.Event{Title: "theirs", Subjects: about("ledger")})
	if got, _ := live.next(t); got.title != "theirs" {
		t.Errorf("got %+v, want theirs", got)
	}
	// The filter follows the roll.
	h.apply(t, say(t, "service:basket", map[string]any{"owner": "team:payments"}))
	h.record(t, change.Event{Title: "theirs now", Subjects: about("basket")})
	for {
		got, more := live.next(t)
		if !more {
			t.Fatal("the stream ended")
		}
		if got.title == "theirs now" {
			break
		}
	}
	// The end of the client is the end of the stream.
	waitFor(t, h.api, 1)
	live.close()
	waitFor(t, h.api, 0)
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.api.SetHeartbeat(5 * time.Millisecond)
	live := open(t, h.url, follow, nil)
	for range 3 {
		if m, more := live.read(); !more || m.event != "comment" {
			t.Errorf("got %+v, want a heartbeat", m)
		}
	}
}

// TestSlowServer has a server whose own limits are shorter than the stream.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := httptest.NewUnstartedServer(h.handler(access.Administrator))
	server.Config.ReadTimeout, server.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	live := open(t, server.URL+"/graphql", follow, nil)
	time.Sleep(150 * time.Millisecond)
	h.record(t, change.Event{Title: "late", Subjects: about("a")})
	if got, _ := live.next(t); got.title != "late" {
		t.Errorf("got %+v, want the late event", got)
	}
}

// TestResume drops the connection again and again while several writers write, and wants every event once, in the order
// of commit.
func TestResume(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const writers, each = 4, 60
	h.record(t, change.Event{Title: "first", Subjects: about("a")})
	after := strconv.FormatInt(must(h.store.Log(t.Context())), 10)

	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			ctx := access.With(t.Context(), access.Administrator)
			for i := range each {
				subject := []string{"a", "b"}[i%2]
				if _, err := h.door.Record(ctx, []change.Event{{Title: fmt.Sprintf("%d-%d", w, i), Subjects: about(subject)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := map[string]bool{}
	last := int64(0)
	filter := map[string]any{"services": []string{"a"}}
	for drop := 1; len(seen) < writers*each/2; drop++ {
		live := open(t, h.url, follow, map[string]any{"after": after, "filter": filter})
		for range drop * 7 % 23 {
			if len(seen) == writers*each/2 {
				break
			}
			got, more := live.next(t)
			if !more {
				t.Fatalf("the stream ended after %d events", len(seen))
			}
			number, err := strconv.ParseInt(got.cursor, 10, 64)
			if err != nil || number <= last {
				t.Fatalf("the cursor %q comes after %d", got.cursor, last)
			}
			if seen[got.title] {
				t.Fatalf("%s came twice", got.title)
			}
			seen[got.title], last, after = true, number, got.cursor
		}
		live.close()
	}
	writing.Wait()
	// Nothing comes that was not written.
	live := open(t, h.url, follow, map[string]any{"after": after, "filter": filter})
	h.record(t, change.Event{Title: "last", Subjects: about("a")})
	if got, _ := live.next(t); got.title != "last" {
		t.Errorf("got %+v, want the last", got)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestStreamOfAQuery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, test := range []struct {
		query string
		want  []string
	}{
		{`{ viewer { name } }`, []string{`{"data":{"viewer":{"name":"administrator"}}}`}},
		{`{ nonsense }`, []string{`"code":"invalid"`}},
		{`subscription { events(after: "x") { cursor } }`, []string{`"code":"invalid"`}},
		{`subscription { events(after: "999") { cursor } }`, []string{`ahead of the log`}},
		{`subscription { events(filter: {services: ["nowhere"]}) { cursor } }`, []string{`there is no service:nowhere`}},
		{`subscription { a: events { cursor } b: events { cursor } }`, []string{`"code":"invalid"`}},
	} {
		live := open(t, h.url, test.query, nil)
		var got []message
		for m, more := live.read(); more; m, more = live.read() {
			if m.event != "comment" {
				got = append(got, m)
			}
		}
		if len(got) != len(test.want)+1 || got[len(got)-1].event != "complete" {
			t.Errorf("%s: got %+v", test.query, got)
			continue
		}
		for i, text := range test.want {
			if got[i].event != "next" || !strings.Contains(got[i].data, text) {
				t.Errorf("%s: got %+v, want %s", test.query, got[i], text)
			}
		}
	}
}

// failing is a store whose log cannot be read after a while.
type failing struct {
	feed.Store
	mu   sync.Mutex
	left int
}

func (f *failing) Tail(ctx context.Context, after int64, limit int) ([]change.Committed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left < 0 {
		return nil, errors.New("disk hunter2 is broken")
	}
	return f.Store.Tail(ctx, after, limit)
}

func TestStreamThatFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(t, change.Event{Title: "one", Subjects: about("a")})
	broken := &failing{Store: h.store, left: 1}
	h.api = graph.New(graph.Deps{Roll: h.roll, Feed: &feed.Reader{Roll: h.roll, Store: broken, Hub: feed.NewHub(broken)}, Writer: h.door})
	server := httptest.NewServer(h.handler(access.Administrator))
	t.Cleanup(server.Close)
	live := open(t, server.URL+"/graphql", follow, map[string]any{"after": "0"})
	raw, err := io.ReadAll(live.response.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	if strings.Contains(text, "hunter2") || !strings.Contains(text, `"code":"internal"`) || !strings.Contains(text, `"title":"one"`) || !strings.HasSuffix(text, "event: complete\ndata:\n\n") {
		t.Errorf("got %s", text)
	}
}
