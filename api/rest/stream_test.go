package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/api/rest"
)

// listener is a client of the stream, as a browser's EventSource would be.
type listener struct {
	t      testing.TB
	body   io.ReadCloser
	lines  *bufio.Scanner
	lastID string
	cancel context.CancelFunc
}

// listen connects; last is the id to resume after, or empty.
func (s *server) listen(t testing.TB, query, last string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/stream?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	l := &listener{t: t, body: answer.Body, lines: bufio.NewScanner(answer.Body), lastID: last, cancel: cancel}
	l.lines.Buffer(nil, 1<<20)
	return l
}

func (l *listener) close() {
	l.cancel()
	l.body.Close()
}

// next waits for an event with data; it fails when the stream ends before.
func (l *listener) next() (e event, comments int, ok bool) {
	var data, id string
	for l.lines.Scan() {
		field, value, _ := strings.Cut(l.lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			id = value
		case "data":
			data = value
		case "retry":
			if _, err := strconv.Atoi(value); err != nil {
				l.t.Errorf("retry: %q", value)
			}
		case "":
			if l.lines.Text() != "" {
				comments++
				continue
			}
			if id != "" {
				l.lastID = id
			}
			if data == "" {
				continue
			}
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				l.t.Error(err)
			}
			return e, comments, true
		}
	}
	return e, comments, false
}

func (s *server) record(t testing.TB, service, title string) {
	t.Helper()
	s.do("POST", "/api/v1/events", fmt.Sprintf(`{"title":%q,"service":%q}`, title, service)).want(t, 201, nil)
}

func TestStreamFilters(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(d *rest.Deps) { d.Heartbeat = 20 * time.Millisecond })
	for _, service := range []string{"a", "b"} {
		s.record(t, service, "before")
	}
	l := s.listen(t, "service=a&kind=note", "")
	defer l.close()
	s.record(t, "b", "other")
	time.Sleep(100 * time.Millisecond)
	s.record(t, "a", "first")
	e, beats, ok := l.next()
	if !ok || e.Title != "first" || beats == 0 {
		t.Errorf("%+v after %d heartbeats", e, beats)
	}
	// From the beginning, by the parameter.
	all := s.listen(t, "last_event_id=0", "")
	defer all.close()
	var titles []string
	for range 4 {
		e, _, _ := all.next()
		titles = append(titles, e.Title)
	}
	if diff := cmp.Diff([]string{"before", "before", "other", "first"}, titles); diff != "" {
		t.Error(diff)
	}
	// A number of another database is no reason to wait for it.
	ahead := s.listen(t, "", "999999999")
	defer ahead.close()
	s.record(t, "a", "now")
	if e, _, _ := ahead.next(); e.Title != "now" {
		t.Errorf("%+v", e)
	}
	// The other end of a phase comes as a revision.
	s.do("POST", "/api/v1/events", `{"title":"d","kind":"deploy","service":"a","key":"k","phase":"started"}`).want(t, 201, nil)
	s.do("POST", "/api/v1/events", `{"title":"d","kind":"deploy","service":"a","key":"k","phase":"failed"}`).want(t, 201, nil)
	for {
		e, _, ok := ahead.next()
		if !ok {
			t.Fatal("the revision did not come")
		}
		if e.Phase == "failed" {
			break
		}
	}
}

// Connections are dropped at random while others write; what arrives is every event, once, in the order of commit.
func TestStreamResumesWithoutGapOrRepeat(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const writers, each = 4, 150
	var writing, reading sync.WaitGroup
	for range 3 {
		reading.Go(func() {
			var got []string
			for last := "0"; len(got) < writers*each; {
				l := s.listen(t, "", last)
				for n := 1 + rand.IntN(60); n > 0 && len(got) < writers*each; n-- {
					e, _, ok := l.next()
					if !ok {
						break
					}
					got = append(got, e.Key)
				}
				last = l.lastID
				l.close()
			}
			sorted := slices.Compact(slices.Sorted(slices.Values(got)))
			if len(sorted) != writers*each {
				t.Errorf("%d events, %d of them different", len(got), len(sorted))
			}
			for w := range writers { // one writer's events come in its order
				next := 0
				for _, key := range got {
					if i, ok := strings.CutPrefix(key, fmt.Sprintf("w%d/", w)); ok {
						if i != strconv.Itoa(next) {
							t.Fatalf("writer %d: %s came when %d was next", w, key, next)
						}
						next++
					}
				}
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				s.do("POST", "/api/v1/events", fmt.Sprintf(`{"title":"t","service":"s%d","key":"w%d/%d"}`, w, w, i)).want(t, 201, nil)
			}
		})
	}
	writing.Wait()
	reading.Wait()
}

