/**
 * Makes the review that the API server sends for the pods of an ordinary Deployment: 8 to 10 KiB, most of which the webhook
 * does not read.
 */
import { ACCOUNT, NAMESPACE } from './cluster.ts';

/** The UID is as long as any other, so that a client can write another one over it. */
export const UID = '705ab4f5-6393-4e11-a8b7-42010a800002';

const OBJECTS = `- objectName: shop/checkout/db
  objectType: secretsmanager
  jmesPath:
    - path: username
      objectAlias: db-username
    - path: password
      objectAlias: db-password
- objectName: /shop/checkout/api-key
  objectType: ssmparameter
  objectAlias: api-key
`;
const ENV = `DB_USER: shop/checkout/db#username
DB_PASSWORD: shop/checkout/db#password
API_KEY: ssm:/shop/checkout/api-key
`;

/** Returns a review. The first container gets `more` further variables. `declares` is true if the pod declares secrets. */
export function reviewOf(more = 0, declares = true): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: UID,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      namespace: NAMESPACE,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: '5fbf1c5b-8dbd-4d6a-9f9e-1f4c3f0d8a11',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      },
      object: podOf(more, declares),
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}

function podOf(more: number, declares: boolean) {
  const template = { 'app.kubernetes.io/name': 'checkout', 'pod-template-hash': '7c9d8b6f5' };
  const variables = Array.from({ length: more }, (_, index) => variable(`MORE_${index}`, 'x'.repeat(300)));
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: 'checkout-7c9d8b6f5-',
      namespace: NAMESPACE,
      creationTimestamp: null,
      labels: {
        ...template,
        'app.kubernetes.io/part-of': 'shop',
        'app.kubernetes.io/version': '2026.11.3',
        team: 'pay',
      },
      annotations: {
        ...(declares && { 'aws-secrets-injector.dev/objects': OBJECTS, 'aws-secrets-injector.dev/env': ENV }),
        'kubectl.kubernetes.io/restartedAt': '2026-11-21T10:00:00Z',
        'prometheus.io/port': '9090',
        'prometheus.io/scrape': 'true',
      },
      ownerReferences: [
        {
          ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout-7c9d8b6f5' },
          ...{ uid: 'c3f5a9f0-4f6a-4b53-9a83-0a4e6d1f2b77', controller: true, blockOwnerDeletion: true },
        },
      ],
      managedFields: [managed()],
    },
    spec: {
      volumes: [
        { name: 'config', configMap: { name: 'checkout', defaultMode: 420 } },
        { name: 'cache', emptyDir: { sizeLimit: '256Mi' } },
        {
          name: 'kube-api-access-x7k2p',
          projected: { sources: [token(), roots(), namespaceFile()], defaultMode: 420 },
        },
      ],
      containers: [container('app', 8080, [...appVariables(), ...variables]), container('proxy', 15001, [])],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: ACCOUNT,
      serviceAccount: ACCOUNT,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [spreading(template)] } },
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        ...{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: template } },
      })),
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((taint) => ({
        ...{ key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: {},
  };
}

function variable(name: string, value: string) {
  return { name, value };
}

function appVariables() {
  const plain = Array.from({ length: 20 }, (_, index) =>
    variable(`CHECKOUT_SETTING_${index}`, `https://service-${index}.shop.svc.cluster.local:8443/api/v1`),
  );
  const reference = { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } };
  return [...plain, reference];
}

function container(name: string, port: number, env: object[]) {
  const probe = (path: string) => ({
    httpGet: { path, port, scheme: 'HTTP' },
    ...{ initialDelaySeconds: 5, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  });
  return {
    name,
    image: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/${name}:2026.11.3`,
    command: [`/usr/local/bin/${name}`],
    args: ['--config', '/etc/checkout/config.yaml', `--listen=:${port}`],
    ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
    ...(env.length > 0 && { env }),
    resources: { limits: { memory: '512Mi' }, requests: { cpu: '250m', memory: '256Mi' } },
    volumeMounts: [
      { name: 'config', readOnly: true, mountPath: '/etc/checkout' },
      { name: 'cache', mountPath: '/var/cache/checkout' },
      { name: 'kube-api-access-x7k2p', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
    livenessProbe: probe('/healthz'),
    readinessProbe: probe('/readyz'),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
  };
}

function token() {
  return { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } };
}

function roots() {
  return { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } };
}

function namespaceFile() {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } };
}

function spreading(matchLabels: object) {
  const podAffinityTerm = { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' };
  return { weight: 100, podAffinityTerm };
}

function managed() {
  const fields = ['f:affinity', 'f:containers', 'f:dnsPolicy', 'f:enableServiceLinks', 'f:restartPolicy', 'f:volumes'];
  const fieldsV1 = { 'f:metadata': {}, 'f:spec': Object.fromEntries(fields.map((field) => [field, { '.': {} }])) };
  const time = '2026-11-21T10:00:00Z';
  return {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}
