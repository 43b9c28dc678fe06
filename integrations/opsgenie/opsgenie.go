package opsgenie

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "opsgenie",
	Title:   "Opsgenie",
	Summary: "Alerts from their creation until they are closed, with who acknowledged them.",
	Class:   integration.ClassIncidents,
	Config:  func() integration.Config { return &Config{} },
}
