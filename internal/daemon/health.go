package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// Bounds of what /readyz looks at.
const (
	tendEvery  = 5 * time.Second
	probeAfter = 10 * time.Second // without any commit, one is tried
	probeTime  = 30 * time.Second
	pingTime   = 2 * time.Second
	staleRoll  = 30 * time.Second
	wideLog    = 1 << 30 // bytes of write-ahead log that are worth a warning
	// mostTroubles are kept until they can be told; what comes then is in the log of the process alone.
	mostTroubles = 100
)

// Check is one thing that /readyz looks at.
type Check struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// The checks.
const (
	checkDatabase = "database" // it answers
	checkWrites   = "writes"   // it takes writes
	checkDisk     = "disk"     // there is room
	checkRoll     = "roll"     // the roll is that of the database
	checkDraining = "draining" // it is not about to end
)

// health is how this server does, as far as its own work showed.
type health struct {
	leastFree int64
	now       func() time.Time

	mu        sync.Mutex
	wroteAt   time.Time // the last commit
	writeErr  error     // why the last write failed; nil when it did not
	rollAt    time.Time // when the roll was last read to its end
	space     store.Health
	full      bool
	draining  bool
	answers   error // of the last ping
	wideSince bool
	trouble   trouble   // the one that lasts; without a beginning there is none
	troubles  []trouble // that have ended and are not told yet
}

func newHealth(leastFree int64) *health {
	return &health{leastFree: leastFree, now: time.Now, space: store.Health{Free: -1}}
}

// wrote takes in how a write went. Only a database that does not take writes counts: what was wrong with the write
// itself says nothing.
func (h *health) wrote(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		return // whoever asked for it gave it up, which says nothing of the database
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err == nil:
		h.wroteAt, h.writeErr = h.now(), nil
	case fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Internal):
		h.writeErr = err
	}
	h.turn()
}

// turn notes that nothing can be written from now on, or that it can again. The lock is held.
func (h *health) turn() {
	bad := h.full || h.writeErr != nil
	switch {
	case bad:
		if h.trouble.began.IsZero() {
			h.trouble.began = h.now()
		}
		h.trouble.disk, h.trouble.writes = h.trouble.disk || h.full, h.trouble.writes || h.writeErr != nil
	case !h.trouble.began.IsZero():
		h.trouble.ended = h.now()
		if h.trouble.ended.Sub(h.trouble.began) >= leastTrouble && len(h.troubles) < mostTroubles {
			h.troubles = append(h.troubles, h.trouble)
		}
		h.trouble = trouble{}
	}
}

// troubled reports whether nothing can be written now.
func (h *health) troubled() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.trouble.began.IsZero()
}

// refused counts what was refused for want of room on the disk.
func (h *health) refused() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trouble.refused++
}

// ended gives the troubles that are over, oldest first; told drops the oldest.
func (h *health) ended() []trouble {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.troubles)
}

func (h *health) told() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.troubles = h.troubles[1:]
}

// needsProbe reports whether nothing was committed for a while, or the last write failed.
func (h *health) needsProbe() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.writeErr != nil || h.now().Sub(h.wroteAt) > probeAfter
}

func (h *health) readRoll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rollAt = h.now()
}

func (h *health) rollAge() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now().Sub(h.rollAt)
}

func (h *health) room() store.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.space
}

// drain says that the server is about to end: it still answers, but should be sent no more.
func (h *health) drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
}

func (h *health) drains() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// measured takes in how much room there is, and reports whether it just became too little or enough again.
func (h *health) measured(space store.Health) (changed, full bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.space = space
	was := h.full
	switch {
	case space.Free < 0:
		h.full = false
	case space.Free < h.leastFree:
		h.full = true
	case space.Free > h.leastFree+h.leastFree/4: // so that it does not flap
		h.full = false
	}
	h.turn()
	return was != h.full, h.full
}

// refuse says why nothing can be taken in just now, or nil.
func (h *health) refuse() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.full {
		return nil
	}
	err := fault.New(fault.Unavailable, "the disk of the data directory is nearly full (%s free, %s needed): nothing is taken in until there is room; free some, and send this again",
		mebibytes(h.space.Free), mebibytes(h.leastFree))
	err.RetryAfter = time.Minute
	return err
}

