package sentry

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one internal integration.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a project is, by its slug: "checkout-web: storefront".
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the client secret of the internal integration"})
	}
	return fault.InvalidInput("sentry source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the client secret that Sentry shows"),
		integration.MappingFields(integration.Known{Services: "the project's slug", Service: "checkout-web", Environments: "its name in Sentry", Environment: "prd"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
