package opsgenie

import (
	"net/url"

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
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that the webhook sends"})
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
		faults = append(faults, fault.Fault{Pointer: "/url", Detail: "is the address of Opsgenie's pages, such as https://acme.app.opsgenie.com"})
	}
	return fault.InvalidInput("opsgenie source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token in the webhook's custom header"),
		integration.MappingFields(integration.Known{Services: "a tag service:NAME, the detail service, or the entity", Service: "checkout-api"}),
		[]integration.Field{
			{Name: "url", Title: "Address of Opsgenie's pages", Type: integration.TypeAddress, Help: "Events link there.", Example: "https://acme.app.opsgenie.com"},
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
