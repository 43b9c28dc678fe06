// Package source is the configured sources as people see and change them: how each is doing, what it sent, how it is set
// up, and what a delivery would become. The rules of who may do what are here, so that every protocol has the same.
//
// What runs is the business of ingest and of the daemon; what is set lies in package setting. Imports: access, catalog,
// change, fault, integration, setting and internal/job. The protocols and the daemon import it.
package source

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/setting"
)

// Prefix begins the names of the settings that are sources.
const Prefix = "source:"

// Value is what is set of a source, without its secrets.
type Value struct {
	Type string `json:"type"`
	// Every is between two looks, of a source that looks, such as 1m.
	Every string `json:"every,omitempty"`
	// Disabled sources neither look nor take anything.
	Disabled bool           `json:"disabled,omitempty"`
	Settings map[string]any `json:"settings,omitempty"`
}

// Place is where a source is configured.
type Place string

// The places.
const (
	OnPage  Place = "page"  // it can be changed here
	InFile  Place = "file"  // in the server's configuration file
	AtAgent Place = "agent" // an agent brought it
)

// Source is one source, for everybody who may look.
type Source struct {
	integration.State
	Tool     *Tool // nil for an agent of an unknown type
	Place    Place
	Delivers bool // tools call it
	// SecretAt is when the oldest of its secrets was set, of a source that was made on the page and has any.
	SecretAt time.Time
}

// Hook is a source that tools call, as it runs.
type Hook interface {
	// Receiver is what reads its deliveries.
	Receiver() integration.Receiver
	// Replay decodes a delivery again that is kept.
	Replay(ctx context.Context, id string) (integration.Received, error)
}

// Store keeps what sources sent.
type Store interface {
	Deliveries(ctx context.Context, source string, outcome integration.Outcome, after string, limit int) (page []integration.Kept, next string, err error)
	Delivery(ctx context.Context, source, id string) (integration.Kept, error)
	TallyDeliveries(ctx context.Context, source string, since time.Time) (integration.Tally, error)
	CountDeliveries(ctx context.Context, source string, outcome integration.Outcome) (int, error)
	EventsOf(ctx context.Context, source string, keys []string) ([]change.Event, error)
}

// Book is the sources of an installation.
type Book struct {
	Settings *setting.Book
	Store    Store
	Tools    *Tools
	// Jobs does what is asked for many deliveries at once.
	Jobs *job.Desk
	// States tells how every source is doing.
	States func(ctx context.Context) []integration.State
	// Hook finds a running source that tools call.
	Hook func(name string) (Hook, bool)
	// InFile reports whether the configuration file has a source of a name.
	InFile func(name string) bool
	// Config reads what is set, and holds it to what may be typed; its secrets need not be there.
	Config func(name string, value Value) (integration.Config, error)
	// Decode reads a delivery; a decoder that fails is an error.
	Decode func(ctx context.Context, receiver integration.Receiver, d integration.Delivery) (integration.Decoded, error)
	Now    func() time.Time
}

// List gives every source, by name.
func (b *Book) List(ctx context.Context) ([]Source, error) {
	if err := access.Check(ctx, access.ReadSources); err != nil {
		return nil, err
	}
	typed, err := b.typed(ctx)
	if err != nil {
		return nil, err
	}
	var all []Source
	for _, state := range b.States(ctx) {
		s := b.source(state, typed)
		if s.Place == AtAgent && s.Observed == nil {
			continue // it was just removed, and ends
		}
		all = append(all, s)
	}
	for name, value := range typed {
		// What was just made runs in a moment.
		if !b.InFile(name) && !slices.ContainsFunc(all, func(s Source) bool { return s.Name == name }) {
			all = append(all, b.source(integration.State{Name: name, Type: value.Type, State: integration.Waiting}, typed))
		}
	}
	slices.SortFunc(all, func(a, c Source) int { return strings.Compare(a.Name, c.Name) })
	return all, nil
}

