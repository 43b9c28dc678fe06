package pagerduty

import (
	"cmp"
	"context"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook subscription, or one integration key of change events.
type Config struct {
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service a service of PagerDuty is, by its id or name: "PF9KMXH: payments".
	integration.Mapping `yaml:",inline"`
	// ChangeService is the service of the roll that change events are about which name none: in PagerDuty the integration
	// key says so.
	ChangeService string `yaml:"change_service"`
	// ChangeKind is the kind of change events that name none; deploy without it.
	ChangeKind string `yaml:"change_kind"`
	// API is the address of the REST API, which is asked by a read-only key for who is on call, and for incidents of which no
	// webhook told: https://api.pagerduty.com unless said, https://api.eu.pagerduty.com in Europe.
	API string `yaml:"api"`
	// RoutingKey is an integration key of the Events API v2, of a service or of an event orchestration: then people page by it.
	// EventsAPI is the address of that API: https://events.pagerduty.com unless said, https://events.eu.pagerduty.com in Europe.
	RoutingKey integration.Secret `yaml:"routing_key"`
	EventsAPI  string             `yaml:"events_api"`
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

const (
	defaultAPI       = "https://api.pagerduty.com"
	defaultEventsAPI = "https://events.pagerduty.com"
)

func (c *Config) api() string { return strings.TrimSuffix(cmp.Or(c.API, defaultAPI), "/") }

func (c *Config) eventsAPI() string {
	return strings.TrimSuffix(cmp.Or(c.EventsAPI, defaultEventsAPI), "/")
}

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return append(c.TokenHook.Secrets(), "routing_key") }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{
		"secret": &c.Secret, "previous_secret": &c.PreviousSecret, "token": &c.Token, "routing_key": &c.RoutingKey,
	})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) {
	c.TokenHook.Guard(guard)
	c.RoutingKey.Typed("routing_key", guard)
}

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	var faults []fault.Fault
	if !c.Secret.IsSet() && !c.Token.IsSet() && !c.RoutingKey.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret of the webhook subscription, or the integration key that change events carry; or a token, to ask PagerDuty, or a routing_key, to page by it"})
	}
	if c.ChangeService != "" {
		if err := catalog.CheckName(c.ChangeService); err != nil {
			faults = append(faults, fault.Fault{Pointer: "/change_service", Detail: err.Error()})
		}
	}
	if _, ok := change.KindNamed(c.ChangeKind); c.ChangeKind != "" && !ok {
		faults = append(faults, fault.Fault{Pointer: "/change_kind", Detail: "is no kind of event, such as deploy or config"})
	}
	if !integration.IsAddress(c.api()) {
		faults = append(faults, fault.Fault{Pointer: "/api", Detail: "is the address of a REST API, such as https://api.eu.pagerduty.com"})
	}
	if !integration.IsAddress(c.eventsAPI()) {
		faults = append(faults, fault.Fault{Pointer: "/events_api", Detail: "is the address of the Events API, such as https://events.eu.pagerduty.com"})
	}
	faults = append(faults, c.ReachFaults()...)
	return fault.InvalidInput("pagerduty source", append(faults, c.Faults()...))
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) (all []string) {
	if c.Token.IsSet() {
		all = append(all, c.api())
	}
	if c.RoutingKey.IsSet() {
		all = append(all, c.eventsAPI())
	}
	return all
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.OptionalHookFields("the secret that PagerDuty shows, or the integration key that change events carry"),
		integration.MappingFields(integration.Known{Services: "the service's id or name in PagerDuty", Service: "PF9KMXH"}),
		[]integration.Field{
			{Name: "change_service", Title: "Service of change events that name none", Type: integration.TypeText, Example: "payments"},
			{Name: "change_kind", Title: "Kind of change events that name none", Type: integration.TypeText, Help: "deploy without it.", Example: "config"},
			{Name: "token", Title: "Token", Type: integration.TypeSecret, Help: "A read-only API key. With it PagerDuty is asked as well: for who is on call, and for incidents of which no webhook told."},
		},
		integration.ReachFields(),
		[]integration.Field{
			{Name: "api", Title: "Address of the API", Type: integration.TypeAddress, Example: "https://api.eu.pagerduty.com", Help: "Of an account in another region."},
			{Name: "routing_key", Title: "Routing key", Type: integration.TypeSecret, Help: "An integration key of the Events API v2, of a service or of an event orchestration. With it people page from an incident."},
			{Name: "events_api", Title: "Address of the Events API", Type: integration.TypeAddress, Example: "https://events.eu.pagerduty.com", Help: "Of an account in another region."},
		},
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	source := &Source{config: c}
	if !c.Token.IsSet() {
		return source, nil
	}
	return source.asking(), nil
}
