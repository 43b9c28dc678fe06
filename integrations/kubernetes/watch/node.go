package watch

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"tidings.dev/tidings/integrations/kubernetes"
)

// node is what is left of a Node.
type node struct {
	kubernetes.Node
}

// well reports whether pods can run on it, and new ones come.
func (n *node) well() bool { return n.Ready && !n.Unschedulable && len(n.Pressures) == 0 }

func (r reader) node(n *corev1.Node) any {
	made := &node{kubernetes.Node{
		Meta: r.meta("Node", n), Unschedulable: n.Spec.Unschedulable, Version: n.Status.NodeInfo.KubeletVersion, Zone: n.Labels["topology.kubernetes.io/zone"],
	}}
	for _, condition := range n.Status.Conditions {
		switch condition.Type {
		case corev1.NodeReady:
			made.Ready = condition.Status == corev1.ConditionTrue
			if !made.Ready {
				made.Reason, made.Message = condition.Reason, said(condition.Message)
			}
		case corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure, corev1.NodeNetworkUnavailable:
			if condition.Status == corev1.ConditionTrue {
				made.Pressures = append(made.Pressures, string(condition.Type))
			}
		}
	}
	slices.Sort(made.Pressures)
	return made
}

// namespace is what is left of a Namespace.
type namespace struct {
	kubernetes.Namespace
}

func (r reader) namespace(n *corev1.Namespace) any {
	return &namespace{kubernetes.Namespace{Meta: r.meta("Namespace", n), Terminating: n.Status.Phase == corev1.NamespaceTerminating}}
}
