package daemon

import (
	"context"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/internal/telemetry"
	"tidings.dev/tidings/observe"
)

// metrics is what Tidings tells of itself. docs/metrics.md lists every one of them; a test compares.
type metrics struct {
	registry *prometheus.Registry
	listed   []listed

	requests *prometheus.HistogramVec
	inFlight prometheus.Gauge
	shed     *prometheus.CounterVec
	limited  *prometheus.CounterVec

	openStreams prometheus.Gauge
	streams     *prometheus.CounterVec
	streamsCut  *prometheus.CounterVec

	events      *prometheus.CounterVec
	refused     *prometheus.CounterVec
	groupEvents prometheus.Histogram
	groupTime   prometheus.Histogram
	commits     *prometheus.CounterVec
	statements  prometheus.Counter
	edits       prometheus.Counter
	queries     *prometheus.HistogramVec
	cost        *prometheus.HistogramVec

	spans     *prometheus.CounterVec
	refreshes *prometheus.CounterVec
	looks     *prometheus.CounterVec
	asks      *prometheus.CounterVec
	delivery  *prometheus.CounterVec
	jobs      *prometheus.CounterVec
	posts     *prometheus.CounterVec
	postTime  *prometheus.HistogramVec
	observed  *prometheus.CounterVec
	batches   *prometheus.CounterVec
	batchTime prometheus.Histogram
	lookTime  *prometheus.HistogramVec

	mu      sync.Mutex
	sources map[string]bool
}

// Buckets from a millisecond, which a read takes, to half a minute, which no request may take.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), sources: map[string]bool{}}
	m.requests = histograms(m, "http_request_duration_seconds", "How long answers took, by the pattern of the route. Streams are not in it.", seconds, "route", "method", "status")
	m.inFlight = gauge(m, "http_requests_in_flight", "Requests that are being answered, streams among them.")
	m.openStreams = gauge(m, "streams_open", "Open streams of server-sent events.")
	m.streams = counters(m, "streams_total", "Streams of server-sent events that have ended.", "route")
	m.streamsCut = counters(m, "streams_dropped_total", "Streams that the server ended because their reader took too long.", "route")
	m.shed = counters(m, "shed_total", "Requests refused to keep the server within its bounds: body (no memory for it), queue (the log is busy), disk (too little is free).", "reason")
	m.events = counters(m, "events_total", "Events taken in, by source and by what became of them: recorded, updated or duplicate.", "source", "status")
	m.refused = counters(m, "events_refused_total", "Events that were read but not taken in, by source and by the code of the fault.", "source", "reason")
	m.groupEvents = histogram(m, "commit_events", "Events in one commit of the log.", []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000})
	m.groupTime = histogram(m, "commit_duration_seconds", "How long one commit of the log took.", seconds)
	m.commits = counters(m, "commits_total", "Writes to the database, by kind (log, roll, probe) and result (ok, or the code of the fault).", "kind", "result")
	m.statements = counter(m, "statements_total", "Statements about entities that were taken in.")
	m.edits = counter(m, "edits_total", "Statements that changed an entity.")
	m.queries = histograms(m, "feed_query_duration_seconds", "How long reads of the log took in the database, by kind.", seconds, "query")
	m.cost = histograms(m, "graphql_operation_cost", "The cost of GraphQL operations, about as many as values are written; more than 100,000 are refused.", []float64{10, 100, 1000, 5000, 10_000, 25_000, 50_000, 100_000}, "type")
	m.refreshes = counters(m, "roll_refreshes_total", "How often the roll was read anew for what other servers wrote, by result (ok, failed).", "result")
	m.looks = counters(m, "polls_total", "Looks at the world, by source and result (ok, or the code of the fault).", "source", "result")
	m.lookTime = histograms(m, "source_look_duration_seconds", "How long one look took.", []float64{.01, .05, .1, .5, 1, 5, 10, 30, 60, 300, 600}, "source")
	m.delivery = counters(m, "deliveries_total", "What tools delivered, by source and outcome: taken, ignored, failed or refused.", "source", "outcome")
	m.jobs = counters(m, "jobs_total", "Jobs that were done, failed and wait to be tried again (waiting), or failed for good (dead), by kind.", "kind", "state")
	m.posts = counters(m, "posts_total", "Attempts to say something in a chat or a mailbox, by source, topic and outcome: sent, unchanged (nothing new to say), failed (tried again) or dead (given up).", "source", "topic", "outcome")
	m.postTime = histograms(m, "post_duration_seconds", "How long one attempt took, its words included.", seconds, "topic")
	m.asks = counters(m, "outbound_requests_total", "Requests of sources to the tools that they ask, by outcome: the class of the status (2xx, 3xx, 4xx, 5xx), forbidden (an address that must not be asked), or failed.", "source", "outcome")
	m.observed = counters(m, "observations_total", "Observations of agents that were worked in, by source.", "source")
	m.batches = counters(m, "observation_batches_total", "Batches of observations, by source and result (ok, or the code of the fault). A batch that came twice is ok.", "source", "result")
	m.batchTime = histogram(m, "observation_batch_duration_seconds", "How long it took to work in a batch of observations, and commit it.", seconds)
	m.spans = counters(m, "trace_spans_total", "Spans of OpenTelemetry, by what became of them: sent, or dropped because the collector did not take them.", "result")
	m.limited = counters(m, "limited_total", "What was refused because a principal or a source was over a limit, by the limit: requests, events, source_events, graph_cost, streams.", "limit")
	for _, name := range []string{limitRequests, limitEvents, limitSourceEvents, limitGraphCost, limitStreams} {
		m.limited.WithLabelValues(name)
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, reason := range []string{shedBody, shedQueue, shedDisk} {
		m.shed.WithLabelValues(reason) // an alert can then tell zero from nothing
	}
	return m
}

