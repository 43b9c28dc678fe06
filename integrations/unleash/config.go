package unleash

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook of an Unleash.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a flag is of: by project and name ("shop/checkout-v2: checkout"), by one of its tags
	// ("tag:payments: payments"), or by its project ("shop: storefront"). The first that fits counts, in this order.
	integration.Mapping `yaml:",inline"`
	// Address is where Unleash is seen in a browser, for links; there are none without it.
	Address string `yaml:"address"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that stands in the field Authorization in Unleash, after \"Bearer \""})
	}
	if c.Address != "" && !integration.IsAddress(c.Address) {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is no http or https address, such as https://unleash.example.com"})
	}
	return fault.InvalidInput("unleash source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token in the field Authorization, after Bearer"),
		integration.MappingFields(integration.Known{Services: "PROJECT/FLAG, a tag (tag:NAME), or the project", Service: "shop/checkout-v2", Environments: "its name in Unleash", Environment: "prd"}),
		[]integration.Field{
			{Name: "address", Title: "Address of Unleash", Type: integration.TypeAddress, Help: "Events link there.", Example: "https://unleash.example.com"},
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
