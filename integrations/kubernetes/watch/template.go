package watch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/secret"
)

// restartedAt is the annotation that kubectl rollout restart writes into a template.
const restartedAt = "kubectl.kubernetes.io/restartedAt"

// hashes are the labels that controllers add to the templates that they make; they tell two templates apart that say
// the same.
var hashes = [...]string{"pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash", "controller.kubernetes.io/hash"}

// identity is a fingerprint of a whole template: equal for equal ones, whoever holds it.
func (r reader) identity(t *corev1.PodTemplateSpec) string {
	copied := *t
	copied.Name, copied.Labels = "", without(t.Labels, hashes[:])
	copied.CreationTimestamp.Reset()
	raw, err := json.Marshal(&copied)
	if err != nil {
		return ""
	}
	return r.mark(string(raw))
}

func without(of map[string]string, names []string) map[string]string {
	if !slices.ContainsFunc(names, func(name string) bool { _, ok := of[name]; return ok }) {
		return of
	}
	rest := map[string]string{}
	for k, v := range of {
		if !slices.Contains(names, k) {
			rest[k] = v
		}
	}
	return rest
}

// maxText bounds what is sent of a command; a fingerprint of the whole goes with what is cut.
const maxText = 1024

// usual are parts of a specification as the API server fills them in where nobody says anything.
var usual = map[string]string{
	"dnsPolicy": `"ClusterFirst"`, "restartPolicy": `"Always"`, "schedulerName": `"default-scheduler"`,
	"terminationGracePeriodSeconds": "30", "securityContext": "{}", "resources": "{}",
	"terminationMessagePath": `"/dev/termination-log"`, "terminationMessagePolicy": `"File"`,
}

// template reads what pods are made from.
func (r reader) template(t *corev1.PodTemplateSpec) kubernetes.Template {
	made := kubernetes.Template{
		Labels: chosen(t.Labels, labels), ServiceAccount: t.Spec.ServiceAccountName,
		RestartedAt: t.Annotations[restartedAt], Rest: map[string]string{},
	}
	for k, v := range t.Annotations {
		if k != restartedAt {
			made.Rest["annotations."+k] = r.mark(v)
		}
	}
	for k, v := range t.Labels {
		if _, kept := made.Labels[k]; !kept && !slices.Contains(hashes[:], k) {
			made.Rest["labels."+k] = r.mark(v)
		}
	}
	r.rest(made.Rest, "", t.Spec, "containers", "initContainers", "serviceAccountName", "serviceAccount")
	for _, c := range t.Spec.InitContainers {
		made.Containers = append(made.Containers, r.container(c, true, made.Rest))
	}
	for _, c := range t.Spec.Containers {
		made.Containers = append(made.Containers, r.container(c, false, made.Rest))
	}
	made.Configs = configs(t)
	return made
}

// rest fingerprints the fields of a part that are not read.
func (r reader) rest(into map[string]string, prefix string, part any, read ...string) {
	raw, err := json.Marshal(part)
	if err != nil {
		return
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return
	}
	for field, value := range fields {
		if !slices.Contains(read, field) && usual[field] != string(value) {
			into[prefix+field] = r.mark(string(value))
		}
	}
}

func (r reader) container(c corev1.Container, initial bool, rest map[string]string) kubernetes.Container {
	made := kubernetes.Container{Name: c.Name, Init: initial, Image: c.Image, Environment: r.environment(c), Resources: quantities(c.Resources)}
	made.Command = r.words(c.Command, c.Name+".command", rest)
	made.Args = r.words(c.Args, c.Name+".args", rest)
	for _, p := range []struct {
		name  string
		probe *corev1.Probe
	}{{"liveness", c.LivenessProbe}, {"readiness", c.ReadinessProbe}, {"startup", c.StartupProbe}} {
		if p.probe != nil {
			if made.Probes == nil {
				made.Probes = map[string]string{}
			}
			made.Probes[p.name] = r.probe(p.probe, c.Name+"."+p.name, rest)
		}
	}
	for _, port := range c.Ports {
		text := fmt.Sprintf("%d/%s", port.ContainerPort, port.Protocol)
		if port.Name != "" {
			text = port.Name + " " + text
		}
		made.Ports = append(made.Ports, text)
	}
	r.rest(rest, c.Name+".", c, "name", "image", "imagePullPolicy", "env", "envFrom", "resources", "command", "args", "livenessProbe", "readinessProbe", "startupProbe", "ports")
	return made
}

// words joins what is run, without the secrets in it. Where something had to be hidden or cut, a fingerprint of the whole
// tells one from another.
func (r reader) words(words []string, part string, rest map[string]string) string {
	whole := strings.Join(words, " ")
	known := slices.Clone(words)
	for i := 1; i < len(known); i++ {
		// What follows a flag with a secret's name is the secret.
		if flag := strings.TrimLeft(words[i-1], "-"); flag != words[i-1] && secret.Named(flag) && !secret.Plain(known[i]) {
			known[i] = secret.Hidden
		}
	}
	shown, _ := secret.Hide(strings.Join(known, " "))
	if shown != whole || len(shown) > maxText {
		rest[part] = r.mark(whole)
	}
	return cut(shown, maxText)
}

