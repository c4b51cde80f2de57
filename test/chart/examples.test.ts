/** The examples as the cluster sees them: each pod is sent to the webhook, injected and let pass by the policy. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Deployment } from '@kubernetes/client-node';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { admit } from '../../webhook/admission/admit.ts';
import { type Facts, NO_EXTERNAL_SECRETS } from '../../webhook/admission/facts.ts';
import { parseReview } from '../../webhook/admission/review.ts';
import type { ProviderClass } from '../../webhook/declare/provider-class.ts';
import { CONTAINER } from '../../webhook/pod/names.ts';
import { readSettings } from '../../webhook/settings.ts';
import { patched, reviewOf } from '../webhook/support/admission.ts';
import { evaluate, outcomeOf } from './support/cel.ts';
import { render, settingsText } from './support/render.ts';

const folder = join(import.meta.dirname, '../../manifests/examples');
const names = await readdir(folder);
const rendering = await render();

type Document = { kind: string; metadata: { name: string; annotations?: Record<string, string> }; spec: object };

async function documents(name: string): Promise<Document[]> {
  const parsed = parseAllDocuments(await readFile(join(folder, name), 'utf8'));
  return parsed.map((document) => document.toJS());
}

/** Returns what the cluster knows once the example is applied. */
function factsOf(all: readonly Document[]): Facts {
  const find = (kind: string, name: string) => all.find((one) => one.kind === kind && one.metadata.name === name);
  return {
    async roleOf(_namespace, name) {
      const account = find('ServiceAccount', name);
      const roleArn = account?.metadata.annotations?.['eks.amazonaws.com/role-arn'];
      return account && { ...(roleArn !== undefined && { roleArn }) };
    },
    ...NO_EXTERNAL_SECRETS,
    region: async () => 'eu-central-1',
    async classOf(_namespace, name) {
      const found = find('SecretProviderClass', name);
      return found && ({ secretObjects: [], ...found.spec } as unknown as ProviderClass);
    },
    envFiles: async () => ({ serverVersion: '1.35', server: true, everyNode: true }),
    serverVersion: async () => ({ major: 1, minor: 35 }),
  };
}

/** The pod of the example's workload, as the API server has it; on Fargate where only that takes its volumes over. */
function podOf(all: readonly Document[]) {
  const template = all.flatMap(({ spec }) => (spec as V1Deployment['spec'])?.template ?? [])[0];
  if (!template) throw new Error('the example has no workload');
  const isTakenOver = all.some(({ kind }) => kind === 'SecretProviderClass');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'example-', ...template.metadata },
    spec: { restartPolicy: 'Always', ...template.spec, ...(isTakenOver && { schedulerName: 'fargate-scheduler' }) },
  };
}

async function answerTo(pod: object, all: readonly Document[]) {
  const review = parseReview(JSON.parse(JSON.stringify(reviewOf(pod, { namespace: 'default' }))));
  const read = readSettings(settingsText(rendering));
  if (!review.ok || !read.ok) throw new Error('neither the review nor the settings may be wrong');
  return admit(review.request, { ...read.settings, namespace: 'aws-secrets-injector' }, factsOf(all));
}

t.test('has an example of each way to declare', async (t) => {
  const expected = [
    'env',
    'env-file',
    'failover',
    'files',
    'kubernetes-secret',
    'objects',
    'pod-identity',
    'shell',
    'takeover',
    'templates',
  ];
  t.same(names.map((name) => name.replace('.yaml', '')).sort(), expected.sort());
});

for (const name of names) {
  t.test(`${name}: its pod reaches the webhook, is injected without a warning, and passes the policy`, async (t) => {
    const all = await documents(name);
    const pod = podOf(all);
    const { MutatingWebhookConfiguration, ValidatingAdmissionPolicy } = rendering;
    t.equal(outcomeOf(MutatingWebhookConfiguration.webhooks?.[0]?.matchConditions, pod), 'matches');
    const { outcome, review } = await answerTo(pod, all);
    t.same([outcome, review.response.status?.message, review.response.warnings], ['injected', undefined, undefined]);
    const result = patched(pod, review);
    t.match(result.spec.initContainers, [{ name: CONTAINER }]);
    const [validation] = ValidatingAdmissionPolicy?.spec?.validations ?? [];
    t.equal(evaluate(validation?.expression ?? '', result), true);
  });
}
