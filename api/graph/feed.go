package graph

import (
	"context"
	"encoding/base64"
	"maps"
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
			Sources: f.Sources, Text: text(f.Q),
		},
		Services: f.Services, Entities: f.Entities, Teams: f.Teams, Systems: f.Systems, Tags: f.Tags,
	}
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
	cursor, err := change.ParseCursor(text(after))
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

// row completes a line of the feed: the events beside the shown one, and what they all are about.
func (a *API) row(row feed.Row) FeedRow {
	shown := FeedRow{Row: row}
	shown.Events = slices.DeleteFunc(slices.Clone(row.Events), func(e change.Event) bool { return e.ID == row.Event.ID })
	for _, subject := range row.Subjects[:min(len(row.Subjects), feed.RowEvents)] {
		shown.Subjects = append(shown.Subjects, a.subject(subject))
	}
	shown.SubjectCount = len(row.Subjects)
	return shown
}

// Histogram counts events over time.
func (q queries) Histogram(ctx context.Context, filter *FeedFilter, since, until time.Time, buckets *int) (*feed.Histogram, error) {
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
	return &histogram, nil
}

// BucketSeconds is how long a bucket is.
func (histograms) BucketSeconds(_ context.Context, h *feed.Histogram) (int, error) {
	return int(h.Bucket / time.Second), nil
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
func (q queries) Event(ctx context.Context, id string) (*change.Event, error) {
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
	return &event, nil
}

// Story lists the events of a story, oldest first.
func (q queries) Story(ctx context.Context, id string) ([]change.Event, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no story %q", clip(id))
	}
	return q.deps.Feed.Story(ctx, parsed)
}

// Class is that of the event's kind.
func (events) Class(_ context.Context, e *change.Event) (string, error) {
	kind, _ := change.KindNamed(e.Kind)
	return string(kind.Class), nil
}

// Subjects lists what the event is about.
func (r events) Subjects(_ context.Context, e *change.Event) ([]Subject, error) {
	list := make([]Subject, len(e.Subjects))
	for i, subject := range e.Subjects {
		list[i] = r.subject(subject)
	}
	return list, nil
}

// subject is what an event is about, by the name that the roll has for it now.
func (a *API) subject(s change.Subject) Subject {
	shown := Subject{Ref: s.Name, Name: s.Name}
	if entity, ok := a.deps.Roll.ByID(s.Entity); ok && s.Entity != 0 {
		return Subject{Ref: entity.Ref().String(), Name: entity.Name, Kind: &entity.Kind, Claimed: true}
	}
	return shown
}

// Links are in the form of those of an entity.
func (events) Links(_ context.Context, e *change.Event) ([]catalog.Link, error) {
	list := make([]catalog.Link, len(e.Links))
	for i, link := range e.Links {
		list[i] = catalog.Link(link)
	}
	return list, nil
}

// Labels are by key.
func (events) Labels(_ context.Context, e *change.Event) ([]catalog.Tag, error) {
	list := make([]catalog.Tag, 0, len(e.Labels))
	for _, key := range slices.Sorted(maps.Keys(e.Labels)) {
		list = append(list, catalog.Tag{Key: key, Value: e.Labels[key]})
	}
	return list, nil
}

// Person is the entity of a person who did it, where the roll knows them by that name or by the tool's.
func (r actors) Person(ctx context.Context, actor *change.Actor) (*Entity, error) {
	if actor.Type != change.ByPerson || actor.Name == "" {
		return nil, nil
	}
	if ref, err := catalog.NewRef(catalog.Person, actor.Name); err == nil {
		if _, ok := r.deps.Roll.Get(ref); ok {
			return r.related(ctx, ref, time.Time{})
		}
	}
	if ref, ok := r.personCalled(actor.Via + ":" + actor.Name); ok {
		return r.related(ctx, ref, time.Time{})
	}
	return nil, nil
}

// Unclaimed lists outside names that no entity answers to.
func (q queries) Unclaimed(ctx context.Context, after *string, first *int) (*UnclaimedPage, error) {
	limit, err := bounded(first, 50, maxFeedPage)
	if err != nil {
		return nil, err
	}
	from, err := parseUnclaimedCursor(text(after))
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
func (r unclaimed) Example(ctx context.Context, u *change.Unclaimed) (*change.Event, error) {
	found, err := r.deps.Feed.Store.Outside(ctx, u.Alias, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
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
