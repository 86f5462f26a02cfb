{{/*
A run, as src/controller/pods makes it; a test compares them. A plan is
  root, operation, args       the command line of `holdfast`
  repositoryName, repository  with its defaults
  schedule, sourceName        of runs on one source
  jobs                        layers of job settings, the nearer ones last
  reads                       whether it reads backups: only then it gets the identity
  source, options             of backups: the database, and how it is read
  assertions                  of drills: a ConfigMap
*/}}
{{- define "holdfast.jobLabels" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: job
app.kubernetes.io/part-of: holdfast
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
holdfast.dev/operation: {{ .operation }}
holdfast.dev/repository: {{ include "holdfast.labelValue" .repositoryName | quote }}
{{- with .schedule }}
holdfast.dev/schedule: {{ include "holdfast.labelValue" . | quote }}
{{- end }}
{{- with .sourceName }}
holdfast.dev/source: {{ include "holdfast.labelValue" . | quote }}
{{- end }}
{{- end }}

{{- define "holdfast.labelValue" -}}
{{- include "holdfast.cut" (dict "name" . "limit" 63) }}
{{- end }}

{{- define "holdfast.jobSettings" -}}
{{- $settings := dict }}
{{- range .jobs }}
{{- range $field, $value := . }}
{{- $_ := set $settings $field $value }}
{{- end }}
{{- end }}
{{- toYaml $settings }}
{{- end }}

{{- define "holdfast.jobSpec" -}}
{{- $settings := include "holdfast.jobSettings" . | fromYaml }}
{{- $plan := merge (dict "settings" $settings) . -}}
backoffLimit: 3
activeDeadlineSeconds: {{ $settings.activeDeadlineSeconds | default 21600 | int64 }}
# A week, so that its log can be read.
ttlSecondsAfterFinished: 604800
podFailurePolicy:
  rules:
    # Exit codes that no retry helps: configuration, integrity, not found, refused by a safety rule.
    - action: FailJob
      onExitCodes: { containerName: {{ .operation }}, operator: In, values: [2, 5, 6, 7] }
    - action: Ignore
      onPodConditions: [{ type: DisruptionTarget, status: "True" }]
template:
  metadata:
    # What NetworkPolicies select by stays as it is, whatever podLabels says.
    labels: {{- merge (include "holdfast.jobLabels" . | fromYaml) ($settings.podLabels | default dict) | toYaml | nindent 6 }}
    {{- with $settings.podAnnotations }}
    annotations: {{- toYaml . | nindent 6 }}
    {{- end }}
  spec: {{- include "holdfast.jobPod" $plan | nindent 4 }}
{{- end }}

{{- define "holdfast.jobPod" -}}
{{- $mounted := include "holdfast.jobMounts" . | fromYaml -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 60
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- range $field := list "serviceAccountName" "priorityClassName" "nodeSelector" "tolerations" "affinity" }}
{{- with get $.settings $field }}
{{ dict $field . | toYaml }}
{{- end }}
{{- end }}
securityContext: {{- include "holdfast.podSecurity" (.settings.userId | default .root.Values.userId) | nindent 2 }}
containers:
  - name: {{ .operation }}
    image: {{ include "holdfast.image" (dict "root" .root "image" .root.Values.jobImage) }}
    imagePullPolicy: {{ .root.Values.jobImage.pullPolicy }}
    args: {{- toYaml .args | nindent 6 }}
    env:
      - { name: HOLDFAST_RESULT_FILE, value: /dev/termination-log }
      {{- toYaml $mounted.env | nindent 6 }}
      {{- with .settings.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    resources: {{- include "holdfast.jobResources" . | nindent 6 }}
    securityContext: {{- include "holdfast.containerSecurity" . | nindent 6 }}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    volumeMounts:
      - { name: temporary, mountPath: /tmp }
      {{- toYaml $mounted.mounts | nindent 6 }}
volumes:
  - name: temporary
    emptyDir: { sizeLimit: {{ include "holdfast.temporarySpace" . }} }
  {{- toYaml $mounted.volumes | nindent 2 }}
{{- end }}

{{/* Of /tmp: a drill restores there, others put small files there. */}}
{{- define "holdfast.temporarySpace" -}}
{{- .settings.temporarySpace | default (ternary "10Gi" "256Mi" (eq .operation "drill")) }}
{{- end }}

{{/* Quantity by quantity: what a resource asks for, else `jobs.resources`, else the default. A drill runs a database server too. */}}
{{- define "holdfast.jobResources" -}}
{{- $storage := dict "ephemeral-storage" (include "holdfast.temporarySpace" .) }}
{{- $drill := eq .operation "drill" }}
{{- $requests := merge (dict "cpu" "250m" "memory" (ternary "512Mi" "256Mi" $drill)) $storage }}
{{- $limits := merge (dict "memory" (ternary "1Gi" "512Mi" $drill)) $storage }}
{{- range list .root.Values.jobs.resources (.settings.resources | default dict) }}
{{- $requests = merge dict (.requests | default dict) $requests }}
{{- $limits = merge dict (.limits | default dict) $limits }}
{{- end }}
{{- toYaml (dict "requests" $requests "limits" $limits) }}
{{- end }}
