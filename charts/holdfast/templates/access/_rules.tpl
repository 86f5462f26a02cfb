{{/* What the controller does. No Secrets: pods mount them, nobody else reads them. */}}
{{- define "holdfast.controllerRules" -}}
- apiGroups: [holdfast.dev]
  resources: [backuprepositories, backupschedules, restores]
  verbs: [get, list, watch]
# Runs of schedules are recorded as these, and records beyond what is kept go.
- apiGroups: [holdfast.dev]
  resources: [backups, drills]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [holdfast.dev]
  resources: [backuprepositories/status, backupschedules/status, backups/status, restores/status, drills/status]
  verbs: [get, patch]
- apiGroups: [batch]
  resources: [cronjobs, jobs]
  verbs: [get, list, watch, create, patch, delete]
# A run's result is its container's termination message.
- apiGroups: [""]
  resources: [pods]
  verbs: [list]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "holdfast.apiRules" -}}
- apiGroups: [holdfast.dev]
  resources: [backuprepositories, backupschedules, backups, restores, drills]
  verbs: [get, list, watch]
# In a caller's name, whom the cluster was asked about.
- apiGroups: [holdfast.dev]
  resources: [backups, restores, drills]
  verbs: [create]
{{- end }}

{{/* A role and its binding, in the release's namespace or in all by the scope: (dict "root" $ "component" … "subjects" [] "rules" []). */}}
{{- define "holdfast.grant" -}}
{{- $cluster := eq .root.Values.scope "cluster" }}
{{- $name := printf "%s-%s" (include (ternary "holdfast.clusterName" "holdfast.fullname" $cluster) .root) .component }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "ClusterRole" "Role" $cluster }}
metadata:
  name: {{ $name }}
  {{- if not $cluster }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
  labels: {{- include "holdfast.componentLabels" . | nindent 4 }}
rules: {{- toYaml .rules | nindent 2 }}
---
{{ include "holdfast.bind" (dict "root" .root "component" .component "name" $name "role" (dict "kind" (ternary "ClusterRole" "Role" $cluster) "name" $name) "subjects" .subjects) }}
{{- end }}

{{/* A binding in the release's namespace or in all by the scope: (dict "root" $ "component" … "name" … "role" {kind, name} "subjects" []). */}}
{{- define "holdfast.bind" -}}
{{- $cluster := eq .root.Values.scope "cluster" }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "ClusterRoleBinding" "RoleBinding" $cluster }}
metadata:
  name: {{ .name }}
  {{- if not $cluster }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
  labels: {{- include "holdfast.componentLabels" . | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: {{ .role.kind }}, name: {{ .role.name }} }
subjects: {{- toYaml .subjects | nindent 2 }}
{{- end }}
