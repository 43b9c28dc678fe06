package circleci

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "circleci",
	Title:   "CircleCI",
	Summary: "Workflows as builds, and the workflows and jobs that deploy, by a webhook of the project.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