// A client that stops reading holds up nobody, and the server does not gather for it without end.
func TestSlowClientIsCaughtUp(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	slow := s.listen(t, "", "0") // it is not read from for now
	fast := s.listen(t, "", "0")
	defer fast.close()
	detail := strings.Repeat("d", 8<<10)
	const batches, size = 8, 200
	go func() {
		for b := range batches {
			items := make([]string, size)
			for i := range items {
				items[i] = fmt.Sprintf(`{"title":"t","service":"s","key":"%d","detail":%q}`, b*size+i, detail)
			}
			s.do("POST", "/api/v1/events", "["+strings.Join(items, ",")+"]").want(t, 201, nil)
		}
	}()
	for i := range batches * size {
		if e, _, ok := fast.next(); !ok || e.Key != strconv.Itoa(i) {
			t.Fatalf("got %s, want %d", e.Key, i)
		}
	}
	// Now the slow one reads, comes back if it was given up, and has missed nothing.
	for next := 0; next < batches*size; {
		e, _, ok := slow.next()
		if !ok {
			slow.close()
			slow = s.listen(t, "", slow.lastID)
			continue
		}
		if e.Key != strconv.Itoa(next) {
			t.Fatalf("got %s, want %d", e.Key, next)
		}
		next++
	}
	slow.close()
}

func TestCloseEndsStreams(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.listen(t, "", "")
	defer l.close()
	s.api.Close()
	if _, _, ok := l.next(); ok {
		t.Error("an event out of nowhere")
	}
}

// Pages that are read while events arrive, at their own time or late, neither skip nor repeat what was there before.
func TestPagesWhileWriting(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	base := time.Now().Add(-time.Hour)
	post := func(from, to int, prefix string, shift time.Duration) {
		items := make([]string, 0, to-from)
		for i := from; i < to; i++ {
			items = append(items, fmt.Sprintf(`{"title":"t","service":"%s%d","key":"%s%d","started_at":%d}`,
				prefix, i%7, prefix, i, base.Add(shift+time.Duration(i/3)*time.Second).UnixMicro())) // three at each instant
		}
		s.do("POST", "/api/v1/events", "["+strings.Join(items, ",")+"]").want(t, 201, nil)
	}
	post(0, 500, "old", 0)
	done := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i += 10 {
			select {
			case <-done:
				return
			default:
				post(i, i+10, "new", time.Duration(i)*time.Millisecond) // in between the old ones
			}
		}
	})
	for _, query := range []string{"limit=7", "limit=30&class=note", "limit=11&service=old0,old1,old2,old3,old4,old5,old6"} {
		seen := map[string]int{}
		cursor := ""
		for {
			var page events
			s.do("GET", "/api/v1/events?"+query+"&cursor="+cursor, "").want(t, 200, &page)
			for _, e := range page.Events {
				if strings.HasPrefix(e.Key, "old") {
					seen[e.Key]++
				}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		for i := range 500 {
			if n := seen[fmt.Sprintf("old%d", i)]; n != 1 {
				t.Errorf("%s: old%d came %d times", query, i, n)
			}
		}
	}
	// The same of entities.
	for _, query := range []string{"limit=3", "limit=2&kind=service&sort=owner"} {
		seen := map[string]int{}
		cursor := ""
		for {
			var page struct {
				Entities []entity
				Next     string
			}
			s.do("GET", "/api/v1/entities?"+query+"&cursor="+cursor, "").want(t, 200, &page)
			for _, e := range page.Entities {
				seen[e.Name]++
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		for i := range 7 {
			if n := seen[fmt.Sprintf("old%d", i)]; n != 1 {
				t.Errorf("%s: old%d came %d times", query, i, n)
			}
		}
	}
	close(done)
	writing.Wait()
}
