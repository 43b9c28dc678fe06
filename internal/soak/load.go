//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// load is what runs against the servers while faults are made: writers, readers that page, and a stream.
type load struct {
	model  *model
	client *client
	counts *counts

	stop   context.CancelFunc
	group  sync.WaitGroup
	mu     sync.Mutex
	broken error
	found  found
	last   error // the last that was cut off or refused
}

// writers and pagers are how many of each run at once.
const (
	writers = 6
	pagers  = 2
)

// start begins the load; its inputs follow from the seed.
func (l *load) start(ctx context.Context, seed uint64) {
	ctx, l.stop = context.WithCancel(ctx)
	for i := range writers {
		r := rand.New(rand.NewPCG(seed, uint64(i))) //nolint:gosec // it has to be repeatable
		l.run(ctx, func(ctx context.Context) error { return l.write(ctx, r) })
	}
	for range pagers {
		l.run(ctx, l.page)
	}
}

// run calls a step again and again, until the load ends; what a fault may do to it is counted, a violation is kept.
func (l *load) run(ctx context.Context, step func(context.Context) error) {
	l.group.Go(func() {
		for ctx.Err() == nil {
			err := step(ctx)
			if err == nil || ctx.Err() != nil {
				continue
			}
			if broken(err) {
				l.fail(err)
				return
			}
			l.mu.Lock()
			l.last = err
			l.mu.Unlock()
			if _, ok := errors.AsType[*refusedError](err); !ok {
				l.counts.lost.Add(1)
			}
			rest(ctx, 5*time.Millisecond)
		}
	})
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (l *load) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.broken = err
	}
}

func (l *load) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}

// why is the last error that a fault excuses.
func (l *load) why() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprint(l.last)
}

// end stops the load and tells what it found.
func (l *load) end() error {
	l.stop()
	l.group.Wait()
	return l.err()
}

func (l *load) write(ctx context.Context, r *rand.Rand) error {
	l.counts.inputs.Add(1)
	switch n := r.IntN(100); {
	case n < 45:
		return l.report(ctx, r, 1)
	case n < 75:
		return l.report(ctx, r, 2+r.IntN(30))
	case n < 92:
		return l.describe(ctx, r)
	default:
		return l.claim(ctx, r)
	}
}

// report sends events, some of them twice in one body or once more afterwards.
func (l *load) report(ctx context.Context, r *rand.Rand, n int) error {
	l.model.mu.Lock()
	reports := make([]report, n)
	bodies := make([]any, n)
	for i := range reports {
		if i > 0 && r.IntN(8) == 0 {
			reports[i] = reports[r.IntN(i)]
		} else {
			reports[i] = l.model.pick(r)
		}
		bodies[i] = l.model.body(reports[i])
	}
	l.model.mu.Unlock()
	for {
		var answer struct {
			Events []receipt `json:"events"`
		}
		if err := l.client.post(ctx, "/api/v1/events", map[string]any{"events": bodies}, &answer); err != nil {
			return err
		}
		if err := l.model.acknowledge(reports, answer.Events); err != nil {
			return err
		}
		l.counts.acked.Add(int64(n))
		if r.IntN(10) > 0 {
			return nil
		}
		for i := range reports { // what was acknowledged is sent again: nothing may come of it
			reports[i].known = true
		}
	}
}

// documentsAtMost bounds the services that are described, so that each is described many times.
const documentsAtMost = 8

// describe sends the next generation of a descriptor, or of what a person says over it.
func (l *load) describe(ctx context.Context, r *rand.Rand) error {
	m := l.model
	m.mu.Lock()
	if len(m.docs) < documentsAtMost {
		n := len(m.docs)
		m.docs = append(m.docs, &document{name: fmt.Sprintf("%s/d%d/tidings.yaml", m.source, n), service: fmt.Sprintf("%s-s%d", m.source, n)})
	}
	d := m.docs[r.IntN(len(m.docs))]
	if d.busy {
		m.mu.Unlock()
		return nil
	}
	d.busy = true
	file := r.IntN(3) > 0 || d.acked == 0
	if file {
		d.sent++
	} else {
		d.edited++
	}
	generation, edit := d.sent, d.edited
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		d.busy = false
		m.mu.Unlock()
	}()
	var err error
	if file {
		err = l.client.call(ctx, http.MethodPost, "/api/v1/descriptors?name="+url.QueryEscape(d.name), "application/yaml", []byte(d.descriptor(generation)), nil)
	} else {
		err = l.client.call(ctx, http.MethodPatch, "/api/v1/entities/service/"+d.service, "application/json",
			fmt.Appendf(nil, `{"title": "edit %d", "tag/edit": "%d"}`, edit, edit), nil)
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if file {
		d.acked = generation
	} else {
		d.ackedEdits = edit
	}
	l.counts.claims.Add(1)
	return nil
}

// claim says whose an outside name is, while events of that name keep coming.
func (l *load) claim(ctx context.Context, r *rand.Rand) error {
	m := l.model
	m.mu.Lock()
	var free []*outside
	for _, o := range m.names {
		if !o.claimed && o.events > 2 {
			free = append(free, o)
		}
	}
	if len(free) == 0 || r.IntN(4) == 0 {
		m.mu.Unlock()
		return nil
	}
	o := free[r.IntN(len(free))]
	o.claiming = true
	m.mu.Unlock()
	// The service may not be there yet: only events and files bring it into being.
	put := fmt.Sprintf(`{"events":[{"source":%q,"key":"exists-%s","kind":"note","title":"%s is there","subjects":["service:%s"],"started_at":%q}]}`,
		m.source+"-x", o.service, o.service, o.service, m.began.Format(time.RFC3339Nano))
	if err := l.client.call(ctx, http.MethodPost, "/api/v1/events", "application/json", []byte(put), nil); err != nil {
		return err
	}
	if err := l.client.post(ctx, "/api/v1/aliases", map[string]string{"alias": o.name, "entity": "service:" + o.service}, nil); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o.claimed = true
	l.counts.aliases.Add(1)
	return nil
}

// page walks the feed through its cursors while it is written: nothing comes twice.
func (l *load) page(ctx context.Context) error {
	_, err := l.client.walk(ctx, "/api/v1/events?limit=100&source="+l.model.source, 10)
	if err == nil {
		l.counts.pages.Add(1)
	}
	return err
}
