{{- define "holdfast.controllerEnv" -}}
- { name: HOLDFAST_LOG_LEVEL, value: {{ .Values.controller.logLevel }} }
- { name: HOLDFAST_WATCH_NAMESPACES, value: {{ include "holdfast.watchNamespaces" . | quote }} }
- { name: HOLDFAST_LEASE_NAMESPACE, value: {{ .Release.Namespace }} }
- { name: HOLDFAST_LEASE_NAME, value: {{ include "holdfast.fullname" . }}-controller }
- name: HOLDFAST_IDENTITY
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- { name: HOLDFAST_JOB_IMAGE, value: {{ include "holdfast.image" (dict "root" . "image" .Values.jobImage) | quote }} }
- { name: HOLDFAST_JOB_IMAGE_PULL_POLICY, value: {{ .Values.jobImage.pullPolicy }} }
{{- with .Values.imagePullSecrets }}
- { name: HOLDFAST_JOB_IMAGE_PULL_SECRETS, value: {{ pluck "name" . | join "," | quote }} }
{{- end }}
- { name: HOLDFAST_JOB_RESOURCES, value: {{ .Values.jobs.resources | toJson | quote }} }
{{- with .Values.userId }}
- { name: HOLDFAST_JOB_USER_ID, value: {{ . | int64 | quote }} }
{{- end }}
{{- include "holdfast.sentryEnv" . }}
{{- with .Values.controller.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