// checks are what the server knows without asking anybody.
func (h *health) checks() []Check {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := []Check{{Check: checkDatabase, OK: h.answers == nil}, {Check: checkWrites, OK: h.writeErr == nil}, {Check: checkDisk, OK: !h.full}, {Check: checkRoll}, {Check: checkDraining, OK: !h.draining}}
	if h.answers != nil {
		all[0].Detail = "the database does not answer: see the log"
		if e, ok := errors.AsType[*fault.Error](h.answers); ok && errors.Unwrap(e) == nil {
			all[0].Detail = e.Detail // our own words, not a driver's
		}
	}
	if h.writeErr != nil {
		all[1].Detail = "the last write failed: see the log"
	}
	if h.full {
		all[2].Detail = fmt.Sprintf("%s free, %s needed: free some", mebibytes(h.space.Free), mebibytes(h.leastFree))
	}
	switch age := h.now().Sub(h.rollAt); {
	case h.rollAt.IsZero():
		all[3].Detail = "the roll is not loaded yet"
	case age > staleRoll:
		all[3].Detail = fmt.Sprintf("the roll was last read %s ago: what other servers wrote is not seen", age.Round(time.Second))
	default:
		all[3].OK = true
	}
	if h.draining {
		all[4].Detail = "the server is about to end"
	}
	return all
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// Checks looks whether the server can serve: that the database answers now, that the last write was committed, that
// there is room on the disk, that the roll is fresh, and that the server is not about to end.
func (d *Daemon) Checks(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTime) // a prober that hangs up says nothing of the database
	defer cancel()
	err := d.store.Ping(ctx)
	d.health.mu.Lock()
	d.health.answers = err
	d.health.mu.Unlock()
	return d.health.checks()
}

// Ready is nil when the server can serve, and else a fault that says what is in the way.
func (d *Daemon) Ready(ctx context.Context) error {
	for _, check := range d.Checks(ctx) {
		if !check.OK {
			return fault.New(fault.Unavailable, "%s: %s", check.Check, check.Detail)
		}
	}
	return nil
}

// tend looks at the disk and at the database now and then, until the context ends.
func (d *Daemon) tend(ctx context.Context) {
	tick := time.NewTicker(d.tendEvery())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.tendOnce(ctx)
		}
	}
}

// tendEvery is how often the server looks after itself.
func (d *Daemon) tendEvery() time.Duration { return cmp.Or(d.config.tendEvery, tendEvery) }

func (d *Daemon) tendOnce(ctx context.Context) {
	if space, err := d.store.Health(ctx); err == nil {
		changed, full := d.health.measured(space)
		switch {
		case changed && full:
			slog.ErrorContext(ctx, "the disk is nearly full: nothing is taken in until there is room", "free", mebibytes(space.Free), "needed", mebibytes(d.health.leastFree))
		case changed:
			slog.WarnContext(ctx, "there is room on the disk again", "free", mebibytes(space.Free))
		}
		d.health.wide(ctx, space.Log)
	}
	if !d.health.needsProbe() {
		return
	}
	trial, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	err := d.store.Probe(trial)
	if ctx.Err() != nil {
		return
	}
	d.metrics.commits.WithLabelValues("probe", result(err)).Inc()
	if err != nil {
		slog.ErrorContext(ctx, "the database takes no writes", "error", err)
	}
	d.health.wrote(ctx, err)
}

// wide warns once while the write-ahead log is far larger than it should be.
func (h *health) wide(ctx context.Context, size int64) {
	h.mu.Lock()
	warn := size > wideLog && !h.wideSince
	h.wideSince = size > wideLog
	h.mu.Unlock()
	if warn {
		slog.WarnContext(ctx, "the write-ahead log cannot be written back: something reads for very long, perhaps a copy of the file", "size", mebibytes(size))
	}
}

// mountHealth adds what a machine asks: is it alive, can it serve, how is it doing.
func (d *Daemon) mountHealth(mux *router) {
	mux.open("GET /healthz", access.Public, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n")) // the prober may have gone
	})
	mux.open("GET /readyz", access.Public, func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		var body []byte
		for _, check := range d.Checks(r.Context()) {
			if !check.OK {
				status = http.StatusServiceUnavailable
			}
			line, _ := json.Marshal(check) // texts and a truth value
			body = append(append(body, line...), '\n')
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write(body) // the prober may have gone
	})
	mux.openUnless(d.metricsFor, "GET /metrics", access.ReadMetrics, d.metrics.scrape().ServeHTTP)
}
