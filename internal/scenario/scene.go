//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/internal/kubernetestest"
)

// scene is everything that runs: the cluster, the server, the agent, and what lies between them.
type scene struct {
	settings
	cluster kubernetestest.Cluster
	world   *world
	act     *performer
	server  *process
	agent   *process
	wire    *wire
	link    *link
	needles needles
	client  *client
	address string // of the server
	audit   string
	windows []window
	made    map[string]int // faults, by name
	bytes   int            // the most memory that the agent had
	beacon  *workload
}

// source is what the agent calls itself.
const source = "rig"

func run(ctx context.Context, s settings) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(s.operations)*8*time.Second+10*time.Minute)
	defer cancel()
	if s.keep == "" {
		dir, err := os.MkdirTemp("", "tidings-scenario-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
		s.keep = dir
	} else if err := os.MkdirAll(s.keep, 0o700); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "seed %d, %d operations\n", s.seed, s.operations)
	p, err := prepare(ctx, s)
	if p != nil {
		defer p.close(context.WithoutCancel(ctx))
	}
	if err == nil {
		err = p.play(ctx)
	}
	if err != nil {
		for _, log := range []string{"agent.log", "server.log"} {
			fmt.Fprintln(s.out, tail(filepath.Join(s.keep, log), 15))
		}
		return fmt.Errorf("seed %d: %w", s.seed, err)
	}
	return nil
}

func prepare(ctx context.Context, s settings) (*scene, error) {
	cluster, err := kubernetestest.Find()
	if err != nil {
		return nil, err
	}
	binary, err := build(ctx, s, s.keep)
	if err != nil {
		return nil, err
	}
	s.binary = binary
	run := strconv.FormatInt(time.Now().UnixMilli()%100_000_000, 36)
	p := &scene{settings: s, cluster: cluster, world: newWorld(run, s.seed), made: map[string]int{}}
	p.needles = needlesOf(p.world.prefix, "Hunter2Canary")
	p.act = &performer{
		apart:   p.settings.apart,
		cluster: cluster, random: rand.New(rand.NewPCG(s.seed, 0)), world: p.world, counts: map[string]int{},
		tell: func(format string, args ...any) {
			if s.talk {
				fmt.Fprintf(s.out, format+"\n", args...)
			}
		},
	}
	if p.address, err = free(ctx); err != nil {
		return nil, err
	}
	p.client = &client{http: &http.Client{}, url: "http://" + p.address}
	if p.wire, err = newWire(ctx, p.address, p.needles); err != nil {
		return nil, err
	}
	config, err := os.ReadFile(cluster.Kubeconfig(kubernetestest.Agent))
	if err != nil {
		return p, err
	}
	match := regexp.MustCompile(`https://([0-9.:]+)`).FindSubmatch(config)
	if match == nil {
		return p, errors.New("the agent's kubeconfig names no address")
	}
	if p.link, err = newLink(ctx, string(match[1])); err != nil {
		return p, err
	}
	return p, p.arrange(ctx)
}