// Get gives one source; NotFound when there is none.
func (b *Book) Get(ctx context.Context, name string) (Source, error) {
	all, err := b.List(ctx)
	if err != nil {
		return Source{}, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return Source{}, notFound(name)
}

func notFound(name string) error {
	return fault.New(fault.NotFound, "there is no source %s", integration.Clip(name))
}

func (b *Book) source(state integration.State, typed map[string]onPage) Source {
	s := Source{State: state, Place: AtAgent, Delivers: state.Deliveries != nil}
	if b.InFile(state.Name) {
		s.Place = InFile
	} else if set, found := typed[state.Name]; found {
		s.Place, s.SecretAt = OnPage, set.secretAt
	}
	if tool, ok := b.Tools.Get(state.Type); ok {
		s.Tool = tool
		// One that is off, or cannot be opened, has taken nothing since the start.
		s.Delivers = s.Delivers || s.Place != AtAgent && tool.Delivers
	}
	return s
}

// onPage is a source that was set on the page.
type onPage struct {
	Value
	secretAt time.Time // zero without a secret
}

// typed are the sources that were set on the page, by name.
func (b *Book) typed(ctx context.Context) (map[string]onPage, error) {
	all, err := b.Settings.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	typed := map[string]onPage{}
	for _, s := range all {
		if name, ok := strings.CutPrefix(s.Name, Prefix); ok {
			var set onPage
			_ = json.Unmarshal(s.Value, &set.Value) // it was checked when it was set
			for _, secret := range s.Secrets {
				if set.secretAt.IsZero() || secret.ChangedAt.Before(set.secretAt) {
					set.secretAt = secret.ChangedAt
				}
			}
			typed[name] = set
		}
	}
	return typed, nil
}

// talliedFor is how far back deliveries are counted.
const talliedFor = 24 * time.Hour

// Tally counts what a source sent in the last day.
func (b *Book) Tally(ctx context.Context, name string) (integration.Tally, error) {
	if err := access.Check(ctx, access.ReadSources); err != nil {
		return integration.Tally{}, err
	}
	return b.Store.TallyDeliveries(ctx, name, b.Now().Add(-talliedFor))
}

// Set is what is set of a source, with as much of its secrets as may be known.
type Set struct {
	Value     Value
	Secrets   []Secret
	Revision  int64
	ChangedAt time.Time
	ChangedBy string
}

// Secret is one secret that a source can have.
type Secret struct {
	Name        string
	Fingerprint string // empty where none is set
	ChangedAt   time.Time
}

// Set gives what is set of a source; NotFound for one that cannot be changed here. That somebody looked is recorded.
func (b *Book) Set(ctx context.Context, name string) (Set, error) {
	s, err := b.Settings.Get(ctx, Prefix+name)
	if err != nil {
		return Set{}, err
	}
	return b.set(s)
}

func (b *Book) set(s setting.Setting) (Set, error) {
	set := Set{Revision: s.Revision, ChangedAt: s.ChangedAt, ChangedBy: s.ChangedBy}
	if err := json.Unmarshal(s.Value, &set.Value); err != nil {
		return set, err
	}
	tool, ok := b.Tools.Get(set.Value.Type)
	if !ok {
		return set, nil
	}
	for _, field := range tool.Form {
		if field.Type == integration.TypeSecret {
			one := s.Secrets[field.Name]
			set.Secrets = append(set.Secrets, Secret{field.Name, one.Fingerprint, one.ChangedAt})
		}
	}
	return set, nil
}

// New is a source to be made.
type New struct {
	Name     string
	Value    Value
	Secrets  map[string]string
	Generate bool // make the secret that the tool is to be given
}

// Create makes a source, which runs at once, and gives the secret that was made for it: it is shown this once.
func (b *Book) Create(ctx context.Context, n New) (secret string, err error) {
	if err := access.Check(ctx, access.WriteSettings); err != nil {
		return "", err
	}
	if b.InFile(n.Name) {
		return "", fault.New(fault.Conflict, "a source of the name %s stands in the configuration file: choose another name", n.Name)
	}
	secrets := map[string]*string{}
	for field, text := range n.Secrets {
		secrets[field] = &text
	}
	if n.Generate && secrets[hookSecret] == nil {
		secret = generate()
		secrets[hookSecret] = &secret
	}
	if err := b.put(ctx, n.Name, n.Value, setting.Change{Secrets: secrets, Revision: -1}); err != nil {
		return "", err
	}
	return secret, nil
}

// hookSecret is the secret of integration.Hook, and previousSecret the one before it.
const (
	hookSecret     = "secret"
	previousSecret = "previous_secret"
)

// generate makes a secret: 256 bits, as hexadecimal digits, which every tool takes.
func generate() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // it never fails: crypto/rand
	return hex.EncodeToString(raw)
}

