package incidentio

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service an entry of the catalog is, by its name or external id.
	integration.Mapping `yaml:",inline"`
	// ServiceFields are the custom fields of an incident that name the services; without it they are "Affected services",
	// "Affected service", "Services" and "Service".
	ServiceFields []string `yaml:"service_fields"`
	// EnvironmentField is the custom field that names the environment; Environment without it.
	EnvironmentField string `yaml:"environment_field"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the signing secret of the endpoint (whsec_…)"})
	}
	return fault.InvalidInput("incidentio source", faults)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