// environment fingerprints the values, and says where others come from. What is taken as a whole stands under its
// prefix and a star.
func (r reader) environment(c corev1.Container) map[string]string {
	if len(c.Env)+len(c.EnvFrom) == 0 {
		return nil
	}
	made := map[string]string{}
	for _, from := range c.EnvFrom {
		var source string
		switch {
		case from.ConfigMapRef != nil:
			source = "configmap/" + from.ConfigMapRef.Name
		case from.SecretRef != nil:
			source = "secret/" + from.SecretRef.Name
		default:
			continue
		}
		key := from.Prefix + "*"
		if made[key] != "" {
			source = made[key] + ", " + source
		}
		made[key] = source
	}
	for _, v := range c.Env {
		from := v.ValueFrom
		switch {
		case from == nil:
			made[v.Name] = r.mark(v.Value)
		case from.ConfigMapKeyRef != nil:
			made[v.Name] = "configmap/" + from.ConfigMapKeyRef.Name + ":" + from.ConfigMapKeyRef.Key
		case from.SecretKeyRef != nil:
			made[v.Name] = "secret/" + from.SecretKeyRef.Name + ":" + from.SecretKeyRef.Key
		case from.FieldRef != nil:
			made[v.Name] = "field/" + from.FieldRef.FieldPath
		case from.ResourceFieldRef != nil:
			made[v.Name] = "resource/" + from.ResourceFieldRef.Resource
		default:
			made[v.Name] = "elsewhere"
		}
	}
	return made
}

func quantities(of corev1.ResourceRequirements) map[string]string {
	var made map[string]string
	add := func(prefix string, list corev1.ResourceList) {
		for what, amount := range list {
			if made == nil {
				made = map[string]string{}
			}
			made[prefix+string(what)] = text(amount)
		}
	}
	add("requests.", of.Requests)
	add("limits.", of.Limits)
	return made
}

func text(q quantity.Quantity) string { return q.String() }

// probe writes a probe as a person would say it: "GET :8080/healthz every 10s, 3 failures".
func (r reader) probe(p *corev1.Probe, part string, rest map[string]string) string {
	var b strings.Builder
	switch {
	case p.HTTPGet != nil:
		b.WriteString("GET ")
		if p.HTTPGet.Scheme == corev1.URISchemeHTTPS {
			b.WriteString("https ")
		}
		path, _ := secret.Hide(p.HTTPGet.Path)
		b.WriteString(p.HTTPGet.Host + ":" + p.HTTPGet.Port.String() + path)
		if len(p.HTTPGet.HTTPHeaders) > 0 {
			if raw, err := json.Marshal(p.HTTPGet.HTTPHeaders); err == nil {
				rest[part+".headers"] = r.mark(string(raw))
			}
		}
	case p.TCPSocket != nil:
		b.WriteString("TCP " + p.TCPSocket.Host + ":" + p.TCPSocket.Port.String())
	case p.GRPC != nil:
		fmt.Fprintf(&b, "gRPC :%d", p.GRPC.Port)
		if p.GRPC.Service != nil && *p.GRPC.Service != "" {
			b.WriteString(" " + *p.GRPC.Service)
		}
	case p.Exec != nil:
		b.WriteString("run " + r.words(p.Exec.Command, part+".command", rest))
	}
	if p.InitialDelaySeconds > 0 {
		fmt.Fprintf(&b, " after %ds", p.InitialDelaySeconds)
	}
	fmt.Fprintf(&b, " every %ds, %d failures", p.PeriodSeconds, p.FailureThreshold)
	if p.TimeoutSeconds > 1 {
		fmt.Fprintf(&b, ", within %ds", p.TimeoutSeconds)
	}
	if p.SuccessThreshold > 1 {
		fmt.Fprintf(&b, ", %d successes", p.SuccessThreshold)
	}
	return b.String()
}

// configs are the ConfigMaps and Secrets that a template mounts or reads.
func configs(t *corev1.PodTemplateSpec) []string {
	var made []string
	add := func(kind, name string) {
		if name != "" {
			made = append(made, kind+"/"+name)
		}
	}
	for _, list := range [][]corev1.Container{t.Spec.InitContainers, t.Spec.Containers} {
		for _, c := range list {
			for _, from := range c.EnvFrom {
				if from.ConfigMapRef != nil {
					add("configmap", from.ConfigMapRef.Name)
				}
				if from.SecretRef != nil {
					add("secret", from.SecretRef.Name)
				}
			}
			for _, v := range c.Env {
				if v.ValueFrom != nil && v.ValueFrom.ConfigMapKeyRef != nil {
					add("configmap", v.ValueFrom.ConfigMapKeyRef.Name)
				}
				if v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil {
					add("secret", v.ValueFrom.SecretKeyRef.Name)
				}
			}
		}
	}
	for _, v := range t.Spec.Volumes {
		switch {
		case v.ConfigMap != nil:
			add("configmap", v.ConfigMap.Name)
		case v.Secret != nil:
			add("secret", v.Secret.SecretName)
		case v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
			add("secret", v.CSI.NodePublishSecretRef.Name)
		case v.Projected != nil:
			for _, source := range v.Projected.Sources {
				if source.ConfigMap != nil {
					add("configmap", source.ConfigMap.Name)
				}
				if source.Secret != nil {
					add("secret", source.Secret.Name)
				}
			}
		}
	}
	slices.Sort(made)
	return slices.Compact(made)
}
