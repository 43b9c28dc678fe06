package aws

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "aws",
	Title:   "AWS",
	Summary: "Deployments, scaling and settings of ECS, Lambda, CodeDeploy and Auto Scaling, alarms of CloudWatch, and who called for it.",
	Class:   integration.ClassInfrastructure,
	Config:  func() integration.Config { return &Config{} },
	// What is seen, and what is told of the same, is one event.
	Interpreter: Interpreter{},
}
