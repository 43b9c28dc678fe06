package datadog

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "datadog",
	Title:   "Datadog",
	Summary: "Alerts of monitors, by a webhook with our template.",
	Class:   integration.ClassAlerts,
	Config:  func() integration.Config { return &Config{} },
}
