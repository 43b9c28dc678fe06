package github

import (
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook, of a repository or of an organisation.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service the code of a repository is, by the repository's full name: "acme/payments: payments".
	integration.Mapping `yaml:",inline"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	var faults []fault.Fault
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret that the webhook has in GitHub"})
	}
	for _, repository := range slices.Sorted(maps.Keys(c.Services)) {
		if strings.Count(repository, "/") != 1 {
			faults = append(faults, fault.Fault{Pointer: "/services", Detail: repository + " is not the full name of a repository, such as acme/payments"})
		}
	}
	faults = append(faults, c.Faults()...)
	return fault.InvalidInput("github source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret of the webhook in GitHub"),
		integration.MappingFields(integration.Known{Services: "the repository", Service: "acme/payments", Environments: "its name in GitHub", Environment: "prod-eu"}),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Source{config: c}, nil
}
