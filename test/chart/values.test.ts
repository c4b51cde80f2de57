import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Deployment } from '@kubernetes/client-node';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { CHART, helmTemplate } from './support/helm.ts';
import { objectsOf, render, renderText } from './support/render.ts';

const refused: [sentence: string, values: object, message: RegExp][] = [
  ['a misspelled value in a list', { tolerations: [{ keys: 'a' }] }, /keys/],
  ['an unknown value', { replicas: 3 }, /replicas/],
  ['a misspelled value inside', { aws: { endpointURL: 'http://x' } }, /endpointURL/],
  ['certificates of an unknown mode', { certificates: { mode: 'vault' } }, /mode/],
  ['taking over CSI volumes on nodes that nobody knows', { takeOverCsiVolumes: 'ec2' }, /takeOverCsiVolumes/],
  ['taking over some ExternalSecrets', { takeOverExternalSecrets: 'some' }, /takeOverExternalSecrets/],
  ['a Pod Identity agent that is no URL', { aws: { endpoints: { podIdentity: '169.254.170.23' } } }, /podIdentity/],
  ['a failure policy that Kubernetes has not', { failurePolicy: 'Retry' }, /failurePolicy/],
  ['an endpoint that is no URL', { aws: { endpointUrl: 'localhost:4566' } }, /endpointUrl/],
  ['a proxy with a user and a password', { aws: { httpsProxy: 'http://user:pw@proxy:3128' } }, /httpsProxy/],
  ['an endpoint with a user', { aws: { endpointUrl: 'https://user@localhost' } }, /endpointUrl/],
  ['an endpoint with a query', { aws: { endpoints: { sts: 'https://sts.internal/?token=x' } } }, /sts/],
  ['an agent with a fragment', { aws: { endpoints: { podIdentity: 'http://agent/#x' } } }, /podIdentity/],
  ['a private key in place of a CA', { aws: { caBundle: '-----BEGIN EC PRIVATE KEY-----\n' } }, /caBundle/],
  ['a CA that is no PEM', { aws: { caBundle: 'xx' } }, /caBundle/],
  [
    'a CA bundle that is too large for every pod',
    { aws: { caBundle: '-----BEGIN CERTIFICATE-----\n'.repeat(1200) } },
    /aws\.caBundle has more than 32 KiB.*aws\.caBundleConfigMap/,
  ],
  [
    'a key of no ConfigMap',
    { aws: { caBundleConfigMap: { key: 'ca.pem' } } },
    /aws\.caBundleConfigMap\.key needs aws\.caBundleConfigMap\.name/,
  ],
  ['an availability zone in place of a region', { aws: { region: 'us-west-2a' } }, /region/],
  ['a region in capitals', { aws: { region: 'EU-WEST-1' } }, /region/],
  ['no replica at all', { replicaCount: 0 }, /replicaCount/],
  ['a digest without its algorithm', { image: { digest: 'abc' } }, /digest/],
  ['a timeout above what Kubernetes allows', { webhook: { timeoutSeconds: 31 } }, /timeoutSeconds/],
  ['one port for two servers', { webhook: { port: 8080 } }, /webhook\.port and webhook\.healthPort have to differ/],
  [
    'a disruption budget that says nothing',
    { podDisruptionBudget: { maxUnavailable: '' } },
    /maxUnavailable or minAvailable/,
  ],
  ['an end before everybody knows of it', { terminationGracePeriodSeconds: 5 }, /terminationGracePeriodSeconds/],
  ['an unknown log level', { logLevel: 'verbose' }, /logLevel/],
  ['a text in place of yes or no', { injector: { batch: 'true' } }, /batch/],
];
for (const [sentence, values, message] of refused) {
  t.test(`refuses ${sentence}`, async (t) => {
    await t.rejects(render(values), { message });
  });
}

