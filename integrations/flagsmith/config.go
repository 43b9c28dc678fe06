package flagsmith

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook, of an environment or of the organisation.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a flag is of: by project and name ("Shop/checkout_v2: checkout"), or by its project. The
	// first that fits counts, in this order.
	integration.Mapping `yaml:",inline"`
	// Project and EnvironmentName are those of a webhook of one environment: a new version of a flag names neither.
	Project         string `yaml:"project"`
	EnvironmentName string `yaml:"environment"`
	// Versions says that the environment has feature versioning: then each version is told, and not also each of its parts.
	Versions bool `yaml:"versions"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret of the webhook in Flagsmith"})
	}
	return fault.InvalidInput("flagsmith source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret of the webhook"),
		integration.MappingFields(integration.Known{Services: "PROJECT/FLAG, or the project", Service: "Shop/checkout_v2", Environments: "its name in Flagsmith", Environment: "Prod"}),
		[]integration.Field{
			{Name: "project", Title: "Project", Type: integration.TypeText, Help: "Of a webhook of one environment: a new version of a flag does not name it.", Example: "Shop"},
			{Name: "environment", Title: "Environment", Type: integration.TypeText, Help: "Of a webhook of one environment, as above.", Example: "Prod"},
			{Name: "versions", Title: "The environment has feature versioning", Type: integration.TypeSwitch, Help: "Then each version is told, and not each of its parts as well."},
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
