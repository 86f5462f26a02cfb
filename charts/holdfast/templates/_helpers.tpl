{{/* Names, labels, images: what every object has. */}}

{{- define "holdfast.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "holdfast.fullname" -}}
{{- $name := include "holdfast.name" . }}
{{- $made := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- .Values.fullnameOverride | default $made | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Of objects without a namespace: two releases of one name in two namespaces must not share them. */}}
{{- define "holdfast.clusterName" -}}
{{- include "holdfast.cut" (dict "name" (printf "%s-%s" .Release.Namespace (include "holdfast.fullname" .)) "limit" 50) }}
{{- end }}

{{/* A name of at most `limit` characters: what is cut ends in a hash of the whole. As src/controller/pods does it. */}}
{{- define "holdfast.cut" -}}
{{- if le (len .name) (int .limit) }}
{{- .name }}
{{- else }}
{{- printf "%s-%s" (.name | trunc (int (sub .limit 9)) | trimAll "-.") (.name | sha256sum | trunc 8) }}
{{- end }}
{{- end }}

{{- define "holdfast.selectorLabels" -}}
app.kubernetes.io/name: {{ include "holdfast.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "holdfast.labels" -}}
app.kubernetes.io/name: {{ include "holdfast.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: holdfast
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "holdfast.componentLabels" -}}
{{ include "holdfast.labels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* `registry/repository:tag@digest`, as far as given. */}}
{{- define "holdfast.image" -}}
{{- with .image.registry }}{{ . }}/{{ end -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- with .image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "holdfast.serviceAccountName" -}}
{{- $made := ternary (printf "%s-%s" (include "holdfast.fullname" .root) .component) "default" .settings.serviceAccount.create }}
{{- .settings.serviceAccount.name | default $made }}
{{- end }}

{{/* The namespace whose resources are looked at; empty for all of them. */}}
{{- define "holdfast.watchNamespaces" -}}
{{- ternary .Release.Namespace "" (eq .Values.scope "namespace") }}
{{- end }}