// put writes a source's value. A name that is taken is said in the words of whoever makes a source.
func (b *Book) put(ctx context.Context, name string, value Value, c setting.Change) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.Value = text
	_, err = b.Settings.Put(ctx, Prefix+name, c)
	if c.Revision < 0 && fault.Is(err, fault.Conflict) {
		return fault.New(fault.Conflict, "there is a source of the name %s already", name)
	}
	return err
}

// Change sets a source anew, if its revision is still the one that was seen.
func (b *Book) Change(ctx context.Context, name string, value Value, revision int64) error {
	before, err := b.Set(ctx, name)
	if err != nil {
		return err
	}
	if value.Type != before.Value.Type {
		return fault.New(fault.Invalid, "a source stays of its type (%s): make another one", before.Value.Type)
	}
	value.Disabled = before.Value.Disabled
	return b.put(ctx, name, value, setting.Change{Revision: cmp.Or(revision, before.Revision)})
}

// Switch switches a source on or off.
func (b *Book) Switch(ctx context.Context, name string, on bool) error {
	before, err := b.Set(ctx, name)
	if err != nil || before.Value.Disabled == !on {
		return err
	}
	before.Value.Disabled = !on
	return b.put(ctx, name, before.Value, setting.Change{Revision: before.Revision})
}

// SetSecret sets a secret: the text that the tool gave, or where it is empty one that is made, which is given back this
// once. With keep the last one goes on to count, for as long as the tool still uses it.
func (b *Book) SetSecret(ctx context.Context, name, field, text string, keep bool) (made string, err error) {
	before, err := b.Set(ctx, name)
	if err != nil {
		return "", err
	}
	if text == "" && field != hookSecret {
		return "", fault.InvalidInput(name, []fault.Fault{{Pointer: "/secret", Detail: "is required: " + field + " is made by the tool"}})
	}
	if text == "" {
		made = generate()
		text = made
	}
	c := setting.Change{Secrets: map[string]*string{field: &text}, Revision: before.Revision}
	if keep && field == hookSecret {
		c.Keep = map[string]string{hookSecret: previousSecret}
	}
	if err := b.put(ctx, name, before.Value, c); err != nil {
		return "", err
	}
	return made, nil
}

// DropSecret takes a secret away.
func (b *Book) DropSecret(ctx context.Context, name, field string) error {
	before, err := b.Set(ctx, name)
	if err != nil {
		return err
	}
	return b.put(ctx, name, before.Value, setting.Change{Secrets: map[string]*string{field: nil}, Revision: before.Revision})
}

// Remove takes a source away, with its secrets. What it told stays.
func (b *Book) Remove(ctx context.Context, name string) error {
	return b.Settings.Delete(ctx, Prefix+name)
}

// CheckName reports what is wrong with a name for a source.
func CheckName(name string) error {
	if err := catalog.CheckName(name); err != nil || name == access.Tidings.Name {
		return fault.New(fault.Invalid, "%q cannot be the name of a source: letters, digits, dots and dashes, and not %s", integration.Clip(name), access.Tidings.Name)
	}
	return nil
}
