// Package setting is what can be set while the program runs: by a person on the page or through the API, for all
// servers of an installation at once. What a setting holds is typed; its secrets are kept apart, sealed, and are never
// given back to anybody: a person sees a fingerprint and an age. Imports: access, change, fault, secret.
package setting

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/secret"
)

// Bounds of one setting.
const (
	MaxValue  = 64 << 10 // bytes of JSON
	MaxSecret = 16 << 10 // bytes of one secret
	MaxName   = 128
)

// Setting is one name with what is set.
type Setting struct {
	Name      string
	Value     json.RawMessage // a JSON object, without secrets
	Secrets   map[string]Secret
	Revision  int64 // one more with each change
	ChangedAt time.Time
	ChangedBy string // the principal
}

// Secret is one secret of a setting, as much of it as may be known.
type Secret struct {
	Fingerprint string
	ChangedAt   time.Time
	Sealed      secret.Sealed
}

// Change is what somebody sets. A secret that is not named stays as it is; nil takes it away.
type Change struct {
	Value   json.RawMessage
	Secrets map[string]*string
	// Keep names the secrets of which the last value stays as another: {"secret": "previous_secret"}, for a tool that goes on
	// with it for a while. It does nothing where there was none.
	Keep map[string]string
	// Revision is the one that was seen; zero sets in any case, a negative one only where nothing was set.
	Revision int64
}

// Kind is one kind of setting: a name of its own, or a family of names ("source:" and anything).
type Kind struct {
	Name  string // "organisation", or "source:"
	Title string // one sentence
	// Check names every fault of a value, and tells which secrets it may have.
	Check func(name string, value json.RawMessage) (secrets []string, err error)
}

// Store keeps settings. A write commits with its events or not at all.
type Store interface {
	Settings(ctx context.Context) ([]Setting, error)
	// Setting gives one; NotFound where nothing is set.
	Setting(ctx context.Context, name string) (Setting, error)
	// PutSetting writes over the revision that the setting says, zero being none; a Conflict if it is another by now,
	// or if a secret was sealed by another key than the last.
	PutSetting(ctx context.Context, s Setting, events []change.Event) error
	DeleteSetting(ctx context.Context, name string, events []change.Event) error
	// Reseal replaces one sealed text by another, unless it has been changed meanwhile.
	Reseal(ctx context.Context, name, field string, from, to secret.Sealed) error
	// ForgetDataKeys removes data keys and every secret that they seal, with the events.
	ForgetDataKeys(ctx context.Context, ids []int64, events []change.Event) error
}

// Log is the one door into the log.
type Log interface {
	Record(ctx context.Context, events []change.Event) ([]change.Receipt, error)
	// Prepare makes events ready that are to commit with something else.
	Prepare(ctx context.Context, events []change.Event) error
}

// Book is the settings of an installation. The zero keyring seals nothing: a secret is then refused.
type Book struct {
	Store   Store
	Keyring *secret.Keyring
	Kinds   []Kind
	// Log takes in the audit.
	Log Log
	// Committed is called after each write.
	Committed func()
	Now       func() time.Time
}

// List gives all settings, by name. Secrets stay sealed.
func (b *Book) List(ctx context.Context) ([]Setting, error) {
	if err := access.Check(ctx, access.ReadSettings); err != nil {
		return nil, err
	}
	return b.Store.Settings(ctx)
}

// Get gives one setting. Its secrets stay sealed; that somebody looked at them is recorded.
func (b *Book) Get(ctx context.Context, name string) (Setting, error) {
	if err := access.Check(ctx, access.ReadSettings); err != nil {
		return Setting{}, err
	}
	if _, err := b.kind(name); err != nil {
		return Setting{}, err
	}
	s, err := b.Store.Setting(ctx, name)
	if err != nil || len(s.Secrets) == 0 {
		return s, err
	}
	e := b.event(ctx, name, "looked at the secrets of "+name)
	e.Labels["secrets"] = strings.Join(slices.Sorted(maps.Keys(s.Secrets)), ", ")
	return s, b.record(ctx, e)
}

