package gocd

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "gocd",
	Title:   "GoCD",
	Summary: "Stages as builds, and those that deploy, by a notification plugin.",
	Config:  func() integration.Config { return &Config{} },
}
