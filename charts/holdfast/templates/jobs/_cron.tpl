{{/*
A cron expression with each H replaced by a value made of a seed, `<namespace>/<name>/<operation>`: (dict "cron" … "seed" …).
As src/kubernetes/cron.ts does it; a test compares them.
*/}}
{{- define "holdfast.cron" -}}
{{- if hasPrefix "@" .cron }}
{{- .cron }}
{{- else }}
{{- $hash := .seed | adler32sum | int64 }}
{{- $bounds := list (list 0 59) (list 0 23) (list 1 28) (list 1 12) (list 0 6) }}
{{- $fields := list }}
{{- range $index, $field := regexFindAll "[^ ]+" .cron -1 }}
{{- $lowest := index $bounds $index 0 }}
{{- $highest := index $bounds $index 1 }}
{{- with regexFind "^H\\([0-9]+-[0-9]+\\)$" $field }}
{{- $range := regexFindAll "[0-9]+" . -1 }}
{{- $lowest = index $range 0 | int64 }}
{{- $highest = index $range 1 | int64 }}
{{- end }}
{{- if regexMatch "^H(\\([0-9]+-[0-9]+\\))?$" $field }}
{{- $size := add (sub $highest $lowest) 1 }}
{{- $field = add (mod $hash $size) $lowest | toString }}
{{- $hash = div $hash $size }}
{{- else if regexMatch "^H/[0-9]+$" $field }}
{{- $step := trimPrefix "H/" $field | int64 }}
{{- $field = printf "%d-%d/%d" (add (mod $hash $step) $lowest) $highest $step }}
{{- $hash = div $hash $step }}
{{- end }}
{{- $fields = append $fields $field }}
{{- end }}
{{- join " " $fields }}
{{- end }}
{{- end }}