// Use opens a secret for what needs it: a source that is about to log in. It is recorded first; who uses it is the
// principal of the context, and no person can.
func (b *Book) Use(ctx context.Context, name, field string) (string, error) {
	who := access.From(ctx)
	if who.Type != access.System && who.Type != access.Source {
		return "", fault.New(fault.Forbidden, "secrets are not given back to people: set a new one instead")
	}
	s, err := b.Store.Setting(ctx, name)
	if err != nil {
		return "", err
	}
	kept, found := s.Secrets[field]
	if !found || b.Keyring == nil {
		return Open(ctx, b.Keyring, s, field)
	}
	of := "its " + field
	if who.String() != name {
		of = "the " + field + " of " + name
	}
	e := b.event(ctx, name, who.String()+" opened "+of)
	// A source opens its secret with every look: once an hour is told.
	e.Key = "secret/" + name + "/" + field + "/" + kept.Fingerprint + "/" + strconv.FormatInt(b.Now().Unix()/3600, 10)
	e.Labels["secret"], e.Labels["used_by"] = field, who.String()
	if err := b.record(ctx, e); err != nil {
		return "", err
	}
	return Open(ctx, b.Keyring, s, field)
}

// Put sets, and gives what is set then.
func (b *Book) Put(ctx context.Context, name string, c Change) (Setting, error) {
	if err := access.Check(ctx, access.WriteSettings); err != nil {
		return Setting{}, err
	}
	allowed, err := b.check(name, c)
	if err != nil {
		return Setting{}, err
	}
	var s Setting
	// A new data key may begin between the sealing and the commit: then it is sealed again.
	for range sealTries {
		s, err = b.put(ctx, name, c, allowed)
		if !fault.Is(err, fault.Conflict) || c.Revision != 0 {
			break
		}
	}
	if err == nil && b.Committed != nil {
		b.Committed()
	}
	return s, err
}

// sealTries is how often a new data key may come between. Rotations that follow each other at once can do so each time.
const sealTries = 10

func (b *Book) put(ctx context.Context, name string, c Change, allowed []string) (Setting, error) {
	before, err := b.Store.Setting(ctx, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Setting{}, err
	}
	if c.Revision > 0 && c.Revision != before.Revision || c.Revision < 0 && before.Revision != 0 {
		return Setting{}, fault.New(fault.Conflict, "the setting %s was changed meanwhile (it is at revision %d): look at it again", name, before.Revision)
	}
	now := b.Now().UTC().Truncate(time.Microsecond)
	after := Setting{Name: name, Value: c.Value, Secrets: map[string]Secret{}, Revision: before.Revision, ChangedAt: now, ChangedBy: access.From(ctx).String()}
	for field, kept := range before.Secrets {
		if slices.Contains(allowed, field) {
			after.Secrets[field] = kept
		}
	}
	for field, as := range c.Keep {
		if err := b.keep(ctx, before, &after, field, as); err != nil {
			return Setting{}, err
		}
	}
	for field, text := range c.Secrets {
		if text == nil {
			delete(after.Secrets, field)
			continue
		}
		if b.Keyring == nil {
			return Setting{}, noKey()
		}
		sealed, err := b.Keyring.Seal(ctx, place(name, field), []byte(*text))
		if err != nil {
			return Setting{}, err
		}
		after.Secrets[field] = Secret{Fingerprint: b.Keyring.Fingerprint(*text), ChangedAt: now, Sealed: sealed}
	}
	e := b.event(ctx, name, "set "+name)
	e.Diff = diff(before, after)
	events := []change.Event{e}
	if err := b.Log.Prepare(access.With(ctx, access.Tidings), events); err != nil {
		return Setting{}, err
	}
	if err := b.Store.PutSetting(ctx, after, events); err != nil {
		return Setting{}, err
	}
	after.Revision++
	return after, nil
}

// keep puts what a secret was before in the place of another. Each is sealed for its own place.
func (b *Book) keep(ctx context.Context, before Setting, after *Setting, field, as string) error {
	kept, found := before.Secrets[field]
	switch {
	case !found:
		return nil
	case b.Keyring == nil:
		return noKey()
	}
	text, err := b.Keyring.Open(ctx, place(before.Name, field), kept.Sealed)
	if err != nil {
		return err
	}
	sealed, err := b.Keyring.Seal(ctx, place(before.Name, as), text)
	if err != nil {
		return err
	}
	after.Secrets[as] = Secret{Fingerprint: kept.Fingerprint, ChangedAt: after.ChangedAt, Sealed: sealed}
	return nil
}

// CanKeep reports whether secrets can be kept: nil, or what to do about it.
func (b *Book) CanKeep() error {
	if b.Keyring == nil {
		return noKey()
	}
	return nil
}

