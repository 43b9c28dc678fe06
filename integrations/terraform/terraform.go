package terraform

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "terraform",
	Title:   "HCP Terraform",
	Summary: "Runs that change infrastructure, drift and failed checks, by notifications of HCP Terraform or Terraform Enterprise.",
	Class:   integration.ClassInfrastructure,
	Config:  func() integration.Config { return &Config{} },
}
