package daemon

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/all"
	"tidings.dev/tidings/integrations/git"
	"tidings.dev/tidings/internal/journal"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/internal/request"
	"tidings.dev/tidings/internal/telemetry"
	"tidings.dev/tidings/observe"
)

// Config is all that can be set. A flag is stronger than a TIDINGS_ variable, and that than the file; everything works
// with none of them.
type Config struct {
	// Listen is the address of the HTTP server: host:port. Port 0 takes a free one.
	Listen string `yaml:"listen"`
	// Data is the directory of the embedded store. It is made when it is not there.
	Data string `yaml:"data"`
	// DatabaseURL is a PostgreSQL database instead: a postgres:// address, or env:NAME or file:PATH that holds one.
	DatabaseURL string `yaml:"database_url"`
	// Drain is how long the server still serves after it was told to end and says that it is not ready, so that load
	// balancers turn away. Less than zero is DefaultDrain on PostgreSQL, and nothing on the embedded store.
	Drain time.Duration `yaml:"drain"`
	// Organisation is the name that the page shows.
	Organisation string `yaml:"organisation"`
	// NoLogin makes everyone the administrator; on loopback only.
	NoLogin bool `yaml:"no_login"`
	// TrustedProxies are the addresses and networks of the proxies in front: their word is taken for who asks.
	TrustedProxies []string `yaml:"trusted_proxies"`
	// Log says how the log is written.
	Log journal.Settings `yaml:"log"`
	// LeastFree is how many MiB must be free on the disk of the embedded store; with less, nothing is taken in.
	LeastFree int64 `yaml:"least_free_mib"`
	// PublicURL is where people reach Tidings: https://tidings.example.com. Beyond loopback it is required.
	PublicURL string `yaml:"public_url"`
	// Login is who may come in, and how.
	Login LoginConfig `yaml:"login"`
	// ShipTo is where the embedded store is copied continuously: a directory, or s3://BUCKET/PREFIX.
	ShipTo string `yaml:"ship_to"`
	// Storage is how S3-compatible storage is reached.
	Storage StorageConfig `yaml:"storage"`
	// Retention is for how long events are kept, by class (changes, signals, notes) or kind: 90d, 52w, 2y or forever.
	Retention map[string]string `yaml:"retention"`
	// Incidents says how they are made of signals.
	Incidents IncidentsConfig `yaml:"incidents"`
	// Sources look at the world.
	Sources []SourceConfig `yaml:"sources"`

	// Metrics is who may read /metrics: "local" lets anybody on this machine, "open" anybody at all. Everyone else needs
	// the right to.
	Metrics string `yaml:"metrics"`

	// Limits bounds what one principal, and one source, may have.
	Limits Limits `yaml:"limits"`
	// Secrets says where the key of the secrets in the database lies.
	Secrets SecretsConfig `yaml:"secrets"`
	// Outbound says which addresses beside those of the internet the server may ask.
	Outbound OutboundConfig `yaml:"outbound"`
	// Traces is where spans are sent.
	Traces TracesConfig `yaml:"traces"`

	// Example is a directory that an empty roll is filled from; only by flag, for trials.
	Example string `yaml:"-"`
	// Journal is the log of the process, whose newest lines go into a support bundle; it may be nil.
	Journal *journal.Journal `yaml:"-"`

	// interpreters are further ones, of a test.
	interpreters map[string]observe.Interpreter
	// authenticate tells who asks, where a test does so in the place of login.
	authenticate authenticator
	againEvery   time.Duration
	tendEvery    time.Duration
	// now is another clock than the machine's, and steps says that incidents and chats are worked at only when somebody says so.
	now   func() time.Time
	steps bool
}

// IncidentsConfig says which signals open an incident: "incidents" of tools only, "pages" also alerts that page or are
// critical, or "alerts", every one.
type IncidentsConfig struct {
	Open incident.Policy `yaml:"open"`
}

// OutboundConfig is the rule for addresses that the server asks.
type OutboundConfig struct {
	Allow []string `yaml:"allow"`
}

// StorageConfig is how S3-compatible storage is reached.
type StorageConfig struct {
	Endpoint string `yaml:"endpoint"`
	Region   string `yaml:"region"`
	// Allow are addresses beside those of the public internet that the storage may be at, as outbound.allow has them.
	Allow []string `yaml:"allow"`
}

