package growthbook

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one event webhook.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a feature or experiment is of: by its id ("checkout-v2: checkout"), by one of its tags
	// ("tag:payments: payments"), or by the id of its project. The first that fits counts, in this order.
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the signing key (ewhk_…) that GrowthBook shows for the event webhook"})
	}
	return fault.InvalidInput("growthbook source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the signing key that GrowthBook shows, ewhk_…"),
		integration.MappingFields(integration.Known{Services: "its id, a tag (tag:NAME), or the project's id", Service: "checkout-v2", Environments: "its name in GrowthBook", Environment: "prd"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
