package watch

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"tidings.dev/tidings/integrations/kubernetes"
)

// node is what is left of a Node.
type node struct {
	kubernetes.Node
	lost time.Time // since when it is not ready, by the cluster's clock
}

// lostFor is how long a node is not ready before that is told: its pods are not moved sooner, and a slow kubelet is back.
const lostFor = 30 * time.Second

// well reports whether pods can run on it, and new ones come.
func (n *node) well() bool { return n.Ready && !n.Unschedulable && len(n.Pressures) == 0 }

func (r reader) node(n *corev1.Node) any {
	made := &node{Node: kubernetes.Node{
		Meta: r.meta("Node", n), Unschedulable: n.Spec.Unschedulable, Version: n.Status.NodeInfo.KubeletVersion, Zone: n.Labels["topology.kubernetes.io/zone"],
	}}
	for _, condition := range n.Status.Conditions {
		switch condition.Type {
		case corev1.NodeReady:
			made.Ready = condition.Status == corev1.ConditionTrue
			if !made.Ready {
				made.Reason, made.Message, made.lost = condition.Reason, said(condition.Message), condition.LastTransitionTime.UTC()
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
