package flux

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "flux",
	Title:   "Flux",
	Summary: "What Kustomizations and HelmReleases deploy and roll back, by Flux's own notifications.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
