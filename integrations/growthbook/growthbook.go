package growthbook

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "growthbook",
	Title:   "GrowthBook",
	Summary: "Changes of features and experiments, with environment and who made them; safe rollouts that fail.",
	Class:   integration.ClassFlags,
	Config:  func() integration.Config { return &Config{} },
}
