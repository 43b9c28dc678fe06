package watch

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/secret"
)

// reader strips objects. It is called from many goroutines at once.
type reader struct {
	mark func(value string) string
}

// labels are the ones that tell what an object belongs to.
var labels = map[string]bool{
	"app":                                   true,
	"k8s-app":                               true,
	"app.kubernetes.io/name":                true,
	"app.kubernetes.io/instance":            true,
	"app.kubernetes.io/version":             true,
	"app.kubernetes.io/component":           true,
	"app.kubernetes.io/part-of":             true,
	"app.kubernetes.io/managed-by":          true,
	"helm.sh/chart":                         true,
	"tags.datadoghq.com/service":            true,
	"tags.datadoghq.com/env":                true,
	"tags.datadoghq.com/version":            true,
	"backstage.io/kubernetes-id":            true,
	"argocd.argoproj.io/instance":           true,
	"kustomize.toolkit.fluxcd.io/name":      true,
	"kustomize.toolkit.fluxcd.io/namespace": true,
	"helm.toolkit.fluxcd.io/name":           true,
	"helm.toolkit.fluxcd.io/namespace":      true,
	"reconcile.external-secrets.io/managed": true,
	"controller.cert-manager.io/fao":        true,
	"topology.kubernetes.io/region":         true,
	"topology.kubernetes.io/zone":           true,
	"node.kubernetes.io/instance-type":      true,
}

// annotations are the ones by which tools mark their work, besides those of Tidings itself.
var annotations = map[string]bool{
	"argocd.argoproj.io/tracking-id":   true,
	"backstage.io/kubernetes-id":       true,
	"cert-manager.io/certificate-name": true,
	"kubernetes.io/change-cause":       true,
	"meta.helm.sh/release-name":        true,
	"meta.helm.sh/release-namespace":   true,
}

// ours begins the labels and annotations of Tidings.
const ours = "tidings.dev/"

// Bounds of what is kept of one object's own words.
const (
	maxWriters    = 10
	maxAnnotation = 4 << 10
	// maxSaid is how many bytes of JSON those of Tidings may take together. One that has no room is left out as a whole: the
	// half of a list says something else.
	maxSaid = 40 << 10
)

func chosen(of map[string]string, known map[string]bool) map[string]string {
	var kept map[string]string
	said := 0
	for _, k := range slices.Sorted(maps.Keys(of)) {
		v := of[k]
		switch {
		case strings.HasPrefix(k, ours):
			raw, err := json.Marshal(v)
			if said += len(k) + len(raw); err != nil || said > maxSaid {
				said -= len(k) + len(raw)
				continue
			}
		case !known[k]:
			continue
		default:
			if k == "kubernetes.io/change-cause" { // a command line
				v, _ = secret.Hide(v)
			}
			v = cut(v, maxAnnotation)
		}
		if kept == nil {
			kept = map[string]string{}
		}
		kept[k] = v
	}
	return kept
}

