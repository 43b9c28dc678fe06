package alertmanager

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "alertmanager",
	Title:   "Prometheus Alertmanager",
	Summary: "Alerts from the moment they fire until they are resolved, by a webhook receiver.",
	Class:   integration.ClassAlerts,
	Config:  func() integration.Config { return &Config{} },
}