// prefix begins the name of every metric that is not of the Go runtime or the process.
const prefix = "tidings_"

// Reasons to refuse what could have been taken in.
const (
	shedBody  = "body"
	shedQueue = "queue"
	shedDisk  = "disk"
)

// listed is one metric as docs/metrics.md shows it.
type listed struct {
	name, kind, help string
	labels           []string
}

// The kinds of metric.
const (
	aCounter   = "counter"
	aGauge     = "gauge"
	aHistogram = "histogram"
)

// list notes a metric and gives its whole name.
func (m *metrics) list(kind, name, help string, labels ...string) string {
	m.listed = append(m.listed, listed{prefix + name, kind, help, labels})
	return prefix + name
}

func register[C prometheus.Collector](m *metrics, c C) C {
	m.registry.MustRegister(c)
	return c
}

func counter(m *metrics, name, help string) prometheus.Counter {
	return register(m, prometheus.NewCounter(prometheus.CounterOpts{Name: m.list(aCounter, name, help), Help: help}))
}

func counters(m *metrics, name, help string, labels ...string) *prometheus.CounterVec {
	return register(m, prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.list(aCounter, name, help, labels...), Help: help}, labels))
}

func gauge(m *metrics, name, help string) prometheus.Gauge {
	return register(m, prometheus.NewGauge(prometheus.GaugeOpts{Name: m.list(aGauge, name, help), Help: help}))
}

func histogram(m *metrics, name, help string, buckets []float64) prometheus.Histogram {
	return register(m, prometheus.NewHistogram(prometheus.HistogramOpts{Name: m.list(aHistogram, name, help), Help: help, Buckets: buckets}))
}

func histograms(m *metrics, name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return register(m, prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: m.list(aHistogram, name, help, labels...), Help: help, Buckets: buckets}, labels))
}

// namedSources bounds the values of the label source: whoever posts events may call theirs what they like.
const namedSources = 100

// source is a source as a label: "other" for the names that come after the first hundred.
func (m *metrics) source(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.sources[name] {
		if len(m.sources) >= namedSources {
			return "other"
		}
		m.sources[name] = true
	}
	return name
}

func result(err error) string {
	if err == nil {
		return "ok"
	}
	return string(fault.CodeOf(err))
}

