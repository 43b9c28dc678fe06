package newrelic

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "newrelic",
	Title:   "New Relic",
	Summary: "Issues from their activation until they are closed, by a workflow with our template.",
	Class:   integration.ClassAlerts,
	Config:  func() integration.Config { return &Config{} },
}
