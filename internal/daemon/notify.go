package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/notify"
	"tidings.dev/tidings/store"
)

// newOffice makes what hears and says.
func (d *Daemon) newOffice() *notify.Office {
	return notify.New(notify.Deps{
		Store: d.store, Log: d.store, Roll: d.roll, Feed: d.reader, Rank: d.suspects.Ask, RankIncident: func(ctx context.Context, number int64) (incident.Incident, suspect.Ranking, error) {
			return d.ranked.Rank(ctx, number, false)
		},
		Incidents: incidents{d.keeper, d.store}, Follows: d.store, Messenger: d.messenger, Named: d.named,
		Address: d.address, Sole: d.lease.Held, Now: d.config.clock(),
		Counted: func(source string, topic notify.Topic, outcome string, took time.Duration) {
			d.metrics.posts.WithLabelValues(source, string(topic), outcome).Inc()
			d.metrics.postTime.WithLabelValues(string(topic)).Observe(took.Seconds())
		},
	})
}

// board is what people see of what is said in chats.
func (d *Daemon) board() *notify.Board {
	return &notify.Board{Kept: d.store, Wake: d.office.Promised, Now: d.config.clock(), Carries: func(source string) bool {
		_, found := d.messenger(source)
		return found
	}}
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

// incidents are kept, and judged.
type incidents struct {
	*incident.Keeper
	*store.Store
}
