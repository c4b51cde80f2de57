/** Values that people install the chart with: Kubernetes has to take what each of them renders. */
import { issueAuthority, issueLeaf, serviceNames } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';

export type ValueSet = {
  readonly values: object;
  /** API groups of add-ons in the rendering: an API server without their CRDs does not know such objects. */
  readonly addOns?: readonly string[];
};

const CERT_MANAGER = 'cert-manager.io';
const PROMETHEUS = 'monitoring.coreos.com';

const now = new Date();
const authority = await issueAuthority(now, POLICY);
const names = serviceNames('aws-secrets-injector', 'aws-secrets-injector');
const { cert, key } = await issueLeaf(now, authority, names, POLICY);
const caBundle = authority.cert;

const resources = { requests: { cpu: 1, memory: '256Mi' }, limits: { cpu: 1.5, memory: '1Gi' } };

/** By what they are about. */
export const VALUE_SETS: Readonly<Record<string, ValueSet>> = {
  'the defaults': { values: {} },
  'certificates of cert-manager': { values: { certificates: { mode: 'cert-manager' } }, addOns: [CERT_MANAGER] },
  "certificates of cert-manager's own issuer": {
    values: {
      certificates: { mode: 'cert-manager', certManager: { issuerRef: { name: 'internal', kind: 'ClusterIssuer' } } },
    },
    addOns: [CERT_MANAGER],
  },
  'a certificate in a Secret with its CA': {
    values: { certificates: { mode: 'provided', provided: { secretName: 'webhook-tls' } } },
  },
  'a certificate in a Secret with other keys, and its CA in the values': {
    values: {
      certificates: {
        mode: 'provided',
        provided: { secretName: 'webhook-tls', certName: 'server.pem', keyName: 'server-key.pem', caBundle },
      },
    },
  },
  'a certificate in the values': { values: { certificates: { mode: 'provided', provided: { cert, key, caBundle } } } },
  'everything that Prometheus and Grafana take': {
    values: {
      metrics: {
        serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, interval: '15s' },
        prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
        dashboard: { enabled: true },
      },
      uninjectedPods: { enabled: true, events: true },
    },
    addOns: [PROMETHEUS],
  },
  'a PodMonitor': { values: { metrics: { podMonitor: { enabled: true } } }, addOns: [PROMETHEUS] },
  'advice about Rollouts': {
    values: {
      advice: { workloads: [{ apiGroups: ['argoproj.io'], apiVersions: ['v1alpha1'], resources: ['rollouts'] }] },
    },
  },
  'all ExternalSecrets and CSI volumes taken over': {
    values: { takeOverExternalSecrets: 'all', takeOverCsiVolumes: 'all' },
  },
  'no advice': { values: { advice: { enabled: false } } },
  'uninjected pods counted only': { values: { uninjectedPods: { enabled: true } } },
  'an open NetworkPolicy': { values: { networkPolicy: { enabled: true } } },
  'a narrow NetworkPolicy': {
    values: {
      networkPolicy: {
        enabled: true,
        apiServerCidrs: ['10.0.0.0/16', 'fd00::/8'],
        metricsFrom: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
        },
      },
    },
  },
  "the nodes' network and other ports": {
    values: { hostNetwork: true, webhook: { port: 8443, healthPort: 18_080, maxConcurrentReviews: 8 } },
  },
  'a client CA': {
    values: {
      webhook: {
        clientCa: caBundle,
        timeoutSeconds: 5,
        annotations: { team: 'platform' },
      },
    },
  },
  'users assigned by the platform, and an own ServiceAccount': {
    values: {
      securityContext: { pod: { runAsUser: null, runAsGroup: null } },
      serviceAccount: { create: false, name: 'injector' },
    },
  },
  'three replicas, spread and limited': {
    values: {
      replicaCount: 3,
      resources,
      injector: { resources },
      podDisruptionBudget: { maxUnavailable: '', minAvailable: '50%' },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'aws-secrets-injector' } },
        },
      ],
      tolerations: [{ operator: 'Exists' }],
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      imagePullSecrets: [{ name: 'registry' }],
      podLabels: { team: 'platform' },
      podAnnotations: { 'prometheus.io/scrape': 'true' },
      priorityClassName: '',
    },
  },
  'a cluster that starts pods without their secrets where need be': {
    values: { failurePolicy: 'Ignore', takeOverCsiVolumes: 'all', validatingAdmissionPolicy: { enabled: false } },
  },
  "an emulator's endpoints": {
    values: {
      aws: { endpointUrl: 'http://emulator.default:4566', region: 'eu-central-1', caBundle },
      logLevel: 'debug',
    },
  },
};
