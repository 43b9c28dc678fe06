package watch

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/rest"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// Looker looks at one cluster.
type Looker struct {
	config  *rest.Config
	options Options
	now     func() time.Time
	stands  stands
}

var _ observe.Looker = (*Looker)(nil)

// New makes a Looker. The error is Invalid, and names everything that is wrong with the options.
func New(config *rest.Config, options Options) (*Looker, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	return &Looker{config: config, options: options, now: time.Now}, nil
}

// Collections are the ones that are looked at.
func (l *Looker) Collections() []string { return l.options.Collections() }

// Watch puts every object once, says of each collection when it has been put whole, and then puts every change in the
// order in which it was told, until ctx ends. What comes from pods, events and autoscalers is gathered for a second or
// so for each workload; what somebody changed is not.
//
// It needs the right to get, list and watch what it looks at. A kind that is forbidden is left out, which Trouble tells,
// and tried again every few minutes. The error is Unavailable where the cluster cannot be reached, Unauthenticated where
// it does not know who asks, and Forbidden where nothing at all may be seen. Mark is called from many goroutines at once.
func (l *Looker) Watch(ctx context.Context, mark func(string) string, to observe.Sink) error {
	c, err := newClient(l.config)
	if err != nil {
		return err
	}
	if err := c.reach(ctx, l.config.Host); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()

	deltas := make(chan delta, 64)
	collections := l.options.Collections()
	w := newWorld(collections, to, l.now)
	w.stands = &l.stands
	for _, s := range l.scopes(c, collections, reader{mark: mark}) {
		s.to, s.done = deltas, ctx.Done()
		w.expect(s)
		running.Go(func() { s.run(ctx) })
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case d := <-deltas:
			w.take(d)
			if w.blind() {
				return fault.New(fault.Forbidden, "the cluster at %s lets nothing be seen: give the agent its roles, deploy/kubernetes/role.yaml (%s)", l.config.Host, w.excuse())
			}
		case <-timer.C:
		}
		// What is due does not wait for a storm to end.
		if w.wait() <= 0 {
			w.catchUp()
		}
		timer.Reset(w.wait())
	}
}

// scopes are what is fetched: each resource in all namespaces, or in each of those that are asked for.
func (l *Looker) scopes(c *client, collections []string, r reader) []*scope {
	excluded := map[string]bool{}
	selector := ""
	for _, namespace := range l.options.excluded() {
		excluded[namespace] = true
		selector += ",metadata.namespace!=" + namespace
	}
	var made []*scope
	for _, resource := range resources(collections) {
		one := scope{resource: resource, selector: resource.selector, client: c, reader: r, excluded: excluded}
		switch {
		case resource.cluster && resource.name == "namespaces" && len(l.options.Namespaces) > 0:
			for _, namespace := range slices.Sorted(slices.Values(l.options.Namespaces)) {
				each := one
				each.selector = "metadata.name=" + namespace
				made = append(made, &each)
			}
			continue
		case resource.cluster:
		case len(l.options.Namespaces) > 0:
			for _, namespace := range slices.Sorted(slices.Values(l.options.Namespaces)) {
				each := one
				each.namespace = namespace
				made = append(made, &each)
			}
			continue
		default:
			one.selector = trimComma(one.selector + selector)
		}
		made = append(made, &one)
	}
	return made
}

func trimComma(text string) string {
	if text != "" && text[0] == ',' {
		return text[1:]
	}
	return text
}

// have is what a scope has told of: the objects by namespace and name.
type have map[string]*object

func (h have) sorted() []string { return slices.Sorted(maps.Keys(h)) }
