package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/guide"
	"tidings.dev/tidings/source"
)

// Tool is a tool that Tidings understands.
type Tool struct{ *source.Tool }

// Type is the name of the integration.
func (t *Tool) Type() string { return t.Name }

// IssuesSecret says that the tool makes the secret.
func (t *Tool) IssuesSecret() bool { return t.Tool.Guide.Issued }

// ByAgent says that an agent brings what it sees.
func (t *Tool) ByAgent() bool { return t.Config == nil }

// Fields are its settings.
func (t *Tool) Fields() []integration.Field { return t.Form }

// Guide says how it is set up.
func (t *Tool) Guide(base, name string) *guide.Guide {
	filled := t.Tool.Guide.For(base, name, "")
	return &filled
}

// Examples are deliveries as it sends them.
func (t *Tool) Examples() []DeliveryExample {
	shown := make([]DeliveryExample, len(t.Tool.Examples))
	for i, e := range t.Tool.Examples {
		shown[i] = DeliveryExample{Name: e.Name, Title: e.Title, Headers: headers(e.Header), Query: e.Query, Body: e.Body}
	}
	return shown
}

// DeliveryExample is a delivery as the tool sends it.
type DeliveryExample struct {
	Name, Title string
	Headers     []catalog.Tag
	Query, Body string
}

func headers(header http.Header) []catalog.Tag {
	list := []catalog.Tag{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			list = append(list, catalog.Tag{Key: name, Value: value})
		}
	}
	return list
}

// SourceSettings is what is set of a source.
type SourceSettings struct{ source.Set }

// Type is the integration.
func (s *SourceSettings) Type() string { return s.Value.Type }

// Every is between two looks; empty for the usual.
func (s *SourceSettings) Every() string { return s.Value.Every }

// Disabled says that it is off.
func (s *SourceSettings) Disabled() bool { return s.Value.Disabled }

// Settings are the others.
func (s *SourceSettings) Settings() (json.RawMessage, error) {
	if s.Value.Settings == nil {
		return json.RawMessage("{}"), nil
	}
	return json.Marshal(s.Value.Settings)
}

// Revision is to be given back with a change.
func (s *SourceSettings) Revision() int { return int(s.Set.Revision) }

// Delivery is a delivery as it is kept.
type Delivery struct {
	integration.Kept
	whole  bool // all of it was read, not only what a list shows
	events []Event
}

// EventCount is how many events it told of.
func (d *Delivery) EventCount() int { return d.Kept.Events }

// Headers are those that are read.
func (d *Delivery) Headers() []catalog.Tag {
	if !d.whole {
		return nil
	}
	return headers(d.Header)
}

// Query is the query of its address.
func (d *Delivery) Query() *string {
	if !d.whole {
		return nil
	}
	return &d.Kept.Query
}

// Body is what is kept of it.
func (d *Delivery) Body() *string {
	if len(d.Kept.Body) == 0 {
		return nil
	}
	text := string(d.Kept.Body)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "�")
	}
	return &text
}

// Events are those in the log that it told of.
func (d *Delivery) Events() []Event { return d.events }

// TrialEvent is an event that is not in the log.
type TrialEvent struct {
	*Event
	SubjectsList []TrialSubject
}

// Actor is who did it.
func (e *TrialEvent) Actor() string { return e.Event.Event.Actor.Name }

// ActorType is what they are.
func (e *TrialEvent) ActorType() change.ActorType { return e.Event.Event.Actor.Type }

// Subjects are what it is about.
func (e *TrialEvent) Subjects() []TrialSubject { return e.SubjectsList }

// book is where the sources are.
func (a *API) book() (*source.Book, error) {
	if a.deps.Sources == nil {
		return nil, fault.New(fault.NotFound, "there are no sources here")
	}
	return a.deps.Sources, nil
}

// Sources tells how every source is doing.
func (q queries) Sources(ctx context.Context) ([]Source, error) {
	if q.deps.Sources == nil {
		return nil, nil
	}
	list, err := q.deps.Sources.List(ctx)
	if err != nil {
		return nil, err
	}
	shown := make([]Source, len(list))
	for i, s := range list {
		shown[i] = newSource(s)
	}
	return shown, nil
}

// Source is one of them.
func (q queries) Source(ctx context.Context, name string) (*Source, error) {
	return absent(q.sourceNamed(ctx, name))
}

func (a *API) sourceNamed(ctx context.Context, name string) (*Source, error) {
	book, err := a.book()
	if err != nil {
		return nil, err
	}
	found, err := book.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	shown := newSource(found)
	return &shown, nil
}

