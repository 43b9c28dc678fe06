package daemon

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/telemetry"
	"tidings.dev/tidings/store"
)

// measured is the store as the others see it: each call is counted on its way.
type measured struct {
	*store.Store
	metrics *metrics
	health  *health
	tracer  *telemetry.Tracer
}

var (
	_ ingest.Store = measured{}
	_ feed.Store   = measured{}
	_ suspect.Log  = measured{}
)

// Append writes events, and counts what became of them.
func (m measured) Append(ctx context.Context, events []change.Event, beside ...integration.Beside) ([]change.Receipt, error) {
	ctx, span := m.tracer.Start(ctx, "commit", trace.WithLinks(joinedLinks(ctx)...), m.database("log"), trace.WithAttributes(attribute.Int("tidings.events", len(events))))
	began := time.Now()
	receipts, err := m.Store.Append(ctx, events, beside...)
	finish(span, err)
	m.metrics.appended(events, receipts, time.Since(began), err)
	m.health.wrote(ctx, err)
	return receipts, err
}

// Apply writes statements, and counts them.
func (m measured) Apply(ctx context.Context, statements []catalog.Statement, by string, now time.Time, announce func([]catalog.Edit) []change.Event) ([]catalog.Edit, error) {
	ctx, span := m.tracer.Start(ctx, "commit", m.database("roll"), trace.WithAttributes(attribute.Int("tidings.statements", len(statements))))
	edits, err := m.Store.Apply(ctx, statements, by, now, announce)
	finish(span, err)
	m.metrics.commits.WithLabelValues("roll", result(err)).Inc()
	if err == nil {
		m.metrics.statements.Add(float64(len(statements)))
		m.metrics.edits.Add(float64(len(edits)))
	}
	m.health.wrote(ctx, err)
	return edits, err
}

// database says of a span that it is of the database, and what it works on.
func (m measured) database(on string) trace.SpanStartEventOption {
	engine := m.Engine()
	if engine == "postgres" {
		engine = "postgresql" // as OpenTelemetry calls it
	}
	return trace.WithAttributes(attribute.String("db.system.name", engine), attribute.String("db.collection.name", on))
}

// query measures and traces one read of the log.
func (m measured) query(ctx context.Context, name string) (context.Context, func()) {
	counted := m.metrics.query(name)
	ctx, span := m.tracer.Start(ctx, "query "+name, m.database("log"))
	return ctx, func() {
		counted()
		span.End()
	}
}

// Feed, and what follows, reads the log.
func (m measured) Feed(ctx context.Context, filter change.Filter, after change.Cursor, limit int, fold bool) (change.Page, error) {
	ctx, end := m.query(ctx, "feed")
	defer end()
	return m.Store.Feed(ctx, filter, after, limit, fold)
}

// Threads reads stories and storms.
func (m measured) Threads(ctx context.Context, threads []uuid.UUID, limit int) (map[uuid.UUID]change.Thread, error) {
	ctx, end := m.query(ctx, "threads")
	defer end()
	return m.Store.Threads(ctx, threads, limit)
}

// Steps reads more of stories.
func (m measured) Steps(ctx context.Context, stories []uuid.UUID, limit int, known map[int64]bool) ([]change.Event, error) {
	ctx, end := m.query(ctx, "steps")
	defer end()
	return m.Store.Steps(ctx, stories, limit, known)
}

// Latest reads the newest events of each of some entities.
func (m measured) Latest(ctx context.Context, ask change.Latest) ([]change.Event, error) {
	ctx, end := m.query(ctx, "latest")
	defer end()
	return m.Store.Latest(ctx, ask)
}

// Newest reads the newest event of entities.
func (m measured) Newest(ctx context.Context, entities []int64) (map[int64]change.Event, error) {
	ctx, end := m.query(ctx, "newest")
	defer end()
	return m.Store.Newest(ctx, entities)
}

// Tally counts events.
func (m measured) Tally(ctx context.Context, filter change.Filter) ([]change.Tally, error) {
	ctx, end := m.query(ctx, "tally")
	defer end()
	return m.Store.Tally(ctx, filter)
}

// Tail reads what was committed last.
func (m measured) Tail(ctx context.Context, after int64, limit int) ([]change.Committed, error) {
	ctx, end := m.query(ctx, "tail")
	defer end()
	return m.Store.Tail(ctx, after, limit)
}

// Unclaimed reads the outside names that nobody answers to.
func (m measured) Unclaimed(ctx context.Context, after change.Unclaimed, limit int) ([]change.Unclaimed, int, error) {
	ctx, end := m.query(ctx, "unclaimed")
	defer end()
	return m.Store.Unclaimed(ctx, after, limit)
}

// door is the way in as the protocols see it: what they had read and was not taken in is counted.
type door struct {
	*ingest.Door
	metrics *metrics
}

// Record takes events in.
func (d door) Record(ctx context.Context, events []change.Event) ([]change.Receipt, error) {
	receipts, err := d.Door.Record(ctx, events)
	if err != nil {
		d.metrics.refusedEvents(events, err)
	}
	return receipts, err
}
