package watch

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"

	"tidings.dev/tidings/integrations/kubernetes"
)

// The kinds that are defined by CustomResourceDefinitions, with the fields that are read and no other: Argo Rollouts
// argoproj.io/v1alpha1, Gateway API gateway.networking.k8s.io/v1.

func addCustom(scheme *runtime.Scheme) error {
	argo := schema.GroupVersion{Group: "argoproj.io", Version: "v1alpha1"}
	scheme.AddKnownTypeWithName(argo.WithKind("Rollout"), &rollout{})
	scheme.AddKnownTypeWithName(argo.WithKind("RolloutList"), &rolloutList{})
	metav1.AddToGroupVersion(scheme, argo)
	gateway := schema.GroupVersion{Group: "gateway.networking.k8s.io", Version: "v1"}
	scheme.AddKnownTypeWithName(gateway.WithKind("HTTPRoute"), &httpRoute{})
	scheme.AddKnownTypeWithName(gateway.WithKind("HTTPRouteList"), &httpRouteList{})
	scheme.AddKnownTypeWithName(gateway.WithKind("GRPCRoute"), &grpcRoute{})
	scheme.AddKnownTypeWithName(gateway.WithKind("GRPCRouteList"), &grpcRouteList{})
	metav1.AddToGroupVersion(scheme, gateway)
	return nil
}

type rollout struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Replicas    *int32                 `json:"replicas"`
		Paused      bool                   `json:"paused"`
		Template    corev1.PodTemplateSpec `json:"template"`
		WorkloadRef *struct {
			Kind string `json:"kind"`
			Name string `json:"name"`
		} `json:"workloadRef"`
		MinReadySeconds int32 `json:"minReadySeconds"`
		Strategy        struct {
			BlueGreen *struct {
				ActiveService        string `json:"activeService"`
				PreviewService       string `json:"previewService"`
				AutoPromotionEnabled *bool  `json:"autoPromotionEnabled"`
			} `json:"blueGreen"`
			Canary *struct {
				MaxSurge       *intstr.IntOrString `json:"maxSurge"`
				MaxUnavailable *intstr.IntOrString `json:"maxUnavailable"`
				Steps          []struct {
					SetWeight *int32 `json:"setWeight"`
				} `json:"steps"`
			} `json:"canary"`
		} `json:"strategy"`
	} `json:"spec"`
	Status struct {
		Abort              bool   `json:"abort"`
		Phase              string `json:"phase"`
		Message            string `json:"message"`
		ObservedGeneration string `json:"observedGeneration"`
		CurrentStepIndex   *int32 `json:"currentStepIndex"`
		CurrentPodHash     string `json:"currentPodHash"`
		Pods               int32  `json:"replicas"`
		UpdatedReplicas    int32  `json:"updatedReplicas"`
		ReadyReplicas      int32  `json:"readyReplicas"`
		AvailableReplicas  int32  `json:"availableReplicas"`
		Canary             struct {
			Weights *struct {
				Canary struct {
					Weight int32 `json:"weight"`
				} `json:"canary"`
			} `json:"weights"`
		} `json:"canary"`
		Conditions []struct {
			Type           string      `json:"type"`
			Status         string      `json:"status"`
			Reason         string      `json:"reason"`
			Message        string      `json:"message"`
			LastUpdateTime metav1.Time `json:"lastUpdateTime"`
		} `json:"conditions"`
		AbortedAt       *metav1.Time `json:"abortedAt"`
		PauseConditions []struct {
			Reason    string      `json:"reason"`
			StartTime metav1.Time `json:"startTime"`
		} `json:"pauseConditions"`
	} `json:"status"`
}

// DeepCopyObject gives the object itself: nobody changes it.
func (r *rollout) DeepCopyObject() runtime.Object { return r }

type rolloutList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []rollout `json:"items"`
}

// DeepCopyObject gives the list itself: nobody changes it.
func (r *rolloutList) DeepCopyObject() runtime.Object { return r }

