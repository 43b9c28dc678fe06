package gitlab

import (
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook, of a project or of a group.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service the code of a project is, by the project's path with its groups: "acme/shop/payments:
	// payments". An environment is found by its name or by its tier.
	integration.Mapping `yaml:",inline"`
	// Signing says how the webhook proves itself: "token" (the default), the secret token that GitLab sends as it is, or
	// "standard", the signing token of GitLab 19.
	Signing string `yaml:"signing"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret token or the signing token that the webhook has in GitLab"})
	}
	if c.Signing != "" && c.Signing != "token" && c.Signing != "standard" {
		faults = append(faults, fault.Fault{Pointer: "/signing", Detail: "is token or standard"})
	}
	for _, project := range slices.Sorted(maps.Keys(c.Services)) {
		if !strings.Contains(project, "/") {
			faults = append(faults, fault.Fault{Pointer: "/services", Detail: project + " is not the path of a project, such as acme/payments"})
		}
	}
	return fault.InvalidInput("gitlab source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret token of the webhook, or its signing token"),
		integration.MappingFields(integration.Known{Services: "the project's path with its groups", Service: "acme/shop/payments", Environments: "its name in GitLab, or its tier", Environment: "prod-eu"}),
		[]integration.Field{
			{Name: "signing", Title: "GitLab proves itself by", Type: integration.TypeChoice, Choices: []integration.Choice{{Value: "token", Title: "the secret token"}, {Value: "standard", Title: "the signing token, from GitLab 19 on"}}},
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
