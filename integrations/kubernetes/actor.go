package kubernetes

import "strings"

// tools are programs by what their names begin with, as field managers, client programs and labels write them.
var tools = []struct{ prefix, name string }{
	{"argocd", "Argo CD"},
	{"argo-rollouts", "Argo Rollouts"}, {"rollouts-controller", "Argo Rollouts"},
	{"kustomize-controller", "Flux"}, {"helm-controller", "Flux"}, {"flux", "Flux"}, {"image-automation-controller", "Flux"},
	{"helm", "Helm"},
	{"terraform", "Terraform"}, {"hashicorp", "Terraform"}, {"opentofu", "OpenTofu"},
	{"pulumi", "Pulumi"},
	{"cert-manager", "cert-manager"},
	{"external-secrets", "External Secrets"},
	{"sealed-secrets", "Sealed Secrets"},
	{"keda", "KEDA"},
	{"flagger", "Flagger"},
	{"spinnaker", "Spinnaker"},
	{"skaffold", "Skaffold"}, {"tilt", "Tilt"},
	{"reloader", "Reloader"},
	{"horizontal-pod-autoscaler", "autoscaler"},
}

// toolNamed gives a tool the name that people know it by; one that is not known keeps its own.
func toolNamed(program string) string {
	lower := strings.ToLower(program)
	for _, t := range tools {
		if strings.HasPrefix(lower, t.prefix) {
			return t.name
		}
	}
	return line(program)
}
