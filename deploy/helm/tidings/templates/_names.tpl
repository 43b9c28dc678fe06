{{- define "tidings.name" -}}
{{- if contains "tidings" .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-tidings" .Release.Name }}{{ end -}}
{{- end -}}
{{- define "tidings.selector" -}}
app.kubernetes.io/name: tidings
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "tidings.labels" -}}
{{ include "tidings.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
