{{- define "holdfast.secretKeyName" -}}
{{- .Values.api.existingSecret | default (printf "%s-api" (include "holdfast.fullname" .)) }}
{{- end }}

{{/* Names by which requests reach the API: its Service's, those it is published under, and what a port-forward says. */}}
{{- define "holdfast.allowedHosts" -}}
{{- $service := printf "%s-api" (include "holdfast.fullname" .) }}
{{- $qualified := printf "%s.%s" $service .Release.Namespace }}
{{- $hosts := list "localhost" $service $qualified (printf "%s.svc" $qualified) (printf "%s.svc.cluster.local" $qualified) }}
{{- if .Values.api.ingress.enabled }}
{{- $hosts = concat $hosts .Values.api.ingress.hosts }}
{{- end }}
{{- if .Values.api.httpRoute.enabled }}
{{- $hosts = concat $hosts .Values.api.httpRoute.hostnames }}
{{- end }}
{{- concat $hosts .Values.api.allowedHosts | uniq | join "," }}
{{- end }}

{{- define "holdfast.proxyHops" -}}
{{- $behindProxy := or .Values.api.ingress.enabled .Values.api.httpRoute.enabled }}
{{- kindIs "invalid" .Values.api.proxyHops | ternary (ternary 1 0 $behindProxy) .Values.api.proxyHops }}
{{- end }}

{{- define "holdfast.apiEnv" -}}
- { name: HOLDFAST_MODE, value: production }
- { name: HOLDFAST_LOG_LEVEL, value: {{ .Values.api.logLevel }} }
- { name: HOLDFAST_SECRET_KEY_FILE, value: /secrets/service/secret-key }
- { name: HOLDFAST_ALLOWED_HOSTS, value: {{ include "holdfast.allowedHosts" . | quote }} }
- { name: HOLDFAST_PROXY_HOPS, value: {{ include "holdfast.proxyHops" . | quote }} }
{{- if not .Values.api.requireHttps }}
- { name: HOLDFAST_HTTPS_REDIRECT, value: "off" }
{{- end }}
- { name: HOLDFAST_CATALOG, value: {{ .Values.api.catalog.address | default "sqlite:///var/lib/holdfast/catalog.sqlite" | quote }} }
{{- if and .Values.api.catalog.address .Values.api.catalog.passwordSecret.name }}
- { name: HOLDFAST_CATALOG_PASSWORD_FILE, value: /secrets/catalog/password }
{{- end }}
{{- with .Values.api.redis.address }}
- { name: HOLDFAST_REDIS, value: {{ . | quote }} }
{{- if $.Values.api.redis.passwordSecret.name }}
- { name: HOLDFAST_REDIS_PASSWORD_FILE, value: /secrets/redis/password }
{{- end }}
{{- end }}
{{- if .Values.controller.enabled }}
- { name: HOLDFAST_KUBERNETES, value: "true" }
- { name: HOLDFAST_WATCH_NAMESPACES, value: {{ include "holdfast.watchNamespaces" . | quote }} }
{{- end }}
{{- include "holdfast.sentryEnv" . }}
{{- with .Values.api.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
