package watch

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"tidings.dev/tidings/integrations/kubernetes"
)

// route is what is left of an Ingress, a Gateway route or a Service: where it listens, and what is behind it.
type route struct {
	kubernetes.Route
	services []string          // that an Ingress or route leads to: "shop/cart"
	selector map[string]string // of the pods that a Service leads to
	open     bool              // a Service that is reachable from outside, or any other route
	inner    bool              // it is a Service: its hosts are no names that people use
}

func lower(text string) string     { return strings.ToLower(text) }
func join(texts []string) string   { return strings.Join(texts, ", ") }
func tidy(texts []string) []string { slices.Sort(texts); return slices.Compact(texts) }

func (r *route) sorted() *route {
	for i, host := range r.Hosts {
		if strings.Count(host, "/") == 1 {
			r.Hosts[i] = strings.TrimSuffix(host, "/") // all of it
		}
	}
	r.Hosts, r.Backends, r.services = tidy(r.Hosts), tidy(r.Backends), tidy(r.services)
	r.open = true
	return r
}

func (r reader) service(s *corev1.Service) any {
	made := &route{inner: true, selector: without(s.Spec.Selector, hashes[:])}
	switch s.Spec.Type {
	case corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort, corev1.ServiceTypeExternalName:
		made.open = true
	default:
		made.open = len(s.Spec.ExternalIPs) > 0
	}
	if byHand(s) {
		made.open, made.Endpoints = true, &kubernetes.Endpoints{}
	}
	if !made.open {
		made.Meta = kubernetes.Meta{Kind: "Service", Namespace: s.Namespace, Name: s.Name, UID: string(s.UID)}
		return made
	}
	made.Meta, made.Type = r.meta("Service", s), string(s.Spec.Type)
	if s.Spec.LoadBalancerClass != nil {
		made.Class = *s.Spec.LoadBalancerClass
	}
	hosts := slices.Clone(s.Spec.ExternalIPs)
	for _, ingress := range s.Status.LoadBalancer.Ingress {
		hosts = append(hosts, ingress.IP+ingress.Hostname)
	}
	if s.Spec.ExternalName != "" {
		made.Backends = append(made.Backends, s.Spec.ExternalName)
	}
	for _, port := range s.Spec.Ports {
		number := strconv.Itoa(int(port.Port))
		if s.Spec.Type == corev1.ServiceTypeNodePort && port.NodePort != 0 {
			number = strconv.Itoa(int(port.NodePort))
			made.Hosts = append(made.Hosts, ":"+number)
		}
		for _, host := range hosts {
			made.Hosts = append(made.Hosts, host+":"+number)
		}
		if s.Spec.ExternalName == "" {
			made.Backends = append(made.Backends, s.Name+":"+strconv.Itoa(int(port.Port)))
		}
	}
	made.Hosts, made.Backends = tidy(made.Hosts), tidy(made.Backends)
	return made
}

func (r reader) ingress(i *networkingv1.Ingress) any {
	made := &route{Route: kubernetes.Route{Meta: r.meta("Ingress", i), Class: i.Annotations["kubernetes.io/ingress.class"], TLS: len(i.Spec.TLS) > 0}}
	if i.Spec.IngressClassName != nil {
		made.Class = *i.Spec.IngressClassName
	}
	weight := ""
	if i.Annotations["nginx.ingress.kubernetes.io/canary"] == "true" {
		weight = " " + cut(i.Annotations["nginx.ingress.kubernetes.io/canary-weight"], 10) + "%"
	}
	to := func(b *networkingv1.IngressBackend) {
		if b == nil || b.Service == nil {
			return
		}
		port := b.Service.Port.Name
		if port == "" {
			port = strconv.Itoa(int(b.Service.Port.Number))
		}
		made.Backends = append(made.Backends, b.Service.Name+":"+port+weight)
		made.services = append(made.services, i.Namespace+"/"+b.Service.Name)
	}
	if i.Spec.DefaultBackend != nil {
		made.Hosts = append(made.Hosts, "*")
		to(i.Spec.DefaultBackend)
	}
	for _, rule := range i.Spec.Rules {
		host := rule.Host
		if host == "" {
			host = "*"
		}
		if rule.HTTP == nil {
			made.Hosts = append(made.Hosts, host)
			continue
		}
		for _, path := range rule.HTTP.Paths {
			made.Hosts = append(made.Hosts, host+path.Path)
			to(&path.Backend)
		}
	}
	return made.sorted()
}

// leads reports whether a Service sends to the pods of a workload.
func (r *route) leads(pods map[string]string) bool {
	if len(r.selector) == 0 {
		return false
	}
	for k, v := range r.selector {
		if got, ok := pods[k]; !ok || got != v {
			return false
		}
	}
	return true
}
