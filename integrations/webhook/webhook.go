package webhook

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "webhook",
	Title:   "Webhook, by jq",
	Summary: "Events of any tool that posts JSON, by expressions of jq that say which field is what.",
	Class:   integration.ClassOther,
	Config:  func() integration.Config { return &Config{} },
}
