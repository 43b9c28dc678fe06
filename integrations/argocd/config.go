package argocd

import (
	"context"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one Argo CD.
type Config struct {
	integration.TokenHook `yaml:",inline"`
	// Mapping says which service an application is ("payments-prod: payments", or with its namespace "argocd/payments-prod"), and
	// which environment it is deployed to, by cluster and namespace ("prod-eu/payments"), namespace, cluster or project.
	integration.Mapping `yaml:",inline"`
	// Commit says what the commit of a deploy is: "revision" (the default), that of the manifests, or "image", the tag of the
	// image where it is a commit. Choose image where manifests have a repository of their own.
	Commit string `yaml:"commit"`
	// Address is that of Argo CD's server: then Argo CD is asked for syncs of which no notification told, with the token of an
	// account that may get applications. Projects are those that are asked for, all without any.
	Address  string   `yaml:"address"`
	Projects []string `yaml:"projects"`
}

var (
	_ integration.Typed  = (*Config)(nil)
	_ integration.Asking = (*Config)(nil)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() && c.Address == "" {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that argocd-notifications-secret holds; or an address and a token, to ask Argo CD"})
	}
	if c.Address != "" && !integration.IsAddress(c.Address) {
		faults = append(faults, fault.Fault{Pointer: "/address", Detail: "is where Argo CD's server answers, such as https://argocd.example.com"})
	}
	if c.Address != "" && !c.Token.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/token", Detail: "is required with an address: env:NAME or file:PATH"})
	}
	faults = append(faults, c.ReachFaults()...)
	if c.Commit != "" && c.Commit != "revision" && c.Commit != "image" {
		faults = append(faults, fault.Fault{Pointer: "/commit", Detail: "is revision or image"})
	}
	return fault.InvalidInput("argocd source", faults)
}

// Addresses are those that it asks.
func (c *Config) Addresses(context.Context) []string {
	if c.Address == "" {
		return nil
	}
	return []string{c.Address}
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token that Argo CD's notifications send"),
		integration.MappingFields(integration.Known{Services: "the application, or NAMESPACE/APPLICATION", Service: "payments-prod", Environments: "CLUSTER/NAMESPACE, or one of them, or the project", Environment: "prod-eu/payments"}),
		[]integration.Field{
			{Name: "commit", Title: "The commit of a deploy is", Type: integration.TypeChoice, Choices: []integration.Choice{{Value: "revision", Title: "the revision of the manifests"}, {Value: "image", Title: "the tag of the image: the manifests have a repository of their own"}}},
			{Name: "address", Title: "Address", Type: integration.TypeAddress, Example: "https://argocd.example.com", Help: "Where Argo CD is asked for what no notification told; without it Argo CD only tells."},
			{Name: "token", Title: "Token", Type: integration.TypeSecret, Help: "Of an account that may get applications."},
			{Name: "projects", Title: "Projects", Type: integration.TypeList, Example: "shop", Help: "Which are asked for; all without it."},
		},
		integration.ReachFields(),
	)
}

// Open makes the source.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Source{config: c}
	if c.Address == "" {
		return s, nil
	}
	return s.asking(strings.TrimSuffix(c.Address, "/")), nil
}
