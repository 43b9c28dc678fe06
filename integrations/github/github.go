package github

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "github",
	Title:   "GitHub",
	Summary: "Deployments, workflow runs, merged pull requests, direct pushes and releases, by a webhook, by a token that may read, or by both.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
