package eventbridge

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one API destination.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service something of AWS is: "ecs/CLUSTER/SERVICE: payments", "lambda/FUNCTION: …",
	// "codedeploy/APPLICATION: …", "autoscaling/GROUP: …", or each by its last name alone. An environment is found by the
	// cluster, the deployment group, the alias, and last by the number of the account.
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the value of the API key of the connection"})
	}
	return fault.InvalidInput("eventbridge source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the API key of the connection"),
		integration.MappingFields(integration.Known{Services: "its name in AWS, such as ecs/CLUSTER/SERVICE or lambda/FUNCTION, or the last of these names alone", Service: "ecs/prod/payments-api", Environments: "cluster, deployment group, alias, or the number of the account", Environment: "111122223333"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