// Delete takes a setting away, with its secrets.
func (b *Book) Delete(ctx context.Context, name string) error {
	if err := access.Check(ctx, access.WriteSettings); err != nil {
		return err
	}
	if _, err := b.kind(name); err != nil {
		return err
	}
	before, err := b.Store.Setting(ctx, name)
	if err != nil {
		return err
	}
	e := b.event(ctx, name, "took the setting "+name+" away")
	e.Diff = diff(before, Setting{})
	events := []change.Event{e}
	if err := b.Log.Prepare(access.With(ctx, access.Tidings), events); err != nil {
		return err
	}
	if err := b.Store.DeleteSetting(ctx, name, events); err != nil {
		return err
	}
	if b.Committed != nil {
		b.Committed()
	}
	return nil
}

// Rotate begins a new data key, seals every secret by it, and drops the old ones. It can be interrupted at any place
// and called again, and servers may go on reading and writing meanwhile. It tells how many secrets it sealed.
func (b *Book) Rotate(ctx context.Context) (int, error) {
	if b.Keyring == nil {
		return 0, noKey()
	}
	if err := b.Keyring.Begin(ctx); err != nil {
		return 0, err
	}
	all, err := b.Store.Settings(ctx)
	if err != nil {
		return 0, err
	}
	sealed := 0
	for _, s := range all {
		for _, field := range slices.Sorted(maps.Keys(s.Secrets)) {
			from := s.Secrets[field].Sealed
			if from.Key == b.Keyring.Current() {
				continue
			}
			text, err := b.Keyring.Open(ctx, place(s.Name, field), from)
			if err != nil {
				return sealed, err
			}
			to, err := b.Keyring.Seal(ctx, place(s.Name, field), text)
			if err != nil {
				return sealed, err
			}
			if err := b.Store.Reseal(ctx, s.Name, field, from, to); err != nil {
				return sealed, err
			}
			sealed++
		}
	}
	if _, err := b.Keyring.Finish(ctx); err != nil {
		return sealed, err
	}
	e := b.event(ctx, "secrets", "began a new data key for secrets")
	e.Labels["secrets_sealed"] = strconv.Itoa(sealed)
	return sealed, b.record(ctx, e)
}

// SealedBy names the secrets that lie under data keys.
func (b *Book) SealedBy(ctx context.Context, keys []int64) ([]string, error) {
	all, err := b.Store.Settings(ctx)
	var names []string
	for _, s := range all {
		for _, field := range slices.Sorted(maps.Keys(s.Secrets)) {
			if slices.Contains(keys, s.Secrets[field].Sealed.Key) {
				names = append(names, place(s.Name, field))
			}
		}
	}
	return names, err
}

// Forget drops data keys that nothing opens any more, and what they seal: whoever set that enters it again.
func (b *Book) Forget(ctx context.Context, keys []int64) error {
	if err := access.Check(ctx, access.WriteSettings); err != nil {
		return err
	}
	names, err := b.SealedBy(ctx, keys)
	if err != nil {
		return err
	}
	e := b.event(ctx, "secrets", "forgot the secrets of a key that is lost")
	e.Labels["forgotten"] = strings.Join(names, ", ")
	events := []change.Event{e}
	if err := b.Log.Prepare(access.With(ctx, access.Tidings), events); err != nil {
		return err
	}
	return b.Store.ForgetDataKeys(ctx, keys, events)
}

// Check opens every secret and tells how many there are, and what does not open.
func (b *Book) Check(ctx context.Context) (opened int, faults []fault.Fault, err error) {
	all, err := b.Store.Settings(ctx)
	if err != nil {
		return 0, nil, err
	}
	for i := range all {
		wrong := Unopened(ctx, b.Keyring, all[i])
		opened += len(all[i].Secrets) - len(wrong)
		faults = append(faults, wrong...)
	}
	return opened, faults, nil
}

// Unopened names the secrets of a setting that do not open, and why; without a keyring none does. Nothing is done with those that do.
func Unopened(ctx context.Context, keyring *secret.Keyring, s Setting) (faults []fault.Fault) {
	for _, field := range slices.Sorted(maps.Keys(s.Secrets)) {
		if _, err := Open(ctx, keyring, s, field); err != nil {
			detail := err.Error()
			if known, ok := errors.AsType[*fault.Error](err); ok {
				detail = known.Detail
			}
			faults = append(faults, fault.Fault{Pointer: place(s.Name, field), Detail: detail})
		}
	}
	return faults
}

// Open opens a secret of a setting, without a word of it in the log: for what looks after Tidings itself. NotFound where it has none.
func Open(ctx context.Context, keyring *secret.Keyring, s Setting, field string) (string, error) {
	kept, found := s.Secrets[field]
	switch {
	case !found:
		return "", fault.New(fault.NotFound, "the setting %s has no secret %s", s.Name, field)
	case keyring == nil:
		return "", noKey()
	}
	text, err := keyring.Open(ctx, place(s.Name, field), kept.Sealed)
	return string(text), err
}