const tricky = '1e3';
t.test('names that YAML would read as numbers stay texts', async (t) => {
  const values = {
    priorityClassName: 'true',
    serviceAccount: { name: tricky },
    certificates: { mode: 'provided', provided: { secretName: tricky, certName: tricky, keyName: '0x1' } },
    metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true }, dashboard: { enabled: true } },
    networkPolicy: { enabled: true, metricsFrom: { podSelector: {} } },
  };
  const objects = objectsOf(await renderText(values, ['--namespace', tricky]));
  const namespaces = objects.flatMap(({ metadata: { namespace } }) => (namespace === undefined ? [] : [namespace]));
  t.ok(namespaces.length > 8);
  t.strictSame(new Set(namespaces), new Set([tricky]));
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as V1Deployment | undefined;
  t.match(deployment?.spec?.template.spec, {
    priorityClassName: 'true',
    serviceAccountName: tricky,
    volumes: [{ secret: { secretName: tricky, items: [{ key: tricky }, { key: '0x1' }] } }],
  });
});

t.test('a value with a line break adds no line to what is rendered', async (t) => {
  const { Deployment } = await render({ priorityClassName: 'a\n      hostPID: true' });
  t.equal(Deployment.spec?.template.spec?.hostPID, undefined);
});

t.test('describes every value, and has each in values.yaml', async (t) => {
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8'));
  const values = parse(await readFile(join(CHART, 'values.yaml'), 'utf8'));
  const { global: _global, enabled: _enabled, ...properties } = schema.properties;
  check(t, { ...schema, properties }, values, 'values');
});

type Schema = {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: unknown;
};

function check(t: Test, schema: Schema, value: unknown, path: string) {
  t.ok(schema.description, `${path} is described`);
  if (!schema.properties) return;
  t.equal(schema.additionalProperties, false, `${path} refuses unknown keys`);
  for (const [key, inner] of Object.entries(schema.properties)) {
    if (value === undefined) t.fail(`${path} is missing in values.yaml`);
    // An empty default stands for all that may be in it.
    else check(t, inner, isEmpty(value) ? {} : (value as Record<string, unknown>)[key], `${path}.${key}`);
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Kubernetes' own objects, which the API server checks, and what Helm gives charts that others depend on. */
const OPEN = ['affinity', 'topologySpreadConstraints[]', 'securityContext.pod', 'securityContext.container', 'global'];

t.test("leaves no object open to unknown keys but Kubernetes' own", async (t) => {
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8'));
  t.strictSame(openObjects(schema, '').sort(), OPEN.sort());
});

function openObjects(schema: Schema, path: string): string[] {
  const isOpen = schema.type === 'object' && schema.additionalProperties === undefined;
  const inner = Object.entries(schema.properties ?? {}).map(
    ([key, one]) => [path ? `${path}.${key}` : key, one] as const,
  );
  const all = schema.items ? [...inner, [`${path}[]`, schema.items] as const] : inner;
  return [...(isOpen ? [path] : []), ...all.flatMap(([name, one]) => openObjects(one, name))];
}

t.test('two renderings are equal, so that nothing restarts without a change', async (t) => {
  t.equal(await helmTemplate(), await helmTemplate());
});

t.test('may be a dependency of another chart', async (t) => {
  t.ok((await render({ global: { imageRegistry: 'x' }, enabled: true })).Deployment);
});

for (const version of ['1.30.0', 'v1.30.4-eks-1a2b3c4', 'v1.36.0-eks-1a2b3c4']) {
  t.test(`renders for Kubernetes ${version}`, async (t) => {
    t.ok((await render({}, ['--kube-version', version])).Deployment);
  });
}

t.test('refuses Kubernetes before 1.30, which has no stable admission policies', async (t) => {
  await t.rejects(render({}, ['--kube-version', 'v1.29.9-eks-1a2b3c4']), { message: /incompatible with Kubernetes/ });
});

t.test(
  'makes the Secret of the webhook without its content, so that applying it again leaves that alone',
  async (t) => {
    const { Secret } = await render();
    t.match(Secret, { metadata: { name: 'aws-secrets-injector-tls' }, type: 'Opaque' });
    t.notOk('data' in (Secret ?? {}) || 'stringData' in (Secret ?? {}));
  },
);
