package flagsmith

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "flagsmith",
	Title:   "Flagsmith",
	Summary: "Flags that are turned on and off or given other values, with environment and who did it.",
	Class:   integration.ClassFlags,
	Config:  func() integration.Config { return &Config{} },
}