// place is what a sealed secret is bound to.
func place(name, field string) string { return name + "/" + field }

func noKey() *fault.Error {
	return fault.New(fault.Invalid, "no key for secrets is configured, and without one none is kept: openssl rand -base64 32 makes one; set secrets.key to file:PATH or env:NAME and start the server again (docs/secrets.md)")
}

func (b *Book) kind(name string) (Kind, error) {
	var names []string
	for _, kind := range b.Kinds {
		family := strings.HasSuffix(kind.Name, ":")
		if !family && name == kind.Name || family && strings.HasPrefix(name, kind.Name) && len(name) > len(kind.Name) && len(name) <= MaxName {
			return kind, nil
		}
		names = append(names, kind.Name)
	}
	return Kind{}, fault.New(fault.NotFound, "there is no setting %q: there are %s", clip(name), strings.Join(names, ", "))
}

// check holds a change to the kind, and gives the secrets that the setting may have.
func (b *Book) check(name string, c Change) ([]string, error) {
	kind, err := b.kind(name)
	if err != nil {
		return nil, err
	}
	if len(c.Value) > MaxValue {
		return nil, fault.New(fault.TooLarge, "the setting has %d bytes: at most %d", len(c.Value), MaxValue)
	}
	allowed, err := kind.Check(name, c.Value)
	if err != nil {
		return nil, err
	}
	var faults []fault.Fault
	for field, as := range c.Keep {
		if !slices.Contains(allowed, field) || !slices.Contains(allowed, as) {
			faults = append(faults, fault.Fault{Pointer: "/keep/" + clip(field), Detail: "is not a secret of " + name})
		}
	}
	for field, text := range c.Secrets {
		switch {
		case !slices.Contains(allowed, field):
			faults = append(faults, fault.Fault{Pointer: "/secrets/" + clip(field), Detail: fmt.Sprintf("is not a secret of %s: there are %s", name, cmp.Or(strings.Join(allowed, ", "), "none"))})
		case text != nil && (*text == "" || len(*text) > MaxSecret):
			faults = append(faults, fault.Fault{Pointer: "/secrets/" + field, Detail: fmt.Sprintf("has %d bytes: 1 to %d; null takes it away", len(*text), MaxSecret)})
		}
	}
	return allowed, fault.InvalidInput(name, faults)
}

// auditKind is the kind of the events that tell of settings.
const auditKind = "access"

// Subject is what the events of settings are about.
const Subject = "service:tidings"

func (b *Book) event(ctx context.Context, name, what string) change.Event {
	who := access.From(ctx)
	e := change.Event{
		Source: access.Tidings.Name, Kind: auditKind, Title: what, Subjects: []change.Subject{{Name: Subject}},
		Actor: change.Actor{Type: change.ByAutomation, Name: who.Name}, Labels: map[string]string{"setting": name, "by": who.String()},
	}
	if who.Type == access.Person {
		e.Actor.Type = change.ByPerson
	}
	if who.Address != "" {
		e.Labels["address"] = who.Address
	}
	return e
}

// record writes an event in the name of Tidings, which alone may: the event says who acted.
func (b *Book) record(ctx context.Context, e change.Event) error {
	_, err := b.Log.Record(access.With(ctx, access.Tidings), []change.Event{e})
	return err
}

// diff tells what changed: members of the value, and fingerprints of secrets.
func diff(before, after Setting) []change.Diff {
	var all []change.Diff
	old, now := members(before.Value), members(after.Value)
	for _, name := range slices.Sorted(maps.Keys(merged(old, now))) {
		if !bytes.Equal(old[name], now[name]) {
			all = append(all, change.Diff{Field: name, Old: text(old[name]), New: text(now[name])})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(merged(before.Secrets, after.Secrets))) {
		if was, is := before.Secrets[name].Fingerprint, after.Secrets[name].Fingerprint; was != is {
			all = append(all, change.Diff{Field: "secret/" + name, Old: was, New: is})
		}
	}
	return all[:min(len(all), change.MaxDiff)]
}

func merged[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return all
}

func members(value json.RawMessage) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(value, &all) // it was checked, or is empty
	return all
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func clip(text string) string {
	text, _ = secret.Hide(text)
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

// Read decodes a value strictly: an unknown member is a fault.
func Read(value json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		problem, _ := secret.Hide(strings.TrimPrefix(err.Error(), "json: "))
		return fault.New(fault.Invalid, "the value cannot be read: %s", problem)
	}
	return nil
}
