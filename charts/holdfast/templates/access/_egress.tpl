{{- define "holdfast.egressToNames" -}}
- ports:
    {{- range .Values.networkPolicy.dnsPorts }}
    - { port: {{ . | int }}, protocol: UDP }
    - { port: {{ . | int }}, protocol: TCP }
    {{- end }}
{{- end }}

{{/* Names and the API server, which no selector can name; and Sentry, which speaks HTTPS too. */}}
{{- define "holdfast.egressToCluster" -}}
{{ include "holdfast.egressToNames" . }}
- ports: {{- include "holdfast.ports" (.Values.networkPolicy.apiServerPorts | concat (.Values.sentry.dsnSecret.name | empty | ternary list (list 443))) | nindent 4 }}
{{- end }}

{{- define "holdfast.ports" -}}
{{- $numbers := list }}
{{- range . }}
{{- $numbers = append $numbers (int .) }}
{{- end }}
{{- range $numbers | uniq }}
- { port: {{ . }}, protocol: TCP }
{{- end }}
{{- end }}

{{/* Of an address: the one in it, else its scheme's. */}}
{{- define "holdfast.portOf" -}}
{{- $url := urlParse . }}
{{- $given := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $given | default (get (dict "http" "80" "https" "443" "postgres" "5432" "postgresql" "5432" "redis" "6379" "rediss" "6379") $url.scheme) }}
{{- end }}
