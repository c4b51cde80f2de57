/**
 * Follows the example of a Kubernetes Secret: the webhook admits its pod, the injector fetches from the in-memory AWS and makes the
 * Secret with the rights of the example's own Role, which are those that the command line prints.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { rightsOf } from '../../cli/rbac/rights.ts';
import type { RawSpec } from '../../webhook/declare/provider-class.ts';
import { readSpec } from '../../webhook/declare/provider-class.ts';
import { readPrevious } from '../../webhook/reinvocation/previous.ts';
import { createIdentity } from '../aws/network/certificate.ts';
import { addCluster } from '../injector/support/cluster.ts';
import { createWorld } from '../injector/support/world.ts';
import { answerTo, facts, patched, ROLE, settings } from '../webhook/support/admission.ts';

type Document = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly { readonly resourceNames: readonly string[]; readonly verbs: readonly string[] }[];
  readonly subjects: readonly object[];
  readonly spec: RawSpec & { readonly template: object };
};

const text = readFileSync(new URL('../../manifests/examples/kubernetes-secret.yaml', import.meta.url), 'utf8');
const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
const found = (kind: string) => {
  const document = documents.find((one) => one.kind === kind);
  if (document === undefined) throw new Error(`the example has no ${kind}`);
  return document;
};

const known = {
  ...facts,
  roleOf: async () => ({ roleArn: ROLE }),
  classOf: async () => readSpec(found('SecretProviderClass').spec),
};
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-tls-7d9', uid: 'uid-of-7d9' };
const template = found('Deployment').spec.template as { metadata: object };
const pod = { ...template, metadata: { ...template.metadata, ownerReferences: [owner] } };
const { review } = await answerTo(pod, {}, settings, known);
const config = readPrevious(patched(pod, review) as never)?.config;

t.test('the pod makes the Secret of the Ingress with the rights of the Role', async (t) => {
  if (config === undefined) throw new Error(review.response.status?.message);
  const world = await createWorld(t);
  const server = await addCluster(t, world.root);
  const { cert, key } = await createIdentity(['shop.example.com']);
  world.aws.setSecret({ name: 'shop/tls', value: `${cert}\n${key}` });
  const [rule] = found('Role').rules;
  server.state.rights = Object.fromEntries(rule?.resourceNames.map((name) => [name, rule.verbs]) ?? []);
  const { rotation: _, ...once } = config;
  const { objects, sync } = once;
  const own = world.config(objects, { ...(sync && { sync }) });
  const { exitCode, message } = await world.run(own, [], server.cluster);
  t.equal(exitCode, 0, message);
  t.match(server.get('shop-tls'), { type: 'kubernetes.io/tls', metadata: { ownerReferences: [owner] } });
  t.match(server.text('shop-tls', 'tls.crt'), /^-----BEGIN CERTIFICATE-----/);
  t.match(server.text('shop-tls', 'tls.key'), /^-----BEGIN EC PRIVATE KEY-----/);
});

t.test('the Role and the RoleBinding are those that rbac prints', async (t) => {
  if (config === undefined) throw new Error(review.response.status?.message);
  const account = { namespace: 'shop', name: 'shop-tls' };
  const [role, binding] = rightsOf([{ account, config }]) as [Document, Document];
  t.strictSame(found('Role').rules, role.rules);
  t.match(binding.subjects, found('RoleBinding').subjects);
  t.strictSame(
    [role, binding].map(({ metadata }) => metadata.name),
    [found('Role'), found('RoleBinding')].map(({ metadata }) => metadata.name),
  );
});
