{{/* The certificate is mounted in this folder. The kubelet renews a volume, but not an environment variable. */}}
{{- define "aws-secrets-injector.tlsDirectory" -}}
/run/aws-secrets-injector/tls
{{- end }}

{{/*
The Secret with the certificate. Each mode has its own, so that going from one to another never meets a Secret that belongs to
somebody else.
*/}}
{{- define "aws-secrets-injector.tlsSecret" -}}
{{- $name := include "aws-secrets-injector.name" . -}}
{{- with .Values.certificates -}}
{{- if eq .mode "self-managed" }}{{ $name }}-tls
{{- else if eq .mode "cert-manager" }}{{ $name }}-cert-manager-tls
{{- else }}{{ .provided.secretName | default (printf "%s-provided-tls" $name) }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Gives "true" if the webhook writes the caBundle itself, else "false". */}}
{{- define "aws-secrets-injector.publishes" -}}
{{- with .Values.certificates -}}
{{- or (eq .mode "self-managed") (and (eq .mode "provided") (not .provided.caBundle)) -}}
{{- end -}}
{{- end }}

{{/* The annotations of a webhook configuration, or nothing. */}}
{{- define "aws-secrets-injector.webhookAnnotations" -}}
{{- $annotations := .Values.webhook.annotations }}
{{- if eq .Values.certificates.mode "cert-manager" }}
{{- $from := printf "%s/%s" .Release.Namespace (include "aws-secrets-injector.name" .) }}
{{- $annotations = merge (dict "cert-manager.io/inject-ca-from" $from) $annotations }}
{{- end }}
{{- with $annotations }}{{ toYaml . }}{{ end }}
{{- end }}

{{/* The clientConfig of a webhook: a list of the chart's context and the path. */}}
{{- define "aws-secrets-injector.clientConfig" -}}
{{- $path := index . 1 }}
{{- with index . 0 -}}
{{- if .Values.certificates.provided.caBundle -}}
clientConfig:
  caBundle: {{ b64enc .Values.certificates.provided.caBundle }}
{{- else -}}
# {{ ternary "cert-manager" "The webhook" (eq .Values.certificates.mode "cert-manager") }} adds the caBundle. It is not a field of this manifest, so that applying it
# again leaves it there.
clientConfig:
{{- end }}
  service:
    name: {{ include "aws-secrets-injector.name" . }}
    namespace: {{ .Release.Namespace | quote }}
    path: {{ $path }}
    port: 443
{{- end }}
{{- end }}

{{/* Names the keys, so that a Secret that lacks one never takes the place of a good one: the kubelet keeps what it has. */}}
{{- define "aws-secrets-injector.tlsItems" -}}
{{- $provided := .Values.certificates.provided -}}
{{- $isProvided := eq .Values.certificates.mode "provided" -}}
- key: {{ ternary $provided.certName "tls.crt" $isProvided | quote }}
  path: tls.crt
- key: {{ ternary $provided.keyName "tls.key" $isProvided | quote }}
  path: tls.key
{{- if eq "true" (include "aws-secrets-injector.publishes" .) }}
- key: ca.crt
  path: ca.crt
{{- end }}
{{- end }}

{{/* Refuses values that contradict one another, in one sentence. */}}
{{- define "aws-secrets-injector.checkCertificates" -}}
{{- with .Values.certificates.provided -}}
{{- $hasPair := or .cert .key -}}
{{- $isProvided := eq $.Values.certificates.mode "provided" -}}
{{- if and (not $isProvided) (or $hasPair .secretName .caBundle) }}{{ fail "certificates.provided is only for certificates.mode: provided" }}{{ end -}}
{{- if and $isProvided .secretName $hasPair }}{{ fail "certificates.provided takes either secretName or cert and key, not both" }}{{ end -}}
{{- if and $isProvided (not .secretName) (not (and .cert .key .caBundle)) }}{{ fail "certificates.mode: provided needs certificates.provided.secretName, or certificates.provided.cert, key and caBundle" }}{{ end -}}
{{- end -}}
{{- if and .Values.certificates.certManager.issuerRef (ne .Values.certificates.mode "cert-manager") }}{{ fail "certificates.certManager is only for certificates.mode: cert-manager" }}{{ end -}}
{{- end }}
