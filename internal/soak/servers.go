//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// serversAtOnce share one database.
const serversAtOnce = 3

// balancer is a load balancer of the simplest kind. It asks each server every 100 ms whether it is ready, and sends each
// request to the next that was. Only where no connection came about does it try another: it repeats nothing that a
// server may have seen.
type balancer struct {
	under http.RoundTripper

	mu      sync.Mutex
	servers []*backend
	turn    int
}

type backend struct {
	process *process
	ready   bool
}

func (b *balancer) add(p *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.servers = append(b.servers, &backend{process: p, ready: true})
}

func (b *balancer) remove(p *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, server := range b.servers {
		if server.process == p {
			b.servers = append(b.servers[:i:i], b.servers[i+1:]...)
			return
		}
	}
}

// order is the servers to try.
func (b *balancer) order() []*backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	var order []*backend
	for i := range b.servers {
		if server := b.servers[(b.turn+i)%len(b.servers)]; server.ready {
			order = append(order, server)
		}
	}
	return order
}

// RoundTrip sends a request to one of the servers.
func (b *balancer) RoundTrip(request *http.Request) (*http.Response, error) {
	err := errors.New("no server is ready")
	for _, server := range b.order() {
		to, _ := url.Parse(server.process.url) // it answered there
		again := request.Clone(request.Context())
		again.URL.Host, again.Host = to.Host, to.Host
		if request.GetBody != nil {
			if again.Body, err = request.GetBody(); err != nil {
				return nil, err
			}
		}
		var answer *http.Response
		answer, err = b.under.RoundTrip(again)
		if refused, ok := errors.AsType[*net.OpError](err); ok && refused.Op == "dial" {
			continue
		}
		return answer, err
	}
	return nil, err
}

// probe asks whether the servers are ready, until the context ends.
func (b *balancer) probe(ctx context.Context) {
	for ; ctx.Err() == nil; rest(ctx, 100*time.Millisecond) {
		b.mu.Lock()
		servers := append([]*backend{}, b.servers...)
		b.mu.Unlock()
		for _, server := range servers {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.process.url+"/readyz", http.NoBody)
			if err != nil {
				return
			}
			ready := false
			if answer, err := b.under.RoundTrip(request); err == nil {
				ready = answer.StatusCode == http.StatusOK
				_ = answer.Body.Close() // only the status is of interest
			}
			b.mu.Lock()
			server.ready = ready
			b.mu.Unlock()
		}
	}
}

// tryRolling restarts one server after the other under load: not one request may fail.
func tryRolling(ctx context.Context, r *rig) error {
	b := &balancer{under: r.client.http.Transport}
	r.client.http = &http.Client{Transport: b}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running []*process
	defer func() {
		for _, p := range running {
			p.kill()
		}
	}()
	begin := func() error {
		if err := r.start(ctx, "--drain", "1s"); err != nil {
			return err
		}
		running = append(running, r.server)
		b.add(r.server)
		return nil
	}
	for range serversAtOnce {
		if err := begin(); err != nil {
			return err
		}
	}
	go b.probe(ctx)
	r.follow(ctx)
	defer r.unfollow()
	for round := range r.rounds {
		l := r.load(ctx)
		for range serversAtOnce {
			r.between(ctx, 200*time.Millisecond, time.Second)
			oldest := running[0]
			oldest.signal(syscall.SIGTERM)
			if err := oldest.ended(startTime); err != nil {
				_ = l.end() // the server tells more
				return violation("%s", err)
			}
			b.remove(oldest)
			running = running[1:]
			r.counts.faults.Add(1)
			if err := begin(); err != nil {
				_ = l.end() // the server tells more
				return err
			}
		}
		if err := l.end(); err != nil {
			return err
		}
		if lost, refused := r.counts.lost.Load(), r.counts.refused.Load(); lost+refused > 0 {
			return violation("%d requests were cut off and %d refused while servers were restarted: %s", lost, refused, l.why())
		}
		if err := r.settle(ctx, l); err != nil {
			return err
		}
		fmt.Fprintf(r.out, "  %d of %d: %d restarts, %d events acknowledged, no request failed\n", round+1, r.rounds, r.counts.faults.Load(), r.counts.acked.Load())
	}
	return ctx.Err()
}

// leadTime is how long it may take until another server looks at the sources.
const leadTime = 10 * time.Second

