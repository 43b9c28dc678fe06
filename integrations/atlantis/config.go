package atlantis

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one Atlantis.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a project is of: by its name ("payments-prod: payments"), by its repository with the directory
	// ("acme/infra/payments"), or by its repository; and which environment, by workspace, project or directory.
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that Atlantis sends as a header"})
	}
	return fault.InvalidInput("atlantis source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token that Atlantis sends"),
		integration.MappingFields(integration.Known{Services: "the project, the repository with the directory, or the repository", Service: "payments-prod", Environments: "the workspace, project or directory", Environment: "production"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
