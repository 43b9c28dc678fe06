package daemon_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// Bounds of the flood: each body is as large as events may be, and all together far more than the memory for bodies.
const (
	floodBodies = 200
	floodSize   = 4 << 20
	// What the server and the senders of the test, who share one body, may hold at the peak; docs/operations.md says it.
	floodHeap = 400 << 20
)

var shedBodies = regexp.MustCompile(`tidings_shed_total\{reason="body"\} (\d+)`)

// Many large bodies at once are refused in part, and say when to come back; the server lives, and works after.
func TestAFloodOfLargeBodiesIsRefusedInPart(t *testing.T) {
	config := settings(func(c *daemon.Config) { c.Data = t.TempDir() })
	d := open(t, config)
	defer stop(t, d)
	line := []byte(`{"source":"flood","key":"1","title":"a flood","service":"pricing","detail":"` + string(bytes.Repeat([]byte("x"), 8<<10)) + "\"}\n")
	body := bytes.Repeat(line, floodSize/len(line))

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	gate := make(chan struct{})
	var inside, senders sync.WaitGroup
	inside.Add(floodBodies)
	statuses := make([]int, floodBodies)
	after := make([]string, floodBodies)
	for i := range floodBodies {
		senders.Go(func() {
			// All but the last line is sent; then everybody waits, so that all are held at once.
			read, write := io.Pipe()
			go func() {
				_, err := write.Write(body[:len(body)-len(line)])
				inside.Done()
				if err == nil {
					<-gate
					_, _ = write.Write(body[len(body)-len(line):])
				}
				_ = write.Close()
			}()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL()+"/api/v1/events", read)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-ndjson")
			answer, err := client.Do(r)
			_ = read.Close()
			if err != nil {
				return // refused, and hung up on, while it still sent
			}
			defer answer.Body.Close()
			_, _ = io.Copy(io.Discard, answer.Body)
			statuses[i], after[i] = answer.StatusCode, answer.Header.Get("Retry-After")
		})
	}
	runtime.GC() // what other tests left is not of the flood
	ctx, cancel := context.WithCancel(t.Context())
	var peak uint64
	var watch sync.WaitGroup
	watch.Go(func() {
		for ctx.Err() == nil {
			sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			if status, _, _ := fetch(t, d.URL()+"/healthz"); status != http.StatusOK {
				t.Errorf("healthz answers %d", status)
			}
		}
	})
	inside.Wait()
	close(gate)
	senders.Wait()
	cancel()
	watch.Wait()

	taken, refused, cut := 0, 0, 0
	for i, status := range statuses {
		switch status {
		case http.StatusCreated, http.StatusOK:
			taken++
		case http.StatusServiceUnavailable:
			refused++
			if after[i] == "" {
				t.Error("a refusal does not say when to come back")
			}
		case 0:
			cut++
		default:
			t.Errorf("a body was answered %d", status)
		}
	}
	t.Logf("taken %d, refused %d, hung up on %d, peak of the heap %d MiB", taken, refused, cut, peak>>20)
	if refused == 0 {
		t.Error("nobody was refused")
	}
	if peak > floodHeap {
		t.Errorf("the heap grew to %d MiB", peak>>20)
	}
	_, _, text := fetch(t, d.URL()+"/metrics")
	counted := shedBodies.FindStringSubmatch(text)
	if counted == nil {
		t.Fatal("no count of what was refused")
	}
	if n, _ := strconv.Atoi(counted[1]); n != refused+cut {
		t.Errorf("%d refusals are counted, and there were %d and %d who did not read theirs", n, refused, cut)
	}
	post(t, d.URL()+"/api/v1/events", `{"title":"after the flood","service":"pricing"}`)
}
