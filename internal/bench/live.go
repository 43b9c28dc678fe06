package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	streams      = 500
	livePosts    = 60
	livePause    = 50 * time.Millisecond
	liveDeadline = 60 * time.Second
)

// live opens many streams, posts events one by one, and measures from the acknowledged post to each stream's line.
func (b *bench) live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, liveDeadline)
	defer cancel()
	// The streams follow a service, which has to exist before.
	if _, err := b.server.post(ctx, "/api/v1/events", "application/json", []byte(`{"title":"the streams open","service":"live-bench"}`)); err != nil {
		return err
	}
	marker := fmt.Sprintf("live-%d", time.Now().UnixNano())
	var mu sync.Mutex
	acknowledged := map[string]time.Time{}
	var arrivals []arrival
	var open, done sync.WaitGroup
	failed := make(chan error, streams)
	for range streams {
		open.Add(1)
		done.Go(func() {
			found, err := b.listen(ctx, marker, open.Done)
			if err != nil {
				failed <- err
			}
			mu.Lock()
			arrivals = append(arrivals, found...)
			mu.Unlock()
		})
	}
	open.Wait()
	for n := range livePosts {
		title := fmt.Sprintf("%s-%03d", marker, n)
		before := time.Now()
		if _, err := b.server.post(ctx, "/api/v1/events", "application/json", fmt.Appendf(nil, `{"title":%q,"service":"live-bench"}`, title)); err != nil {
			return err
		}
		mu.Lock()
		acknowledged[title] = before // the commit lies between this and the answer: the worse is taken
		mu.Unlock()
		time.Sleep(livePause)
	}
	done.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	var times []time.Duration
	for _, a := range arrivals {
		times = append(times, a.at.Sub(acknowledged[a.title]))
	}
	slices.Sort(times)
	l := load{times: times}
	b.add(fmt.Sprintf("from post to %d open streams", streams), fmt.Sprintf("p50 %s, p99 %s", millis(l.at(0.5)), millis(l.at(0.99))),
		fmt.Sprintf("%d of %d arrived", len(times), streams*livePosts), "p99 250 ms, none lost")
	return nil
}

type arrival struct {
	title string
	at    time.Time
}

// listen reads one stream until it has seen every marked event.
func (b *bench) listen(ctx context.Context, marker string, opened func()) ([]arrival, error) {
	once := sync.OnceFunc(opened)
	defer once()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.url+"/api/v1/stream?service=live-bench", nil)
	if err != nil {
		return nil, err
	}
	answer, err := (&http.Client{Transport: b.server.http.Transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("stream: %s", answer.Status)
	}
	once()
	var found []arrival
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for len(found) < livePosts && lines.Scan() {
		line := lines.Text()
		if i := strings.Index(line, marker); i >= 0 && strings.HasPrefix(line, "data:") {
			found = append(found, arrival{line[i : i+len(marker)+4], time.Now()})
		}
	}
	return found, lines.Err()
}

func makeDatabase(ctx context.Context, server, name string) error {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // one statement was all
	_, err = db.ExecContext(ctx, "CREATE DATABASE "+name)
	return err
}
