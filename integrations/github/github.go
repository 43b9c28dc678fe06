package github

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "github",
	Title:   "GitHub",
	Summary: "Deployments, workflow runs, merged pull requests, direct pushes and releases, by a webhook of the repository or the organisation.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
