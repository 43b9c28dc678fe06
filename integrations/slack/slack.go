package slack

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "slack",
	Title:   "Slack",
	Summary: "Answers a page in its thread with the likeliest changes, answers questions, and tells channels what they follow.",
	Class:   integration.ClassChat,
	Config:  func() integration.Config { return &Config{} },
}
