package pagerduty

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "pagerduty",
	Title:   "PagerDuty",
	Summary: "Incidents from trigger to resolution, who is on call, changes of services, and change events in PagerDuty's own format.",
	Class:   integration.ClassIncidents,
	Config:  func() integration.Config { return &Config{} },

	Interpreter: onCall{},
}
