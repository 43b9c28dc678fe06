package nerve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/fleet"
	"tidings.dev/tidings/observe"
)

// Spec describes the integration.
var Spec = integration.Spec{
	Name:        "nerve",
	Title:       "ZooKeeper (SmartStack nerve)",
	Summary:     "Services that announce their instances in ZooKeeper, and when capacity comes or goes.",
	Class:       integration.ClassInfrastructure,
	Config:      func() integration.Config { return &Config{} },
	Interpreter: fleet.Interpreter{Tool: "ZooKeeper", Scheme: "nerve"},
}

// Config is one ensemble.
type Config struct {
	// Servers are some of the ensemble: zookeeper.example.com:2181.
	Servers []string `yaml:"servers"`
	// Path is where the instances of a service are: {service} and {environment} each stand for one part of the path.
	Path string `yaml:"path"`
	// Environment is that of a path without one.
	Environment string `yaml:"environment"`
	// Debounce is how long an instance may be away before it counts as gone: 60s unless said. A lost session is found again
	// within seconds.
	Debounce string `yaml:"debounce"`
	// Login is user:password of ZooKeeper's digest scheme, where reading asks for one.
	Login integration.Secret `yaml:"login"`
	// Mapping says which service one that announces itself is.
	integration.Mapping `yaml:",inline"`

	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

var (
	_ integration.Typed   = (*Config)(nil)
	_ integration.Dialing = (*Config)(nil)
)

const defaultPath = "/{environment}/services/{service}/services"

var placeholder = regexp.MustCompile(`^\{(service|environment)\}$`)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if len(c.Servers) == 0 {
		faults = append(faults, fault.Fault{Pointer: "/servers", Detail: "is required: servers of ZooKeeper, such as zookeeper.example.com:2181"})
	}
	for i, server := range c.Servers {
		if host, port, err := net.SplitHostPort(server); err != nil || host == "" || port == "" {
			faults = append(faults, fault.Fault{Pointer: "/servers/" + strconv.Itoa(i), Detail: "is HOST:PORT, such as zookeeper.example.com:2181"})
		}
	}
	if p := c.path(); !strings.HasPrefix(p, "/") || strings.Count(p, "{service}") != 1 || path.Clean(p) != p {
		faults = append(faults, fault.Fault{Pointer: "/path", Detail: "is an absolute path with {service} once, such as " + defaultPath})
	}
	for part := range strings.SplitSeq(c.path(), "/") {
		if strings.ContainsAny(part, "{}") && !placeholder.MatchString(part) {
			faults = append(faults, fault.Fault{Pointer: "/path", Detail: part + " is no whole part: {service} and {environment} are"})
		}
	}
	if _, err := c.debounce(); err != nil {
		faults = append(faults, fault.Fault{Pointer: "/debounce", Detail: "is a duration of at most an hour, such as 60s"})
	}
	return fault.InvalidInput("nerve source", faults)
}

func (c *Config) path() string { return cmp.Or(strings.TrimSuffix(c.Path, "/"), defaultPath) }

func (c *Config) debounce() (time.Duration, error) {
	d, err := time.ParseDuration(cmp.Or(c.Debounce, "60s"))
	if err == nil && (d < 0 || d > time.Hour) {
		err = strconv.ErrRange
	}
	return d, err
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return []string{"login"} }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{"login": &c.Login})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) { c.Login.Typed("login", guard) }

