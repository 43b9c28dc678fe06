package argocd

import (
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Config is one Argo CD.
type Config struct {
	integration.Hook `yaml:",inline"`
	// Mapping says which service an application is ("payments-prod: payments", or with its namespace "argocd/payments-prod"), and
	// which environment it is deployed to, by cluster and namespace ("prod-eu/payments"), namespace, cluster or project.
	integration.Mapping `yaml:",inline"`
	// Commit says what the commit of a deploy is: "revision" (the default), that of the manifests, or "image", the tag of the
	// image where it is a commit. Choose image where manifests have a repository of their own.
	Commit string `yaml:"commit"`
}

var _ integration.Typed = (*Config)(nil)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	faults := c.Faults()
	if !c.Secret.IsSet() {
		faults = append(faults, fault.Fault{Pointer: "/secret", Detail: "is required: env:NAME or file:PATH, with the token that argocd-notifications-secret holds"})
	}
	if c.Commit != "" && c.Commit != "revision" && c.Commit != "image" {
		faults = append(faults, fault.Fault{Pointer: "/commit", Detail: "is revision or image"})
	}
	return fault.InvalidInput("argocd source", faults)
}

// Form is the settings, as one asks for them.
func (c *Config) Form() []integration.Field {
	return integration.Fields(
		integration.HookFields("the token that Argo CD's notifications send"),
		integration.MappingFields(integration.Known{Services: "the application, or NAMESPACE/APPLICATION", Service: "payments-prod", Environments: "CLUSTER/NAMESPACE, or one of them, or the project", Environment: "prod-eu/payments"}),
		[]integration.Field{
			{Name: "commit", Title: "The commit of a deploy is", Type: integration.TypeChoice, Choices: []integration.Choice{{Value: "revision", Title: "the revision of the manifests"}, {Value: "image", Title: "the tag of the image: the manifests have a repository of their own"}}},
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