func (m *metrics) appended(events []change.Event, receipts []change.Receipt, took time.Duration, err error) {
	m.commits.WithLabelValues("log", result(err)).Inc()
	if err != nil {
		return
	}
	m.groupEvents.Observe(float64(len(events)))
	m.groupTime.Observe(took.Seconds())
	for i := range receipts {
		m.events.WithLabelValues(m.source(events[i].Source), string(receipts[i].Status)).Inc()
	}
}

func (m *metrics) refusedEvents(events []change.Event, err error) {
	for i := range events {
		m.refused.WithLabelValues(m.source(events[i].Source), result(err)).Inc()
	}
}

// traced counts spans.
func (m *metrics) traced(spans int, err error) {
	what := "sent"
	if err != nil {
		what = "dropped"
	}
	m.spans.WithLabelValues(what).Add(float64(spans))
}

// query measures one read of the log: defer m.query("feed")().
func (m *metrics) query(name string) func() {
	began := time.Now()
	return func() { m.queries.WithLabelValues(name).Observe(time.Since(began).Seconds()) }
}

// watched counts the looks of a source.
type watched struct {
	integration.Poller
	name string
	*metrics
	tracer *telemetry.Tracer
}

// Poll looks, and counts that.
func (w watched) Poll(ctx context.Context, cursor string) (integration.Look, error) {
	ctx, span := w.tracer.Start(ctx, "look", trace.WithNewRoot(), trace.WithAttributes(attribute.String("tidings.source", w.name)))
	began := time.Now()
	look, err := w.Poller.Poll(ctx, cursor)
	span.SetAttributes(attribute.Int("tidings.events", len(look.Events)), attribute.Int("tidings.statements", len(look.Statements)))
	finish(span, err)
	w.lookTime.WithLabelValues(w.name).Observe(time.Since(began).Seconds())
	w.looks.WithLabelValues(w.name, result(err)).Inc()
	return look, err
}

// sighted counts the looks of a source that sees states.
type sighted struct {
	integration.Seer
	name string
	*metrics
	tracer *telemetry.Tracer
}

// See looks, and counts that.
func (l sighted) See(ctx context.Context, mark func(string) string, to observe.Sink) error {
	ctx, span := l.tracer.Start(ctx, "look", trace.WithNewRoot(), trace.WithAttributes(attribute.String("tidings.source", l.name)))
	began := time.Now()
	err := l.Seer.See(ctx, mark, to)
	finish(span, err)
	l.lookTime.WithLabelValues(l.name).Observe(time.Since(began).Seconds())
	l.looks.WithLabelValues(l.name, result(err)).Inc()
	return err
}

// delivered counts a delivery.
func (m *metrics) delivered(source string, outcome integration.Outcome) {
	m.delivery.WithLabelValues(m.source(source), string(outcome)).Inc()
}

// ended counts a job.
func (m *metrics) ended(j job.Job) { m.jobs.WithLabelValues(j.Kind, string(j.State)).Inc() }

// asked counts what a source asks others over HTTP.
func (m *metrics) asked(source string) func(outbound.Asked) {
	return func(a outbound.Asked) { m.asks.WithLabelValues(m.source(source), a.Outcome()).Inc() }
}

// graphCost takes in what an operation would cost.
func (m *metrics) graphCost(operation string, cost int) {
	m.cost.WithLabelValues(operation).Observe(float64(cost))
}

// collector tells what is asked for only when somebody asks.
type collector struct {
	*Daemon
	build, ready, rollSize, rollAge, redacted, queueEvents, readers, lagged, connections, waits, waited, database, log, free, bodies, failing, looked, objects, held, lost, lag *prometheus.Desc
}

