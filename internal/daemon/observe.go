package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/all"
	"tidings.dev/tidings/observe"
)

// interpretersOfAll are those of every integration whose objects agents look at.
func (c *Config) interpretersOfAll() map[string]observe.Interpreter {
	found := map[string]observe.Interpreter{}
	for _, spec := range all.Specs() {
		if spec.Interpreter != nil {
			found[spec.Name] = spec.Interpreter
		}
	}
	for name, interpreter := range c.interpreters {
		found[name] = interpreter
	}
	return found
}

// seeing is the way in as agents see it: what they send is counted.
type seeing struct {
	*ingest.Door
	metrics *metrics
}

// Observe works in a batch.
func (s seeing) Observe(ctx context.Context, source string, batch observe.Batch) (int, error) {
	began := time.Now()
	source, events, err := s.Door.Observe(ctx, source, batch)
	if source == "" {
		return events, err // not even known who asks
	}
	name := s.metrics.source(source)
	s.metrics.batches.WithLabelValues(name, result(err)).Inc()
	if err == nil {
		s.metrics.observed.WithLabelValues(name).Add(float64(len(batch.Observations)))
		s.metrics.batchTime.Observe(time.Since(began).Seconds())
	}
	return events, err
}

// Commit writes what follows from a batch, and counts it.
func (m measured) Commit(ctx context.Context, work observe.Work) (observe.Committed, error) {
	ctx, span := m.tracer.Start(ctx, "commit", m.database("observation"), trace.WithAttributes(
		attribute.Int("tidings.events", len(work.Events)), attribute.Int("tidings.observations", len(work.Puts)+len(work.Seen)+len(work.Forgotten))))
	began := time.Now()
	done, err := m.Store.Commit(ctx, work)
	finish(span, err)
	if len(work.Events) > 0 {
		m.metrics.appended(work.Events, done.Receipts, time.Since(began), err)
	} else {
		m.metrics.commits.WithLabelValues("log", result(err)).Inc()
	}
	if err == nil {
		m.metrics.statements.Add(float64(len(work.Withdrawals)))
		m.metrics.edits.Add(float64(len(done.Edits)))
	}
	if !fault.Is(err, fault.Conflict) {
		m.health.wrote(ctx, err)
	}
	return done, err
}

// heardTime bounds how long the list of sources waits for the database.
const heardTime = 5 * time.Second

// observers are the sources that agents look at, as every server shows them.
func (d *Daemon) observers(ctx context.Context) []integration.State {
	ctx, cancel := context.WithTimeout(ctx, heardTime)
	defer cancel()
	all, err := d.store.Observers(ctx)
	if err != nil {
		slog.WarnContext(ctx, "how the observed sources are doing cannot be read", "error", err)
		return nil
	}
	now := time.Now()
	states := make([]integration.State, len(all))
	for i := range all {
		states[i] = observerState(&all[i], now)
	}
	return states
}

func observerState(o *observe.Observer, now time.Time) integration.State {
	state := integration.State{
		Name: o.Source, Type: o.Type, State: integration.Working, Detail: o.Report.Detail, LookedAt: o.HeardAt, LastEventAt: o.LastEventAt, Events: int(o.Events),
		Observed: &integration.Observed{
			Agent: o.Agent, Version: o.Report.Version, Since: o.OpenedAt, HeardAt: o.HeardAt, SyncedAt: o.Report.SyncedAt, Objects: o.Report.Objects,
			Waiting: o.Report.Waiting, Lost: o.Report.Lost, Lag: o.Lag, Cluster: o.Scope.Cluster,
		},
	}
	switch {
	case o.Silent(now):
		state.State = integration.Failing
		state.Fault = fmt.Sprintf("nothing was heard of the agent %s since %s: see that it runs, and that it reaches this server", o.Agent, o.HeardAt.Format(time.RFC3339))
	case o.Report.Problem != "":
		state.State, state.Fault = integration.Failing, o.Report.Problem
	case o.Refused != "":
		state.State, state.Fault = integration.Failing, "refused: "+o.Refused
	case o.Batch == 0:
		state.State = integration.Waiting
	}
	return state
}
