{{/* The release's name, with the chart's where it is not in it. Short enough for "-worker" and a pod's own ending. */}}
{{- define "agentstream.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 46 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 46 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* What selects the pods of a component: never changes in the life of a release. Takes root and name. */}}
{{- define "agentstream.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{/* All labels of a component's object. Takes root and name. */}}
{{- define "agentstream.labels" -}}
{{ include "agentstream.selector" . }}
app.kubernetes.io/part-of: agentstream
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{- define "agentstream.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "agentstream.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.create is false: say in serviceAccount.name which one to use." .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "agentstream.notesClaim" -}}
{{- .Values.worker.notes.existingClaim | default (printf "%s-notes" (include "agentstream.fullname" .)) -}}
{{- end }}
