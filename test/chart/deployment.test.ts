import t from 'tap';
import { container, render, settingsText } from './support/render.ts';

async function pod(values: object = {}) {
  const { Deployment } = await render(values);
  const spec = Deployment.spec?.template.spec;
  if (!spec) throw new Error('the Deployment has no pod');
  return spec;
}

t.test('runs two replicas without root, capabilities or a writable root', async (t) => {
  const rendering = await render();
  t.equal(rendering.Deployment.spec?.replicas, 2);
  t.match(rendering.Deployment.spec?.template.spec, {
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  });
  t.strictSame(container(rendering).securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

t.test('probes the health port, which the admission port is not', async (t) => {
  const { livenessProbe, readinessProbe, startupProbe, ports } = container(await render());
  t.strictSame(
    ports?.map(({ name, containerPort }) => [name, containerPort]),
    [
      ['admission', 9443],
      ['health', 8080],
    ],
  );
  t.strictSame(startupProbe?.httpGet, { path: '/healthz', port: 'health' });
  t.strictSame(livenessProbe?.httpGet, { path: '/healthz', port: 'health' });
  t.strictSame(readinessProbe?.httpGet, { path: '/readyz', port: 'health' });
});

t.test('tells the webhook its own namespace', async (t) => {
  const variable = container(await render()).env?.find(({ name }) => name === 'POD_NAMESPACE');
  t.strictSame(variable?.valueFrom, { fieldRef: { fieldPath: 'metadata.namespace' } });
});

t.test('the Service leads to the admission port of the pods', async (t) => {
  const { Service, Deployment } = await render();
  t.match(Service.spec?.ports, [{ port: 443, targetPort: 'admission' }]);
  t.match(Deployment.spec?.template.metadata?.labels, Service.spec?.selector);
});

const digest = `sha256:${'0a'.repeat(32)}`;
const images: [sentence: string, image: object, expected: string][] = [
  ['a tag', { registry: 'r.io', repository: 'a/b', tag: 'v1' }, 'r.io/a/b:v1'],
  [
    'a digest, which wins over the tag',
    { registry: 'r.io', repository: 'a/b', tag: 'v1', digest },
    `r.io/a/b@${digest}`,
  ],
  ["no tag: the chart's version", { registry: 'r.io', repository: 'a/b' }, 'r.io/a/b:0.1.0'],
  ['an empty registry', { registry: '', repository: 'a/b', tag: 'v1' }, 'a/b:v1'],
  [
    'a registry with a port and a path',
    { registry: 'r.io:5000/x/', repository: 'a/b', tag: 'v1' },
    'r.io:5000/x/a/b:v1',
  ],
  [
    'a repository that names its registry',
    { repository: '1.dkr.ecr.eu-west-1.amazonaws.com/b', tag: 'v1' },
    '1.dkr.ecr.eu-west-1.amazonaws.com/b:v1',
  ],
  ['a repository on localhost', { repository: 'localhost/b', tag: 'dev' }, 'localhost/b:dev'],
];
for (const [sentence, image, expected] of images) {
  t.test(`an image with ${sentence}`, async (t) => {
    const rendering = await render({ image, injector: { image } });
    t.equal(container(rendering).image, expected);
    t.equal(JSON.parse(settingsText(rendering)).injector.image, expected);
  });
}

t.test('takes everything about scheduling from the values', async (t) => {
  const values = {
    imagePullSecrets: [{ name: 'registry' }],
    nodeSelector: { pool: 'system' },
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    topologySpreadConstraints: [{ maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    priorityClassName: 'system-cluster-critical',
    terminationGracePeriodSeconds: 90,
  };
  t.match(await pod(values), { ...values, nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'system' } });
});

t.test('adds labels and annotations to the pods, and never loses the selected one', async (t) => {
  const { Deployment } = await render({
    podLabels: { team: 'platform', 'app.kubernetes.io/name': 'other' },
    podAnnotations: { 'prometheus.io/scrape': 'true' },
  });
  t.match(Deployment.spec?.template.metadata, {
    labels: { team: 'platform', 'app.kubernetes.io/name': 'aws-secrets-injector' },
    annotations: { 'prometheus.io/scrape': 'true' },
  });
  t.match(Deployment.spec?.template.metadata?.labels, Deployment.spec?.selector.matchLabels);
});

t.test('a rollout stops no webhook before another has been ready for a while', async (t) => {
  const { Deployment } = await render();
  t.match(Deployment.spec, {
    minReadySeconds: 5,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  });
});

t.test('goes before the pods that can not start without it', async (t) => {
  t.equal((await pod()).priorityClassName, 'system-cluster-critical');
});

t.test('leaves users to the platform on demand, and nothing else', async (t) => {
  const { securityContext } = await pod({ securityContext: { pod: { runAsUser: null, runAsGroup: null } } });
  t.strictSame(securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
});

t.test('a drain stops one webhook at a time', async (t) => {
  const { PodDisruptionBudget } = await render();
  t.equal(PodDisruptionBudget?.spec?.maxUnavailable, 1);
  t.notOk(PodDisruptionBudget?.spec?.minAvailable);
});

t.test('minAvailable takes the place of maxUnavailable', async (t) => {
  const { PodDisruptionBudget } = await render({ podDisruptionBudget: { minAvailable: '50%' } });
  t.equal(PodDisruptionBudget?.spec?.minAvailable, '50%');
  t.notOk(PodDisruptionBudget?.spec?.maxUnavailable);
});

t.test('leaves the disruption budget out on demand', async (t) => {
  t.notOk((await render({ podDisruptionBudget: { enabled: false } })).PodDisruptionBudget);
});
