package terraform

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the notifications of an organisation's workspaces, with one token.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a workspace is of ("payments-prod: payments", or "acme/payments-prod" with the
	// organisation), and which environment ("payments-prod: production").
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token of the notification configuration"})
	}
	return fault.InvalidInput("terraform source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token of the notification"),
		integration.MappingFields(integration.Known{Services: "the workspace, or ORGANISATION/WORKSPACE", Service: "payments-prod", Environments: "the workspace", Environment: "payments-prod"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
