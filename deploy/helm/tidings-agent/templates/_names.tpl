{{- define "tidings-agent.name" -}}
{{- if contains "tidings-agent" .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-tidings-agent" .Release.Name }}{{ end -}}
{{- end -}}
{{- define "tidings-agent.selector" -}}
app.kubernetes.io/name: tidings-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "tidings-agent.labels" -}}
{{ include "tidings-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
{{/* What may be read in a namespace; a test keeps it in step with deploy/kubernetes/role.yaml. */}}
{{- define "tidings-agent.rules" -}}
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets, replicasets, controllerrevisions]
  verbs: [list, watch]
- apiGroups: [batch]
  resources: [cronjobs, jobs]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [pods, services, configmaps{{ if not .Values.namespaces }}, namespaces, nodes{{ end }}, events]
  verbs: [list, watch]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes, grpcroutes]
  verbs: [list, watch]
- apiGroups: [argoproj.io]
  resources: [rollouts]
  verbs: [list, watch]
{{- end -}}
{{- define "tidings-agent.secretRules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch]
{{- end -}}
