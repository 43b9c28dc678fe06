package bitbucket

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "bitbucket",
	Title:   "Bitbucket Cloud",
	Summary: "Pipelines and other build statuses, merged pull requests, direct pushes and tags, by a webhook of the repository or the workspace.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
