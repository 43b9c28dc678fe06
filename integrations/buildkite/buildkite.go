package buildkite

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "buildkite",
	Title:   "Buildkite",
	Summary: "Builds, and the pipelines that deploy, by a webhook of the organisation.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
