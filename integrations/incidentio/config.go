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

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the signing secret that incident.io shows, whsec_…"),
		integration.MappingFields(integration.Known{Services: "the entry of the catalogue: its name or external id", Service: "checkout-api", Environments: "the value of the field", Environment: "prd"}),
		[]integration.Field{
			{Name: "service_fields", Title: "Custom fields that name services", Type: integration.TypeList, Help: "Affected services, Affected service, Services and Service without it.", Example: "Affected services"},
			{Name: "environment_field", Title: "Custom field that names the environment", Type: integration.TypeText, Example: "Environment"},
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