func newCollector(d *Daemon) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		kind := aGauge
		if strings.HasSuffix(name, "_total") {
			kind = aCounter
		}
		return prometheus.NewDesc(d.metrics.list(kind, name, help, labels...), help, labels, nil)
	}
	return &collector{
		Daemon:      d,
		build:       desc("build_info", "Always 1; what runs is in the labels.", "version", "go", "database"),
		ready:       desc("ready", "What /readyz looks at: 1 where it is well.", "check"),
		rollSize:    desc("roll_entities", "Entities of the roll, by kind.", "kind"),
		rollAge:     desc("roll_age_seconds", "How long ago the roll was last known to be what the database holds."),
		redacted:    desc("redacted_total", "Events and descriptions that secrets were taken out of since the start. Each names its fields in redacted."),
		queueEvents: desc("queue_events", "Events that wait for a commit or are in one."),
		readers:     desc("live_readers", "Live readers of the log, over all protocols."),
		lagged:      desc("live_lagged_total", "How often a live reader fell so far behind that it caught up from the database."),
		connections: desc("database_connections", "Connections to the database, by pool (read, write) and state (used, idle).", "pool", "state"),
		waits:       desc("database_waits_total", "How often a connection had to be waited for.", "pool"),
		waited:      desc("database_wait_seconds_total", "How long connections were waited for in all.", "pool"),
		database:    desc("database_size_bytes", "Size of the database."),
		log:         desc("database_wal_bytes", "Size of the write-ahead log of the embedded store; 0 on PostgreSQL."),
		free:        desc("disk_free_bytes", "What is free on the disk of the embedded store. Absent on PostgreSQL."),
		bodies:      desc("body_bytes", "Bytes of bodies that are held in memory."),
		failing:     desc("source_failing", "1 while a source cannot be looked at.", "source"),
		looked:      desc("source_looked_timestamp_seconds", "When a source was last looked at, with or without success; of one that an agent looks at, when that was last heard.", "source"),
		objects:     desc("observer_objects", "Objects that an agent watches.", "source"),
		held:        desc("observer_waiting", "Observations that an agent holds and has not sent.", "source"),
		lost:        desc("observer_lost", "Observations that found no room in an agent since it started, and were made up for by looking again.", "source"),
		lag:         desc("observer_lag_seconds", "How long ago an agent had seen what it sent last, when that was committed.", "source"),
	}
}

// Describe sends nothing: what there is depends on the configuration.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect tells how things are now.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	put := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	count := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, labels...)
	}
	put(c.build, 1, Version, runtime.Version(), c.store.Engine())
	for _, check := range c.health.checks() {
		put(c.ready, truth(check.OK), check.Check)
	}
	for _, kind := range catalog.Kinds() {
		put(c.rollSize, float64(c.roll.Len(kind)), string(kind))
	}
	put(c.rollAge, c.health.rollAge().Seconds())
	count(c.redacted, float64(c.door.Redacted.Load()))
	put(c.queueEvents, float64(c.door.Waiting()))
	live, lagged := c.hub.Readers()
	put(c.readers, float64(live))
	count(c.lagged, float64(lagged))
	read, write := c.store.Pools()
	for pool, stats := range map[string]struct {
		used, idle int
		waits      int64
		waited     time.Duration
	}{
		"read":  {read.InUse, read.Idle, read.WaitCount, read.WaitDuration},
		"write": {write.InUse, write.Idle, write.WaitCount, write.WaitDuration},
	} {
		put(c.connections, float64(stats.used), pool, "used")
		put(c.connections, float64(stats.idle), pool, "idle")
		count(c.waits, float64(stats.waits), pool)
		count(c.waited, stats.waited.Seconds(), pool)
	}
	room := c.health.room()
	put(c.database, float64(room.Database))
	put(c.log, float64(room.Log))
	if room.Free >= 0 {
		put(c.free, float64(room.Free))
	}
	put(c.bodies, float64(c.budget.Held()))
	for _, state := range c.states(context.Background()) {
		put(c.failing, truth(state.State == integration.Failing), state.Name)
		if !state.LookedAt.IsZero() {
			put(c.looked, float64(state.LookedAt.UnixMilli())/1000, state.Name)
		}
		if o := state.Observed; o != nil {
			put(c.objects, float64(o.Objects), state.Name)
			put(c.held, float64(o.Waiting), state.Name)
			put(c.lost, float64(o.Lost), state.Name)
			put(c.lag, o.Lag.Seconds(), state.Name)
		}
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// scrape serves /metrics.
func (m *metrics) scrape() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// answered takes in one answer.
func (m *metrics) answered(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// tooSlow reports whether a write failed because its reader did not take it in time.
func tooSlow(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
