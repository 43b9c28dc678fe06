package bitbucket

import (
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook, of a repository or of a workspace.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service the code of a repository is, by the repository's full name: "acme/payments: payments".
	integration.Mapping `yaml:",inline"`
	// Deploys are build statuses, by their key or name, that say that something was deployed.
	integration.Deploys `yaml:",inline"`
	// Branches are those of which merges, pushes and builds count: main and master unless said. Bitbucket does not say which
	// one is a repository's main branch.
	Branches []string `yaml:"branches"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret that the webhook has in Bitbucket"})
	}
	for _, repository := range slices.Sorted(maps.Keys(c.Services)) {
		if strings.Count(repository, "/") != 1 {
			faults = append(faults, fault.Fault{Pointer: "/services", Detail: repository + " is not the full name of a repository, such as acme/payments"})
		}
	}
	return fault.InvalidInput("bitbucket source", faults)
}

// counts reports whether what comes to a branch is a change of the service.
func (c *Config) counts(branch string) bool {
	if len(c.Branches) == 0 {
		return branch == "main" || branch == "master"
	}
	return slices.Contains(c.Branches, branch)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret of the webhook in Bitbucket"),
		integration.MappingFields(integration.Known{Services: "the repository's workspace and name", Service: "acme/payments"}),
		integration.DeploysFields("build status, by its key or its name,", "deploy-eu"),
		[]integration.Field{
			{Name: "branches", Title: "Branches", Type: integration.TypeList, Example: "main", Help: "Of which merges, pushes and builds count. Those called main and master without it."},
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
