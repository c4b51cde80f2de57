/** Tests for which workloads the API server asks for advice, and how little that can cost anybody. */
import t from 'tap';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { outcomeOf } from './support/cel.ts';
import { type Rendering, render, settingsText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

const byDefault = await render();

function advice({ ValidatingWebhookConfiguration }: Rendering) {
  const [first, ...others] = ValidatingWebhookConfiguration?.webhooks ?? [];
  if (!first || others.length > 0) throw new Error('there has to be one webhook');
  return first;
}

const reaches = (object: object, user?: string) => outcomeOf(advice(byDefault).matchConditions, object, user);

const OURS = { [`${PREFIX}files`]: 'a: shop/a' };
const deployment = (own: object, template: object = {}) => ({
  metadata: { name: 'web', ...own },
  spec: { template: { metadata: template, spec: { containers: [{ name: 'web' }] } } },
});

t.test('refuses nothing, and the API server waits for a second at most', async (t) => {
  t.match(advice(byDefault), { failurePolicy: 'Ignore', sideEffects: 'None', timeoutSeconds: 1 });
});

t.test('leaves the same namespaces alone as the webhook for pods', async (t) => {
  const [pods] = byDefault.MutatingWebhookConfiguration.webhooks ?? [];
  t.strictSame(advice(byDefault).namespaceSelector, pods?.namespaceSelector);
});

const cronJob = { spec: { jobTemplate: { metadata: {}, spec: { template: { metadata: { annotations: OURS } } } } } };
const sent: [sentence: string, object: object][] = [
  ['annotations of ours in the template', deployment({}, { annotations: OURS })],
  ['annotations of ours beside the template', deployment({ annotations: OURS })],
  ['a label that should be an annotation', deployment({}, { labels: OURS })],
  ['a domain that looks like ours', deployment({}, { annotations: { 'aws-secrets-injector.io/files': 'x' } })],
  ['a domain that lacks a letter', deployment({}, { annotations: { 'aws-secret-injector.dev/files': 'x' } })],
  ['the prefix in other letters', deployment({}, { annotations: { 'AWS-Secrets-Injector.dev/files': 'x' } })],
  ['annotations of ours in the template of a CronJob', { metadata: {}, ...cronJob }],
  ['an owner that does not control it', deployment({ annotations: OURS, ownerReferences: [{ kind: 'App' }] })],
];
for (const [sentence, object] of sent) {
  t.test(`a workload with ${sentence} is sent`, async (t) => t.equal(reaches(object), 'matches'));
}

const kept: [sentence: string, object: object][] = [
  ['neither annotations nor labels', deployment({})],
  ['annotations and labels of others', deployment({ labels: { app: 'web' } }, { annotations: { 'a.io/b': 'c' } })],
  ['no template', { metadata: { name: 'web' } }],
  ['a controller', deployment({ annotations: OURS, ownerReferences: [{ kind: 'Deployment', controller: true }] })],
  ['a deletion under way', deployment({ annotations: OURS, deletionTimestamp: '2026-01-01T00:00:00Z' })],
];
for (const [sentence, object] of kept) {
  t.test(`a workload with ${sentence} is not sent, without an error`, async (t) => t.equal(reaches(object), 'skipped'));
}

const users: [user: string, outcome: string][] = [
  ['kubernetes-admin', 'matches'],
  ['system:serviceaccount:argocd:application-controller', 'matches'],
  ['system:serviceaccount:kube-system:deployment-controller', 'skipped'],
  ['system:kube-controller-manager', 'skipped'],
];
for (const [user, outcome] of users) {
  t.test(`a workload that ${user} changes ${outcome === 'matches' ? 'is' : 'is not'} sent`, async (t) => {
    t.equal(reaches(deployment({}, { annotations: OURS }), user), outcome);
  });
}

t.test('looks at further workloads where the values name them', async (t) => {
  const { rules = [] } = advice(await render(VALUE_SETS['advice about Rollouts']?.values));
  t.match(rules.at(-1), { apiGroups: ['argoproj.io'], apiVersions: ['v1alpha1'], resources: ['rollouts'] });
});

t.test('switched off, it is not installed, not served, and has no right', async (t) => {
  const rendering = await render(VALUE_SETS['no advice']?.values);
  t.notOk(rendering.ValidatingWebhookConfiguration);
  t.equal(JSON.parse(settingsText(rendering)).advice, undefined);
  t.notMatch(rendering.ClusterRole.rules, [{ resources: ['validatingwebhookconfigurations'] }]);
});

t.test('the webhook writes the caBundle of advice only where it writes its own', async (t) => {
  const nameIn = async (set: string) => JSON.parse(settingsText(await render(VALUE_SETS[set]?.values))).advice;
  t.strictSame(await nameIn('the defaults'), { webhookConfigurationName: 'aws-secrets-injector' });
  t.strictSame(await nameIn("certificates of cert-manager's own issuer"), {});
});

t.test('cert-manager, or the values, give advice its caBundle where they give the other one', async (t) => {
  const managed = await render(VALUE_SETS["certificates of cert-manager's own issuer"]?.values);
  t.match(managed.ValidatingWebhookConfiguration?.metadata?.annotations, { 'cert-manager.io/inject-ca-from': /\// });
  const given = await render(VALUE_SETS['a certificate in the values']?.values);
  t.equal(advice(given).clientConfig.caBundle, given.MutatingWebhookConfiguration.webhooks?.[0]?.clientConfig.caBundle);
});
