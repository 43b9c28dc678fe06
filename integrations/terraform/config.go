package terraform

import (
	"cmp"
	"context"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is the notifications of an organisation's workspaces, with one token, or what is asked for by a token of the API, or both.
type Config struct {
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service a workspace is of ("payments-prod: payments", or "acme/payments-prod" with the
	// organisation), and which environment ("payments-prod: production").
	integration.Mapping `yaml:",inline"`
	// Organisation is the one whose runs are asked for with the token.
	Organisation string `yaml:"organisation"`
	// Address is that of HCP Terraform or Terraform Enterprise: https://app.terraform.io unless said.
	Address string `yaml:"address"`
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() && !c.Token.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token of the notification configuration; or a token of the API, to ask HCP Terraform"})
	}
	if c.Token.Referred() && c.Organisation == "" {
		faults = append(faults, fault.Fault{Pointer: "/organisation", Detail: "is required with a token: whose runs are asked for"})
	}
	if !integration.IsAddress(c.address()) {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is where Terraform Enterprise answers, such as https://terraform.example.com"})
	}
	faults = append(faults, c.ReachFaults()...)
	return fault.InvalidInput("terraform source", faults)
}

func (c *Config) address() string {
	return strings.TrimSuffix(cmp.Or(c.Address, "https://app.terraform.io"), "/")
}

// asks reports whether there may be a token, and something to ask for.
func (c *Config) asks() bool { return c.Token.IsSet() && c.Organisation != "" }

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if !c.asks() {
		return nil
	}
	return []string{c.address()}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.OptionalHookFields("the token of the notification"),
		integration.MappingFields(integration.Known{Services: "the workspace, or ORGANISATION/WORKSPACE", Service: "payments-prod", Environments: "the workspace", Environment: "payments-prod"}),
		[]integration.Field{
			{Name: "token", Title: "Token of the API", Type: integration.TypeSecret, Help: "Of a team that may read runs. With it runs are asked for as well, those before the notification and those that it missed."},
			{Name: "organisation", Title: "Organisation", Type: integration.TypeText, Example: "acme", Help: "Whose runs are asked for with the token."},
			{Name: "address", Title: "Address", Type: integration.TypeAddress, Example: "https://terraform.example.com", Help: "Of Terraform Enterprise."},
		},
		integration.ReachFields(),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	source := &Source{config: c}
	if !c.asks() {
		return source, nil
	}
	return source.asking(), nil
}
