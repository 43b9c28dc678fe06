//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// counts are what the table shows.
type counts struct {
	faults, inputs, acked, refused, lost                             atomic.Int64
	events, claims, merged, aliases, names, stories, pages, streamed atomic.Int64
	took                                                             time.Duration
	note                                                             string
}

type result struct {
	engine, fault string
	*counts
}

func printTable(out io.Writer, results []result) {
	fmt.Fprintln(out, "\n| engine | fault | times | inputs | events acknowledged | refused | cut off | events checked | claims merged | names | stories | streamed | took |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, r := range results {
		if r.note != "" {
			fmt.Fprintf(out, "| %s | %s | %s |\n", r.engine, r.fault, r.note)
			continue
		}
		fmt.Fprintf(out, "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s |\n", r.engine, r.fault, r.faults.Load(), r.inputs.Load(),
			r.acked.Load(), r.refused.Load(), r.lost.Load(), r.events.Load(), r.claims.Load(), r.names.Load(), r.stories.Load(), r.streamed.Load(),
			r.took.Round(time.Second))
	}
}

// rig is one engine with what runs on it.
type rig struct {
	settings
	engine      string
	name        string // of the fault that is tried
	rand        *rand.Rand
	counts      *counts
	dir         string
	postgres    *postgres
	proxy       *proxy
	server      *process
	environment []string   // of a server, beside that of the harness
	servers     []*process // all that ever ran
	client      *client
	follower    *follower
	following   context.CancelFunc
	followed    chan struct{}
	streamed    error
	round       int
}

// fault is one way to do harm.
type fault struct {
	name  string
	about string
	on    string // an engine, or empty for each
	try   func(context.Context, *rig) error
}

func faults() []fault {
	return []fault{
		{"kill", "tidings serve is killed (SIGKILL)", "", tryKills},
		{"pause", "tidings serve is paused (SIGSTOP)", "", tryPauses},
		{"clock", "the server's clock is wrong", "", tryClocks},
		{"disk", "the disk is full", "", tryFullDisk},
		{"readonly", "the disk is read-only", "sqlite", tryReadOnlyDisk},
		{"database", "PostgreSQL is killed (SIGKILL)", "postgres", tryDatabaseKills},
		{"restart", "PostgreSQL is restarted", "postgres", tryDatabaseRestarts},
		{"frozen", "PostgreSQL takes no writes", "postgres", tryReadOnlyDatabase},
		{"cut", "the network to PostgreSQL is cut", "postgres", tryCuts},
		{"slow", "the network to PostgreSQL is slow", "postgres", tryDelays},
		{"silent", "the network to PostgreSQL swallows all", "postgres", trySilence},
		{"rolling", "one of three servers is restarted", "postgres", tryRolling},
		{"leader", "the server that looks at sources is killed or paused", "postgres", tryLeader},
		{"schema", "a newer release migrates the database", "postgres", trySchema},
	}
}

func faultNames() []string {
	var names []string
	for _, f := range faults() {
		names = append(names, f.name)
	}
	return names
}

// notTried says that this machine does not allow a fault to be made.
type notTried struct{ reason string }

func (n notTried) Error() string { return "not tried: " + n.reason }

func try(ctx context.Context, s settings, engine string) ([]result, error) {
	var results []result
	for i, f := range faults() {
		if (f.on != "" && f.on != engine) || (s.only != nil && !slices.Contains(s.only, f.name)) {
			continue
		}
		fmt.Fprintf(s.out, "%s: %s (seed %d) …\n", engine, f.about, s.seed)
		r := &rig{settings: s, engine: engine, name: f.name, counts: &counts{}, rand: rand.New(rand.NewPCG(s.seed, uint64(i)))} //nolint:gosec // it has to be repeatable
		began := time.Now()
		err := r.with(ctx, f.try)
		r.counts.took = time.Since(began)
		results = append(results, result{engine, f.about, r.counts})
		if skipped, ok := err.(notTried); ok { //nolint:errorlint // it is made by the fault itself
			r.counts.note, err = skipped.Error(), nil
		}
		if err != nil {
			return results, fmt.Errorf("%s: %w%s", f.name, err, r.evidence())
		}
	}
	return results, ctx.Err()
}

// evidence is what the last servers said.
func (r *rig) evidence() string {
	var text strings.Builder
	for i, server := range r.servers[max(0, len(r.servers)-3):] {
		fmt.Fprintf(&text, "\nlog %d: %s", i+1, strings.Join(server.log.last(8), "\n"))
	}
	return text.String()
}