// free is an address on which nobody listens; the server takes it again after each kill.
func free(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// arrange makes what is there before anybody looks.
func (p *scene) arrange(ctx context.Context) error {
	for _, namespace := range p.world.namespaces {
		if _, err := p.act.arrange(ctx, "", "create", "namespace", namespace); err != nil {
			return err
		}
	}
	var all []string
	for _, d := range p.world.data {
		all = append(all, d.manifest())
	}
	for _, w := range p.world.workloads {
		all = append(all, w.manifest())
		if w.kind == "deployment" {
			all = append(all, w.front())
		}
		if w.name == "beacon" {
			p.beacon = w
		}
	}
	if _, err := p.act.arrange(ctx, strings.Join(all, "---\n"), "apply", "-f", "-"); err != nil {
		return err
	}
	for _, w := range p.world.workloads {
		if err := p.act.rolled(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (p *scene) close(ctx context.Context) {
	p.agent.kill()
	p.server.kill()
	if p.wire != nil {
		_ = p.wire.server.Close() // it is given up
	}
	if p.link != nil {
		p.link.close()
	}
	for _, namespace := range p.world.namespaces {
		_, _ = p.act.arrange(ctx, "", "delete", "namespace", namespace, "--wait=false") // the cluster is thrown away
	}
}

func (p *scene) startServer(ctx context.Context) error {
	var err error
	args := []string{"serve", "--no-login", "--listen", p.address, "--log-level", "info", "--data", filepath.Join(p.keep, "data")}
	if p.postgres != "" {
		args = append(args, "--database-url", p.postgres)
	}
	p.server, err = start(p.binary, filepath.Join(p.keep, "server.log"), nil, args...)
	if err != nil {
		return err
	}
	return p.server.ready(ctx, p.client.url)
}

func (p *scene) startAgent() error {
	config, err := p.kubeconfig()
	if err != nil {
		return err
	}
	directory := p.cluster.Directory()
	p.agent, err = start(p.binary, filepath.Join(p.keep, "agent.log"), nil,
		"agent", "kubernetes", "--server", "http://"+p.wire.address, "--kubeconfig", config, "--cluster", "rig", "--source", source,
		"--environment", "test", "--namespaces", strings.Join(p.world.namespaces, ","), "--audit-listen", p.audit,
		"--audit-tls-cert", filepath.Join(directory, "audit.crt"), "--audit-tls-key", filepath.Join(directory, "audit.key"),
		"--audit-token-file", filepath.Join(directory, "audit.token"), "--log-level", "debug")
	return err
}

// play performs the operations and the faults, and judges.
func (p *scene) play(ctx context.Context) error {
	audit, _, release, err := p.cluster.Audit(ctx)
	if err != nil {
		return err
	}
	defer release()
	p.audit = audit
	if err := p.startServer(ctx); err != nil {
		return err
	}
	if err := p.startAgent(); err != nil {
		return err
	}
	if err := p.look(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := p.perform(ctx); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d operations in %s; waiting for the feed\n", p.act.number, time.Since(began).Round(time.Second))
	return p.judge(ctx)
}

// look waits until the agent has seen everything once: before that, what is there is not news.
func (p *scene) look(ctx context.Context) error {
	for began := time.Now(); ; {
		var answer struct {
			Sources []struct {
				Name     string          `json:"name"`
				Observer json.RawMessage `json:"observer"`
				Agent    json.RawMessage `json:"agent"`
			} `json:"sources"`
		}
		err := p.client.get(ctx, "/api/v1/sources", &answer)
		text, _ := json.Marshal(answer) // it came as JSON
		if err == nil && strings.Contains(string(text), "synced_at") {
			return nil
		}
		if p.agent.ended() {
			return errors.New("the agent ended by itself")
		}
		if time.Since(began) > 20*time.Second {
			if content, _ := os.ReadFile(filepath.Join(p.keep, "agent.log")); strings.Contains(string(content), "session open") {
				return nil
			}
		}
		if time.Since(began) > time.Minute {
			return fmt.Errorf("the agent has not seen everything in a minute: %s, %w", text, err)
		}
		if err := waitBriefly(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// perform does the operations, with a fault now and then.
func (p *scene) perform(ctx context.Context) error {
	var possible []trouble
	for _, t := range troubles {
		if slices.Contains(p.faults, t.name) && (!t.alone || p.alone) {
			possible = append(possible, t)
		}
	}
	// Every possible fault comes once before any comes twice.
	faults := rand.New(rand.NewPCG(p.seed, 1))
	turn, next := 0, 4+faults.IntN(6)
	faults.Shuffle(len(possible), func(i, j int) { possible[i], possible[j] = possible[j], possible[i] })
	for p.act.number < p.operations {
		if len(possible) > 0 && p.act.number >= next {
			t := possible[turn%len(possible)]
			if turn++; turn%len(possible) == 0 {
				faults.Shuffle(len(possible), func(i, j int) { possible[i], possible[j] = possible[j], possible[i] })
			}
			if err := p.suffer(ctx, t, 1+faults.IntN(4)); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			next = p.act.number + 3 + faults.IntN(9)
			continue
		}
		if err := p.next(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *scene) next(ctx context.Context) error {
	if p.agent != nil {
		p.bytes = max(p.bytes, p.agent.memory())
	}
	return p.act.next(ctx)
}

// suffer performs operations while a fault lasts.
func (p *scene) suffer(ctx context.Context, t trouble, operations int) error {
	p.made[t.name]++
	from := time.Now()
	if t.folds {
		// What the feed has by now was told; what it has not may be lost with the agent, and be found as part of more.
		events, err := p.client.feed(ctx, source)
		if err != nil {
			return err
		}
		o := compare(p.act.steps, p.act.sufferers, p.windows, events)
		for _, w := range o.missing {
			at := w.first().at
			switch {
			case time.Since(at) >= time.Minute:
			case strings.HasPrefix(w.first().what, "trouble"):
				p.act.unseen(w.first().number)
			case at.Before(from):
				from = at
			}
		}
		for _, w := range o.wrong {
			if at := w.want.first().at; at.Before(from) && time.Since(at) < time.Minute {
				from = at
			}
		}
		p.act.away = true
	}
	p.act.tell("%s      %s for %d operations", clock(time.Now()), t.name, operations)
	if err := t.begin(p, ctx); err != nil {
		return err
	}
	for range operations {
		if err := p.next(ctx); err != nil {
			return err
		}
	}
	if err := t.end(p, ctx); err != nil {
		return err
	}
	p.act.away = false
	p.act.tell("%s      end of %s", clock(time.Now()), t.name)
	if !t.folds {
		return nil
	}
	// What is done from here on is seen: the beacon is, and the rest is looked at at the same time.
	if err := p.signal(ctx); err != nil {
		return err
	}
	if err := waitBriefly(ctx, 5*time.Second); err != nil {
		return err
	}
	p.windows = append(p.windows, window{from, time.Now(), t.name})
	return nil
}

// signal scales the beacon, and waits until the feed tells that.
func (p *scene) signal(ctx context.Context) error {
	before := p.beacon.replicas
	p.beacon.replicas = 3 - before // one or two
	p.act.what, p.act.who = "beacon", user{kubernetestest.Admin, nil, actor{"person", "admin", "kubectl"}}
	if err := p.act.on(ctx, p.beacon, []string{"scale"}, "--replicas", strconv.Itoa(p.beacon.replicas)); err != nil {
		return err
	}
	s := p.act.changed(p.beacon, aspectReplicas, count(before), count(p.beacon.replicas), "scaling")
	for began := time.Now(); time.Since(began) < 90*time.Second; {
		events, err := p.client.feed(ctx, source)
		if err == nil && slices.ContainsFunc(events, func(e *event) bool {
			return e.object() == s.object && e.Kind == "scaling" && e.StartedAt.After(s.at.Add(-early))
		}) {
			return nil
		}
		if p.agent.ended() {
			return errors.New("the agent ended by itself")
		}
		if err := waitBriefly(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New("what was done after the fault is not in the feed after 90 seconds")
}
