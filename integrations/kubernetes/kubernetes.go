package kubernetes

import (
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// Spec describes the integration.
var Spec = integration.Spec{
	Name:        "kubernetes",
	Title:       "Kubernetes",
	Summary:     "What runs in a cluster, what changed there, and who did it, as an agent sees it.",
	Class:       integration.ClassInfrastructure,
	Interpreter: Interpreter{},
}

// Interpreter knows what the states of Kubernetes objects mean.
type Interpreter struct{}

var _ observe.Interpreter = Interpreter{}
