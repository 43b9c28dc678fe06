package datadog

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a tag service:NAME of the monitor is.
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that the webhook sends"})
	}
	return fault.InvalidInput("datadog source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token in the webhook's custom headers"),
		integration.MappingFields(integration.Known{Services: "the tag service of the monitor", Service: "checkout-api", Environments: "the tag env", Environment: "prd"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
