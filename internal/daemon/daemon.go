// Package daemon wires the server together: it alone knows every part. The end-to-end tests start it on port 0.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/internal/request"
	"tidings.dev/tidings/internal/telemetry"
	"tidings.dev/tidings/notify"
	"tidings.dev/tidings/setting"
	sourcebook "tidings.dev/tidings/source"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// Version is the release that runs; the build sets it.
var Version = "dev"

// agentName is how requests of the server show themselves.
func agentName() string { return "Tidings/" + Version }

// Daemon is a running server.
type Daemon struct {
	config   Config
	store    *store.Store
	roll     *catalog.Roll
	reader   *feed.Reader
	suspects *suspect.Reader
	ranked   *suspect.Incidents
	door     *ingest.Door
	hub      *feed.Hub
	keeper   *incident.Keeper
	desk     *access.Desk
	lease    *store.Lease
	jobs     *job.Runner
	office   *notify.Office
	leading  sync.Once
	sources  map[string]source // of the configuration file, by name
	router   *router
	metrics  *metrics
	tracer   *telemetry.Tracer
	limiter  *limiter
	health   *health
	budget   *request.Budget
	shedding shedding
	proxies  request.Proxies
	server   *http.Server
	listener net.Listener
	stop     context.CancelFunc
	// firstLink logs the first administrator in, once; empty where there is one.
	firstLink string

	book       *setting.Book
	sourceBook *sourcebook.Book
	outbound   *outbound.Rule
	// What was set while the server runs.
	typedMu      sync.Mutex
	typed        map[string]source // by name
	organisation string

	// Sources that tell nothing although they usually would.
	silentMu sync.Mutex
	silent   map[string]feed.Silence

	running sync.WaitGroup
}

// Open opens the store, fills the roll, and listens; from then on requests are answered. Close releases everything,
// also after an error in between.
func Open(ctx context.Context, config Config) (*Daemon, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	d := &Daemon{config: config, typed: map[string]source{}, metrics: newMetrics(), health: newHealth(config.LeastFree << 20), budget: request.NewBudget(bodyBytes)}
	var err error
	if d.outbound, err = outbound.NewRule(config.Outbound.Allow); err != nil {
		return nil, err
	}
	collector, err := d.outbound.With(config.Traces.Allow)
	if err != nil {
		return nil, err
	}
	if d.tracer, err = telemetry.Open(config.Traces.Settings, Version, collector, d.metrics.traced); err != nil {
		return nil, err
	}
	d.budget.Shed = func() { d.shed(shedBody) }
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close(ctx))
	}
	return d, nil
}

func (d *Daemon) open(ctx context.Context) error {
	var err error
	if d.proxies, err = request.ParseProxies(d.config.TrustedProxies); err != nil {
		return err
	}
	if d.store, err = openStore(ctx, d.config); err != nil {
		return err
	}
	d.roll = catalog.NewRoll(d.store)
	if _, err := d.roll.Refresh(ctx); err != nil {
		return err
	}
	d.health.readRoll()
	seen := measured{d.store, d.metrics, d.health, d.tracer}
	d.hub = feed.NewHub(seen)
	d.hub.Veil = access.Veil
	d.reader = &feed.Reader{Roll: d.roll, Store: veiled{seen}, Hub: d.hub}
	d.suspects = &suspect.Reader{Roll: d.roll, Log: seen}
	d.ranked = &suspect.Incidents{Reader: d.suspects, Store: d.store, Log: seen, Kept: d.store}
	d.suspects.Past = d.ranked
	d.keeper = &incident.Keeper{Store: d.store, Log: seen, Roll: d.roll, Policy: d.config.Incidents.Open, Ranked: d.ranked.Ranked, Now: d.config.clock()}
	committed := func() {
		d.hub.Wake()
		d.keeper.Wake()
		d.store.Announce()
	}
	d.door = ingest.NewDoor(d.roll, seen, committed)
	d.door.Seen, d.door.Interpreters = seen, d.config.interpretersOfAll()
	d.desk = d.newDesk(committed)
	d.keeper.ByHand, d.keeper.Committed = d.ofIncident, func() {
		d.hub.Wake() // it may have written to the log
		d.store.Announce()
	}
	d.door.Joined, d.door.Now = joined, d.config.clock()
	d.door.Refuse = func() error {
		err := d.health.refuse()
		if err != nil {
			d.shed(shedDisk)
		}
		return err
	}
	d.limiter = newLimiter(d.limits(), func(name string) { d.metrics.limited.WithLabelValues(name).Inc() })
	d.door.Admit = d.limiter.Events
	d.door.Delivered = d.metrics.delivered
	d.jobs = job.NewRunner(d.store)
	d.jobs.Ended = d.metrics.ended
	d.door.Background(d.jobs)
	d.jobs.Handlers[job.Replay], d.jobs.Handlers[job.Page], d.jobs.Handlers[job.Kinds] = d.replay, d.call, d.kinds
	d.keeper.Callers = d.callers
	d.door.Shed = func() { d.shed(shedQueue) }
	d.lease = d.store.Lease("sources")
	d.office = d.newOffice()
	d.door.Heard = d.office.Heard
	if err := d.openBook(ctx); err != nil {
		return err
	}
	if err := d.openSources(); err != nil {
		return err
	}
	if err := d.openSourceBook(); err != nil {
		return err
	}
	if d.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", d.config.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w", d.config.Listen, err)
	}
	d.metrics.registry.MustRegister(newCollector(d))
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	if d.server, err = d.newServer(background); err != nil {
		return err
	}
	d.start(func() { d.door.Run(background) })
	if err := d.followSettings(background); err != nil { // before anybody is answered: a tool takes a 404 for good
		return err
	}
	d.start(func() { d.hub.Run(background) })
	if !d.config.steps {
		d.start(func() { d.keeper.Run(access.With(background, access.Tidings)) })
	}
	d.start(func() { d.desk.Run(background) })
	d.start(func() { d.follow(background) })
	d.start(func() { d.door.Reattribute(background) })
	d.start(func() { d.jobs.Run(access.With(background, access.Tidings)) })
	d.start(func() {
		if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			slog.ErrorContext(background, "the server stopped", "error", err)
		}
	})
	d.tendOnce(ctx)
	switch err := d.introduce(access.With(ctx, access.Tidings)); {
	case d.health.refuse() != nil:
		slog.WarnContext(ctx, "this start is not in the log: there is no room for it", "error", err)
	case err != nil:
		return err
	}
	d.start(func() { d.tend(background) })
	d.start(func() { d.watchItself(background) })
	if err := d.welcome(access.With(ctx, access.Tidings)); err != nil {
		return err
	}
	d.start(func() { d.retain(background) })
	d.start(func() { d.listen(background) })
	d.runSources(background)
	d.start(func() { d.warnOfRefusals(background) })
	if !d.config.steps {
		d.start(func() { d.office.Run(background) })
	}
	return nil
}

