//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// follower reads the whole log live, from the first event on, and resumes by the last id it saw whenever it is cut off.
// Without a filter the numbers it sees are those of the log: each one, once, in order.
type follower struct {
	client *client
	mu     sync.Mutex
	last   int64
	states map[string]shown // the last state of each event
	cuts   int
}

func (f *follower) read(ctx context.Context) error {
	f.mu.Lock()
	last := f.last
	f.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, *f.client.target.Load()+"/api/v1/stream", http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Last-Event-ID", strconv.FormatInt(last, 10))
	answer, err := f.client.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusServiceUnavailable {
		return violation("the stream: %s", answer.Status)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream: %s", answer.Status)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 4<<20)
	id, data := last, ""
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "id: "):
			if id, err = strconv.ParseInt(line[4:], 10, 64); err != nil {
				return violation("the stream has the id %q", line)
			}
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "":
			if err := f.take(id, data); err != nil {
				return err
			}
			data = ""
		}
	}
	f.mu.Lock()
	f.cuts++
	f.mu.Unlock()
	return lines.Err()
}

func (f *follower) take(id int64, data string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if data == "" {
		if id != f.last {
			return violation("the stream skips from %d to %d without an event", f.last, id)
		}
		return nil
	}
	if id != f.last+1 {
		return violation("the stream goes from %d to %d", f.last, id)
	}
	var e shown
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return violation("event %d of the stream cannot be read: %s", id, err)
	}
	f.last, f.states[e.ID] = id, e
	f.client.counts.streamed.Add(1)
	return nil
}

// check waits until the stream has said of every event what the log says of it.
func (f *follower) check(ctx context.Context, listed []shown) error {
	var missing shown
	for began := time.Now(); time.Since(began) < 30*time.Second; rest(ctx, 50*time.Millisecond) {
		missing = shown{}
		f.mu.Lock()
		for _, e := range listed {
			if got := f.states[e.ID]; got.Phase != e.Phase || got.Title != e.Title || !got.StartedAt.Equal(e.StartedAt) || got.Subjects[0] != e.Subjects[0] {
				missing = e
				break
			}
		}
		f.mu.Unlock()
		if missing.ID == "" {
			return nil
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return violation("the stream is at %d, and says %+v of what is %+v", f.last, f.states[missing.ID], missing)
}
