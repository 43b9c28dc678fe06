package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/setting"
)

// source is a configured source as it runs: it looks, it is called, or both.
type source struct {
	watcher *ingest.Watcher
	hook    *ingest.Hook
	// Of one that was typed: what it was made from, and how it is ended.
	revision int64
	changed  time.Time
	stop     context.CancelFunc
}

// open opens a source by its configuration, and gives it what it may reach.
func (d *Daemon) openSource(config SourceConfig) (source, error) {
	if asking, ok := config.Config.(integration.Asking); ok {
		asking.Use(d.outbound.Client())
	}
	opened, err := config.Open()
	if err != nil {
		return source{}, err
	}
	var s source
	if poller, ok := opened.(integration.Poller); ok {
		s.watcher = d.door.Watch(config.Name, config.Type, watched{poller, config.Name, d.metrics, d.tracer}, config.Every, d.lease)
	}
	if receiver, ok := opened.(integration.Receiver); ok {
		s.hook = d.door.Hook(config.Name, config.Type, receiver)
	}
	return s, nil
}

// openSources opens those of the configuration file; run makes them look.
func (d *Daemon) openSources() error {
	d.sources = map[string]source{}
	for _, config := range d.config.Sources {
		s, err := d.openSource(config)
		if err != nil {
			return fmt.Errorf("source %s: %w", config.Name, err)
		}
		d.sources[config.Name] = s
	}
	return nil
}

// runSources makes those of the configuration file look at the world.
func (d *Daemon) runSources(ctx context.Context) {
	for _, s := range d.sources {
		if s.watcher != nil {
			d.lead(ctx)
			d.start(func() { s.watcher.Run(ctx) })
		}
	}
}

// followSettings takes up what was set, on this server or another.
func (d *Daemon) followSettings(ctx context.Context) error {
	all, err := d.store.Settings(ctx)
	if err != nil {
		return err
	}
	name := d.config.Organisation
	standing := map[string]bool{}
	for _, s := range all {
		if s.Name == organisationSetting {
			if own, err := readOrganisation(s.Value); err == nil {
				name = own
			}
		}
		if own, ok := strings.CutPrefix(s.Name, sourceSettings); ok {
			standing[own] = true
			d.track(ctx, own, s)
		}
	}
	d.typedMu.Lock()
	defer d.typedMu.Unlock()
	d.organisation = name
	for name, s := range d.typed {
		if !standing[name] {
			s.stop()
			delete(d.typed, name)
		}
	}
	return nil
}

// track begins a source that was typed, or begins it anew when it was changed.
func (d *Daemon) track(ctx context.Context, name string, s setting.Setting) {
	d.typedMu.Lock()
	defer d.typedMu.Unlock()
	running, found := d.typed[name]
	if found && running.revision == s.Revision && running.changed.Equal(s.ChangedAt) {
		return
	}
	if found {
		running.stop()
	}
	run, stop := context.WithCancel(ctx)
	next, err := d.openTyped(name, s)
	next.revision, next.changed, next.stop = s.Revision, s.ChangedAt, stop
	d.typed[name] = next
	if err != nil {
		slog.WarnContext(ctx, "a source that was set cannot be opened", "setting", s.Name, "error", err)
		return
	}
	if next.watcher != nil {
		d.lead(ctx)
		d.start(func() { next.watcher.Run(run) })
	}
}

func (d *Daemon) openTyped(name string, s setting.Setting) (source, error) {
	config, typed, err := readSource(s.Name, s.Value)
	if err != nil {
		return source{}, err
	}
	if _, taken := d.sources[name]; taken {
		return source{}, fault.New(fault.Conflict, "a source of this name stands in the configuration file")
	}
	typed.Guard(integration.Guard{
		Host:   d.outbound.Host,
		Secret: func(ctx context.Context, field string) (string, error) { return d.book.Use(ctx, s.Name, field) },
	})
	return d.openSource(config)
}

// hook finds a source that tools call.
func (d *Daemon) hook(name string) (rest.Hook, bool) {
	s, found := d.sources[name]
	if !found {
		d.typedMu.Lock()
		s = d.typed[name]
		d.typedMu.Unlock()
	}
	return s.hook, s.hook != nil
}

// states tells how every source is doing.
func (d *Daemon) states(ctx context.Context) []integration.State {
	d.typedMu.Lock()
	all := maps.Clone(d.typed)
	d.typedMu.Unlock()
	maps.Copy(all, d.sources)
	states := d.observers(ctx)
	for _, s := range all {
		switch {
		case s.watcher != nil && s.hook != nil:
			states = append(states, both(s.watcher.State(), s.hook.State()))
		case s.watcher != nil:
			states = append(states, s.watcher.State())
		case s.hook != nil:
			states = append(states, s.hook.State())
		}
	}
	return states
}

// both is how a source is doing that looks and is called: as the worse of them is.
func both(looks, hook integration.State) integration.State {
	state := looks
	state.Deliveries = hook.Deliveries
	state.Events += hook.Events
	if hook.LastEventAt.After(state.LastEventAt) {
		state.LastEventAt = hook.LastEventAt
	}
	if hook.LookedAt.After(state.LookedAt) {
		state.LookedAt = hook.LookedAt
	}
	if hook.State == integration.Failing && state.State != integration.Failing {
		state.State, state.Fault = hook.State, hook.Fault
	}
	return state
}
