package unleash

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "unleash",
	Title:   "Unleash",
	Summary: "Flags that are turned on and off, their strategies and variants, with environment and who did it.",
	Class:   integration.ClassFlags,
	Config:  func() integration.Config { return &Config{} },
}
