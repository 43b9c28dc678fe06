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
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// Version is the release that runs; the build sets it.
var Version = "dev"

// Daemon is a running server.
type Daemon struct {
	config   Config
	store    *store.Store
	roll     *catalog.Roll
	reader   *feed.Reader
	door     *ingest.Door
	watchers []*ingest.Watcher
	router   *router
	server   *http.Server
	listener net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// Open opens the store, fills the roll, and listens; from then on requests are answered. Close releases everything,
// also after an error in between.
func Open(ctx context.Context, config Config) (*Daemon, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	d := &Daemon{config: config}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close(ctx))
	}
	return d, nil
}

func (d *Daemon) open(ctx context.Context) error {
	var err error
	if d.store, err = openStore(ctx, d.config); err != nil {
		return err
	}
	d.roll = catalog.NewRoll(d.store)
	if _, err := d.roll.Refresh(ctx); err != nil {
		return err
	}
	hub := feed.NewHub(d.store)
	d.reader = &feed.Reader{Roll: d.roll, Store: d.store, Hub: hub}
	d.door = ingest.NewDoor(d.roll, d.store, func() {
		hub.Wake()
		d.store.Announce()
	})
	if err := d.openSources(); err != nil {
		return err
	}
	if d.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", d.config.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w", d.config.Listen, err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	d.server = d.newServer(background)
	d.start(func() { d.door.Run(background) })
	d.start(func() { hub.Run(background) })
	d.start(func() { d.follow(background, hub) })
	d.start(func() {
		if err := d.server.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
			slog.ErrorContext(background, "the server stopped", "error", err)
		}
	})
	if err := d.introduce(access.With(ctx, access.Tidings)); err != nil {
		return err
	}
	for _, watcher := range d.watchers {
		d.start(func() { watcher.Run(background) })
	}
	return nil
}

func openStore(ctx context.Context, config Config) (*store.Store, error) {
	address, directory, err := config.Database()
	if err != nil {
		return nil, err
	}
	if address == "" {
		return sqlite.Open(ctx, directory)
	}
	return postgres.Open(ctx, address)
}

func (d *Daemon) openSources() error {
	for _, config := range d.config.Sources {
		source, err := config.Open()
		if err != nil {
			return fmt.Errorf("source %s: %w", config.Name, err)
		}
		if poller, ok := source.(integration.Poller); ok {
			d.watchers = append(d.watchers, d.door.Watch(config.Name, config.Type, poller, config.Every))
		}
	}
	return nil
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
func (d *Daemon) follow(ctx context.Context, hub *feed.Hub) {
	hints := d.store.Hints(ctx)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hints:
			hub.Wake()
		case <-tick.C:
		}
		if _, err := d.roll.Refresh(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the roll cannot be read: what other servers wrote is not seen", "error", err)
		}
	}
}

// URL is where the server answers.
func (d *Daemon) URL() string { return "http://" + d.listener.Addr().String() }

// patience is how long requests in progress may go on after the end was asked for.
const patience = 10 * time.Second

// Close ends requests, commits what is queued, and closes the store.
func (d *Daemon) Close(ctx context.Context) error {
	var all error
	if d.server != nil {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if err := d.server.Shutdown(closing); err != nil {
			all = errors.Join(err, d.server.Close())
		}
	} else if d.listener != nil {
		all = d.listener.Close()
	}
	if d.stop != nil {
		d.stop()
		d.running.Wait()
	}
	if d.store != nil {
		all = errors.Join(all, d.store.Close())
	}
	return all
}

// about is what the log keeps of a start.
func about() string {
	return fmt.Sprintf("%s, %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