// absent makes null of what is not there.
func absent[T any](found *T, err error) (*T, error) {
	if fault.Is(err, fault.NotFound) {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return found, err
}

// Tools are what Tidings understands.
func (q queries) Tools(context.Context) ([]Tool, error) {
	if q.deps.Sources == nil {
		return nil, nil
	}
	var shown []Tool
	for _, tool := range q.deps.Sources.Tools.List() {
		shown = append(shown, Tool{tool})
	}
	return shown, nil
}

// Tool is one of them.
func (q queries) Tool(_ context.Context, kind string) (*Tool, error) {
	if q.deps.Sources == nil {
		return nil, nil //nolint:nilnil // null is the answer
	}
	tool, found := q.deps.Sources.Tools.Get(kind)
	if !found {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return &Tool{tool}, nil
}

// SourceSettings is what is set of a source.
func (q queries) SourceSettings(ctx context.Context, name string) (*SourceSettings, error) {
	book, err := q.book()
	if err != nil {
		return absent[SourceSettings](nil, err)
	}
	set, err := book.Set(ctx, name)
	return absent(&SourceSettings{set}, err)
}

// Lately is what a source sent in the last day.
func (s sourceNodes) Lately(ctx context.Context, of *Source) (*integration.Tally, error) {
	if !of.Delivers || s.deps.Sources == nil {
		return nil, nil //nolint:nilnil // null is the answer
	}
	tally, err := s.deps.Sources.Tally(ctx, of.Name)
	return &tally, err
}

// unclaimedShown is how many names of a source are shown.
const unclaimedShown = 20

// Coverage tells how much of what a source should tell arrives.
func (s sourceNodes) Coverage(ctx context.Context, of *Source) (*SourceCoverage, error) {
	c, err := s.deps.Feed.CoverageOf(ctx, of.Name, time.Now())
	if err != nil {
		return nil, err
	}
	shown := &SourceCoverage{
		Since: c.Since, Events: c.Events, Partial: c.Partial, Told: c.Told, Entities: c.Entities, UnclaimedCount: len(c.Unclaimed),
		Kinds: []SourceKind{}, Unclaimed: []UnclaimedName{}, SeenAndTold: c.SeenAndTold, SeenAndToldByOthers: c.SeenAndToldByOthers, SeenOnly: c.SeenOnly,
	}
	if c.Usual >= 0 {
		shown.Usual = &c.Usual
	}
	var expected []string
	if s.deps.Sources != nil {
		expected = s.deps.Sources.Tells(ctx, of.Name)
	}
	for _, kind := range c.Kinds {
		shown.Kinds = append(shown.Kinds, SourceKind{Kind: kind.Kind, Expected: slices.Contains(expected, kind.Kind), Events: kind.Events, LastAt: &kind.LastAt})
	}
	for _, kind := range expected {
		if !slices.ContainsFunc(c.Kinds, func(k feed.SourceKind) bool { return k.Kind == kind }) {
			shown.Kinds = append(shown.Kinds, SourceKind{Kind: kind, Expected: true})
		}
	}
	for _, name := range c.Unclaimed[:min(len(c.Unclaimed), unclaimedShown)] {
		shown.Unclaimed = append(shown.Unclaimed, UnclaimedName{Name: name.Name, Events: name.Events})
	}
	return shown, nil
}

// Deliveries lists what a source sent.
func (q queries) Deliveries(ctx context.Context, name string, outcome *integration.Outcome, after *string, first *int) (*DeliveryPage, error) {
	book, err := q.book()
	if err != nil {
		return nil, err
	}
	most, err := bounded(first, 50, 200)
	if err != nil {
		return nil, err
	}
	found, next, err := book.Deliveries(ctx, name, valueOf(outcome), valueOf(after), most)
	if err != nil {
		return nil, err
	}
	page := &DeliveryPage{Nodes: make([]Delivery, len(found)), Next: optional(next)}
	for i, kept := range found {
		page.Nodes[i] = Delivery{Kept: kept}
	}
	return page, nil
}

// Delivery is one of them.
func (q queries) Delivery(ctx context.Context, name, id string) (*Delivery, error) {
	book, err := q.book()
	if err != nil {
		return nil, err
	}
	found, err := book.Delivery(ctx, name, id)
	return absent(&Delivery{Kept: found.Kept, whole: true, events: q.events(found.Events)}, err)
}

// SecretKeeping tells whether secrets can be kept.
func (q queries) SecretKeeping(context.Context) (*SecretKeeping, error) {
	book, err := q.book()
	if err != nil {
		return nil, err
	}
	if known, ok := errors.AsType[*fault.Error](book.Settings.CanKeep()); ok {
		return &SecretKeeping{Problem: known.Detail}, nil
	}
	return &SecretKeeping{Possible: true}, nil
}

// TrySource tells what would become of a delivery.
func (q queries) TrySource(ctx context.Context, input TrialInput) (*Trial, error) {
	book, err := q.book()
	if err != nil {
		return nil, err
	}
	settings, err := object(input.Settings)
	if err != nil {
		return nil, err
	}
	trial := source.Trial{
		Source: valueOf(input.Source), Value: source.Value{Type: valueOf(input.Type), Settings: settings},
		Header: http.Header{}, Query: valueOf(input.Query), Body: input.Body,
	}
	if trial.Source == "" && trial.Value.Type == "" {
		return nil, fault.New(fault.Invalid, "a trial names a source, or the type of one")
	}
	for _, h := range input.Headers {
		trial.Header.Add(h.Name, h.Value)
	}
	tried, err := book.Try(ctx, trial)
	if err != nil {
		return nil, err
	}
	shown := &Trial{Ignored: tried.Ignored, Fault: tried.Fault, Events: make([]TrialEvent, len(tried.Events))}
	for i := range tried.Events {
		e := q.event(&tried.Events[i])
		shown.Events[i] = TrialEvent{Event: e}
		for _, s := range e.Event.Subjects {
			shown.Events[i].SubjectsList = append(shown.Events[i].SubjectsList, q.trialSubject(s.Name))
		}
	}
	return shown, nil
}

// trialSubject tells whose event it would be.
func (a *API) trialSubject(name string) TrialSubject {
	shown := TrialSubject{Name: name}
	if ref, err := catalog.ParseRef(name, ""); err == nil {
		entity, found := a.deps.Roll.Get(ref)
		if shown.New = !found; found {
			shown.Entity = &Entity{Entity: entity}
		}
		return shown
	}
	if found := a.deps.Roll.Resolve(name); len(found) == 1 {
		shown.Entity = &Entity{Entity: found[0]}
	}
	return shown
}

// object reads settings.
func object(raw json.RawMessage) (map[string]any, error) {
	var settings map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &settings); err != nil {
			return nil, fault.New(fault.Invalid, "settings are an object")
		}
	}
	return settings, nil
}

