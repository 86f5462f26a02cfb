{{/*
A cron expression with each H replaced by a value made of a seed, `<namespace>/<name>/<operation>`: (dict "cron" … "seed" …).
As src/kubernetes/cron.ts does it; a test compares them.
*/}}
{{- define "holdfast.cron" -}}
{{- $named := dict "@hourly" "0 * * * *" "@daily" "0 0 * * *" "@midnight" "0 0 * * *" "@weekly" "0 0 * * 0" "@monthly" "0 0 1 * *" "@yearly" "0 0 1 1 *" "@annually" "0 0 1 1 *" }}
{{- $cron := get $named .cron | default .cron }}
{{- $hash := .seed | adler32sum | int64 }}
{{- $bounds := list (list 0 59) (list 0 23) (list 1 28) (list 1 12) (list 0 6) }}
{{- $fields := list }}
{{- range $index, $field := regexFindAll "[^ ]+" $cron -1 }}
{{- if hasPrefix "H" $field }}
{{- $lowest := index $bounds $index 0 | int64 }}
{{- $highest := index $bounds $index 1 | int64 }}
{{- $numbers := regexFindAll "[0-9]+" $field -1 }}
{{- $from := $lowest }}
{{- $size := 0 }}
{{- $suffix := "" }}
{{- if eq $field "H" }}
{{- $size = add (sub $highest $lowest) 1 }}
{{- else if regexMatch "^H\\([0-9]+-[0-9]+\\)$" $field }}
{{- $from = first $numbers | int64 }}
{{- $size = add (sub (last $numbers | int64) $from) 1 }}
{{- else if regexMatch "^H/[0-9]+$" $field }}
{{- $size = first $numbers | int64 }}
{{- $suffix = printf "-%d/%d" $highest $size }}
{{- end }}
{{- if lt (int64 $size) 1 }}
{{- fail (printf "%q is not cron: H, H(from-to) and H/step are whole fields" $.cron) }}
{{- end }}
{{- $field = printf "%d%s" (add (mod $hash $size) $from) $suffix }}
{{- $hash = div $hash $size }}
{{- end }}
{{- $fields = append $fields $field }}
{{- end }}
{{- join " " $fields }}
{{- end }}
