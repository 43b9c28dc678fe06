package eventbridge

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "eventbridge",
	Title:   "AWS EventBridge",
	Summary: "Deployments of ECS, CodeDeploy and Lambda, scaling, and troubles of ECS services, with who called for it.",
	Class:   integration.ClassInfrastructure,
	Config:  func() integration.Config { return &Config{} },
}
