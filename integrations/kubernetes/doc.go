// Package kubernetes is what Tidings knows of Kubernetes: what the agent sends of each object, and what a difference
// between two states of one means. It is pure, and knows nothing of how the objects are fetched: package watch does.
//
// Upstream: the Kubernetes API reference 1.33, "Recommended Labels", "Well-Known Labels, Annotations and Taints" and
// "Auditing" (audit.k8s.io/v1) of the Kubernetes documentation; Helm 3 and 4 pkg/storage/driver; Argo Rollouts'
// specification; Gateway API v1.
package kubernetes

//go:generate go run ./fields state.go ../../docs/kubernetes.md
