package atlantis

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "atlantis",
	Title:   "Atlantis",
	Summary: "Applies of Terraform as changes of infrastructure, and drift as alerts, by Atlantis' own webhooks.",
	Class:   integration.ClassInfrastructure,
	Config:  func() integration.Config { return &Config{} },
}
