package spinnaker

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "spinnaker",
	Title:   "Spinnaker",
	Summary: "Pipelines as deploys, rollbacks and builds, by the REST events of echo.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
