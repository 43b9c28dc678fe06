package launchdarkly

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "launchdarkly",
	Title:   "LaunchDarkly",
	Summary: "Changes of flags, segments, experiments, environments and projects, with who made them and why, by a webhook, by a token that may read, or by both.",
	Class:   integration.ClassFlags,
	Config:  func() integration.Config { return &Config{} },
}
