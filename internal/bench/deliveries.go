package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// hookSecret is what the deliveries of the bench are signed with.
const hookSecret = "a-secret-of-the-bench"

// withSource starts a server of its own that has one source of GitHub.
func (b *bench) withSource(ctx context.Context, name, settings string) (*server, error) {
	if b.engine == "postgres" {
		if err := makeDatabase(ctx, b.postgres, "bench_"+name); err != nil && !strings.Contains(err.Error(), "already exists") {
			return nil, err
		}
	}
	return b.restartSource(ctx, name, settings)
}

func (b *bench) restartSource(ctx context.Context, name, settings string) (*server, error) {
	secret, file := filepath.Join(b.dir, "hook-secret"), filepath.Join(b.dir, name+".yaml")
	if err := os.WriteFile(secret, []byte(hookSecret), 0o600); err != nil {
		return nil, err
	}
	// Limits of one source would be measured otherwise, and not the way in.
	const unlimited = "{per_second: 1000000, burst: 1000000}"
	config := "limits: {requests: " + unlimited + ", events: " + unlimited + ", source_events: " + unlimited + "}\nsources:\n  - name: github\n    type: github\n    secret: file:" + secret + "\n" + settings
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	s, _, err := start(ctx, b.binary, append([]string{"--config", file}, b.arguments(name)...)...)
	return s, err
}

// delivery is a workflow run as GitHub delivers it: some 8 KB, most of which nobody reads.
func delivery(n int) []byte {
	body, _ := json.Marshal(map[string]any{ // it is made of texts and numbers
		"action": "completed", "repository": map[string]any{"full_name": "acme/payments", "default_branch": "main", "description": strings.Repeat("words that nobody reads ", 150)},
		"sender": map[string]any{"login": "alice", "type": "User"},
		"workflow_run": map[string]any{
			"id": n, "name": "build", "head_branch": "main", "head_sha": fmt.Sprintf("%040x", n), "run_number": n, "run_attempt": 1, "event": "push", "status": "completed", "conclusion": "success",
			"created_at": time.Now().Add(-time.Minute).UTC().Format(time.RFC3339), "updated_at": time.Now().UTC().Format(time.RFC3339),
			"jobs_url": strings.Repeat("https://api.github.com/repos/acme/payments/actions/runs ", 80),
		},
	})
	return body
}

func deliver(ctx context.Context, s *server, n int, body []byte, signed bool) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/hooks/github", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	mac := hmac.New(sha256.New, []byte(hookSecret))
	if signed {
		mac.Write(body)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", "workflow_run")
	request.Header.Set("X-GitHub-Delivery", strconv.Itoa(n))
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	answer, err := s.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// worked is the time that a process had of the processors: on a busy machine it says more than a rate.
func worked(pid int) (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("the stat of the process is too short")
	}
	user, userErr := strconv.Atoi(fields[11])
	system, systemErr := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(userErr, systemErr)
}

// burstSize is how many deliveries come at once.
const burstSize = 1000

