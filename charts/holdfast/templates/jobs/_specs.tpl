{{/*
The repositories and schedules of the values with the defaults that the custom resource definitions give them, as YAML.
Without the controller no API server looks at them, so what its rules would refuse is refused here.
*/}}

{{- define "holdfast.repository" -}}
{{- $repository := mergeOverwrite (dict "encryption" "age" "initialize" true) (deepCopy .spec) }}
{{- if eq (hasKey $repository "s3") (hasKey $repository "volume") }}
{{- fail (printf "repositories.%s: give one of s3 and volume" .name) }}
{{- end }}
{{- if and (ne $repository.encryption "none") (not (hasKey $repository "keysSecret")) }}
{{- fail (printf "repositories.%s: an encrypted repository needs keysSecret" .name) }}
{{- end }}
{{- range $field, $key := dict "credentialsSecret" "credentials" "caSecret" "ca.crt" }}
{{- with (get ($repository.s3 | default dict) $field) }}
{{- $_ := set $repository.s3 $field (merge . (dict "key" $key)) }}
{{- end }}
{{- end }}
{{- with $repository.identitySecret }}
{{- $_ := set $repository "identitySecret" (merge . (dict "key" "identity.txt")) }}
{{- end }}
{{- range $run, $cron := dict "prune" "H H * * 0" "verify" "H H * * 6" }}
{{- if hasKey $repository $run }}
{{- $_ := set $repository $run (include "holdfast.timing" (dict "where" (printf "repositories.%s.%s" $.name $run) "timing" (get $repository $run) "cron" $cron) | fromYaml) }}
{{- end }}
{{- end }}
{{- toYaml $repository }}
{{- end }}

{{- define "holdfast.schedule" -}}
{{- $where := printf "schedules.%s" .name }}
{{- $schedule := include "holdfast.timing" (dict "where" $where "timing" (deepCopy .spec)) | fromYaml }}
{{- $schedule = merge $schedule (dict "startingDeadlineSeconds" 3600 "sourceName" (include "holdfast.cut" (dict "name" .name "limit" 63))) }}
{{- if eq (hasKey $schedule.source "postgres") (hasKey $schedule.source "sqlite") }}
{{- fail (printf "%s.source: give one of postgres and sqlite" $where) }}
{{- end }}
{{- if not (hasKey .root.Values.repositories $schedule.repositoryRef.name) }}
{{- fail (printf "%s.repositoryRef: there is no repositories.%s" $where $schedule.repositoryRef.name) }}
{{- end }}
{{- with $schedule.source.postgres }}
{{- $_ := set . "addressSecret" (merge .addressSecret (dict "key" "address")) }}
{{- end }}
{{- with $schedule.drill }}
{{- $drill := include "holdfast.timing" (dict "where" (printf "%s.drill" $where) "timing" .) | fromYaml }}
{{- with $drill.assertionsConfigMap }}
{{- $_ := set $drill "assertionsConfigMap" (merge . (dict "key" "assertions.sql")) }}
{{- end }}
{{- $_ := set $schedule "drill" $drill }}
{{- end }}
{{- if hasKey $schedule "retention" }}
{{- if not (pick $schedule.retention "keepLast" "keepHourly" "keepDaily" "keepWeekly" "keepMonthly" "keepYearly" "keepWithin" "olderThan") }}
{{- fail (printf "%s.retention needs a rule: keepDaily, olderThan or their like" $where) }}
{{- end }}
{{- $_ := set $schedule "retention" (include "holdfast.timing" (dict "where" (printf "%s.retention" $where) "timing" $schedule.retention "cron" "H H * * *") | fromYaml) }}
{{- end }}
{{- toYaml $schedule }}
{{- end }}

{{/* (dict "where" <place in the values> "timing" {schedule, timeZone, suspend, …} "cron" <default>) */}}
{{- define "holdfast.timing" -}}
{{- $timing := merge (.timing | default dict) (dict "timeZone" "Etc/UTC" "suspend" false) }}
{{- if .cron }}
{{- $timing = merge $timing (dict "schedule" .cron) }}
{{- end }}
{{- if contains "TZ=" $timing.schedule }}
{{- fail (printf "%s: the time zone goes into timeZone" .where) }}
{{- end }}
{{- if not (or (hasPrefix "@" $timing.schedule) (eq (len (regexFindAll "[^ ]+" $timing.schedule -1)) 5)) }}
{{- fail (printf "%s: cron has five fields" .where) }}
{{- end }}
{{- toYaml $timing }}
{{- end }}
