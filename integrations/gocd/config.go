package gocd

import (
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one GoCD server.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a pipeline builds, by its name ("payments: payments") or by its repository
	// ("acme/payments").
	integration.Mapping `yaml:",inline"`
	// Deploys names the stages that deploy: "payments/deploy-eu" with the pipeline, or "deploy-eu" in all of them.
	integration.Deploys `yaml:",inline"`
	// Address is that of the server's page, for links: "https://gocd.acme.example".
	Address string `yaml:"address"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that the plugin sends"})
	}
	if c.Address != "" && !strings.HasPrefix(c.Address, "https://") && !strings.HasPrefix(c.Address, "http://") {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is the address of GoCD's page: https://…"})
	}
	return fault.InvalidInput("gocd source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token that the plugin sends"),
		integration.MappingFields(integration.Known{Services: "the repository, or the pipeline", Service: "acme/payments"}),
		integration.DeploysFields("stage", "payments/deploy-eu"),
		[]integration.Field{
			{Name: "address", Title: "Address of the server's page", Type: integration.TypeAddress, Help: "Events link there.", Example: "https://gocd.acme.example"},
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
