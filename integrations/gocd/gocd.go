package gocd

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "gocd",
	Title:   "GoCD",
	Summary: "Stages as builds, and those that deploy, by a token that may read, or by a notification plugin.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
