package statsig

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "statsig",
	Title:   "Statsig",
	Summary: "Changes of gates, dynamic configurations and experiments, with who made them.",
	Class:   integration.ClassFlags,
	Config:  func() integration.Config { return &Config{} },
}
