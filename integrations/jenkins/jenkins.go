package jenkins

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "jenkins",
	Title:   "Jenkins",
	Summary: "Builds, and the deploys among them, by the Notification plugin.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
