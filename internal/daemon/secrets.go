package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
	sourcebook "tidings.dev/tidings/source"
	"tidings.dev/tidings/store"
)

// SecretsConfig says where the key lies that secrets in the database are sealed by.
type SecretsConfig struct {
	// Key wraps the data keys: file:PATH, env:NAME, or command: [PROGRAM, ARGUMENT…].
	Key KeyConfig `yaml:"key"`
	// Previous are keys that were in use before, until the next rotation.
	Previous []KeyConfig `yaml:"previous"`
}

// KeyConfig is the place of a key, never the key.
type KeyConfig struct{ secret.Reference }

// UnmarshalYAML reads a reference, or a command.
func (k *KeyConfig) UnmarshalYAML(content []byte) error {
	var text string
	if yaml.Unmarshal(content, &text) == nil {
		kind, place, _ := strings.Cut(strings.TrimSpace(text), ":")
		switch {
		case kind == "file" && place != "":
			k.File = place
		case kind == "env" && place != "":
			k.Env = place
		default:
			// What was written is not repeated: it may be the key itself.
			return errors.New("a key of secrets is given by reference: file:PATH, env:NAME, or command: [PROGRAM, ARGUMENT…]")
		}
		return nil
	}
	var program struct {
		Command []string `yaml:"command"`
	}
	if err := yaml.UnmarshalWithOptions(content, &program, yaml.Strict()); err != nil || len(program.Command) == 0 || program.Command[0] == "" {
		return errors.New("a key of secrets is file:PATH, env:NAME, or command: [PROGRAM, ARGUMENT…]")
	}
	k.Command = program.Command
	return nil
}

// openKeyring opens the data keys, or gives nil where no key is configured.
func openKeyring(ctx context.Context, config SecretsConfig, archive secret.Archive) (*secret.Keyring, error) {
	if config.Key.IsZero() {
		return nil, nil //nolint:nilnil // without a key there is no keyring, and that is no fault
	}
	wrapper, previous, err := config.open()
	if err != nil {
		return nil, err
	}
	return secret.OpenKeyring(ctx, archive, wrapper, previous...)
}

// open reads the keys from outside.
func (c *SecretsConfig) open() (wrapper secret.Wrapper, previous []secret.Wrapper, err error) {
	if wrapper, err = c.Key.Open(); err != nil {
		return nil, nil, err
	}
	for _, key := range c.Previous {
		old, err := key.Open()
		if err != nil {
			return nil, nil, err
		}
		previous = append(previous, old)
	}
	return wrapper, previous, nil
}

// openBook opens the settings. A wrong key ends the start; without any key, secrets can neither be kept nor used.
func (d *Daemon) openBook(ctx context.Context) error {
	keys, err := d.store.DataKeys(ctx)
	if err != nil {
		return err
	}
	secrets, err := d.config.keyOfTrial(len(keys) > 0)
	if err != nil {
		return err
	}
	if secrets.Key.IsZero() && len(keys) > 0 {
		slog.WarnContext(ctx, "no key for secrets is configured, and this database has secrets of one: they cannot be used; set secrets.key to it, or copy "+
			trialKey+" from where the database came from; where it is lost, tidings secrets forget drops what it sealed (docs/secrets.md)")
	}
	keyring, err := openKeyring(ctx, secrets, d.store)
	if err != nil {
		return err
	}
	d.book = newBook(d.store, keyring, d.door)
	d.book.Committed = d.door.Committed
	if keyring != nil {
		d.door.Fingerprint = keyring.Fingerprint
		d.door.Mark = func(source string) ([]byte, error) { return keyring.Key("observe/1/" + source) }
	}
	return nil
}

// trialKey is the file beside the embedded store that a trial keeps its key in.
const trialKey = "secrets.key"

// keyOfTrial is where the key lies. A trial, which has no login and is open to this machine alone, makes one beside its data
// where none is configured, so that every source can be set up in it; what a trial kept opens later as well. It makes none
// for a database that was copied from elsewhere, and has data keys already: a new one would open nothing.
func (c *Config) keyOfTrial(had bool) (SecretsConfig, error) {
	if !c.Secrets.Key.IsZero() || c.Data == "" || c.DatabaseURL != "" {
		return c.Secrets, nil
	}
	file := filepath.Join(c.Data, trialKey)
	_, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) && c.NoLogin && !had {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // it never fails: crypto/rand
		err = os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return c.Secrets, nil
	}
	secrets := c.Secrets
	secrets.Key.File = file
	return secrets, err
}

func newBook(s *store.Store, keyring *secret.Keyring, log setting.Log) *setting.Book {
	return &setting.Book{Store: s, Keyring: keyring, Kinds: settingKinds(), Log: log, Now: time.Now}
}

// Setting names.
const (
	organisationSetting = "organisation"
	sourceSettings      = sourcebook.Prefix
)

// settingKinds are all that can be set while the server runs.
func settingKinds() []setting.Kind {
	return []setting.Kind{
		{Name: organisationSetting, Title: "The name that the page shows.", Check: func(_ string, value json.RawMessage) ([]string, error) {
			_, err := readOrganisation(value)
			return nil, err
		}},
		{Name: sourceSettings, Title: "A source that looks at the world.", Check: func(name string, value json.RawMessage) ([]string, error) {
			_, typed, err := readSource(name, value)
			if err != nil {
				return nil, err
			}
			return typed.Secrets(), nil
		}},
	}
}