// CreateSource makes a source.
func (m mutations) CreateSource(ctx context.Context, input NewSourceInput) (*MadeSource, error) {
	book, err := m.book()
	if err != nil {
		return nil, err
	}
	settings, err := object(input.Settings)
	if err != nil {
		return nil, err
	}
	made := source.New{
		Name: strings.ToLower(strings.TrimSpace(input.Name)), Value: source.Value{Type: input.Type, Every: valueOf(input.Every), Settings: settings},
		Secrets: map[string]string{}, Generate: valueOf(input.GenerateSecret),
	}
	for _, s := range input.Secrets {
		made.Secrets[s.Field] = s.Value
	}
	secret, err := book.Create(ctx, made)
	if err != nil {
		return nil, err
	}
	return m.made(ctx, made.Name, secret)
}

// made shows a source that was just written, with the secret that was made.
func (m mutations) made(ctx context.Context, name, secret string) (*MadeSource, error) {
	shown, err := m.sourceNamed(ctx, name)
	return &MadeSource{Source: shown, Secret: optional(secret)}, err
}

// ChangeSource sets a source anew.
func (m mutations) ChangeSource(ctx context.Context, name string, every *string, settings json.RawMessage, revision int) (*Source, error) {
	return m.change(ctx, name, func(book *source.Book) error {
		before, err := book.Set(ctx, name)
		if err != nil {
			return err
		}
		value := source.Value{Type: before.Value.Type, Every: cmp.Or(valueOf(every), before.Value.Every)}
		if value.Settings, err = object(settings); err != nil {
			return err
		}
		return book.Change(ctx, name, value, int64(revision))
	})
}

// SwitchSource switches a source on or off.
func (m mutations) SwitchSource(ctx context.Context, name string, on bool) (*Source, error) {
	return m.change(ctx, name, func(book *source.Book) error { return book.Switch(ctx, name, on) })
}

// DropSourceSecret takes a secret away.
func (m mutations) DropSourceSecret(ctx context.Context, name, field string) (*Source, error) {
	return m.change(ctx, name, func(book *source.Book) error { return book.DropSecret(ctx, name, field) })
}

func (m mutations) change(ctx context.Context, name string, do func(*source.Book) error) (*Source, error) {
	book, err := m.book()
	if err != nil {
		return nil, err
	}
	if err := do(book); err != nil {
		return nil, err
	}
	return m.sourceNamed(ctx, name)
}

// SetSourceSecret sets a secret.
func (m mutations) SetSourceSecret(ctx context.Context, name string, field, secret *string, keepLast *bool) (*MadeSource, error) {
	book, err := m.book()
	if err != nil {
		return nil, err
	}
	made, err := book.SetSecret(ctx, name, cmp.Or(valueOf(field), "secret"), valueOf(secret), valueOf(keepLast))
	if err != nil {
		return nil, err
	}
	return m.made(ctx, name, made)
}

// RemoveSource takes a source away.
func (m mutations) RemoveSource(ctx context.Context, name string) (bool, error) {
	book, err := m.book()
	if err != nil {
		return false, err
	}
	err = book.Remove(ctx, name)
	return err == nil, err
}

// ReplayDelivery decodes a delivery again.
func (m mutations) ReplayDelivery(ctx context.Context, name, id string) (*integration.Received, error) {
	book, err := m.book()
	if err != nil {
		return nil, err
	}
	received, err := book.Replay(ctx, name, id)
	return &received, err
}

// ReplayFailed begins to decode again what failed.
func (m mutations) ReplayFailed(ctx context.Context, name string) (*Job, error) {
	book, err := m.book()
	if err != nil {
		return nil, err
	}
	return jobOr(book.ReplayAll(ctx, name, integration.Failed))
}