func (r reader) rollout(o *rollout) any {
	c := r.core("Rollout", o, &o.Spec.Template)
	c.replicas, c.paused = o.Spec.Replicas, o.Spec.Paused
	if ref := o.Spec.WorkloadRef; ref != nil {
		c.borrowed = named(o.Namespace, ref.Kind, ref.Name)
	}
	s := status{
		pods: o.Status.Pods, updated: o.Status.UpdatedReplicas, ready: o.Status.ReadyReplicas, available: o.Status.AvailableReplicas,
		revision: o.Annotations["rollout.argoproj.io/revision"], message: said(o.Status.Message), step: o.Status.CurrentStepIndex, hash: o.Status.CurrentPodHash,
	}
	s.observed, _ = strconv.ParseInt(o.Status.ObservedGeneration, 10, 64)
	minReady := strconv.Itoa(int(o.Spec.MinReadySeconds))
	if b := o.Spec.Strategy.BlueGreen; b != nil {
		c.strategy = flat("type", "BlueGreen", "min_ready_seconds", minReady, "active_service", b.ActiveService, "preview_service", b.PreviewService)
		if b.AutoPromotionEnabled != nil {
			c.strategy["auto_promotion"] = strconv.FormatBool(*b.AutoPromotionEnabled)
		}
	}
	if b := o.Spec.Strategy.Canary; b != nil {
		c.strategy = flat("type", "Canary", "min_ready_seconds", minReady, "max_surge", percent(b.MaxSurge), "max_unavailable", percent(b.MaxUnavailable))
		if len(b.Steps) > 0 {
			c.strategy["steps"] = strconv.Itoa(len(b.Steps))
		}
		c.steps = int32(min(len(b.Steps), 1000))
		var weight int32
		for i, step := range b.Steps {
			if s.step != nil && i <= int(*s.step) && step.SetWeight != nil {
				weight = *step.SetWeight
			}
		}
		if w := o.Status.Canary.Weights; w != nil {
			weight = w.Canary.Weight
		}
		if s.step != nil && len(b.Steps) > 0 && int(*s.step) < len(b.Steps) {
			s.weight = &weight
		}
	}
	var changed time.Time
	for _, condition := range o.Status.Conditions {
		if condition.Type == "Progressing" {
			s.reason = condition.Reason
			changed = condition.LastUpdateTime.UTC()
		}
	}
	switch o.Status.Phase {
	case "Healthy":
		s.phase, s.since = kubernetes.Complete, time.Time{}
	case "Paused":
		s.phase = kubernetes.Paused
		if len(o.Status.PauseConditions) > 0 {
			s.since = o.Status.PauseConditions[0].StartTime.UTC()
		}
	case "Degraded":
		s.phase, s.since = kubernetes.Failing, changed
		if s.reason == "ProgressDeadlineExceeded" {
			s.phase = kubernetes.Stalled
		}
	default:
		s.phase = kubernetes.Progressing
	}
	if o.Status.Abort {
		s.phase = kubernetes.Aborted
		if o.Status.AbortedAt != nil {
			s.since = o.Status.AbortedAt.UTC()
		}
	}
	if s.observed != 0 && s.observed < o.Generation && s.phase == kubernetes.Complete {
		s.phase = kubernetes.Progressing
	}
	return &workload{core: c, status: s}
}

// The routes of the Gateway API.

type parentRef struct {
	Kind      *string `json:"kind"`
	Namespace *string `json:"namespace"`
	Name      string  `json:"name"`
}

type backendRef struct {
	Kind      *string `json:"kind"`
	Namespace *string `json:"namespace"`
	Name      string  `json:"name"`
	Port      *int32  `json:"port"`
	Weight    *int32  `json:"weight"`
}

type httpRoute struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		ParentRefs []parentRef `json:"parentRefs"`
		Hostnames  []string    `json:"hostnames"`
		Rules      []struct {
			Matches []struct {
				Path *struct {
					Value *string `json:"value"`
				} `json:"path"`
			} `json:"matches"`
			BackendRefs []backendRef `json:"backendRefs"`
		} `json:"rules"`
	} `json:"spec"`
}

// DeepCopyObject gives the object itself: nobody changes it.
func (r *httpRoute) DeepCopyObject() runtime.Object { return r }

type httpRouteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []httpRoute `json:"items"`
}