// TracesConfig is where spans are sent: the variables of OpenTelemetry say so.
type TracesConfig struct {
	telemetry.Settings `yaml:"-"`
	// Allow are addresses beside those of the public internet that the collector may be at, as outbound.allow has them.
	Allow []string `yaml:"allow"`
}

// SourceConfig is one configured source: the settings that all have, and those of its type.
type SourceConfig struct {
	Name  string
	Type  string
	Every time.Duration // between two looks
	// Allow are addresses beside those of the public internet that this source may ask, as outbound.allow has them.
	// Only the file can say so: what is typed on the page keeps to outbound.allow.
	Allow []string
	integration.Config

	off bool // somebody switched it off, on the page
}

// Bounds and defaults of the settings.
const (
	DefaultListen = "127.0.0.1:8080"
	DefaultEvery  = time.Minute
	DefaultDrain  = 5 * time.Second
	longestDrain  = 5 * time.Minute
	leastEvery    = time.Second
	// DefaultLeastFree is in MiB: room for the write-ahead log to grow, and for what was acknowledged to be written back.
	DefaultLeastFree = 300
)

// Who may read /metrics without a credential.
const (
	metricsLocal = "local"
	metricsOpen  = "open"
)

// Default is the configuration with nothing set.
func Default() Config {
	return Config{
		Listen: DefaultListen, Data: "./data", Drain: -1, Organisation: "Tidings", Metrics: metricsLocal, Limits: defaultLimits(), LeastFree: DefaultLeastFree,
		Login: LoginConfig{DefaultRole: access.RoleViewer}, Incidents: IncidentsConfig{Open: incident.OpenByPage},
	}
}

func (c *Config) drain() time.Duration {
	switch {
	case c.Drain >= 0:
		return c.Drain
	case c.DatabaseURL != "":
		return DefaultDrain
	}
	return 0
}

