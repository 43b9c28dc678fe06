package statsig

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the webhook of one project.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a gate or experiment is of: by its name ("checkout_v2: checkout"), or by the project.
	integration.Mapping `yaml:",inline"`
	// Project is what this project is called: Statsig does not say. What is not mapped is about it, statsig:PROJECT.
	Project string `yaml:"project"`
	// Descriptions keeps Statsig's description of what was changed. It can name the people that a rule is about.
	Descriptions bool `yaml:"descriptions"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the webhook signature secret that Statsig shows"})
	}
	return fault.InvalidInput("statsig source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the signature secret that Statsig shows"),
		integration.MappingFields(integration.Known{Services: "the gate or experiment, or the project", Service: "checkout_v2"}),
		[]integration.Field{
			{Name: "project", Title: "Project", Type: integration.TypeText, Help: "Statsig does not say which it is: what is not mapped is about it.", Example: "shop"},
			{Name: "descriptions", Title: "Keep what was changed in a rule", Type: integration.TypeSwitch, Help: "It can name the people that a rule is about."},
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
