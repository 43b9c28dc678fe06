package watch

import (
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"tidings.dev/tidings/integrations/kubernetes"
)

// autoscaler is what is left of a HorizontalPodAutoscaler.
type autoscaler struct {
	kubernetes.Autoscaler
	target string // what it scales: "shop/deployment/cart"
}

func (r reader) autoscaler(a *autoscalingv2.HorizontalPodAutoscaler) any {
	made := &autoscaler{
		Autoscaler: kubernetes.Autoscaler{
			Name: a.Name, UID: string(a.UID), Min: 1, Max: a.Spec.MaxReplicas, Desired: a.Status.DesiredReplicas, Writers: writers(a.ManagedFields),
		},
		target: named(a.Namespace, a.Spec.ScaleTargetRef.Kind, a.Spec.ScaleTargetRef.Name),
	}
	if a.Spec.MinReplicas != nil {
		made.Min = *a.Spec.MinReplicas
	}
	if a.Status.LastScaleTime != nil {
		made.ScaledAt = a.Status.LastScaleTime.UTC()
	}
	for _, metric := range a.Spec.Metrics {
		made.Targets = append(made.Targets, goal(metric))
	}
	slices.Sort(made.Targets)
	for _, condition := range a.Status.Conditions {
		if condition.Type == autoscalingv2.ScalingActive {
			if _, from, found := strings.Cut(condition.Message, "calculate a replica count from "); found {
				made.Because = said(from)
			}
		}
	}
	return made
}

// goal is what an autoscaler aims at, in short: "cpu 70%".
func goal(m autoscalingv2.MetricSpec) string {
	switch {
	case m.Resource != nil:
		return string(m.Resource.Name) + " " + aim(m.Resource.Target)
	case m.ContainerResource != nil:
		return string(m.ContainerResource.Name) + " of " + m.ContainerResource.Container + " " + aim(m.ContainerResource.Target)
	case m.Pods != nil:
		return m.Pods.Metric.Name + " of each pod " + aim(m.Pods.Target)
	case m.Object != nil:
		return m.Object.Metric.Name + " of " + strings.ToLower(m.Object.DescribedObject.Kind) + "/" + m.Object.DescribedObject.Name + " " + aim(m.Object.Target)
	case m.External != nil:
		return m.External.Metric.Name + " " + aim(m.External.Target)
	}
	return strings.ToLower(string(m.Type))
}

func aim(t autoscalingv2.MetricTarget) string {
	switch {
	case t.AverageUtilization != nil:
		return count(t.AverageUtilization) + "%"
	case t.AverageValue != nil:
		return text(*t.AverageValue)
	case t.Value != nil:
		return text(*t.Value)
	}
	return ""
}