// deliveries measures webhooks: decoded and committed, in a burst, and memory under a flood of forged and large ones.
func (b *bench) deliveries(ctx context.Context) error {
	s, err := b.withSource(ctx, "hooks", "")
	if err != nil {
		return err
	}
	defer func() { _ = s.stop() }() // what is not stopped ends with the context
	taken := func(n int) error {
		status, err := deliver(ctx, s, n, delivery(n), true)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("a delivery was answered with %d", status)
		}
		return err
	}
	for _, clients := range []int{16, 64} {
		before, err := worked(s.cmd.Process.Pid)
		if err != nil {
			return err
		}
		got, err := drive(ctx, clients, b.span, func(_ context.Context, _, n int) error { return taken(clients*10_000_000 + n) })
		if err != nil {
			return err
		}
		after, err := worked(s.cmd.Process.Pid)
		if err != nil {
			return err
		}
		b.add(fmt.Sprintf("signed deliveries of 8 KB, %d clients", clients), fmt.Sprintf("%s, p99 %s", perSecond(got.rate()), millis(got.at(0.99))),
			fmt.Sprintf("%s of processor time each", millis((after-before)/time.Duration(max(got.done, 1)))), "2,000/s")
	}
	began := time.Now()
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	for n := range burstSize {
		group.Go(func() {
			if err := taken(1_000_000 + n); err != nil {
				failed.Store(&err)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	b.add(fmt.Sprintf("%d signed deliveries at once, all acknowledged", burstSize), time.Since(began).Round(10*time.Millisecond).String(), "", "2 s")
	return b.flood(ctx, s)
}

// flood sends forged deliveries of 20 MB, and signed ones beside them.
func (b *bench) flood(ctx context.Context, s *server) error {
	large := bytes.Repeat([]byte("x"), 20<<20)
	ctx, cancel := context.WithTimeout(ctx, b.span)
	defer cancel()
	most := 0.0
	var group sync.WaitGroup
	var refused, shed, good atomic.Int64
	for range 24 {
		group.Go(func() {
			for ctx.Err() == nil {
				switch status, err := deliver(ctx, s, 1, large, false); {
				case err != nil:
				case status == http.StatusUnauthorized:
					refused.Add(1)
				default:
					shed.Add(1)
				}
			}
		})
	}
	group.Go(func() {
		for n := 2_000_000; ctx.Err() == nil; n++ {
			if status, err := deliver(ctx, s, n, delivery(n), true); err == nil && status == http.StatusOK {
				good.Add(1)
			}
		}
	})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			if now, err := s.resident(); err == nil {
				most = max(most, now)
			}
		}
	}
	group.Wait()
	b.add("24 clients send forged deliveries of 20 MB", fmt.Sprintf("%.0f MB at most", most),
		fmt.Sprintf("%d refused, %d turned away, %d signed ones beside them taken", refused.Load(), shed.Load(), good.Load()), "bounded")
	return nil
}

// backfillRuns is how many workflow runs the fake GitHub of the bench has.
const backfillRuns = 100_000

// backfill brings in a long past, through two kills of the server.
func (b *bench) backfill(ctx context.Context) error {
	now := time.Now().UTC().Truncate(time.Second)
	mux := http.NewServeMux()
	fake := httptest.NewServer(mux)
	defer fake.Close()
	mux.HandleFunc("GET /repos/acme/payments", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"full_name":"acme/payments","default_branch":"main"}`)
	})
	mux.HandleFunc("GET /repos/acme/payments/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[]`) })
	mux.HandleFunc("GET /repos/acme/payments/actions/runs", func(w http.ResponseWriter, r *http.Request) {
		page := 1
		if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil {
			page = n
		}
		var runs []map[string]any
		for n := (page - 1) * 100; n < min(page*100, backfillRuns); n++ {
			at := now.Add(-time.Duration(n) * 20 * time.Second).Format(time.RFC3339)
			runs = append(runs, map[string]any{
				"id": backfillRuns - n, "name": "build", "head_branch": "main", "head_sha": fmt.Sprintf("%040x", n), "run_number": n, "run_attempt": 1, "event": "push",
				"status": "completed", "conclusion": "success", "created_at": at, "updated_at": at, "run_started_at": at,
			})
		}
		if page*100 < backfillRuns {
			w.Header().Set("Link", fmt.Sprintf(`<%s/repos/acme/payments/actions/runs?per_page=100&page=%d>; rel="next"`, fake.URL, page+1))
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"workflow_runs": runs})
	})
	settings := "    token: file:" + filepath.Join(b.dir, "hook-secret") + "\n    api: " + fake.URL + "\n    allow: [127.0.0.1]\n    every: 1s\n    backfill: 60d\n    repositories: [acme/payments]\n"
	s, err := b.withSource(ctx, "backfill", settings)
	if err != nil {
		return err
	}
	began := time.Now()
	for kills, done := 0, 0; ; {
		var got struct {
			Sources []struct {
				Backfill struct {
					Done   bool
					Events int
				}
			}
		}
		body, err := s.get(ctx, "/api/v1/sources")
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		if err != nil {
			return err
		}
		if len(got.Sources) > 0 {
			if done = got.Sources[0].Backfill.Events; got.Sources[0].Backfill.Done {
				break
			}
		}
		if kills < 2 && done > (kills+1)*backfillRuns/3 {
			kills++
			if err := s.cmd.Process.Kill(); err != nil {
				return err
			}
			_ = s.cmd.Wait() // it was killed
			if s, err = b.restartSource(ctx, "backfill", settings); err != nil {
				return err
			}
		}
		if time.Since(began) > fillTime {
			return errors.New("the backfill did not end in time")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	took := time.Since(began)
	defer func() { _ = s.stop() }() // what is not stopped ends with the context
	keys := map[string]bool{}
	events := 0
	for cursor := ""; ; {
		var page struct {
			Events []struct{ Key string }
			Next   string
		}
		body, err := s.get(ctx, "/api/v1/events?source=github&limit=500&cursor="+url.QueryEscape(cursor))
		if err == nil {
			err = json.Unmarshal(body, &page)
		}
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			keys[e.Key], events = true, events+1
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(keys) != backfillRuns || events != backfillRuns {
		return fmt.Errorf("the backfill brought %d events of %d keys, want %d", events, len(keys), backfillRuns)
	}
	b.add(fmt.Sprintf("backfill of %d events of GitHub, killed twice", backfillRuns), took.Round(100*time.Millisecond).String(),
		perSecond(backfillRuns/took.Seconds()), "none lost, none doubled")
	return nil
}
