/** Tests the advice about workloads, without HTTP. */
import t from 'tap';
import { advise } from '../../../webhook/workload/advise.ts';
import { facts, settings } from '../support/admission.ts';

const OURS = 'aws-secrets-injector.dev/';

type Parts = { readonly own?: object; readonly template?: object; readonly spec?: object; readonly kind?: string };

function workload({ own = {}, template = {}, spec = {}, kind = 'Deployment' }: Parts) {
  const pod = { metadata: template, spec: { serviceAccountName: 'app', containers: [{ name: 'web' }], ...spec } };
  const inside = kind === 'CronJob' ? { jobTemplate: { spec: { template: pod } } } : { template: pod };
  const apiVersion = kind === 'CronJob' ? 'batch/v1' : 'apps/v1';
  return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop', ...own }, spec: inside };
}

const about = (parts: Parts, known = facts) =>
  advise({ uid: 'u', namespace: 'shop', object: workload(parts) }, settings, known);

const files = (value: string, key = `${OURS}files`) => ({ annotations: { [key]: value } });

const mistakes: [sentence: string, parts: Parts, expected: RegExp][] = [
  [
    'a ServiceAccount without a role',
    { template: files('a: shop/a'), spec: { serviceAccountName: 'plain' } },
    /^aws-secrets-injector will refuse the pods of Deployment web: .*kubectl annotate serviceaccount .* \[ASI_ADMIT_NO_ROLE\]$/,
  ],
  ['a misspelled annotation', { template: files('a: shop/a', `${OURS}flies`) }, /aws-secrets-injector\.dev\/flies/],
  [
    'an annotation beside the template',
    { own: files('a: shop/a') },
    /files is in metadata of the Deployment, where no pod gets it\. Move it /,
  ],
  ['a label', { template: { labels: { [`${OURS}files`]: 'x' } } }, /files is a label/],
  [
    'another domain',
    { template: files('a: shop/a', 'aws-secrets-injector.io/files') },
    /did you mean aws-secrets-injector\.dev\/files\?/,
  ],
  [
    'another domain beside the template',
    { own: files('a: shop/a', 'aws-secrets-injector.io/files') },
    /^Deployment web: the annotation aws-secrets-injector\.io\/files has no effect; did you mean aws-secrets-injector\.dev\/files\?$/,
  ],
  ['inject alone', { template: files('true', `${OURS}inject`) }, /^Deployment web: .*inject: "true" has no effect/],
  [
    'a variable that the container sets itself',
    {
      template: files('A: shop/a', `${OURS}env`),
      spec: { containers: [{ name: 'web', env: [{ name: 'A', value: 'x' }] }] },
    },
    /^Deployment web: .*container "web" keeps its own A/,
  ],
  ['a mistake in a CronJob', { kind: 'CronJob', template: files('a: [') }, /refuse the pods of CronJob web/],
  [
    'a mistake in a workload whose name the API server makes',
    { own: { name: '', generateName: 'web-' }, template: files('a: [') },
    /refuse the pods of Deployment web-: /,
  ],
  [
    'a mistake in a workload without a name',
    { own: { name: undefined }, template: files('a: [') },
    /refuse the pods of Deployment (""|): /,
  ],
  [
    'an annotation of a template without containers',
    { template: files('a: shop/a'), spec: { containers: [] } },
    /files is in spec\.template\.metadata of the Deployment, where no pod gets it\./,
  ],
  [
    'an annotation of a template whose containers are not all maps',
    { template: files('a: shop/a'), spec: { containers: [{ name: 'web' }, 'log'] } },
    /files is in spec\.template\.metadata of the Deployment, where no pod gets it\./,
  ],
];
for (const [sentence, parts, expected] of mistakes) {
  t.test(`warns of ${sentence}`, async (t) => {
    const warnings = await about(parts);
    t.equal(warnings.length, 1);
    t.match(warnings[0], expected);
  });
}

t.test('leaves a template that is no pod to the API server', async (t) => {
  t.strictSame(await about({ template: files('a: ['), spec: { containers: [{ name: 'web', env: 'x' }] } }), []);
});

t.test('has nothing to say about a good workload', async (t) => {
  t.strictSame(await about({ template: files('a: shop/a') }), []);
});

t.test('has nothing to say about one that is switched off', async (t) => {
  const template = { annotations: { [`${OURS}files`]: 'a: [', [`${OURS}inject`]: 'false' } };
  t.strictSame(await about({ template }), []);
});

t.test('has nothing to say when the cluster does not answer', async (t) => {
  const silent = { ...facts, roleOf: () => Promise.reject(new Error('timeout')) };
  t.strictSame(await about({ template: files('a: shop/a') }, silent), []);
});

t.test('finds the template of a workload that it does not know', async (t) => {
  const object = { ...workload({ template: files('a: [') }), apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' };
  const warnings = await advise({ uid: 'u', namespace: 'shop', object }, settings, facts);
  t.match(warnings, [/refuse the pods of Rollout web/]);
});

t.test('says where an annotation is in the member of a List, as if it were alone', async (t) => {
  const object = { apiVersion: 'v1', kind: 'List', items: [workload({ own: files('a: shop/a') })] };
  const warnings = await advise({ uid: 'u', namespace: 'shop', object }, settings, facts);
  t.match(warnings, [/files is in metadata of the Deployment, /]);
});

t.test('looks at the first eight templates of an object', async (t) => {
  const { spec } = workload({ template: files('a: [') });
  const object = { ...workload({}), spec: Array.from({ length: 10 }, () => spec) };
  t.equal((await advise({ uid: 'u', namespace: 'shop', object }, settings, facts)).length, 8);
});
