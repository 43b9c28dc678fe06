package gocd

import (
	"context"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one GoCD server: what is asked for by a token, what a notification plugin sends, or both.
type Config struct {
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service a pipeline builds, by its name ("payments: payments") or by its repository
	// ("acme/payments").
	integration.Mapping `yaml:",inline"`
	// Deploys names the stages that deploy: "payments/deploy-eu" with the pipeline, or "deploy-eu" in all of them.
	integration.Deploys `yaml:",inline"`
	// Address is that of the server's page, where it is asked and events link to: "https://gocd.acme.example".
	Address string `yaml:"address"`
	// Pipelines are those that are asked for with the token: all that it sees where none is named.
	Pipelines []string `yaml:"pipelines"`
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() && !c.Token.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/token", Detail: "is required: env:NAME or file:PATH, with an access token, to ask GoCD; or a secret, which a notification plugin sends"})
	}
	if c.Token.Referred() && c.Address == "" {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is required with a token: where GoCD is asked, such as https://gocd.acme.example"})
	}
	if c.Address != "" && !integration.IsAddress(c.Address) {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is the address of GoCD's page: https://…"})
	}
	faults = append(faults, c.ReachFaults()...)
	return fault.InvalidInput("gocd source", faults)
}

// address is that of the server, without the path that all its pages have: that is what stands in a browser.
func (c *Config) address() string {
	return strings.TrimSuffix(strings.TrimRight(c.Address, "/"), "/go")
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if !c.Token.IsSet() || c.Address == "" {
		return nil
	}
	return []string{c.address()}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		[]integration.Field{
			{Name: "address", Title: "Address of the server's page", Type: integration.TypeAddress, Help: "It is asked there with the token, and events link there.", Example: "https://gocd.acme.example"},
			{Name: "token", Title: "Access token", Type: integration.TypeSecret, Help: "Of a user who may view the pipelines. With it GoCD is asked, and no plugin is needed."},
			{Name: "pipelines", Title: "Pipelines", Type: integration.TypeList, Example: "payments", Help: "Which are asked for with the token. All that it sees without it."},
		},
		integration.OptionalHookFields("the token that the plugin sends"),
		integration.MappingFields(integration.Known{Services: "the repository, or the pipeline", Service: "acme/payments"}),
		integration.DeploysFields("stage", "payments/deploy-eu"),
		integration.ReachFields(),
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