func openStore(ctx context.Context, config Config) (*store.Store, error) {
	address, directory, err := config.Database()
	if err != nil {
		return nil, err
	}
	if address == "" && config.ShipTo == "" {
		return sqlite.Open(ctx, directory)
	}
	if address == "" {
		remote := backup.Remote{
			Endpoint: config.Storage.Endpoint, Region: config.Storage.Region, Allow: slices.Concat(config.Outbound.Allow, config.Storage.Allow),
		}
		depot, err := backup.NewDepot(config.ShipTo, remote)
		if err != nil {
			return nil, err
		}
		return sqlite.Ship(ctx, directory, depot)
	}
	return postgres.Open(ctx, address)
}

// lead takes part in who looks at the world, from the first source on.
func (d *Daemon) lead(ctx context.Context) {
	d.leading.Do(func() { d.start(func() { d.lease.Run(ctx) }) })
}

func (d *Daemon) start(run func()) {
	d.running.Add(1)
	go func() {
		defer d.running.Done()
		run()
	}()
}

// followEvery is how often the roll is read anew, should no hint of another server come.
const followEvery = 2 * time.Second

// follow keeps up with what other servers commit.
func (d *Daemon) follow(ctx context.Context) {
	hints := d.store.Hints(ctx)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
			d.hub.Wake()
			d.keeper.Wake()
		case <-tick.C:
		}
		switch _, err := d.roll.Refresh(ctx); {
		case err == nil:
			d.health.readRoll()
			d.metrics.refreshes.WithLabelValues("ok").Inc()
		case ctx.Err() == nil:
			d.metrics.refreshes.WithLabelValues("failed").Inc()
			slog.WarnContext(ctx, "the roll cannot be read: what other servers wrote is not seen", "error", err)
		}
		if err := d.followSettings(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the settings cannot be read: what was set elsewhere is not seen", "error", err)
		}
	}
}

// URL is where the server answers.
func (d *Daemon) URL() string { return "http://" + d.listener.Addr().String() }

// bodyBytes bounds the bodies of all requests together, in memory and inflated. The largest single one is half of it.
const bodyBytes = 128 << 20

// patience is how long requests in progress may go on after the end was asked for.
const patience = 10 * time.Second

// flushTime is how long the end waits for the last spans to be sent.
const flushTime = DefaultDrain

// Close says that the server is not ready, goes on for the time of draining, then ends requests, commits what is queued, and closes the store.
func (d *Daemon) Close(ctx context.Context) error {
	var all error
	d.health.drain()
	if d.server != nil {
		time.Sleep(d.config.drain())
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if err := d.server.Shutdown(closing); err != nil {
			all = errors.Join(err, d.server.Close())
		}
	} else if d.listener != nil {
		all = d.listener.Close()
	}
	if d.stop != nil {
		d.tellItself(context.WithoutCancel(ctx), time.Now())
		d.stop()
		d.running.Wait()
	}
	if d.store != nil {
		all = errors.Join(all, d.store.Close())
	}
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	d.tracer.Close(flush)
	return all
}

// about is what the log keeps of a start.
func about() string {
	return fmt.Sprintf("%s, %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
