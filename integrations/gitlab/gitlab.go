package gitlab

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "gitlab",
	Title:   "GitLab",
	Summary: "Deployments, pipelines, merged merge requests, direct pushes, releases and feature flags, by a webhook, by a token that may read, or by both.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
