package graph

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
)

// maxFeedPage bounds a page of the feed: a row may carry twenty events.
const maxFeedPage = 200

// query is the filter in the words of the feed.
func (f *FeedFilter) query() feed.Query {
	if f == nil {
		return feed.Query{}
	}
	q := feed.Query{
		Filter: change.Filter{
			Kinds: slices.Clone(f.Kinds), Classes: named[change.Class](f.Classes), Phases: named[change.Phase](f.Phases),
			Environments: slices.Clone(f.Environments), Actors: f.Actors, ActorTypes: named[change.ActorType](f.ActorTypes),
			Sources: f.Sources, Text: valueOf(f.Q),
		},
		Services: f.Services, Entities: f.Entities, Teams: f.Teams, Systems: f.Systems, Tags: f.Tags,
	}
	q.Dark = f.Dark != nil && *f.Dark
	if f.Since != nil {
		q.Since = *f.Since
	}
	if f.Until != nil {
		q.Until = *f.Until
	}
	if f.WithDependencies != nil && *f.WithDependencies {
		q.Depth = 1
		if f.Depth != nil {
			q.Depth = *f.Depth
		}
	}
	return q
}

func named[T ~string](words []string) []T {
	list := make([]T, len(words))
	for i, word := range words {
		list[i] = T(word)
	}
	return list
}

// Feed is a page of the feed.
func (q queries) Feed(ctx context.Context, filter *FeedFilter, after *string, first *int) (*FeedPage, error) {
	limit, err := bounded(first, 50, maxFeedPage)
	if err != nil {
		return nil, err
	}
	cursor, err := change.ParseCursor(valueOf(after))
	if err != nil {
		return nil, err
	}
	scope, err := q.deps.Feed.Resolve(filter.query())
	if err != nil {
		return nil, err
	}
	page, err := q.deps.Feed.Rows(ctx, scope, cursor, limit)
	if err != nil {
		return nil, err
	}
	shown := &FeedPage{Rows: make([]FeedRow, len(page.Rows)), Next: optional(page.Next.String())}
	if !page.SearchedUntil.IsZero() {
		shown.SearchedUntil = &page.SearchedUntil
	}
	for i, row := range page.Rows {
		shown.Rows[i] = q.row(row)
	}
	return shown, nil
}

// Histogram counts events over time.
func (q queries) Histogram(ctx context.Context, filter *FeedFilter, since, until time.Time, buckets *int) (*Histogram, error) {
	n, err := bounded(buckets, 96, feed.MaxBuckets)
	if err != nil {
		return nil, err
	}
	scope, err := q.deps.Feed.Resolve(filter.query())
	if err != nil {
		return nil, err
	}
	histogram, err := q.deps.Feed.Histogram(ctx, scope, since, until, n)
	if err != nil {
		return nil, err
	}
	return &Histogram{histogram}, nil
}

// Facets counts events by their values.
func (q queries) Facets(ctx context.Context, filter *FeedFilter, since, until time.Time) (*FeedFacets, error) {
	if !since.Before(until) {
		return nil, fault.New(fault.Invalid, "until is after since")
	}
	scope, err := q.deps.Feed.Resolve(filter.query())
	if err != nil {
		return nil, err
	}
	facets, err := q.deps.Feed.Facets(ctx, scope, since, until)
	if err != nil {
		return nil, err
	}
	return &FeedFacets{
		Kinds: facetValues(facets.Kinds), Environments: facetValues(facets.Environments), Teams: facetValues(facets.Teams),
		Sources: facetValues(facets.Sources), ActorTypes: facetValues(facets.ActorTypes),
	}, nil
}

func facetValues(values []feed.FacetValue) []catalog.FacetValue {
	list := make([]catalog.FacetValue, len(values))
	for i, value := range values {
		list[i] = catalog.FacetValue(value)
	}
	return list
}

// Event is one event; nil when there is none.
func (q queries) Event(ctx context.Context, id string) (*Event, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil, nil
	}
	event, err := q.deps.Feed.Store.Event(ctx, parsed)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return q.event(&event), nil
}

// Story lists the events of a story, oldest first.
func (q queries) Story(ctx context.Context, id string) ([]Event, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no story %q", clip(id))
	}
	steps, err := q.deps.Feed.Story(ctx, parsed)
	return q.events(steps), err
}

// StorySteps are the steps of a story with their times.
func (q queries) StorySteps(ctx context.Context, id string) ([]StoryStep, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no story %q", clip(id))
	}
	events, err := q.deps.Feed.Story(ctx, parsed)
	if err != nil {
		return nil, err
	}
	steps := feed.Steps(events)
	shown := make([]StoryStep, len(steps))
	for i, s := range steps {
		shown[i] = StoryStep{
			Event: q.event(s.Event), Step: s.Name, At: s.At, Succeeded: s.Event.Phase == change.Succeeded, TookSeconds: seconds(s.Took), LeadSeconds: int(s.Lead / time.Second),
		}
		if i > 0 {
			since := int(s.Since / time.Second)
			shown[i].SinceSeconds = &since
		}
	}
	return shown, nil
}

func seconds(d time.Duration) *int {
	if d <= 0 {
		return nil
	}
	n := int(d / time.Second)
	return &n
}

// Unclaimed lists outside names that no entity answers to.
func (q queries) Unclaimed(ctx context.Context, after *string, first *int) (*UnclaimedPage, error) {
	limit, err := bounded(first, 50, maxFeedPage)
	if err != nil {
		return nil, err
	}
	from, err := parseUnclaimedCursor(valueOf(after))
	if err != nil {
		return nil, err
	}
	names, total, err := q.deps.Feed.Store.Unclaimed(ctx, from, limit+1)
	if err != nil {
		return nil, err
	}
	page := &UnclaimedPage{Nodes: names, Total: total}
	if len(names) > limit {
		page.Nodes = names[:limit]
		page.Next = optional(unclaimedCursor(names[limit-1]))
	}
	return page, nil
}

// Example is the newest event of the name.
func (r unclaimed) Example(ctx context.Context, u *change.Unclaimed) (*Event, error) {
	found, err := r.deps.Feed.Store.Outside(ctx, u.Alias, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return r.event(&found[0]), nil
}

// maxSuggestions is how many entities are suggested for a name.
const maxSuggestions = 3

// Suggestions lists entities that the name may mean, best first.
func (r unclaimed) Suggestions(ctx context.Context, u *change.Unclaimed) ([]Suggestion, error) {
	found := r.deps.Roll.Suggest(u.Alias, maxSuggestions)
	if err := spend(ctx, len(found)); err != nil {
		return nil, err
	}
	list := make([]Suggestion, len(found))
	for i, suggestion := range found {
		list[i] = Suggestion{Entity: &Entity{Entity: suggestion.Entity}, Reason: suggestion.Reason, Score: suggestion.Score}
	}
	return list, nil
}

// unclaimedCursor is the place after a name, in the order of Store.Unclaimed.
func unclaimedCursor(u change.Unclaimed) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(u.Events, 10) + " " + u.Alias))
}

func parseUnclaimedCursor(cursor string) (change.Unclaimed, error) {
	if cursor == "" {
		return change.Unclaimed{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	number, alias, ok := strings.Cut(string(raw), " ")
	events, numberErr := strconv.ParseInt(number, 10, 64)
	if err != nil || !ok || numberErr != nil || events < 1 {
		return change.Unclaimed{}, fault.New(fault.Invalid, "the cursor %q is damaged: start again without one", clip(cursor))
	}
	return change.Unclaimed{Events: events, Alias: alias}, nil
}
