package statuspage

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "statuspage",
	Title:   "Statuspage",
	Summary: "Incidents, planned maintenance and states of components of a status page, your own or a supplier's.",
	Class:   integration.ClassIncidents,
	Config:  func() integration.Config { return &Config{} },
}
