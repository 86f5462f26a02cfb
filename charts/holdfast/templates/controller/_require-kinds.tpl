{{/*
Helm cannot make objects of kinds that the same release brings, and says so obscurely. What only a cluster knows (Helm by itself
lists client-go's kinds) tells an installation from a mere render, which must not fail.
*/}}
{{- define "holdfast.requireKinds" -}}
{{- $wanted := or .Values.repositories .Values.schedules }}
{{- $connected := .Capabilities.APIVersions.Has "apiregistration.k8s.io/v1" }}
{{- if and $wanted $connected (not (.Capabilities.APIVersions.Has "holdfast.dev/v1alpha1/BackupSchedule")) }}
{{- fail "This cluster does not know Holdfast's kinds yet, and Helm makes no objects of kinds that come with the same release: install without `repositories` and `schedules` first, then run `helm upgrade` with them." }}
{{- end }}
{{- end }}
