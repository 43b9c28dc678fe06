package incidentio

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "incidentio",
	Title:   "incident.io",
	Summary: "Incidents from their declaration until they are resolved, with severity and the services that they affect.",
	Class:   integration.ClassIncidents,
	Config:  func() integration.Config { return &Config{} },
}
