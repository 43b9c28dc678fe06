package launchdarkly

import (
	"cmp"
	"net/url"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook of LaunchDarkly.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service a flag is of: by project and key ("shop/checkout-v2: checkout"), by one of its tags
	// ("tag:payments: payments"), or by its project ("shop: checkout"). The first that fits counts, in this order.
	integration.Mapping `yaml:",inline"`
	// Address is where links lead that LaunchDarkly sends without a host; https://app.launchdarkly.com without it.
	Address string `yaml:"address"`
	// Descriptions keeps LaunchDarkly's description of what was changed. It can name the people that a rule is about.
	Descriptions bool `yaml:"descriptions"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret that signs the webhook in LaunchDarkly"})
	}
	if u, err := url.Parse(c.address()); err != nil || u.Host == "" || u.Scheme != "https" || u.User != nil {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is no https address, such as https://app.eu.launchdarkly.com"})
	}
	return fault.InvalidInput("launchdarkly source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the secret that signs the webhook, which LaunchDarkly shows"),
		integration.MappingFields(integration.Known{Services: "PROJECT/FLAG, a tag (tag:NAME), or the project", Service: "shop/checkout-v2", Environments: "its key", Environment: "prd"}),
		[]integration.Field{
			{Name: "address", Title: "Address of LaunchDarkly's pages", Type: integration.TypeAddress, Help: "Where links lead, unless it is app.launchdarkly.com.", Example: "https://app.eu.launchdarkly.com"},
			{Name: "descriptions", Title: "Keep what was changed in a rule", Type: integration.TypeSwitch, Help: "It can name the people that a rule is about."},
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

func (c *Config) address() string { return cmp.Or(c.Address, "https://app.launchdarkly.com") }
