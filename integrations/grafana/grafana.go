package grafana

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "grafana",
	Title:   "Grafana",
	Summary: "Alerts from the moment they fire until they are resolved, by a webhook contact point.",
	Class:   integration.ClassAlerts,
	Config:  func() integration.Config { return &Config{} },
}
