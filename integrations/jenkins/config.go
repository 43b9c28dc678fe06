package jenkins

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one Jenkins.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a job builds, by its path with folders ("shop/payments: payments"; all branches of a
	// multibranch job), or by its repository ("acme/payments").
	integration.Mapping `yaml:",inline"`
	// Deploys names the jobs that deploy, by their path with folders. The environment may be left empty when a parameter
	// says it.
	integration.Deploys `yaml:",inline"`
	// EnvironmentParameter is the parameter of deploying jobs that says the environment. No other parameter is read but
	// that and the next.
	EnvironmentParameter string `yaml:"environment_parameter"`
	// VersionParameter is the parameter of deploying jobs that says the version.
	VersionParameter string `yaml:"version_parameter"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the password that stands in the URL of the endpoint"})
	}
	return fault.InvalidInput("jenkins source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the password in the endpoint's address"),
		integration.MappingFields(integration.Known{Services: "the job with its folders, or the repository", Service: "shop/payments"}),
		integration.DeploysFields("job, with its folders,", "shop/payments-eu"),
		[]integration.Field{
			{Name: "environment_parameter", Title: "Parameter that says the environment", Type: integration.TypeText, Help: "Of jobs that deploy. No other parameter is read but this and the next.", Example: "ENV"},
			{Name: "version_parameter", Title: "Parameter that says the version", Type: integration.TypeText, Example: "VERSION"},
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
