{{/* What a run sees beyond /tmp, as YAML: {env: [], mounts: [], volumes: []}. Secrets item by item: what lies beside them is not mounted. */}}
{{- define "holdfast.jobMounts" -}}
{{- $env := list }}
{{- $mounts := list }}
{{- $volumes := list }}
{{- range concat (include "holdfast.repositoryNeeds" . | fromYamlArray) (include "holdfast.sourceNeeds" . | fromYamlArray) }}
{{- range $name, $value := .env }}
{{- $env = append $env (dict "name" $name "value" $value) }}
{{- end }}
{{- with .mount }}
{{- $mounts = append $mounts . }}
{{- end }}
{{- with .volume }}
{{- $volumes = append $volumes . }}
{{- end }}
{{- end }}
{{- toYaml (dict "env" $env "mounts" $mounts "volumes" $volumes) }}
{{- end }}

{{/* The store and its keys. */}}
{{- define "holdfast.repositoryNeeds" -}}
{{- with .repository.volume }}
- env: { HOLDFAST_REPOSITORY: {{ printf "file://%s" (list "/repository" .path | compact | join "/" | include "holdfast.encodePath") | quote }} }
  mount: { name: repository, mountPath: /repository }
  volume: { name: repository, persistentVolumeClaim: { claimName: {{ .claimName | quote }} } }
{{- end }}
{{- with .repository.s3 }}
- env: { HOLDFAST_REPOSITORY: {{ printf "s3://%s" (list .bucket .prefix | compact | join "/") | quote }} }
{{- with .endpoint }}
- env: { HOLDFAST_S3_ENDPOINT: {{ . | quote }} }
{{- end }}
{{- with .region }}
- env: { HOLDFAST_S3_REGION: {{ . | quote }} }
{{- end }}
{{- if hasKey . "pathStyle" }}
- env: { HOLDFAST_S3_PATH_STYLE: {{ .pathStyle | quote }} }
{{- end }}
{{- if or .credentialsSecret .caSecret }}
- mount: { name: s3, mountPath: /secrets/s3, readOnly: true }
  volume:
    name: s3
    projected:
      defaultMode: 288
      sources:
        {{- with .credentialsSecret }}
        - secret: { name: {{ .name | quote }}, items: [{ key: {{ .key | quote }}, path: credentials }] }
        {{- end }}
        {{- with .caSecret }}
        - secret: { name: {{ .name | quote }}, items: [{ key: {{ .key | quote }}, path: ca.crt }] }
        {{- end }}
{{- if .credentialsSecret }}
- env: { AWS_SHARED_CREDENTIALS_FILE: /secrets/s3/credentials }
{{- end }}
{{- if .caSecret }}
- env: { HOLDFAST_S3_CA_FILE: /secrets/s3/ca.crt }
{{- end }}
{{- end }}
{{- end }}
{{- with .repository.keysSecret }}
- env: { HOLDFAST_REPOSITORY_KEY_FILE: /secrets/keys/repository.key }
- env: { HOLDFAST_RECIPIENTS_FILE: /secrets/keys/recipients.txt }
- mount: { name: keys, mountPath: /secrets/keys, readOnly: true }
  volume:
    name: keys
    secret:
      secretName: {{ .name | quote }}
      items: [{ key: repository.key, path: repository.key }, { key: recipients.txt, path: recipients.txt }]
      defaultMode: 288
{{- end }}
{{- if .reads }}
{{- with .repository.identitySecret }}
- env: { HOLDFAST_IDENTITY_FILE: /secrets/identity/identity.txt }
  mount: { name: identity, mountPath: /secrets/identity, readOnly: true }
  volume: { name: identity, secret: { secretName: {{ .name | quote }}, items: [{ key: {{ .key | quote }}, path: identity.txt }], defaultMode: 288 } }
{{- end }}
{{- end }}
{{- end }}

{{/* The database, and what else is said of its backups. */}}
{{- define "holdfast.sourceNeeds" -}}
{{- with .sourceName }}
- env: { HOLDFAST_SOURCE_NAME: {{ . | quote }} }
{{- end }}
{{- with (.source).postgres }}
- env: { HOLDFAST_SOURCE_FILE: /secrets/source/address }
  mount: { name: source, mountPath: /secrets/source, readOnly: true }
  volume: { name: source, secret: { secretName: {{ .addressSecret.name | quote }}, items: [{ key: {{ .addressSecret.key | quote }}, path: address }], defaultMode: 288 } }
{{- end }}
{{- with (.source).sqlite }}
- env: { HOLDFAST_SOURCE: {{ printf "sqlite:///source/%s" (include "holdfast.encodePath" .path) | quote }} }
  # Writable: a reader too takes part in the locks beside the database.
  mount: { name: source, mountPath: /source }
  volume: { name: source, persistentVolumeClaim: { claimName: {{ .claimName | quote }} } }
{{- end }}
{{- with (.options).compressionLevel }}
- env: { HOLDFAST_COMPRESSION_LEVEL: {{ . | quote }} }
{{- end }}
{{- with (.options).connections }}
- env: { HOLDFAST_CONNECTIONS: {{ . | quote }} }
{{- end }}
{{- with .assertions }}
- mount: { name: assertions, mountPath: /assertions, readOnly: true }
  volume: { name: assertions, configMap: { name: {{ .name | quote }}, items: [{ key: {{ .key | quote }}, path: assertions.sql }], defaultMode: 288 } }
{{- end }}
{{- end }}

{{/* Addresses are read as URLs: what ends a path there, or begins an escape, is escaped. */}}
{{- define "holdfast.encodePath" -}}
{{- . | replace "%" "%25" | replace "?" "%3F" | replace "#" "%23" }}
{{- end }}
