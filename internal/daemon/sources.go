package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/integrations"
	"tidings.dev/tidings/integrations/all"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/setting"
	sourcebook "tidings.dev/tidings/source"
)

// source is a configured source as it runs: it looks, it is called, or both.
type source struct {
	kind      string
	watchers  []*ingest.Watcher
	hook      *ingest.Hook
	resting   *ingest.Resting // of one that is off, and that its tool still calls
	shut      *ingest.Shut    // of one that cannot be opened, and that its tool may call
	listener  integration.Listener
	messenger chat.Messenger
	pager     integration.Pager
	// Of one that was typed: what it was made from, and how it is ended.
	revision int64
	changed  time.Time
	stop     context.CancelFunc
	// idle is how it is doing where it neither looks nor is called: it is off, or cannot be opened.
	idle integration.State
}

// openConfig opens what a configuration says, and gives it what it may reach.
func (d *Daemon) openConfig(config SourceConfig) (integration.Source, error) {
	rule, err := d.outbound.With(config.Allow)
	if err != nil {
		return nil, err
	}
	if dialing, ok := config.Config.(integration.Dialing); ok {
		dialing.Connect(rule.Dial)
	}
	if asking, ok := config.Config.(integration.Asking); ok {
		asking.Use(rule.Client(outbound.Options{Agent: agentName(), Asked: d.metrics.asked(config.Name)}))
	}
	if knowing, ok := config.Config.(integration.Knowing); ok {
		knowing.Know(d.roll.Index)
	}
	return config.Open()
}

// openSource makes what runs of a configuration.
func (d *Daemon) openSource(config SourceConfig) (source, error) {
	opened, err := d.openConfig(config)
	if err != nil {
		return source{}, err
	}
	s := source{kind: config.Type}
	if poller, ok := opened.(integration.Poller); ok {
		s.watchers = append(s.watchers, d.door.Watch(config.Name, config.Type, watched{poller, config.Name, d.metrics, d.tracer}, config.Every, d.lease))
	}
	if seer, ok := opened.(integration.Seer); ok {
		s.watchers = append(s.watchers, d.door.Sight(config.Name, config.Type, sighted{seer, config.Name, d.metrics, d.tracer}, config.Every, d.lease))
	}
	if receiver, ok := opened.(integration.Receiver); ok {
		s.hook = d.door.Hook(config.Name, config.Type, receiver)
	}
	s.listener, _ = opened.(integration.Listener)
	s.messenger, _ = opened.(chat.Messenger)
	s.pager, _ = opened.(integration.Pager)
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
		d.watch(ctx, s)
	}
}

// watch makes a source look at the world, until the context ends.
func (d *Daemon) watch(ctx context.Context, s source) {
	for _, w := range s.watchers {
		d.lead(ctx)
		d.start(func() { w.Run(ctx) })
	}
	if s.messenger != nil {
		d.lead(ctx) // one server says what is to be said
	}
	if s.listener != nil {
		d.lead(ctx)
		d.start(func() { s.hook.Listen(ctx, s.listener, d.lease) })
	}
}

// configured are all sources, of the file and typed.
func (d *Daemon) configured() map[string]source {
	d.typedMu.Lock()
	all := maps.Clone(d.typed)
	d.typedMu.Unlock()
	maps.Copy(all, d.sources)
	return all
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
	switch tool, known := d.sourceBook.Tools.Get(next.kind); {
	case err != nil && (!known || tool.Delivers):
		next.shut = d.door.Shut(name, next.kind, unopened(err))
	case err != nil:
		next.idle.State, next.idle.Fault = integration.Failing, unopened(err)
	case next.hook != nil:
		if faults := setting.Unopened(ctx, d.book.Keyring, s); len(faults) > 0 {
			next.hook.Unwell(fault.InvalidInput("a secret of the source cannot be opened", faults))
		}
	}
	next.revision, next.changed, next.stop = s.Revision, s.ChangedAt, stop
	d.typed[name] = next
	if err != nil {
		slog.WarnContext(ctx, "a source that was set cannot be opened", "setting", s.Name, "error", err)
		return
	}
	d.watch(run, next)
}

// said is what a fault says to people; what is internal stays in the log.
func said(err error) string {
	if known, ok := errors.AsType[*fault.Error](err); ok && known.Code != fault.Internal {
		return known.Error()
	}
	return "the log of the server has more"
}

func unopened(err error) string { return "it cannot be opened: " + said(err) }

func (d *Daemon) openTyped(name string, s setting.Setting) (source, error) {
	config, typed, err := readSource(s.Name, s.Value)
	idle := source{kind: config.Type, idle: integration.State{Name: name, Type: config.Type, State: integration.Off}}
	if err != nil && config.off { // it need not be whole to be off
		idle.idle.Fault = unopened(err)
		return idle, nil
	}
	if err != nil {
		return idle, err
	}
	if _, taken := d.sources[name]; taken {
		return idle, fault.New(fault.Conflict, "a source of this name stands in the configuration file")
	}
	typed.Guard(integration.Guard{
		Host:   d.outbound.Host,
		Secret: func(ctx context.Context, field string) (string, error) { return d.book.Use(ctx, s.Name, field) },
	})
	if config.off {
		if opened, err := d.openConfig(config); err == nil {
			if receiver, ok := opened.(integration.Receiver); ok {
				idle.resting = d.door.Rest(name, config.Type, receiver)
			}
		}
		return idle, nil
	}
	opened, err := d.openSource(config)
	if err != nil {
		return idle, err
	}
	return opened, nil
}

