{{/* What no default can say, and what would start and not work: said before anything is made. */}}
{{- define "agentstream.check" -}}
{{- if not (or .Values.redis.connection.name .Values.redis.host) -}}
{{- fail "Say where Redis is: redis.connection.name (a Secret with the connection string), or redis.host." -}}
{{- end -}}
{{- if and .Values.redis.connection.name .Values.redis.host -}}
{{- fail "Give redis.connection.name or redis.host, not both." -}}
{{- end -}}
{{- $oidc := .Values.access.openIdConnect -}}
{{- if $oidc.authority -}}
{{- if not (and $oidc.clientId $oidc.clientSecret.name) -}}
{{- fail "access.openIdConnect.authority is set: set clientId and clientSecret.name beside it." -}}
{{- end -}}
{{- end -}}
{{- $secret := "(_API_KEY|__ApiKey|__ClientSecret|__Code__Code|__Jwt__Key|__Headers__[^_]+|OTLP_HEADERS|ConnectionStrings__redis)$" -}}
{{- range list .Values.settings .Values.api.settings .Values.worker.settings .Values.web.settings -}}
{{- range $name, $_ := . -}}
{{- if regexMatch $secret $name -}}
{{- fail (printf "%s is a secret: say in secrets, not in settings, which Secret has it and under which key." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $keys := list -}}
{{- range list .Values.settings .Values.secrets .Values.api.settings .Values.api.secrets -}}
{{- $keys = concat $keys (keys .) -}}
{{- end -}}
{{- $otherWay := false -}}
{{- range $keys -}}
{{- if regexMatch "^AgentStream__Access__(Code|Header|Jwt|Keys)__" . -}}{{- $otherWay = true -}}{{- end -}}
{{- end -}}
{{- if not (or $oidc.authority .Values.access.open $otherWay) -}}
{{- fail "Say who may come in: access.openIdConnect, or AgentStream__Access__... in settings or secrets; for a trial access.open." -}}
{{- end -}}
{{- if and .Values.access.open .Values.publicHost -}}
{{- fail "access.open=true lets everybody read and write every session: not under a publicHost. Set access.openIdConnect." -}}
{{- end -}}
{{- if and .Values.publicHost (not .Values.proxies) -}}
{{- fail "publicHost is set: say in proxies from which addresses the ingress asks (its pods' network), or its word means nothing." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.publicHost) -}}
{{- fail "ingress.enabled is true: say under which name in publicHost." -}}
{{- end -}}
{{- end }}
