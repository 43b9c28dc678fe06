package spinnaker

import (
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one Spinnaker.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service an application is ("payments: payments"), and which environment an account or a pipeline
	// deploys to ("prod-eu: production").
	integration.Mapping `yaml:",inline"`
	// Deck is the address of Spinnaker's page, for links: "https://spinnaker.acme.example".
	Deck string `yaml:"deck"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that echo sends"})
	}
	if c.Deck != "" && !strings.HasPrefix(c.Deck, "https://") && !strings.HasPrefix(c.Deck, "http://") {
		faults = append(faults, fault.Fault{Pointer: "/deck", Detail: "is the address of Spinnaker's page: https://…"})
	}
	return fault.InvalidInput("spinnaker source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token that echo sends"),
		integration.MappingFields(integration.Known{Services: "the application", Service: "payments", Environments: "the account, the pipeline, or APPLICATION/PIPELINE", Environment: "prod-eu"}),
		[]integration.Field{
			{Name: "deck", Title: "Address of Spinnaker's page", Type: integration.TypeAddress, Help: "Events link there.", Example: "https://spinnaker.acme.example"},
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