// alsoOf adds what the pods' own annotations say of the service where those of the workload say nothing: many charts take
// annotations for pods alone.
func alsoOf(all, pods map[string]string) map[string]string {
	for k, v := range pods {
		if _, said := all[k]; said || !strings.HasPrefix(k, ours) {
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		all[k] = v
	}
	return chosen(all, annotations)
}

// meta is what every object has.
func (r reader) meta(kind string, o metav1.Object) kubernetes.Meta {
	m := kubernetes.Meta{
		Kind: kind, Namespace: o.GetNamespace(), Name: o.GetName(), UID: string(o.GetUID()),
		CreatedAt: o.GetCreationTimestamp().UTC(), Generation: o.GetGeneration(),
		Labels: chosen(o.GetLabels(), labels), Annotations: chosen(o.GetAnnotations(), annotations),
		Writers: writers(o.GetManagedFields()),
	}
	for _, owner := range o.GetOwnerReferences() {
		m.Owners = append(m.Owners, strings.ToLower(owner.Kind)+"/"+owner.Name)
	}
	slices.Sort(m.Owners)
	return m
}

// name is what an object is called on the way: "shop/deployment/cart".
func name(m kubernetes.Meta) string { return named(m.Namespace, m.Kind, m.Name) }

func named(namespace, kind, name string) string {
	name = strings.ToLower(kind) + "/" + name
	if namespace != "" {
		name = namespace + "/" + name
	}
	return name
}

// writers reads the field managers: who last wrote what. Those who only write status are left out: it changes all day.
func writers(entries []metav1.ManagedFieldsEntry) []kubernetes.Writer {
	var made []kubernetes.Writer
	for _, entry := range entries {
		if entry.Subresource == "status" || entry.FieldsV1 == nil || entry.Time == nil && entry.Subresource != "scale" {
			continue
		}
		if parts := parts(top(entry.FieldsV1)); len(parts) > 0 {
			writer := kubernetes.Writer{Manager: entry.Manager, Operation: string(entry.Operation), Subresource: entry.Subresource, Parts: parts}
			if entry.Time != nil { // the API server writes none for the scale subresource
				writer.At = entry.Time.UTC()
			}
			made = append(made, writer)
		}
	}
	return sorted(made)
}

// merged are the writers of an object and of what belongs to it.
func merged(some, others []kubernetes.Writer) []kubernetes.Writer {
	return sorted(slices.Concat(some, others))
}

func sorted(made []kubernetes.Writer) []kubernetes.Writer {
	slices.SortStableFunc(made, func(a, b kubernetes.Writer) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Manager, b.Manager), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Subresource, b.Subresource))
	})
	return made[:min(len(made), maxWriters)]
}

// fields is a level of fieldsV1, the format of server-side apply: "f:name" for a field, "k:{…}" for an item by its key.
type fields map[string]json.RawMessage

func (f fields) in(name string) fields {
	var inner fields
	if raw, ok := f["f:"+name]; ok {
		_ = json.Unmarshal(raw, &inner) // what cannot be read owns nothing
	}
	return inner
}

// specParts says which part a field of a specification belongs to; any other is "spec".
var specParts = map[string]string{
	"f:replicas": "replicas", "f:paused": "paused", "f:suspend": "suspend",
	"f:strategy": "strategy", "f:updateStrategy": "strategy",
	"f:template": "template", "f:jobTemplate": "template",
	"f:minReplicas": "autoscaling", "f:maxReplicas": "autoscaling", "f:metrics": "autoscaling", "f:behavior": "autoscaling", "f:scaleTargetRef": "autoscaling",
	"f:rules": "exposure", "f:tls": "exposure", "f:ingressClassName": "exposure", "f:defaultBackend": "exposure",
	"f:hostnames": "exposure", "f:parentRefs": "exposure",
	"f:type": "exposure", "f:ports": "exposure", "f:externalName": "exposure", "f:externalIPs": "exposure", "f:loadBalancerClass": "exposure",
}

func parts(all fields) []string {
	var made []string
	add := func(part string) {
		if !slices.Contains(made, part) {
			made = append(made, part)
		}
	}
	for key := range all {
		switch key {
		case "f:metadata":
			m := all.in("metadata")
			if len(m.in("annotations")) > 0 {
				add("annotations")
			}
			if len(m.in("labels")) > 0 {
				add("labels")
			}
		case "f:spec":
			for field := range all.in("spec") {
				if part, ok := specParts[field]; ok {
					add(part)
				} else if field != "." {
					add("spec")
				}
			}
		case "f:data", "f:binaryData", "f:stringData", "f:immutable":
			add("data")
		case "f:endpoints", "f:ports", "f:addressType":
			add("endpoints")
		}
	}
	slices.Sort(made)
	return made
}

// cut bounds a text, at the beginning of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}

func top(raw *metav1.FieldsV1) fields {
	var all fields
	if raw == nil {
		return nil
	}
	_ = json.Unmarshal(raw.GetRawBytes(), &all) // what cannot be read owns nothing
	return all
}
