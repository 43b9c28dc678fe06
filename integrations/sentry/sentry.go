package sentry

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "sentry",
	Title:   "Sentry",
	Summary: "Metric alerts, issue alerts and issues, by an internal integration.",
	Class:   integration.ClassAlerts,
	Config:  func() integration.Config { return &Config{} },
}
