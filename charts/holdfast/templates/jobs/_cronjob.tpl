{{/* A CronJob: (dict "owner" <schedule or repository> "timing" {schedule, timeZone, suspend} "deadline" <seconds that it may start late> "plan" …). */}}
{{- define "holdfast.cronJob" -}}
{{- $namespace := .plan.root.Release.Namespace }}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "holdfast.cut" (dict "name" (printf "%s-%s" .owner .plan.operation) "limit" 52) | quote }}
  namespace: {{ $namespace }}
  labels: {{- include "holdfast.jobLabels" .plan | nindent 4 }}
spec:
  schedule: {{ include "holdfast.cron" (dict "cron" .timing.schedule "seed" (printf "%s/%s/%s" $namespace .owner .plan.operation)) | quote }}
  timeZone: {{ .timing.timeZone | quote }}
  suspend: {{ .timing.suspend }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: {{ .deadline | int64 }}
  successfulJobsHistoryLimit: 10
  failedJobsHistoryLimit: 10
  jobTemplate:
    metadata:
      labels: {{- include "holdfast.jobLabels" .plan | nindent 8 }}
    spec: {{- include "holdfast.jobSpec" .plan | nindent 6 }}
{{- end }}