// called finds a source that tools call, though it may be off.
func (d *Daemon) called(name string) (rest.Hook, bool) {
	s := d.sourceOf(name)
	switch {
	case s.hook != nil:
		return s.hook, true
	case s.resting != nil:
		return s.resting, true
	case s.shut != nil:
		return s.shut, true
	}
	return nil, false
}

// hook finds a source that takes what tools send.
func (d *Daemon) hook(name string) (sourcebook.Hook, bool) {
	s := d.sourceOf(name)
	return s.hook, s.hook != nil
}

func (d *Daemon) sourceOf(name string) source {
	if s, found := d.sources[name]; found {
		return s
	}
	d.typedMu.Lock()
	defer d.typedMu.Unlock()
	return d.typed[name]
}

// openSourceBook makes what people see of the sources and change about them.
func (d *Daemon) openSourceBook() error {
	tools, err := sourcebook.NewTools(all.Specs(), integrations.Readme, integrations.Examples)
	if err != nil {
		return err
	}
	d.sourceBook = &sourcebook.Book{
		Settings: d.book, Store: d.store, Tools: tools, States: d.states, Hook: d.hook, Decode: ingest.Decode, Now: time.Now,
		Jobs:   &job.Desk{Store: d.store, Wake: d.jobs.Wake, Now: time.Now},
		InFile: func(name string) bool { _, found := d.sources[name]; return found },
		Config: func(name string, value sourcebook.Value) (integration.Config, error) {
			text, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			config, _, err := readSource(sourcebook.Prefix+name, text)
			if asking, ok := config.Config.(integration.Asking); ok {
				asking.Use(d.outbound.Client(outbound.Options{Agent: agentName()})) // it is read, and asks nobody
			}
			return config.Config, err
		},
	}
	return nil
}

// replay is the step of a job: deliveries of a source are decoded again.
func (d *Daemon) replay(ctx context.Context, j *job.Job) (more bool, err error) {
	var of job.ReplayOf
	if err := json.Unmarshal([]byte(j.Payload), &of); err != nil {
		return false, fault.New(fault.Invalid, "what is to be replayed cannot be read")
	}
	hook := d.sourceOf(of.Source).hook
	if hook == nil {
		return false, fault.New(fault.NotFound, "there is no source %s that takes deliveries any more", of.Source)
	}
	return hook.ReplayAll(ctx, integration.Outcome(of.Outcome), j)
}

// states tells how every source is doing.
func (d *Daemon) states(ctx context.Context) []integration.State {
	all := d.configured()
	observed := d.observers(ctx)
	var states []integration.State
	for name, s := range all {
		if state, ok := s.state(); ok {
			state.Name = name
			if i := slices.IndexFunc(observed, func(o integration.State) bool { return o.Name == name }); i >= 0 {
				state.Observed = observed[i].Observed // by the server itself
				observed = slices.Delete(observed, i, i+1)
			}
			states = append(states, state)
		}
	}
	states = append(states, observed...)
	for i := range states {
		d.silence(&states[i])
	}
	return states
}

// state tells how all that a source does is doing; false for one that does nothing and never will.
func (s *source) state() (integration.State, bool) {
	var all []integration.State
	for _, w := range s.watchers {
		all = append(all, w.State())
	}
	if s.hook != nil {
		all = append(all, s.hook.State())
	}
	if s.resting != nil {
		all = append(all, s.resting.State())
	}
	if s.shut != nil {
		all = append(all, s.shut.State())
	}
	if len(all) == 0 {
		return s.idle, s.idle.Type != ""
	}
	state := all[0]
	for _, other := range all[1:] {
		state = both(state, other)
	}
	return state, true
}

// both is how a source is doing that does two things, such as to look and to be called: as the worse of them is.
func both(state, other integration.State) integration.State {
	if state.Deliveries == nil {
		state.Deliveries = other.Deliveries
	}
	if state.Backfill == nil {
		state.Backfill = other.Backfill
	}
	state.Events += other.Events
	if other.LastEventAt.After(state.LastEventAt) {
		state.LastEventAt = other.LastEventAt
	}
	if other.LookedAt.After(state.LookedAt) {
		state.LookedAt = other.LookedAt
	}
	if rank(other.State) > rank(state.State) {
		state.State, state.Fault = other.State, other.Fault
	}
	return state
}

func rank(h integration.Health) int {
	return slices.Index([]integration.Health{integration.Waiting, integration.Working, integration.Failing}, h)
}
