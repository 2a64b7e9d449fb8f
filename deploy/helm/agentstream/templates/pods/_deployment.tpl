{{/* The Deployment of a component. Takes root, name and port. */}}
{{- define "agentstream.deployment" -}}
{{- $values := .root.Values -}}
{{- $own := index $values .name -}}
{{- $fullname := include "agentstream.fullname" .root -}}
{{- $secrets := include "agentstream.secrets" . | fromYaml -}}
{{- $worker := eq .name "worker" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $fullname }}-{{ .name }}
  labels:
    {{- include "agentstream.labels" . | nindent 4 }}
spec:
  {{- if and $own.replicas (not (dig "autoscaling" "enabled" false $own)) }}
  replicas: {{ $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  # The new one first, one at a time.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "agentstream.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "agentstream.labels" . | nindent 8 }}
      {{- if or $own.podAnnotations $values.telemetry.prometheus }}
      annotations:
        {{- if $values.telemetry.prometheus }}
        prometheus.io/scrape: "true"
        prometheus.io/port: {{ $values.telemetry.prometheusPort | quote }}
        {{- end }}
        {{- with $own.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "agentstream.serviceAccount" .root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with $values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      # Looking away comes first; a service gives up by itself 30 s after that.
      terminationGracePeriodSeconds: {{ add (ternary 0 $values.drainSeconds $worker) 40 }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 1654
        runAsGroup: 1654
        fsGroup: 1654
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "agentstream.selector" . | nindent 14 }}
      containers:
        - name: {{ .name }}
          image: {{ include "agentstream.image" . | quote }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          ports:
            - name: http
              containerPort: {{ .port }}
              protocol: TCP
            {{- if $values.telemetry.prometheus }}
            - name: metrics
              containerPort: {{ $values.telemetry.prometheusPort }}
              protocol: TCP
            {{- end }}
          env:
            {{- include "agentstream.environment" . | trim | nindent 12 }}
          # While Redis is away at the start, a service waits and then ends with a sentence; nothing here is faster than that.
          startupProbe:
            httpGet:
              path: /alive
              port: http
            periodSeconds: 2
            timeoutSeconds: 10
            failureThreshold: 60
          # Answers 503 while the service looks for Redis, and while it drains.
          readinessProbe:
            httpGet:
              path: /health
              port: http
            periodSeconds: 5
            timeoutSeconds: 10
            failureThreshold: 2
          # Never /health: a restart costs clients their connections, and does not bring Redis back.
          livenessProbe:
            httpGet:
              path: /alive
              port: http
            periodSeconds: 10
            timeoutSeconds: 10
            failureThreshold: 6
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- if $secrets }}
            - name: secrets
              mountPath: /run/secrets/agentstream
              readOnly: true
            {{- end }}
            {{- if $worker }}
            - name: home
              mountPath: /home/app
            {{- if $values.worker.documents.existingClaim }}
            - name: documents
              mountPath: /home/documents
              readOnly: true
            {{- end }}
            {{- if $values.worker.agents.configMap }}
            - name: agents
              mountPath: /app/agents
              readOnly: true
            {{- end }}
            {{- end }}
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 256Mi
        {{- if $secrets }}
        - name: secrets
          projected:
            # For the group (fsGroup).
            defaultMode: 0440
            sources:
              {{- range $variable, $secret := $secrets }}
              - secret:
                  name: {{ $secret.name }}
                  items:
                    - key: {{ $secret.key }}
                      path: {{ $variable }}
              {{- end }}
        {{- end }}
        {{- if $worker }}
        - name: home
          {{- if $values.worker.notes.enabled }}
          persistentVolumeClaim:
            claimName: {{ include "agentstream.notesClaim" .root }}
          {{- else }}
          emptyDir: {}
          {{- end }}
        {{- if $values.worker.documents.existingClaim }}
        - name: documents
          persistentVolumeClaim:
            claimName: {{ $values.worker.documents.existingClaim }}
            readOnly: true
        {{- end }}
        {{- if $values.worker.agents.configMap }}
        - name: agents
          configMap:
            name: {{ $values.worker.agents.configMap }}
        {{- end }}
        {{- end }}
      {{- with $own.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}

{{- define "agentstream.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ trimSuffix "/" . }}/{{ end }}agentstream/{{ .name }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end }}