// DeepCopyObject gives the list itself: nobody changes it.
func (r *httpRouteList) DeepCopyObject() runtime.Object { return r }

type grpcRoute struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		ParentRefs []parentRef `json:"parentRefs"`
		Hostnames  []string    `json:"hostnames"`
		Rules      []struct {
			Matches []struct {
				Method *struct {
					Service *string `json:"service"`
					Method  *string `json:"method"`
				} `json:"method"`
			} `json:"matches"`
			BackendRefs []backendRef `json:"backendRefs"`
		} `json:"rules"`
	} `json:"spec"`
}

// DeepCopyObject gives the object itself: nobody changes it.
func (r *grpcRoute) DeepCopyObject() runtime.Object { return r }

type grpcRouteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []grpcRoute `json:"items"`
}

// DeepCopyObject gives the list itself: nobody changes it.
func (r *grpcRouteList) DeepCopyObject() runtime.Object { return r }

func (r reader) httpRoute(o *httpRoute) any {
	made := &route{Route: kubernetes.Route{Meta: r.meta("HTTPRoute", o), Class: gateways(o.Namespace, o.Spec.ParentRefs)}}
	for _, rule := range o.Spec.Rules {
		paths := []string{}
		for _, match := range rule.Matches {
			path := "/"
			if match.Path != nil && match.Path.Value != nil {
				path = *match.Path.Value
			}
			paths = append(paths, path)
		}
		if len(paths) == 0 {
			paths = []string{"/"}
		}
		made.rule(o.Spec.Hostnames, paths, o.Namespace, rule.BackendRefs)
	}
	return made.sorted()
}

func (r reader) grpcRoute(o *grpcRoute) any {
	made := &route{Route: kubernetes.Route{Meta: r.meta("GRPCRoute", o), Class: gateways(o.Namespace, o.Spec.ParentRefs)}}
	for _, rule := range o.Spec.Rules {
		paths := []string{}
		for _, match := range rule.Matches {
			path := "/"
			if match.Method != nil && match.Method.Service != nil {
				path += *match.Method.Service
				if match.Method.Method != nil {
					path += "/" + *match.Method.Method
				}
			}
			paths = append(paths, path)
		}
		if len(paths) == 0 {
			paths = []string{"/"}
		}
		made.rule(o.Spec.Hostnames, paths, o.Namespace, rule.BackendRefs)
	}
	return made.sorted()
}

// rule adds a rule of a Gateway route.
func (r *route) rule(hosts, paths []string, namespace string, backends []backendRef) {
	if len(hosts) == 0 {
		hosts = []string{"*"}
	}
	for _, host := range hosts {
		for _, path := range paths {
			r.Hosts = append(r.Hosts, host+path)
		}
	}
	var all int32
	for _, b := range backends {
		all += weightOf(b)
	}
	for _, b := range backends {
		if b.Kind != nil && *b.Kind != "Service" {
			continue
		}
		to, text := namespace, b.Name
		if b.Namespace != nil && *b.Namespace != namespace {
			to, text = *b.Namespace, *b.Namespace+"/"+b.Name
		}
		if b.Port != nil {
			text += ":" + count(b.Port)
		}
		if len(backends) > 1 && all > 0 {
			text += " " + strconv.Itoa(int(weightOf(b)*100/all)) + "%"
		}
		r.Backends = append(r.Backends, text)
		r.services = append(r.services, to+"/"+b.Name)
	}
}

func weightOf(b backendRef) int32 {
	if b.Weight == nil {
		return 1
	}
	return min(max(0, *b.Weight), 1_000_000)
}

// gateways names what a route hangs on: "gateway/public".
func gateways(namespace string, refs []parentRef) string {
	var names []string
	for _, ref := range refs {
		kind := "gateway"
		if ref.Kind != nil && *ref.Kind != "Gateway" {
			kind = lower(*ref.Kind)
		}
		text := kind + "/" + ref.Name
		if ref.Namespace != nil && *ref.Namespace != namespace {
			text = kind + "/" + *ref.Namespace + "/" + ref.Name
		}
		names = append(names, text)
	}
	slices.SortFunc(names, cmp.Compare[string])
	return join(slices.Compact(names))
}
