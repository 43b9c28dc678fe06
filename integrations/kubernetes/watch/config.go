package watch

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"tidings.dev/tidings/integrations/kubernetes"
)

// config is what is left of a ConfigMap or a Secret: its keys.
type config struct {
	kubernetes.Config
}

// certificates are ConfigMaps that the platform itself puts into every namespace.
var certificates = map[string]bool{"kube-root-ca.crt": true, "openshift-service-ca.crt": true, "istio-ca-root-cert": true}

func (r reader) configMap(c *corev1.ConfigMap) any {
	if certificates[c.Name] || c.Labels["owner"] == "helm" || c.Labels["OWNER"] == "TILLER" {
		return nil
	}
	if _, elected := c.Annotations["control-plane.alpha.kubernetes.io/leader"]; elected {
		return nil // a lock that is written every two seconds
	}
	made := &config{kubernetes.Config{Meta: r.meta("ConfigMap", c), Immutable: c.Immutable != nil && *c.Immutable, Keys: map[string]string{}}}
	for k, v := range c.Data {
		made.Keys[k] = r.mark(v)
	}
	for k, v := range c.BinaryData {
		made.Keys[k] = r.mark(string(v))
	}
	return made
}

func (r reader) secret(s *corev1.Secret) any {
	switch s.Type {
	case helmType, corev1.SecretTypeServiceAccountToken, corev1.SecretTypeBootstrapToken:
		return nil // the selector leaves them out already
	}
	if strings.HasPrefix(string(s.Type), "helm.sh/") {
		return nil
	}
	made := &config{kubernetes.Config{Meta: r.meta("Secret", s), Type: string(s.Type), Immutable: s.Immutable != nil && *s.Immutable, Keys: map[string]string{}}}
	for k, v := range s.Data {
		made.Keys[k] = r.mark(string(v))
	}
	return made
}