// Connect gives the one way to connect.
func (c *Config) Connect(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.dial = dial
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string { return c.Servers }

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		[]integration.Field{
			{Name: "servers", Title: "Servers", Type: integration.TypeList, Required: true, Example: "zookeeper.example.com:2181", Help: "Some of the ensemble. Private addresses have to be allowed in the configuration of Tidings."},
			{Name: "path", Title: "Path", Type: integration.TypeText, Example: defaultPath, Help: "Where the instances of a service are; {service} and {environment} each stand for one part."},
			{Name: "environment", Title: "Environment", Type: integration.TypeText, Example: "production", Help: "Where the path names none."},
			{Name: "debounce", Title: "Patience", Type: integration.TypeText, Example: "60s", Help: "How long an instance may be away before it counts as gone; 60s without it."},
			{Name: "login", Title: "Login", Type: integration.TypeSecret, Help: "user:password of the digest scheme, where reading asks for one."},
		},
		integration.MappingFields(integration.Known{Services: "its part of the path", Service: "payments-api", Environments: "its part of the path", Environment: "prd"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	debounce, err := c.debounce()
	if err != nil {
		return nil, err
	}
	return &Source{config: c, patience: &fleet.Patience{For: debounce}, known: map[string]fleet.Instance{}, now: time.Now}, nil
}

// Source is one ensemble.
type Source struct {
	config   *Config
	patience *fleet.Patience
	now      func() time.Time

	mu    sync.Mutex
	known map[string]fleet.Instance // by the path of the node: what an ephemeral node says stays so
}

var _ integration.Seer = (*Source)(nil)

const (
	collection = "services"
	session    = 15 * time.Second
	// maxData bounds what is read of one node: ZooKeeper's own bound is a megabyte.
	maxData = 64 << 10
)

// Describe says what it looks at.
func (s *Source) Describe() string {
	return "ZooKeeper at " + strings.Join(s.config.Servers, ", ") + ", " + s.config.path()
}

// Collections are what See looks at.
func (s *Source) Collections() []string { return []string{collection} }

// Scope says where the services are.
func (s *Source) Scope() observe.Scope { return observe.Scope{Environment: s.config.Environment} }

// See looks at every service that has a path.
func (s *Source) See(ctx context.Context, _ func(string) string, to observe.Sink) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	connection, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	stop := context.AfterFunc(ctx, connection.Close)
	defer stop()
	known := map[string]fleet.Instance{}
	paths, err := s.expand(connection, []place{{}}, strings.Split(strings.TrimPrefix(s.config.path(), "/"), "/"))
	if err != nil {
		return s.failed(ctx, err)
	}
	for _, p := range paths {
		state, err := s.service(connection, p, known)
		if errors.Is(err, zk.ErrNoNode) {
			continue // it went while it was looked at
		}
		if err != nil {
			return s.failed(ctx, err)
		}
		if err := fleet.Put(to, collection, "service"+p.path, state); err != nil {
			return err
		}
	}
	s.known = known
	to.Complete(collection)
	return nil
}

// place is one path of the tree, with what its parts name.
type place struct{ path, service, environment string }

// expand goes down the tree: a placeholder is every node that there is.
func (s *Source) expand(connection *zk.Conn, from []place, parts []string) ([]place, error) {
	for _, part := range parts {
		var next []place
		for _, p := range from {
			if !placeholder.MatchString(part) {
				p.path += "/" + part
				next = append(next, p)
				continue
			}
			names, _, err := connection.Children(cmp.Or(p.path, "/"))
			if errors.Is(err, zk.ErrNoNode) {
				continue
			}
			if err != nil {
				return nil, err
			}
			slices.Sort(names)
			for _, name := range names {
				q := p
				q.path += "/" + name
				if part == "{service}" {
					q.service = name
				} else {
					q.environment = name
				}
				next = append(next, q)
			}
		}
		from = next
	}
	return from, nil
}

func (s *Source) service(connection *zk.Conn, p place, known map[string]fleet.Instance) (fleet.State, error) {
	state := fleet.State{
		Name: integration.Line(p.service), Subject: s.config.Subject("nerve", p.service, p.service).Name,
		Environment: s.config.Mapping.Environment(cmp.Or(p.environment, s.config.Environment)),
	}
	nodes, _, err := connection.Children(p.path)
	if err != nil {
		return state, err
	}
	if data, _, err := connection.Get(p.path); err == nil {
		state.Settings = settings(data)
	}
	var listed []fleet.Instance
	for _, node := range nodes {
		at := p.path + "/" + node
		instance, ok := s.known[at]
		if !ok {
			data, _, err := connection.Get(at)
			if errors.Is(err, zk.ErrNoNode) {
				continue
			}
			if err != nil {
				return state, err
			}
			instance = announced(node, data)
		}
		known[at] = instance
		listed = append(listed, instance)
	}
	state.Instances = s.patience.Hold(p.path, listed, s.now())
	return state, nil
}

var sequence = regexp.MustCompile(`_?\d{10}$`)

// announced reads the node of one instance. One whose data cannot be read is there all the same.
func announced(node string, data []byte) fleet.Instance {
	var said struct {
		Host   string            `json:"host"`
		Port   int               `json:"port"`
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
	}
	// An instance that lost its session announces itself anew, with another number: it is the same one.
	instance := fleet.Instance{ID: integration.Line(sequence.ReplaceAllString(node, ""))}
	if len(data) > maxData || json.Unmarshal(data, &said) != nil {
		instance.Trouble = "What it announces cannot be read"
		return instance
	}
	instance.Version = integration.Line(said.Labels["version"])
	if said.Host != "" {
		instance.Address = integration.Line(net.JoinHostPort(said.Host, strconv.Itoa(said.Port)))
		instance.ID = integration.Line(cmp.Or(said.Name, instance.ID) + "@" + instance.Address)
	}
	return instance
}

// settings are the texts and numbers at the top of what the path itself says, such as options of HAProxy.
func settings(data []byte) map[string]string {
	var said map[string]json.RawMessage
	if len(data) == 0 || len(data) > maxData || json.Unmarshal(data, &said) != nil {
		return nil
	}
	all := map[string]string{}
	for name, value := range said {
		if len(all) < 50 && string(value) != "{}" && string(value) != "null" {
			all[integration.Line(name)] = integration.Clip(string(value))
		}
	}
	return all
}

// connect begins a session, for one look.
func (s *Source) connect(ctx context.Context) (*zk.Conn, error) {
	refused := make(chan error, 1)
	dial := func(network, address string, timeout time.Duration) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		connection, err := s.config.dial(ctx, network, address)
		if fault.Is(err, fault.Forbidden) {
			select {
			case refused <- err:
			default: // it is known
			}
		}
		return connection, err
	}
	connection, events, err := zk.Connect(s.config.Servers, session,
		zk.WithDialer(dial), zk.WithHostProvider(&servers{}), zk.WithLogger(quiet{}), zk.WithLogInfo(false))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "ZooKeeper cannot be asked: %w", err)
	}
	timeout := time.NewTimer(session)
	defer timeout.Stop()
	for {
		select {
		case event := <-events:
			switch event.State {
			case zk.StateHasSession:
				return connection, s.login(ctx, connection)
			case zk.StateAuthFailed:
				connection.Close()
				return nil, fault.New(fault.Unauthenticated, "ZooKeeper does not take the login")
			}
		case err := <-refused:
			connection.Close()
			return nil, err
		case <-timeout.C:
			connection.Close()
			return nil, fault.New(fault.Unavailable, "ZooKeeper did not answer at %s within %s", strings.Join(s.config.Servers, ", "), session)
		case <-ctx.Done():
			connection.Close()
			return nil, ctx.Err()
		}
	}
}

func (s *Source) login(ctx context.Context, connection *zk.Conn) error {
	if !s.config.Login.IsSet() {
		return nil
	}
	login, err := s.config.Login.Get(ctx)
	if fault.Is(err, fault.NotFound) {
		return nil // everybody may read
	}
	if err == nil {
		err = connection.AddAuth("digest", []byte(login))
	}
	if err != nil {
		connection.Close()
	}
	return err
}

// failed says what is the matter in words that help.
func (s *Source) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fault.New(fault.Unavailable, "ZooKeeper was not asked to the end: %w", ctx.Err())
	case errors.Is(err, zk.ErrNoAuth), errors.Is(err, zk.ErrAuthFailed):
		return fault.New(fault.Forbidden, "ZooKeeper does not let it read below %s: set a login", s.config.path())
	}
	return fault.New(fault.Unavailable, "ZooKeeper: %w", err)
}

// quiet keeps the library from logging on its own: what matters is the state of the source.
type quiet struct{}

// Printf says nothing.
func (quiet) Printf(string, ...any) {}
