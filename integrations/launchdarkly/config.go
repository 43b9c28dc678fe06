package launchdarkly

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one webhook of LaunchDarkly, or what is asked for by a token, or both.
type Config struct {
	// TokenHook: with a token the audit log is asked for as well.
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service a flag is of: by project and key ("shop/checkout-v2: checkout"), by one of its tags
	// ("tag:payments: payments"), or by its project ("shop: checkout"). The first that fits counts, in this order, and Property
	// after the flag's own name.
	integration.Mapping `yaml:",inline"`
	// Property is the key of the custom property of flags whose values name services: "service".
	Property string `yaml:"property"`
	// Address is where LaunchDarkly is asked, and where links lead that it sends without a host; https://app.launchdarkly.com
	// without it.
	Address string `yaml:"address"`
	// Descriptions keeps LaunchDarkly's description of what was changed. It can name the people that a rule is about.
	Descriptions bool `yaml:"descriptions"`
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() && !c.Token.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the secret that signs the webhook in LaunchDarkly; or a token, to ask LaunchDarkly"})
	}
	faults = append(faults, c.ReachFaults()...)
	if u, err := url.Parse(c.address()); err != nil || u.Host == "" || u.Scheme != "https" || u.User != nil {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is no https address, such as https://app.eu.launchdarkly.com"})
	}
	return fault.InvalidInput("launchdarkly source", faults)
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if !c.Token.IsSet() {
		return nil
	}
	return []string{c.address()}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.OptionalHookFields("the secret that signs the webhook, which LaunchDarkly shows"),
		integration.MappingFields(integration.Known{Services: "PROJECT/FLAG, a tag (tag:NAME), or the project", Service: "shop/checkout-v2", Environments: "its key", Environment: "prd"}),
		[]integration.Field{
			{Name: "token", Title: "Token", Type: integration.TypeSecret, Help: "An access token with the role Reader. With it the audit log is asked for as well, for what was before and for what the webhook missed."},
		},
		integration.ReachFields(),
		[]integration.Field{
			{Name: "property", Title: "Custom property that names services", Type: integration.TypeText, Example: "service", Help: "The key of a custom property of flags: its values are services. With a token it is asked for."},
			{Name: "address", Title: "Address of LaunchDarkly", Type: integration.TypeAddress, Help: "Where it is asked and where links lead, unless it is app.launchdarkly.com.", Example: "https://app.eu.launchdarkly.com"},
			{Name: "descriptions", Title: "Keep what was changed in a rule", Type: integration.TypeSwitch, Help: "It can name the people that a rule is about."},
		},
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	source := &Source{config: c}
	if !c.Token.IsSet() {
		return source, nil
	}
	return source.asking(), nil
}

func (c *Config) address() string {
	return strings.TrimSuffix(cmp.Or(c.Address, "https://app.launchdarkly.com"), "/")
}
