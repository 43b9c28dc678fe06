package graph

import (
	"context"
	"slices"
	"sync"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/feed"
)

// Viewer is who asks, and what this installation is.
func (q queries) Viewer(ctx context.Context) (*Viewer, error) {
	environments, err := q.environments.list(ctx, q.deps.Feed)
	if err != nil {
		return nil, err
	}
	who := access.From(ctx)
	organisation := ""
	if q.deps.Organisation != nil {
		organisation = q.deps.Organisation()
	}
	viewer := &Viewer{
		Name: who.Name, Kind: string(who.Type), NoLogin: q.deps.NoLogin,
		Organisation: organisation, Version: q.deps.Version, Environments: environments,
	}
	for _, op := range access.Operations() {
		if who.Check(op) == nil {
			viewer.May = append(viewer.May, string(op))
		}
	}
	for _, kind := range catalog.Kinds() {
		viewer.Counts = append(viewer.Counts, KindCount{Kind: kind, Count: q.deps.Roll.Len(kind)})
	}
	return viewer, nil
}

// Installation is what answers.
func (q queries) Installation(context.Context) (*Installation, error) {
	return &q.deps.Installation, nil
}

// Kinds lists the kinds that an event can have.
func (queries) Kinds(context.Context) ([]change.Kind, error) { return change.Kinds(), nil }

// environments are those of the events of the last days, the busiest first. Every page asks for them, so that they are
// counted once a minute at most.
type environments struct {
	mu      sync.Mutex
	names   []string
	counted time.Time
}

const (
	environmentsFrom = 7 * 24 * time.Hour
	environmentsKept = time.Minute
)

func (e *environments) list(ctx context.Context, reader *feed.Reader) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if now.Sub(e.counted) < environmentsKept && len(e.names) > 0 {
		return e.names, nil
	}
	facets, err := reader.Facets(ctx, feed.Scope{}, now.Add(-environmentsFrom), now.Add(time.Hour))
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(facets.Environments))
	for _, value := range facets.Environments {
		names = append(names, value.Value)
	}
	e.names, e.counted = slices.Clip(names), now
	return e.names, nil
}
