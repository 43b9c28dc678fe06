package flux

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the Flux of one cluster, or of several with one token.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service an object deploys, by its name or with its namespace ("apps/payments: payments"), and
	// which environment the alert's metadata env or cluster, or the object's namespace, means.
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token of the provider's secret"})
	}
	return fault.InvalidInput("flux source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token of the Provider's secret"),
		integration.MappingFields(integration.Known{Services: "the name of the Kustomization or HelmRelease, or NAMESPACE/NAME", Service: "apps/payments", Environments: "the alert's metadata env or cluster, or the namespace", Environment: "prod-eu"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
