package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/notify"
)

// newOffice makes what hears and says.
func (d *Daemon) newOffice() *notify.Office {
	return notify.New(notify.Deps{
		Store: d.store, Log: d.store, Roll: d.roll, Feed: d.reader, Rank: d.rank, Messenger: d.messenger, Named: d.named,
		Address: d.address, Sole: d.lease.Held,
		Counted: func(source string, topic notify.Topic, outcome string, took time.Duration) {
			d.metrics.posts.WithLabelValues(source, string(topic), outcome).Inc()
			d.metrics.postTime.WithLabelValues(string(topic)).Observe(took.Seconds())
		},
	})
}

// address is where people reach the page.
func (d *Daemon) address() string {
	if public := d.config.public(); public != nil {
		return strings.TrimSuffix(public.String(), "/")
	}
	return d.URL()
}

// messenger finds a source that carries messages.
func (d *Daemon) messenger(name string) (chat.Messenger, bool) {
	s, found := d.configured()[name]
	return s.messenger, found && s.messenger != nil
}

// named lists the sources of a type.
func (d *Daemon) named(kind string) []string {
	var names []string
	for name, s := range d.configured() {
		if s.kind == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// rank lists what changed lately before the onset, the latest first.
func (d *Daemon) rank(ctx context.Context, q suspect.Question) (suspect.Ranking, error) {
	r := suspect.Ranking{Question: q, Since: q.Onset.Add(-24 * time.Hour)}
	query := feed.Query{Filter: change.Filter{Classes: []change.Class{change.ClassChange}, Since: r.Since}, Depth: 2}
	for _, id := range q.Services {
		if e, found := d.roll.ByID(id); found {
			query.Entities = append(query.Entities, e.Ref().String())
		}
	}
	scope, err := d.reader.Resolve(query)
	if err != nil {
		return r, err
	}
	page, err := d.reader.Store.Feed(ctx, scope.Filter, change.Cursor{}, 200, true)
	if err != nil {
		return r, err
	}
	for _, e := range page.Events {
		if e.StartedAt.After(q.Onset) {
			r.RuledOut = append(r.RuledOut, suspect.Out{Candidate: suspect.Candidate{Head: e}, Reason: suspect.AfterOnset})
			continue
		}
		r.Suspects = append(r.Suspects, suspect.Suspect{Candidate: suspect.Candidate{Head: e}, Rank: len(r.Suspects) + 1, Strength: suspect.Weak})
	}
	return r, nil
}
