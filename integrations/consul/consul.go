package consul

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/fleet"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/observe"
)

// Spec describes the integration.
var Spec = integration.Spec{
	Name:        "consul",
	Title:       "Consul",
	Summary:     "Services that are registered, their instances and versions, and when capacity comes or goes.",
	Class:       integration.ClassInfrastructure,
	Config:      func() integration.Config { return &Config{} },
	Interpreter: fleet.Interpreter{Tool: "Consul", Scheme: "consul"},
}

// Config is one datacenter.
type Config struct {
	// Address is that of an agent or a server: https://consul.example.com:8501.
	Address string `yaml:"address"`
	// Token may read services and nodes; nothing is needed where everybody may.
	Token integration.Secret `yaml:"token"`
	// Datacenter is the agent's own unless said; Namespace and Partition are Consul Enterprise's.
	Datacenter string `yaml:"datacenter"`
	Namespace  string `yaml:"namespace"`
	Partition  string `yaml:"partition"`
	// Environment is that of services whose metadata name none.
	Environment string `yaml:"environment"`
	// Mapping says which service one that is registered is.
	integration.Mapping `yaml:",inline"`

	http *http.Client
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if u, err := url.Parse(c.Address); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is required: where Consul answers, such as https://consul.example.com:8501"})
	}
	return fault.InvalidInput("consul source", faults)
}

// Use gives it the client to ask with.
func (c *Config) Use(client *http.Client) { c.http = client }

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return []string{"token"} }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{"token": &c.Token})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) { c.Token.Typed("token", guard) }

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string { return []string{c.Address} }

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		[]integration.Field{
			{Name: "address", Title: "Address", Type: integration.TypeAddress, Required: true, Example: "https://consul.example.com:8501", Help: "Of an agent or a server. A private address has to be allowed in the configuration of Tidings."},
			{Name: "token", Title: "Token", Type: integration.TypeSecret, Help: "An ACL token that may read services and nodes."},
			{Name: "datacenter", Title: "Datacenter", Type: integration.TypeText, Example: "eu-1", Help: "The agent's own without it."},
			{Name: "environment", Title: "Environment", Type: integration.TypeText, Example: "production", Help: "Of services whose metadata name none."},
			{Name: "namespace", Title: "Namespace", Type: integration.TypeText, Example: "default", Help: "Of Consul Enterprise."},
			{Name: "partition", Title: "Partition", Type: integration.TypeText, Example: "default", Help: "Of Consul Enterprise."},
		},
		integration.MappingFields(integration.Known{Services: "the name that is registered", Service: "payments-api", Environments: "what the metadata say", Environment: "prd"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	client := &upstream.Client{
		Tool: "Consul", Base: strings.TrimSuffix(c.Address, "/"), HTTP: c.http,
		Sign: func(ctx context.Context, r *http.Request) error {
			if !c.Token.IsSet() {
				return nil
			}
			token, err := c.Token.Get(ctx)
			if fault.Is(err, fault.NotFound) {
				return nil // everybody may read
			}
			r.Header.Set("X-Consul-Token", token)
			return err
		},
	}
	return &Source{config: c, client: client}, nil
}

// Source is one datacenter.
type Source struct {
	config *Config
	client *upstream.Client
}

var _ integration.Seer = (*Source)(nil)

const collection = "services"

// Describe says what it looks at.
func (s *Source) Describe() string {
	u, err := url.Parse(s.config.Address)
	if err != nil {
		return "Consul"
	}
	return strings.TrimSpace("Consul at " + u.Host + " " + s.config.Datacenter)
}

// Collections are what See looks at.
func (s *Source) Collections() []string { return []string{collection} }

// Scope says where the services are.
func (s *Source) Scope() observe.Scope {
	return observe.Scope{Environment: s.config.Environment, Region: s.config.Datacenter}
}

// atOnce is how many services are asked for side by side.
const atOnce = 8

// See looks at every service that is registered.
func (s *Source) See(ctx context.Context, _ func(string) string, to observe.Sink) error {
	var services map[string][]string
	if _, err := s.client.Get(ctx, "v1/catalog/services?"+s.query(), nil, &services); err != nil {
		return err
	}
	var mu sync.Mutex // a sink takes one after the other
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for name := range services {
		if name == "consul" || name == "" {
			continue // the servers themselves
		}
		group.Go(func() error {
			var entries []entry
			if _, err := s.client.Get(ctx, "v1/health/service/"+url.PathEscape(name)+"?"+s.query(), nil, &entries); err != nil {
				return err
			}
			state, ok := s.state(name, entries)
			if !ok {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			return fleet.Put(to, collection, "service/"+name, state)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	to.Complete(collection)
	return nil
}

func (s *Source) query() string {
	q := url.Values{}
	for name, value := range map[string]string{"dc": s.config.Datacenter, "ns": s.config.Namespace, "partition": s.config.Partition} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q.Encode()
}

// entry is one instance, as the health API lists it.
type entry struct {
	Node struct {
		ID, Node, Address, Datacenter string
		Meta                          map[string]string
	}
	Service struct {
		Kind, ID, Service, Address string
		Port                       int
		Tags                       []string
		Meta                       map[string]string
	}
	Checks []struct {
		Name, Status string
	}
}

// state is that of one service; false for what only helps another, such as a sidecar.
func (s *Source) state(name string, entries []entry) (fleet.State, bool) {
	state := fleet.State{Name: integration.Line(name), Subject: s.config.Subject("consul", name, name).Name}
	helps := len(entries) > 0
	for i := range entries {
		e := &entries[i]
		if e.Service.Kind != "" {
			continue
		}
		helps = false
		meta := e.Service.Meta
		state.Environment = cmp.Or(state.Environment, s.config.Mapping.Environment(cmp.Or(meta["environment"], meta["env"])))
		state.Region = cmp.Or(state.Region, integration.Line(e.Node.Datacenter))
		state.Instances = append(state.Instances, fleet.Instance{
			ID: integration.Line(e.Node.Node + "/" + e.Service.ID), Address: address(cmp.Or(e.Service.Address, e.Node.Address), e.Service.Port),
			Version: version(meta, e.Service.Tags), Trouble: e.trouble(),
		})
	}
	return state, !helps
}

// trouble is the worst check that is not passed.
func (e *entry) trouble() string {
	for _, status := range []string{"critical", "warning"} {
		for _, check := range e.Checks {
			if check.Status == status {
				return integration.Line("The check " + check.Name + " is " + status)
			}
		}
	}
	return ""
}

// version is what the metadata say, or a tag: "version=2.14.0", "version:2.14.0".
func version(meta map[string]string, tags []string) string {
	if v := cmp.Or(meta["version"], meta["service_version"], meta["app_version"]); v != "" {
		return integration.Line(v)
	}
	for _, tag := range slices.Sorted(slices.Values(tags)) {
		for _, prefix := range []string{"version=", "version:", "version-"} {
			if v, ok := strings.CutPrefix(tag, prefix); ok && v != "" {
				return integration.Line(v)
			}
		}
	}
	return ""
}

func address(host string, port int) string {
	if port == 0 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