// tryLeader kills or pauses the server that looks at a source; another has to look within leadTime.
func tryLeader(ctx context.Context, r *rig) error {
	repository := filepath.Join(r.dir, "repository")
	if err := git(ctx, ".", "init", "-q", "-b", "main", repository); err != nil {
		return notTried{fmt.Sprintf("there is no git here: %s", err)}
	}
	text := leastFree + fmt.Sprintf("sources:\n  - {name: repository, type: git, repository: %q, service: watched, every: 1s}\n", repository)
	if err := os.WriteFile(filepath.Join(r.dir, "server.yaml"), []byte(text), 0o600); err != nil {
		return err
	}
	var running []*process
	defer func() {
		for _, p := range running {
			p.kill()
		}
	}()
	for n := range 2*r.rounds + 1 {
		for len(running) < serversAtOnce {
			if err := r.start(ctx); err != nil {
				return err
			}
			running = append(running, r.server)
		}
		if err := git(ctx, repository, "commit", "-q", "--allow-empty", "-m", fmt.Sprintf("change %d", n)); err != nil {
			return err
		}
		began := time.Now()
		leader, err := r.leader(ctx, running, fmt.Sprintf("change %d", n))
		if err != nil {
			return err
		}
		took := time.Since(began)
		if n > 0 {
			r.counts.faults.Add(1)
			fmt.Fprintf(r.out, "  after %.1f s another server looks at the source\n", took.Seconds())
		}
		for i, p := range running {
			if p != leader {
				continue
			}
			running = append(running[:i:i], running[i+1:]...)
			if n%2 == 0 {
				p.kill()
			} else {
				p.signal(syscall.SIGSTOP)
				defer p.kill()
			}
			break
		}
	}
	return ctx.Err()
}

// leader waits until a commit of the repository is in the feed, and gives the server that found it.
func (r *rig) leader(ctx context.Context, running []*process, title string) (*process, error) {
	for began := time.Now(); ctx.Err() == nil; rest(ctx, 50*time.Millisecond) {
		r.client.aim(running[0].url)
		var page struct{ Events []shown }
		if err := r.client.get(ctx, "/api/v1/events?source=repository&limit=5", &page); err != nil {
			return nil, violationOr(ctx, err)
		}
		there := 0
		for _, e := range page.Events {
			if strings.Contains(e.Title, title) {
				there++
			}
		}
		if there > 1 {
			return nil, violation("%q is in the feed %d times", title, there)
		}
		for _, p := range running {
			r.client.aim(p.url)
			var answer struct {
				Sources []struct{ State string }
			}
			if err := r.client.get(ctx, "/api/v1/sources", &answer); err != nil {
				return nil, violationOr(ctx, err)
			}
			if there == 1 && len(answer.Sources) == 1 && answer.Sources[0].State == "working" {
				r.counts.inputs.Add(1)
				return p, nil
			}
		}
		if took := time.Since(began); took > leadTime {
			return nil, violation("nobody looked at the source for %s", took)
		}
	}
	return nil, ctx.Err()
}

func git(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "-c", "user.name=soak", "-c", "user.email=soak@example.com"}, args...)...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, said)
	}
	return nil
}

// trySchema lets a newer release bring the database to a schema that this one does not know, while it runs.
func trySchema(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(ctx context.Context) error {
		// The rows in the order in which migrations take them.
		_, err := r.postgres.sql(ctx, "BEGIN; UPDATE counter SET schema = 9999 WHERE name = 'roll'; UPDATE counter SET schema = 9999 WHERE name = 'entity'; "+
			"UPDATE counter SET schema = 9999 WHERE name = 'log'; UPDATE counter SET schema = 9999; INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true); COMMIT")
		if err != nil {
			return err
		}
		rest(ctx, 200*time.Millisecond) // answers of what was committed before are on their way
		before, err := r.postgres.sql(ctx, "SELECT count(*), max(seq) FROM event")
		if err != nil {
			return err
		}
		if err := r.notReady(ctx, "newer release"); err != nil {
			return err
		}
		if other, err := serve(ctx, r.binary, r.environment, r.flags()...); err == nil || !strings.Contains(err.Error(), "newer release") {
			if other != nil {
				other.kill()
			}
			return violation("a server that is older than the schema must not start: %v", err)
		}
		after, err := r.postgres.sql(ctx, "SELECT count(*), max(seq) FROM event")
		if err == nil && before != after {
			err = violation("a server that is older than the schema wrote: %s became %s", strings.TrimSpace(before), strings.TrimSpace(after))
		}
		return err
	}, func(ctx context.Context) error {
		// Readers tell the server that it is outdated: nothing holds the rows now.
		_, err := r.postgres.sql(ctx, "BEGIN; UPDATE counter SET schema = (SELECT max(version_id) FROM goose_db_version WHERE version_id < 9999); DELETE FROM goose_db_version WHERE version_id = 9999; COMMIT")
		return err
	}, 0, 200*time.Millisecond)
}
