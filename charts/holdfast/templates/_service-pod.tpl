{{/* What the pods of API and controller have in common. All take (dict "root" $ "component" … "settings" .Values.…). */}}

{{- define "holdfast.podPlacement" -}}
{{- $selector := include "holdfast.selectorLabels" . }}
{{- with .settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .settings.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .settings.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
affinity:
  {{- with .settings.affinity }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- $selector | nindent 14 }}
  {{- end }}
topologySpreadConstraints:
  {{- with .settings.topologySpreadConstraints }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels: {{- $selector | nindent 8 }}
  {{- end }}
{{- end }}

{{/* Of a pod whose user and group is the given one, or none. */}}
{{- define "holdfast.podSecurity" -}}
runAsNonRoot: true
{{- with . }}
runAsUser: {{ . | int64 }}
runAsGroup: {{ . | int64 }}
fsGroup: {{ . | int64 }}
{{- end }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "holdfast.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Liveness asks the process alone, readiness also what it needs. */}}
{{- define "holdfast.probes" -}}
startupProbe:
  httpGet: { path: /startupz, port: management }
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
livenessProbe:
  httpGet: { path: /livez, port: management }
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /readyz, port: management }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 1
{{- end }}

{{- define "holdfast.sentryEnv" -}}
{{- if .Values.sentry.dsnSecret.name }}
- { name: SENTRY_DSN_FILE, value: /secrets/sentry/dsn }
- { name: ENVIRONMENT, value: {{ .Values.sentry.environment | quote }} }
- { name: RELEASE, value: {{ printf "holdfast@%s" .Chart.AppVersion | quote }} }
{{- end }}
{{- end }}

{{/* A Secret's key as a file, readable by the pod's group only: (dict "name" <volume> "secret" {name, key} "path" <file>). */}}
{{- define "holdfast.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret.name | quote }}
    items: [{ key: {{ .secret.key | quote }}, path: {{ .path }} }]
    defaultMode: 288 # 0440
{{- end }}
