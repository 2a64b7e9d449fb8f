{{/* Secrets of a component, by the variable whose _FILE names the file: those of all, its own, and those that the chart knows. */}}
{{- define "agentstream.secrets" -}}
{{- $values := .root.Values -}}
{{- $secrets := merge (dict) (index $values .name).secrets $values.secrets -}}
{{- if $values.redis.connection.name -}}
{{- $_ := set $secrets "ConnectionStrings__redis" $values.redis.connection -}}
{{- end -}}
{{- if and $values.access.openIdConnect.authority (ne .name "worker") -}}
{{- $_ := set $secrets "AgentStream__Access__OpenIdConnect__ClientSecret" $values.access.openIdConnect.clientSecret -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end }}

{{/* The environment of a component. What an operator sets wins over what the chart sets; no name comes twice. */}}
{{- define "agentstream.environment" -}}
{{- $values := .root.Values -}}
{{- $api := printf "%s-api" (include "agentstream.fullname" .root) -}}
{{- $all := dict "ASPNETCORE_HTTP_PORTS" (toString .port) "OTEL_SERVICE_NAME" .name -}}
{{- if $values.telemetry.endpoint -}}
{{- $_ := set $all "OTEL_EXPORTER_OTLP_ENDPOINT" $values.telemetry.endpoint -}}
{{- end -}}
{{- if $values.telemetry.prometheus -}}
{{- $_ := set $all "OTEL_METRICS_EXPORTER" (ternary "otlp,prometheus" "prometheus" (ne $values.telemetry.endpoint "")) -}}
{{- $_ := set $all "OTEL_EXPORTER_PROMETHEUS_HOST" "0.0.0.0" -}}
{{- $_ := set $all "OTEL_EXPORTER_PROMETHEUS_PORT" (toString $values.telemetry.prometheusPort) -}}
{{- end -}}
{{- if $values.redis.host -}}
{{- $redis := printf "%s:%v" $values.redis.host $values.redis.port -}}
{{- if $values.redis.user -}}{{- $redis = printf "%s,user=%s" $redis $values.redis.user -}}{{- end -}}
{{- if $values.redis.password.name -}}{{- $redis = printf "%s,password=$(REDIS_PASSWORD)" $redis -}}{{- end -}}
{{- if $values.redis.ssl -}}{{- $redis = printf "%s,ssl=true" $redis -}}{{- end -}}
{{- $_ := set $all "ConnectionStrings__redis" $redis -}}
{{- end -}}
{{- if ne .name "worker" -}}
{{- $_ := set $all "AgentStream__Shutdown__DrainTime" (include "agentstream.drainTime" $values) -}}
{{- if $values.access.open -}}{{- $_ := set $all "AgentStream__Access__Open" "true" -}}{{- end -}}
{{- if $values.access.roles -}}{{- $_ := set $all "AgentStream__Access__Roles" $values.access.roles -}}{{- end -}}
{{- with $values.access.openIdConnect -}}
{{- if .authority -}}
{{- $_ := set $all "AgentStream__Access__OpenIdConnect__Authority" .authority -}}
{{- $_ := set $all "AgentStream__Access__OpenIdConnect__ClientId" .clientId -}}
{{- if .roleClaim -}}{{- $_ := set $all "AgentStream__Access__OpenIdConnect__RoleClaim" .roleClaim -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $index, $network := $values.proxies -}}
{{- $_ := set $all (printf "AgentStream__Proxies__%d" $index) $network -}}
{{- end -}}
{{- end -}}
{{- if eq .name "api" -}}
{{- $_ := set $all "AgentStream__Api__AllowedHosts__0" ($values.publicHost | default "localhost") -}}
{{- $_ := set $all "AgentStream__Api__AllowedHosts__1" $api -}}
{{- if not $values.publicHost -}}
{{- $_ := set $all "AgentStream__Api__AllowedOrigins__0" "http://localhost:7860" -}}
{{- end -}}
{{- else if eq .name "web" -}}
{{- $_ := set $all "AgentStream__Web__AllowedHosts__0" ($values.publicHost | default "localhost") -}}
{{- $_ := set $all "AgentStream__Web__ApiBaseAddress" (ternary "" "http://localhost:8000" (ne $values.publicHost "")) -}}
{{- $_ := set $all "AgentStream__Web__ApiInternalAddress" (printf "http://%s:8000" $api) -}}
{{- else if $values.worker.documents.existingClaim -}}
{{- $_ := set $all "AgentStream__Documents__Folder" "/home/documents" -}}
{{- end -}}
{{- range $variable, $_ := include "agentstream.secrets" . | fromYaml -}}
{{- $_ := set $all (printf "%s_FILE" $variable) (printf "/run/secrets/agentstream/%s" $variable) -}}
{{- end -}}
{{- $all = mergeOverwrite $all $values.settings (index $values .name).settings -}}
{{- if $values.redis.password.name }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $values.redis.password.name }}
      key: {{ $values.redis.password.key }}
{{- end }}
{{- range $name, $value := $all }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "agentstream.drainTime" -}}
{{- printf "00:%02d:%02d" (div .drainSeconds 60) (mod .drainSeconds 60) -}}
{{- end }}