func readOrganisation(value json.RawMessage) (string, error) {
	var v struct {
		Name string `json:"name"`
	}
	if err := setting.Read(value, &v); err != nil {
		return "", err
	}
	if v.Name = strings.TrimSpace(v.Name); v.Name == "" || len(v.Name) > 100 {
		return "", fault.InvalidInput(organisationSetting, []fault.Fault{{Pointer: "/name", Detail: "is a name of 1 to 100 bytes"}})
	}
	return v.Name, nil
}

// readSource reads a source that was typed: {"type": "git", "every": "1m", "disabled": false, "settings": {…}}. Its type is
// told even where the rest has faults.
func readSource(name string, value json.RawMessage) (SourceConfig, integration.Typed, error) {
	var v sourcebook.Value
	var config SourceConfig
	if err := setting.Read(value, &v); err != nil {
		return config, nil, err
	}
	own := strings.TrimPrefix(name, sourceSettings)
	config.Type, config.off = v.Type, v.Disabled
	if err := sourcebook.CheckName(own); err != nil {
		return config, nil, err
	}
	all := map[string]any{}
	for key, value := range v.Settings {
		if slices.Contains([]string{"name", "type", "every", "allow"}, key) {
			return config, nil, fault.New(fault.Invalid, "%s does not stand among the settings", key)
		}
		all[key] = value
	}
	all["name"], all["type"], all["every"] = own, v.Type, cmp.Or(v.Every, DefaultEvery.String())
	content, err := yaml.Marshal(all)
	if err != nil {
		return config, nil, err
	}
	if err := config.UnmarshalYAML(content); err != nil {
		text, _ := secret.Hide(yaml.FormatError(err, false, false))
		return config, nil, fault.New(fault.Invalid, "%s", text)
	}
	typed, ok := config.Config.(integration.Typed)
	switch {
	case !ok:
		return config, nil, fault.New(fault.Invalid, "sources of the type %s can only stand in the server's configuration file", v.Type)
	case config.Every < leastEvery:
		return config, nil, fault.New(fault.Invalid, "every is at least %s", leastEvery)
	}
	if err := typed.Narrow(); err != nil {
		return config, nil, err
	}
	typed.Guard(integration.Guard{}) // its secrets stand apart: whether they are set is seen when they are asked for
	return config, typed, config.Validate()
}

// organisationNow is the name that the page shows.
func (d *Daemon) organisationNow() string {
	d.typedMu.Lock()
	defer d.typedMu.Unlock()
	return cmp.Or(d.organisation, d.config.Organisation)
}

// Secrets works on the secrets of a database directly, beside servers that run: for the commands.
type Secrets struct {
	config SecretsConfig
	book   *setting.Book
	store  *store.Store
	stop   func()
}

// OpenSecrets opens the database of a configuration that names a key. The key is not tried yet.
func OpenSecrets(ctx context.Context, config Config) (*Secrets, error) {
	secrets, err := config.keyOfTrial(true)
	if err != nil {
		return nil, err
	}
	if secrets.Key.IsZero() {
		return nil, fault.New(fault.Invalid, "no key for secrets is configured: set secrets.key in the file that --config names (docs/secrets.md)")
	}
	s, err := openStore(ctx, config)
	if err != nil {
		return nil, err
	}
	roll := catalog.NewRoll(s)
	if _, err := roll.Refresh(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	door := ingest.NewDoor(roll, s, s.Announce)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		door.Run(background)
	}()
	return &Secrets{config: secrets, book: newBook(s, nil, door), store: s, stop: func() { stop(); <-done }}, nil
}

// Close releases the database.
func (s *Secrets) Close() error {
	s.stop()
	return s.store.Close()
}

// Rotate begins a new data key and seals every secret by it; it tells how many.
func (s *Secrets) Rotate(ctx context.Context) (int, error) {
	if err := s.open(ctx); err != nil {
		return 0, err
	}
	return s.book.Rotate(access.With(ctx, access.Tidings))
}

// Check opens every secret, and names those that do not open.
func (s *Secrets) Check(ctx context.Context) (opened int, err error) {
	if err := s.open(ctx); err != nil {
		return 0, err
	}
	opened, faults, err := s.book.Check(access.With(ctx, access.Tidings))
	if err != nil {
		return opened, err
	}
	if len(faults) > 0 {
		return opened, &fault.Error{Code: fault.Unavailable, Detail: fmt.Sprintf("%d of %d secrets do not open: enter them anew", len(faults), opened+len(faults)), Faults: faults}
	}
	return opened, nil
}

// open tries the key.
func (s *Secrets) open(ctx context.Context) (err error) {
	s.book.Keyring, err = openKeyring(ctx, s.config, s.store)
	return err
}

// Forget drops the data keys that no configured key opens, and the secrets that lie under them, which it names. Unless it is
// meant it only tells.
func (s *Secrets) Forget(ctx context.Context, meant bool) (keys int, secrets []string, err error) {
	wrapper, previous, err := s.config.open()
	if err != nil {
		return 0, nil, err
	}
	lost, err := secret.Lost(ctx, s.store, wrapper, previous...)
	if err != nil {
		return 0, nil, err
	}
	secrets, err = s.book.SealedBy(ctx, lost)
	if err != nil || !meant || len(lost) == 0 {
		return len(lost), secrets, err
	}
	return len(lost), secrets, s.book.Forget(access.With(ctx, access.Tidings), lost)
}