// Load reads a configuration file over the defaults. An unknown key is a fault with its line.
func Load(path string) (Config, error) {
	config := Default()
	content, err := os.ReadFile(path)
	if err != nil {
		return config, fault.New(fault.Invalid, "read the configuration: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict())
	if err := decoder.Decode(&config); err != nil && len(bytes.TrimSpace(content)) > 0 {
		return config, fault.New(fault.Invalid, "%s: %s", path, yaml.FormatError(err, false, true))
	}
	return config, nil
}

// UnmarshalYAML reads the settings that all sources have, and gives the others to the type.
func (s *SourceConfig) UnmarshalYAML(content []byte) error {
	var common struct {
		Name  string   `yaml:"name"`
		Type  string   `yaml:"type"`
		Every string   `yaml:"every"`
		Allow []string `yaml:"allow"`
	}
	if err := yaml.Unmarshal(content, &common); err != nil {
		return err
	}
	s.Name, s.Type, s.Every, s.Allow = common.Name, common.Type, DefaultEvery, common.Allow
	if common.Every != "" {
		every, err := time.ParseDuration(common.Every)
		if err != nil {
			return fmt.Errorf("source %q: every is a duration such as 1m, not %q", s.Name, common.Every)
		}
		s.Every = every
	}
	var types []string
	for _, spec := range all.Specs() {
		if spec.Config == nil {
			if spec.Name == s.Type {
				return fmt.Errorf("source %q: an agent brings what it sees of %s, and nothing is configured here: run tidings agent %s", s.Name, spec.Title, spec.Name)
			}
			continue
		}
		types = append(types, spec.Name)
		if spec.Name == s.Type {
			s.Config = spec.Config()
		}
	}
	if s.Config == nil {
		return fmt.Errorf("source %q: there is no type %q: use %s", s.Name, s.Type, strings.Join(types, ", "))
	}
	var settings yaml.MapSlice
	if err := yaml.Unmarshal(content, &settings); err != nil {
		return err
	}
	own := settings[:0]
	for _, item := range settings {
		if !slices.Contains([]any{"name", "type", "every", "allow"}, item.Key) {
			own = append(own, item)
		}
	}
	if len(own) == 0 {
		return nil
	}
	rest, err := yaml.Marshal(own)
	if err != nil {
		return err
	}
	if err := yaml.NewDecoder(bytes.NewReader(rest), yaml.Strict()).Decode(s.Config); err != nil {
		return fmt.Errorf("source %q: %w", s.Name, err)
	}
	return nil
}

// Validate names every fault.
func (c *Config) Validate() error {
	var faults []fault.Fault
	add := func(place, format string, args ...any) {
		faults = append(faults, fault.Fault{Pointer: place, Detail: fmt.Sprintf(format, args...)})
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		add("listen", "%q is not host:port", c.Listen)
	} else if !loopback(host) {
		if c.NoLogin {
			add("no_login", "%s is reachable from other machines, where everyone would be the administrator: listen on 127.0.0.1, or do without --no-login", cmp.Or(host, "every address"))
		} else if c.PublicURL == "" {
			add("public_url", "%s is reachable from other machines: set the address at which people reach Tidings, such as https://tidings.example.com", cmp.Or(host, "every address"))
		}
	}
	for _, problem := range c.loginFaults() {
		add(problem.Pointer, "%s", problem.Detail)
	}
	if c.Data == "" && c.DatabaseURL == "" {
		add("data", "set a directory, or database_url")
	}
	if c.Metrics != "" && c.Metrics != metricsLocal && c.Metrics != metricsOpen {
		add("metrics", "is %s or %s, not %q", metricsLocal, metricsOpen, c.Metrics)
	}
	if c.Incidents.Open != "" && !slices.Contains(incident.Policies(), c.Incidents.Open) {
		add("incidents.open", "is incidents, pages or alerts, not %q", c.Incidents.Open)
	}
	if c.ShipTo != "" && c.DatabaseURL != "" {
		add("ship_to", "is for the embedded store: PostgreSQL archives its own log")
	}
	_, ages := change.ParseRetention(c.Retention)
	for _, f := range ages {
		add("retention."+f.Pointer, "%s", f.Detail)
	}
	if _, err := request.ParseProxies(c.TrustedProxies); err != nil {
		add("trusted_proxies", "%s", err)
	}
	if err := c.Log.Validate(); err != nil {
		add("log", "%s", err)
	}
	if c.LeastFree < 0 {
		add("least_free_mib", "is not negative; 0 writes until the disk is full")
	}
	if c.Drain > longestDrain {
		add("drain", "at most %s", longestDrain)
	}
	checkAllow := func(place string, allow []string) {
		if _, err := outbound.NewRule(allow); err != nil {
			add(place, "%s", err)
		}
	}
	checkAllow("outbound.allow", c.Outbound.Allow)
	checkAllow("storage.allow", c.Storage.Allow)
	checkAllow("traces.allow", c.Traces.Allow)
	names := map[string]bool{}
	for i, source := range c.Sources {
		place := fmt.Sprintf("sources[%d]", i)
		if source.Name == "" || names[source.Name] {
			add(place+".name", "each source has a name of its own, not %q", source.Name)
		}
		if strings.EqualFold(source.Name, access.Tidings.Name) {
			add(place+".name", "%q is Tidings itself: choose another name", source.Name)
		}
		names[source.Name] = true
		if source.Every < leastEvery {
			add(place+".every", "at least %s", leastEvery)
		}
		checkAllow(place+".allow", source.Allow)
		if source.Config == nil {
			add(place+".type", "is required")
			continue
		}
		if err := source.Validate(); err != nil {
			add(place, "%s", err)
		}
	}
	return fault.InvalidInput("configuration", faults)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// refer gives the value that a setting refers to: env:NAME, file:PATH, or the setting itself.
func refer(setting string) (string, error) {
	if name, ok := strings.CutPrefix(setting, "env:"); ok {
		value, found := os.LookupEnv(name)
		if !found {
			return "", fault.New(fault.Invalid, "the variable %s is not set", name)
		}
		return value, nil
	}
	if path, ok := strings.CutPrefix(setting, "file:"); ok {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return "", fault.New(fault.Invalid, "the file %s is not there", path)
		}
		return strings.TrimSpace(string(content)), err
	}
	return setting, nil
}

// Database tells where the database is: the address of PostgreSQL, or the directory of the embedded store.
func (c *Config) Database() (address, directory string, err error) {
	if c.DatabaseURL == "" {
		return "", c.Data, nil
	}
	address, err = refer(c.DatabaseURL)
	return address, "", err
}

// WatchRepository is the source that watches the repository of Tidings itself.
func WatchRepository(path string) SourceConfig {
	return SourceConfig{
		Name: "repository", Type: git.Spec.Name, Every: 10 * time.Second,
		Config: &git.Config{Repository: path, Service: itself.Name},
	}
}

// clock is what tells the time of events, incidents and chats.
func (c *Config) clock() func() time.Time {
	if c.now != nil {
		return c.now
	}
	return time.Now
}
