package argocd

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "argocd",
	Title:   "Argo CD",
	Summary: "Syncs as deploys and rollbacks, and applications whose health degrades as alerts, by Argo CD's own notifications or its API.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}
