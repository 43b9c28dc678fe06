package buildkite

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook of an organisation.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a pipeline builds, by its repository ("acme/payments: payments") or by its slug.
	integration.Mapping `yaml:",inline"`
	// Deploys names the pipelines that deploy, by their slugs.
	integration.Deploys `yaml:",inline"`
	// Signing says how the webhook proves itself: "signature" (the default), or "token" where the service is set to send
	// the token as it is.
	Signing string `yaml:"signing"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that the notification service shows"})
	}
	if c.Signing != "" && c.Signing != "signature" && c.Signing != "token" {
		faults = append(faults, fault.Fault{Pointer: "/signing", Detail: "is signature or token"})
	}
	return fault.InvalidInput("buildkite source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token of the notification service"),
		integration.MappingFields(integration.Known{Services: "the repository, or the pipeline's slug", Service: "acme/payments"}),
		integration.DeploysFields("pipeline", "payments-deploy"),
		[]integration.Field{
			{Name: "signing", Title: "Buildkite proves itself by", Type: integration.TypeChoice, Choices: []integration.Choice{{Value: "signature", Title: "an HMAC signature"}, {Value: "token", Title: "the token as it is"}}},
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
