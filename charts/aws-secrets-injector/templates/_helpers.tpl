{{/*
One name for everything, whatever the release is called: a cluster has one injector, and webhooks run in the order of their
names, where this one has to come before EKS's pod-identity-webhook.
*/}}
{{- define "aws-secrets-injector.name" -}}
aws-secrets-injector
{{- end }}

{{- define "aws-secrets-injector.selectorLabels" -}}
app.kubernetes.io/name: {{ include "aws-secrets-injector.name" . }}
{{- end }}

{{- define "aws-secrets-injector.labels" -}}
{{ include "aws-secrets-injector.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "aws-secrets-injector.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "aws-secrets-injector.name" .) }}
{{- end }}

{{/* Reference of an image of values.yaml without its tag or digest. */}}
{{- define "aws-secrets-injector.imageName" -}}
{{- if and .registry (not (regexMatch "^(localhost|[^/]*[.:][^/]*)/" .repository)) }}{{ trimSuffix "/" .registry }}/{{ end -}}
{{- .repository -}}
{{- end }}

{{/* Reference of an image: a list of the chart's context and an image of values.yaml. */}}
{{- define "aws-secrets-injector.image" -}}
{{- $image := index . 1 -}}
{{- include "aws-secrets-injector.imageName" $image -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}{{ end -}}
{{- end }}

{{/*
The webhook's settings, as JSON without the empty ones. The kubelet expands $(NAME) in environment variables, so every $ is
written as its JSON escape.
*/}}
{{- define "aws-secrets-injector.settings" -}}
{{- $name := include "aws-secrets-injector.name" . -}}
{{- $image := .Values.injector.image -}}
{{- $settings := dict
      "port" .Values.webhook.port
      "healthPort" .Values.webhook.healthPort
      "maxConcurrentReviews" .Values.webhook.maxConcurrentReviews
      "clientCa" .Values.webhook.clientCa
      "logLevel" .Values.logLevel
      "injector" (dict
        "image" (include "aws-secrets-injector.image" (list . $image))
        "pullPolicy" $image.pullPolicy
        "logLevel" .Values.injector.logLevel
        "batch" .Values.injector.batch
        "rotation" .Values.injector.rotation
        "resources" (include "aws-secrets-injector.resources" .Values.injector.resources | fromJson)
        "rotationResources" (include "aws-secrets-injector.resources" .Values.injector.rotationResources | fromJson))
      "aws" .Values.aws
      "takeOverCsiVolumes" .Values.takeOverCsiVolumes
      "takeOverExternalSecrets" .Values.takeOverExternalSecrets
      "syncSecrets" (ne .Values.syncSecrets "never" | ternary .Values.syncSecrets "")
      "certificates" (include "aws-secrets-injector.certificates" . | fromJson) -}}
{{- $kept := include "aws-secrets-injector.withoutEmpty" $settings | fromJson -}}
{{- with .Values.uninjectedPods }}{{ if .enabled }}{{ $_ := set $kept "uninjectedPods" (dict "events" .events) }}{{ end }}{{ end -}}
{{- if .Values.advice.enabled -}}
{{- $_ := set $kept "advice" (ternary (dict "webhookConfigurationName" $name) dict (eq "true" (include "aws-secrets-injector.publishes" .))) -}}
{{- end -}}
{{- toJson $kept | replace "$" "\\u0024" -}}
{{- end }}

{{/* The part of the settings that says where the certificate is, as JSON. */}}
{{- define "aws-secrets-injector.certificates" -}}
{{- $name := include "aws-secrets-injector.name" . -}}
{{- $mode := .Values.certificates.mode -}}
{{- $certificates := dict "mode" $mode "serviceName" $name "webhookConfigurationName" $name -}}
{{- if eq $mode "self-managed" -}}
{{- $_ := merge $certificates (dict "secretName" (include "aws-secrets-injector.tlsSecret" .)) -}}
{{- else -}}
{{- $_ := set $certificates "directory" (include "aws-secrets-injector.tlsDirectory" .) -}}
{{- end -}}
{{- if eq $mode "provided" -}}
{{- $_ := set $certificates "caBundle" (ternary "given" "ca.crt" (not (empty .Values.certificates.provided.caBundle))) -}}
{{- end -}}
{{- toJson $certificates -}}
{{- end }}

{{/* Requests and limits as JSON, with quantities as text: `cpu: 1` is a number in YAML. */}}
{{- define "aws-secrets-injector.resources" -}}
{{- $resources := dict -}}
{{- range $kind, $quantities := . -}}
{{- $texts := dict -}}
{{- range $resource, $quantity := $quantities }}{{ $_ := set $texts $resource (toString $quantity) }}{{ end -}}
{{- $_ := set $resources $kind $texts -}}
{{- end -}}
{{- toJson $resources -}}
{{- end }}

{{/* A dict as JSON, without what is empty in it and in the dicts inside. */}}
{{- define "aws-secrets-injector.withoutEmpty" -}}
{{- $kept := dict -}}
{{- range $key, $value := . -}}
{{- if kindIs "map" $value }}{{ $value = include "aws-secrets-injector.withoutEmpty" $value | fromJson }}{{ end -}}
{{- if $value }}{{ $_ := set $kept $key $value }}{{ end -}}
{{- end -}}
{{- toJson $kept -}}
{{- end }}

{{/*
The CEL conditions below run for every pod of the cluster, and an error refuses the pod: so each field that may be missing is
behind has(). Mirror pods (the API's picture of a node's static pods) run whether they are admitted or not; whoever is not a node
and writes their annotation gains nothing. The webhook refuses any other spelling of `inject` than these, and the annotations'
prefix in other letters than small ones: so both reach it.
*/}}
{{- define "aws-secrets-injector.commonConditions" -}}
- name: not-a-mirror-pod
  expression: >-
    !has(object.metadata.annotations) ||
    !('kubernetes.io/config.mirror' in object.metadata.annotations) ||
    !has(request.userInfo.username) ||
    !request.userInfo.username.startsWith('system:node:')
- name: not-turned-off
  expression: >-
    !has(object.metadata.annotations) ||
    !('aws-secrets-injector.dev/inject' in object.metadata.annotations) ||
    !(object.metadata.annotations['aws-secrets-injector.dev/inject'] in ['false', 'False', 'FALSE', 'f', 'F', '0'])
{{- end }}

{{/* CEL: the webhook may take over a CSI volume of the pod, whose class it has to look at. Empty where it never does. */}}
{{- define "aws-secrets-injector.takesOver" -}}
{{- $mode := .Values.takeOverCsiVolumes | default "fargate" -}}
{{- if ne $mode "never" -}}
has(object.spec.volumes) &&
object.spec.volumes.exists(volume, has(volume.csi) && volume.csi.driver == 'secrets-store.csi.k8s.io')
{{- if eq $mode "fargate" }} &&
(has(object.spec.schedulerName) && object.spec.schedulerName == 'fargate-scheduler' ||
has(object.metadata.labels) && 'eks.amazonaws.com/fargate-profile' in object.metadata.labels)
{{- end }}
{{- end }}
{{- end }}

{{/* CEL: the pod refers to a Secret, which an ExternalSecret may make. Empty where the webhook looks for none. */}}
{{- define "aws-secrets-injector.servesExternalSecrets" -}}
{{- if eq .Values.takeOverExternalSecrets "all" -}}
has(object.spec.volumes) &&
object.spec.volumes.exists(volume, has(volume.secret) ||
(has(volume.projected) && has(volume.projected.sources) &&
volume.projected.sources.exists(source, has(source.secret))))
{{- range $list := list "initContainers" "containers" }} ||
has(object.spec.{{ $list }}) &&
object.spec.{{ $list }}.exists(container,
(has(container.env) &&
container.env.exists(variable, has(variable.valueFrom) && has(variable.valueFrom.secretKeyRef))) ||
(has(container.envFrom) && container.envFrom.exists(source, has(source.secretRef))))
{{- end }}
{{- end }}
{{- end }}

{{/*
Without kube-system, nodes could not become ready while the webhook is down; without its own namespace, neither could it. The
namespace `default` stays in, wherever the webhook runs: apps are there, and would start without their secrets. The webhook's
search for uninjected pods exempts the same.
*/}}
{{- define "aws-secrets-injector.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
      {{- range without (list "kube-system" .Release.Namespace | uniq) "default" }}
      - {{ quote . }}
      {{- end }}
  - key: aws-secrets-injector.dev/exempt
    operator: NotIn
    values: ['true']
{{- end }}
