package opsgenie

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook integration.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a tag service:NAME, a detail service or an entity of the alert is.
	integration.Mapping `yaml:",inline"`
	// URL is the address of Opsgenie's pages, such as https://acme.app.opsgenie.com: events link to the alert there.
	URL string `yaml:"url"`
	// APIKey is the key of an integration of the type API, of the account or of a team: then people page by it. API is the
	// address of the Alert API: https://api.opsgenie.com unless said, https://api.eu.opsgenie.com in Europe.
	APIKey integration.Secret `yaml:"api_key"`
	API    string             `yaml:"api"`

	http *http.Client
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

const defaultAPI = "https://api.opsgenie.com"

func (c *Config) api() string { return strings.TrimSuffix(cmp.Or(c.API, defaultAPI), "/") }

// Use gives it the client to page with.
func (c *Config) Use(client *http.Client) { c.http = client }

// Secrets names the settings that are secrets.
func (c *Config) Secrets() []string { return append(c.Hook.Secrets(), "api_key") }

// Narrow lets no reference to the server's variables and files through.
func (c *Config) Narrow() error {
	return integration.Unreferred(map[string]*integration.Secret{"secret": &c.Secret, "previous_secret": &c.PreviousSecret, "api_key": &c.APIKey})
}

// Guard gives the way to the secrets.
func (c *Config) Guard(guard integration.Guard) {
	c.Hook.Guard(guard)
	c.APIKey.Typed("api_key", guard)
}

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that the webhook sends"})
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
		faults = append(faults, fault.Fault{Pointer: "/url", Detail: "is the address of Opsgenie's pages, such as https://acme.app.opsgenie.com"})
	}
	if !integration.IsAddress(c.api()) {
		faults = append(faults, fault.Fault{Pointer: "/api", Detail: "is the address of the Alert API, such as https://api.eu.opsgenie.com"})
	}
	return fault.InvalidInput("opsgenie source", faults)
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if !c.APIKey.IsSet() {
		return nil
	}
	return []string{c.api()}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token in the webhook's custom header"),
		integration.MappingFields(integration.Known{Services: "a tag service:NAME, the detail service, or the entity", Service: "checkout-api"}),
		[]integration.Field{
			{Name: "url", Title: "Address of Opsgenie's pages", Type: integration.TypeAddress, Help: "Events link there.", Example: "https://acme.app.opsgenie.com"},
			{Name: "api_key", Title: "API key", Type: integration.TypeSecret, Help: "Of an integration of the type API that may create alerts. With it people page from an incident."},
			{Name: "api", Title: "Address of the Alert API", Type: integration.TypeAddress, Help: "https://api.opsgenie.com without it.", Example: "https://api.eu.opsgenie.com"},
		},
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
