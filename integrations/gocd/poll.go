package gocd

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/integration/walk"
)

// Asked is a source that asks for the runs of pipelines: all that the plugin would tell, and what was before it.
type Asked struct {
	*Source
	*walk.Walker

	// instances are those that were asked for, by locator and phase: what a stage says of a phase does not change. They outlive
	// a look that failed, after which all of the last week is told again.
	instances map[string]instance
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
)

const (
	// pageSize is between 10 and 100. Each stage of a page may take a request, and a look is bounded between pages.
	pageSize = 50
	// mostInstances bounds what is kept, in entries of about 150 bytes: what is beyond that is asked for again.
	mostInstances = 20_000
)

func (s *Source) asking() *Asked {
	client := &upstream.Client{Tool: "GoCD", Base: s.config.address() + "/go/api", HTTP: s.config.HTTP}
	a := &Asked{
		Source: s, Walker: &walk.Walker{Client: client, Credential: &s.config.Token, Reach: s.config.Reach},
		instances: map[string]instance{},
	}
	client.Sign, a.Lists = a.sign, a.lists
	return a
}

// Describe says what it listens to and asks.
func (a *Asked) Describe() string {
	return "stages of GoCD at " + cmp.Or(a.config.address(), "no address yet")
}

// sign gives a request the token, and the version of what it asks for: each part of the API has its own.
func (a *Asked) sign(ctx context.Context, r *http.Request) error {
	version := "v1"
	switch {
	case strings.HasSuffix(r.URL.Path, "/go/api/dashboard"):
		version = "v4"
	case strings.Contains(r.URL.Path, "/go/api/stages/"):
		version = "v3"
	}
	r.Header.Set("Accept", "application/vnd.go.cd."+version+"+json")
	return a.config.Bearer(ctx, r)
}

// lists are the histories of the pipelines that are named, or of all that the token sees.
func (a *Asked) lists(ctx context.Context, l *walk.Look) ([]walk.List, error) {
	if a.config.Address == "" {
		return nil, fault.New(fault.Invalid, "there is a token, and no address to ask: set the address of GoCD's page")
	}
	var seen dashboard
	if _, err := l.Get(ctx, "/dashboard", &seen); err != nil {
		return nil, err
	}
	if seen.Embedded == nil {
		return nil, fault.New(fault.Unavailable, "GoCD still loads its dashboard: the next look asks again")
	}
	groups := map[string]string{}
	for _, group := range seen.Embedded.Groups {
		for _, name := range group.Pipelines {
			groups[name] = group.Name
		}
	}
	names := a.config.Pipelines
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(groups))
	}
	if len(names) == 0 {
		l.Missing("pipelines", "the token sees none: its user must be allowed to view some")
	}
	lists := make([]walk.List, len(names))
	for i, name := range names {
		line := pipeline{Name: name, Group: groups[name]}
		lists[i] = walk.List{
			Name: "history " + name, Owner: name,
			First: func(time.Time) string { return a.page(name, "") },
			Read: func(ctx context.Context, l *walk.Look, p *walk.Page) ([]walk.Item, error) {
				return a.read(ctx, l, p, line)
			},
		}
	}
	return lists, nil
}

// page is the address of a page of a pipeline's history ("Get pipeline history"), the newest first.
func (a *Asked) page(name, after string) string {
	query := url.Values{"page_size": {strconv.Itoa(pageSize)}}
	if after != "" {
		query.Set("after", after)
	}
	return a.Client.Base + "/pipelines/" + url.PathEscape(name) + "/history?" + query.Encode()
}

// read tells each stage of each run as its notification would have.
func (a *Asked) read(ctx context.Context, l *walk.Look, p *walk.Page, line pipeline) ([]walk.Item, error) {
	var list history
	if err := p.Read(&list); err != nil {
		return nil, err
	}
	items := make([]walk.Item, 0, len(list.Runs))
	for i := range list.Runs {
		// A run is never finished: any of its stages can be run again, which is how one goes back to what it deployed.
		item := walk.Item{At: integration.Millis(list.Runs[i].Scheduled), Open: true}
		if item.At.IsZero() {
			continue // it is being prepared
		}
		if !item.At.Before(p.Since) {
			if err := a.tell(ctx, l, &item, line, &list.Runs[i]); err != nil {
				return nil, err
			}
		}
		items = append(items, item)
	}
	// The address that GoCD gives is the one that its configuration says, and has another size of pages: its cursor is taken.
	next, err := url.Parse(list.Links.Next.Address)
	if p.Next = ""; err == nil && next.Query().Get("after") != "" {
		p.Next = a.page(line.Name, next.Query().Get("after"))
	}
	return items, nil
}

// tell tells the stages of one run.
func (a *Asked) tell(ctx context.Context, l *walk.Look, item *walk.Item, line pipeline, of *run) error {
	line.Counter, line.Label = of.Counter, of.Label
	for i := range of.BuildCause.Revisions {
		line.BuildCause = append(line.BuildCause, of.BuildCause.Revisions[i].cause())
	}
	for _, one := range of.Stages {
		line.Stage = &stage{Name: one.Name, Counter: one.Counter, State: cmp.Or(one.Status, one.Result), ApprovedBy: one.ApprovedBy}
		phase, known := integration.OneOf(states, line.Stage.State)
		if !known {
			continue // it was not scheduled yet
		}
		times, err := a.instance(ctx, l, line.locator(), phase)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
			item.Tell(change.Event{}, "", err)
			continue
		}
		if err != nil {
			return err
		}
		line.Stage.CreateTime, line.Stage.LastTransition = written(times.Scheduled), written(times.LastTransition)
		item.Tell(a.event(&payload{Pipeline: line}))
	}
	return nil
}

// instance asks for the times of a stage ("Get stage instance"): the history does not say when it ended.
func (a *Asked) instance(ctx context.Context, l *walk.Look, locator string, phase change.Phase) (instance, error) {
	key := locator + " " + string(phase)
	known, ok := a.instances[key]
	if ok {
		return known, nil
	}
	if _, err := l.Get(ctx, "/stages/"+(&url.URL{Path: locator}).EscapedPath(), &known); err != nil {
		return known, err
	}
	if len(a.instances) >= mostInstances {
		clear(a.instances)
	}
	a.instances[key] = known
	return known, nil
}

// written is a time as a notification has it.
func written(millis int64) string {
	at := integration.Millis(millis)
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339Nano)
}
