package statuspage

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one subscription to a page.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a component of the page is, by its name or id.
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token in the address that the page calls: /hooks/SOURCE?token=TOKEN"})
	}
	return fault.InvalidInput("statuspage source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token in the address that the page calls"),
		integration.MappingFields(integration.Known{Services: "the component's name or id", Service: "Card payments"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
