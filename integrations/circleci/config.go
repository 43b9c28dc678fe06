package circleci

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the webhook of one project, or of several with one secret.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a project builds, by its repository ("acme/payments: payments") or by CircleCI's slug.
	integration.Mapping `yaml:",inline"`
	// Deploys names the workflows and jobs that deploy: "deploy-eu", or "release/deploy-eu" for a job of one workflow.
	integration.Deploys `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret token that the webhook has in CircleCI"})
	}
	return fault.InvalidInput("circleci source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret token of the webhook"),
		integration.MappingFields(integration.Known{Services: "the repository", Service: "acme/payments"}),
		integration.DeploysFields("workflow, or job of one,", "release/deploy-eu"),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
