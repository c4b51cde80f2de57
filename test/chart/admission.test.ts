import type { V1LabelSelectorRequirement } from '@kubernetes/client-node';
import t from 'tap';
import { helmTemplate } from './support/helm.ts';
import { byKind, type Rendering, render } from './support/render.ts';

function webhook({ MutatingWebhookConfiguration }: Rendering) {
  const [first, ...others] = MutatingWebhookConfiguration.webhooks ?? [];
  if (!first || others.length > 0) throw new Error('there has to be one webhook');
  return first;
}

function namespaces(selector: { matchExpressions?: V1LabelSelectorRequirement[] } | undefined) {
  return selector?.matchExpressions?.map(({ key, operator, values }) => [key, operator, values]);
}

t.test('is asked about new pods only', async (t) => {
  t.strictSame(webhook(await render()).rules, [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
  ]);
});

t.test('fails closed, without side effects, and sees the pod again when others changed it', async (t) => {
  t.match(webhook(await render()), {
    name: 'pods.aws-secrets-injector.dev',
    failurePolicy: 'Fail',
    sideEffects: 'None',
    reinvocationPolicy: 'IfNeeded',
    timeoutSeconds: 10,
  });
});

t.test('is reached by its Service, with no caBundle that an upgrade could wipe', async (t) => {
  t.strictSame(webhook(await render()).clientConfig, {
    service: { name: 'aws-secrets-injector', namespace: 'aws-secrets-injector', path: '/mutate', port: 443 },
  });
});

t.test("sorts before EKS's pod-identity-webhook, whatever the release is called", async (t) => {
  const { MutatingWebhookConfiguration } = byKind(await helmTemplate([], 'zebra'));
  t.equal(MutatingWebhookConfiguration.metadata?.name, 'aws-secrets-injector');
  t.ok('aws-secrets-injector' < 'pod-identity-webhook');
});

const exempt = ['aws-secrets-injector.dev/exempt', 'NotIn', ['true']];
const without = (...names: string[]) => [['kubernetes.io/metadata.name', 'NotIn', names], exempt];

t.test('leaves kube-system, its own namespace and those with the label alone', async (t) => {
  const rendering = await render();
  const expected = without('kube-system', 'aws-secrets-injector');
  t.strictSame(namespaces(webhook(rendering).namespaceSelector), expected);
  t.strictSame(namespaces(rendering.ValidatingAdmissionPolicy?.spec?.matchConstraints?.namespaceSelector), expected);
});

t.test('in the namespace default, it leaves only kube-system alone: apps are there', async (t) => {
  t.strictSame(
    namespaces(webhook(await render({}, ['--namespace', 'default'])).namespaceSelector),
    without('kube-system'),
  );
});

t.test('in kube-system, it names that once', async (t) => {
  t.strictSame(
    namespaces(webhook(await render({}, ['--namespace', 'kube-system'])).namespaceSelector),
    without('kube-system'),
  );
});

t.test('the policy denies, in one sentence, on new pods only', async (t) => {
  const { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } = await render();
  t.match(ValidatingAdmissionPolicy?.spec?.matchConstraints?.resourceRules, [
    { operations: ['CREATE'], resources: ['pods'] },
  ]);
  t.equal(ValidatingAdmissionPolicy?.spec?.failurePolicy, 'Fail');
  t.match(ValidatingAdmissionPolicy?.spec?.validations?.[0]?.message, /^The pod declares secrets [^\n]+\.$/);
  t.strictSame(ValidatingAdmissionPolicyBinding?.spec?.validationActions, ['Deny']);
});

t.test('who lets pods start without their secrets gets a policy that only warns', async (t) => {
  const rendering = await render({ failurePolicy: 'Ignore', webhook: { timeoutSeconds: 3 } });
  t.match(webhook(rendering), { failurePolicy: 'Ignore', timeoutSeconds: 3 });
  t.strictSame(rendering.ValidatingAdmissionPolicyBinding?.spec?.validationActions, ['Warn', 'Audit']);
});

t.test('leaves the policy and its binding out on demand', async (t) => {
  const rendering = await render({ validatingAdmissionPolicy: { enabled: false } });
  t.notOk(rendering.ValidatingAdmissionPolicy);
  t.notOk(rendering.ValidatingAdmissionPolicyBinding);
});