// with runs a fault on a database of its own, and takes everything down again.
func (r *rig) with(ctx context.Context, try func(context.Context, *rig) error) error {
	r.dir = filepath.Join(r.settings.dir, r.engine+"-"+r.name)
	if err := os.Mkdir(r.dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		return err
	}
	if err := os.WriteFile(filepath.Join(r.dir, "server.yaml"), []byte(leastFree), 0o600); err != nil {
		return err
	}
	defer r.close()
	r.client = newClient(r.counts)
	if r.engine == "postgres" {
		var err error
		if r.postgres, err = newPostgres(ctx, filepath.Join(r.dir, "cluster")); err != nil {
			return err
		}
		if r.proxy, err = newProxy(ctx, r.postgres.address()); err != nil {
			return err
		}
	}
	return try(ctx, r)
}

func (r *rig) close() {
	r.unfollow()
	if r.server != nil {
		r.server.kill()
	}
	if r.proxy != nil {
		r.proxy.close()
	}
	if r.postgres != nil {
		r.postgres.close()
	}
}

// leastFree is a configuration that writes until the disk is full, so that there is something to fill.
const leastFree = "least_free_mib: 0\n"

// flags lead to the database, and to a configuration.
func (r *rig) flags(more ...string) []string {
	flags := append([]string{"--config", filepath.Join(r.dir, "server.yaml")}, more...)
	if r.postgres == nil {
		return append(flags, "--data", filepath.Join(r.dir, "data"))
	}
	return append(flags, "--database-url", r.postgres.url(r.proxy.address()))
}

// start runs a server and aims the client at it.
func (r *rig) start(ctx context.Context, flags ...string) error {
	server, err := serve(ctx, r.binary, r.environment, r.flags(flags...)...)
	if err != nil {
		return violationOr(ctx, err)
	}
	r.server, r.servers = server, append(r.servers, server)
	r.client.aim(server.url)
	return nil
}

func violationOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return violation("%s", err)
}

// follow reads the stream for as long as the rig is up.
func (r *rig) follow(ctx context.Context) {
	ctx, r.following = context.WithCancel(ctx)
	r.follower = &follower{client: r.client, states: map[string]shown{}}
	r.followed = make(chan struct{})
	go func() {
		defer close(r.followed)
		for ctx.Err() == nil {
			if err := r.follower.read(ctx); broken(err) {
				r.streamed = err
				return
			}
			rest(ctx, 10*time.Millisecond)
		}
	}()
}

func (r *rig) unfollow() {
	if r.following != nil {
		r.following()
		<-r.followed
	}
}

// load makes a model of its own for this round, and begins to write.
func (r *rig) load(ctx context.Context) *load {
	r.round++
	l := &load{model: newModel(fmt.Sprintf("soak-%s-%d", r.name, r.round)), client: r.client, counts: r.counts}
	l.start(ctx, r.rand.Uint64())
	return l
}

// settle checks a round after its load ended: the server is ready again, and nothing is lost.
func (r *rig) settle(ctx context.Context, l *load) error {
	if err := r.client.ready(ctx, 30*time.Second); err != nil {
		return err
	}
	if err := r.eventually(ctx, l); err != nil {
		return err
	}
	if r.streamed != nil {
		return r.streamed
	}
	if r.follower == nil {
		return nil
	}
	listed, err := r.client.walk(ctx, "/api/v1/events?limit=1000&source="+l.model.source, everything)
	if err != nil {
		return violationOr(ctx, err)
	}
	if err := r.follower.check(ctx, listed); err != nil {
		return err
	}
	return r.streamed
}

// settleTime is how long what was begun may take to be finished after a fault.
const settleTime = 15 * time.Second

// eventually checks until the check passes: what was interrupted is finished soon after.
func (r *rig) eventually(ctx context.Context, l *load) error {
	for began := time.Now(); ; rest(ctx, 250*time.Millisecond) {
		err := l.check(ctx)
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(began) > settleTime {
			return violationOr(ctx, err)
		}
	}
}

// between waits a random span under load, and stops early when the load found something.
func (r *rig) between(ctx context.Context, least, most time.Duration) {
	rest(ctx, least+time.Duration(r.rand.Int64N(int64(most-least))))
}
