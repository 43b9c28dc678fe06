package watch

import (
	"cmp"
	"maps"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"tidings.dev/tidings/integrations/kubernetes"
)

// What the controllers of Kubernetes call themselves on the slices that they write. The first writes those of every
// Service with a selector; the second those of Endpoints that somebody wrote by hand, which is the older form.
const (
	sliceController  = "endpointslice-controller.k8s.io"
	mirrorController = "endpointslicemirroring-controller.k8s.io"
)

// slice is what is left of an EndpointSlice that somebody else than Kubernetes thought out.
type slice struct {
	service string // that it is of: "shop/billing-db"
	written string // the resource and the key of what somebody wrote: of a copy, the Endpoints that it is of
	ready   int
	outside []string // addresses that are no pods
	pods    []string // "shop/billing-db-0"
	writers []kubernetes.Writer
}

func (reader) endpointSlice(s *discoveryv1.EndpointSlice) any {
	service := s.Labels[discoveryv1.LabelServiceName]
	if service == "" || s.Labels[discoveryv1.LabelManagedBy] == sliceController || ownService(s.Namespace, service) {
		return nil
	}
	made := &slice{service: s.Namespace + "/" + service, written: slicesName + "/" + s.Namespace + "/" + s.Name, writers: writers(s.ManagedFields)}
	if s.Labels[discoveryv1.LabelManagedBy] == mirrorController { // whose own writing tells nothing
		made.written, made.writers = endpointsName+"/"+made.service, nil
	}
	for _, endpoint := range s.Endpoints {
		if len(endpoint.Addresses) == 0 {
			continue
		}
		if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
			made.ready++
		}
		if to := endpoint.TargetRef; to != nil && to.Kind == "Pod" && to.Name != "" {
			made.pods = append(made.pods, cmp.Or(to.Namespace, s.Namespace)+"/"+to.Name)
			continue
		}
		address := endpoint.Addresses[0] // the others nobody sends to
		if len(s.Ports) == 0 {
			made.outside = append(made.outside, address)
		}
		for _, port := range s.Ports {
			if port.Port != nil {
				made.outside = append(made.outside, net.JoinHostPort(address, strconv.Itoa(int(*port.Port))))
			}
		}
	}
	made.outside, made.pods = tidy(made.outside), tidy(made.pods)
	return made
}

// ownService reports whether a Service is the one by which pods reach the API server, which writes its slices itself.
func ownService(namespace, name string) bool { return namespace == "default" && name == "kubernetes" }

// byHand reports whether somebody else than Kubernetes says where a Service leads to.
func byHand(s *corev1.Service) bool {
	return len(s.Spec.Selector) == 0 && s.Spec.Type != corev1.ServiceTypeExternalName && !ownService(s.Namespace, s.Name)
}

// slice works in a change of a slice.
func (w *world) slice(o *object, before, after *slice) {
	if before != nil && after != nil && before.service == after.service && reflect.DeepEqual(before, after) {
		return
	}
	for _, s := range []*slice{before, after} {
		if s == nil {
			continue
		}
		if s == after {
			keep(w.slices, s.service, o.name, after)
			w.stands.put(s.written, stand{object: serviceName(s.service), uid: kubernetes.EndpointsOf(s.service)}, w.now())
		} else if after == nil || after.service != before.service {
			drop(w.slices, s.service, o.name)
			w.stands.forget(s.written, w.now())
		}
		namespace, name, _ := strings.Cut(s.service, "/")
		if of := w.services[namespace][name]; of != nil && of.Endpoints != nil {
			w.soon(serviceName(s.service))
			for other := range w.leading[s.service] {
				w.soon(other)
			}
			for _, pod := range s.pods {
				if workload := w.workloadOf(pod); workload != "" {
					w.soon(workload)
				}
			}
		}
	}
}

// serviceName is what a Service is called on the way: of "shop/billing-db".
func serviceName(service string) string {
	namespace, name, _ := strings.Cut(service, "/")
	return named(namespace, "service", name)
}

// written are the endpoints of a Service that somebody else than Kubernetes writes, and who wrote them.
func (w *world) written(r *route) (*kubernetes.Endpoints, []kubernetes.Writer) {
	made := &kubernetes.Endpoints{}
	var writers []kubernetes.Writer
	for _, s := range w.slices[r.Namespace+"/"+r.Name] {
		made.Ready += s.ready
		made.Outside = append(made.Outside, s.outside...)
		writers = append(writers, s.writers...)
	}
	made.Outside = tidy(made.Outside)
	made.Outside = made.Outside[:min(len(made.Outside), maxNamed)]
	return made, writers
}

// pointed are the workloads whose pods somebody wrote down as the endpoints of a Service.
func (w *world) pointed(service string) []string {
	var made []string
	for _, s := range w.slices[service] {
		for _, pod := range s.pods {
			if workload := w.workloadOf(pod); workload != "" {
				made = append(made, workload)
			} else {
				link(w.awaited, pod, serviceName(service)) // its pod is told by another watch
			}
		}
	}
	return tidy(made)
}

// outside reports whether a Service leads out of the cluster.
func (w *world) outside(namespace string, r *route) bool {
	return r.Type == string(corev1.ServiceTypeExternalName) || r.Endpoints != nil &&
		slices.ContainsFunc(slices.Collect(maps.Values(w.slices[namespace+"/"+r.Name])), func(s *slice) bool { return len(s.outside) > 0 })
}

// workloadOf is the workload of a pod by its namespace and name; empty where there is none.
func (w *world) workloadOf(key string) string {
	for s, have := range w.have {
		if s.name != "pods" || have[key] == nil {
			continue
		}
		if r := w.recordOf(have[key].body.(*pod).owner); r != nil {
			return name(r.meta)
		}
	}
	return ""
}
