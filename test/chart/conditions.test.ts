import t from 'tap';
import { declares, hasSources, SOURCES } from '../../webhook/declare/annotations.ts';
import { CONTAINER, VOLUMES } from '../../webhook/pod/names.ts';
import { outcomeOf } from './support/cel.ts';
import { ours, type Pod, pod } from './support/pods.ts';
import { type Rendering, render } from './support/render.ts';

const modes = ['fargate', 'all', 'never'] as const;
const renderings = new Map<string, Rendering>();
for (const takeOverCsiVolumes of modes) renderings.set(takeOverCsiVolumes, await render({ takeOverCsiVolumes }));
const byDefault = await render();

function atWebhook({ MutatingWebhookConfiguration }: Rendering, object: object, user?: string) {
  return outcomeOf(MutatingWebhookConfiguration.webhooks?.[0]?.matchConditions, object, user);
}

function atPolicy({ ValidatingAdmissionPolicy }: Rendering, object: object, user?: string) {
  return outcomeOf(ValidatingAdmissionPolicy?.spec?.matchConditions, object, user);
}

const csi = (driver = 'secrets-store.csi.k8s.io') => ({
  volumes: [
    { name: 'cache', emptyDir: {} },
    { name: 'secrets', csi: { driver } },
  ],
});
const MIRROR = { 'kubernetes.io/config.mirror': 'x' };
const fargate = { schedulerName: 'fargate-scheduler' };
const profile = { 'eks.amazonaws.com/fargate-profile': 'apps' };

const pods: [sentence: string, object: Pod, reaches: readonly string[]][] = [
  ['no annotations, labels or volumes', pod(), []],
  [
    'annotations of others',
    pod({ 'prometheus.io/scrape': 'true' }, { volumes: [{ name: 'a', emptyDir: {} }] }, {}),
    [],
  ],
  ['only our status', pod(ours('status', 'injected')), modes],
  ['our init container', pod(undefined, { initContainers: [{ name: 'a' }, { name: CONTAINER }] }), modes],
  ['our token', pod(undefined, { volumes: [{ name: VOLUMES.token, projected: {} }] }), modes],
  ['our variables', pod(undefined, { volumes: [{ name: VOLUMES.environment, emptyDir: {} }] }), modes],
  ['our token, switched off', pod(ours('inject', 'false'), { volumes: [{ name: VOLUMES.token }] }), []],
  ['init containers of others', pod(undefined, { initContainers: [{ name: 'migrate' }] }), []],
  ['files', pod(ours('files')), modes],
  ['a misspelled annotation of ours', pod(ours('file')), modes],
  ['files, switched off', pod({ ...ours('files'), ...ours('inject', 'False') }), []],
  ['files, and the annotation of a mirror pod', pod({ ...ours('files'), ...MIRROR }), modes],
  ['files, with the prefix in other letters', pod({ 'AWS-Secrets-Injector.Dev/files': 'x' }), modes],
  ['our CSI driver, on a node', pod(undefined, csi()), ['all']],
  ['our CSI driver, on a node, with labels and annotations', pod({ a: 'b' }, csi(), { a: 'b' }), ['all']],
  ['our CSI driver, for another scheduler', pod(undefined, { ...csi(), schedulerName: 'default-scheduler' }), ['all']],
  ["our CSI driver, for Fargate's scheduler", pod(undefined, { ...csi(), ...fargate }), ['fargate', 'all']],
  ["our CSI driver, with a Fargate profile's label", pod(undefined, csi(), profile), ['fargate', 'all']],
  ['our CSI driver on Fargate, switched off', pod(ours('inject', 'f'), { ...csi(), ...fargate }), []],
  ['our CSI driver on a node, switched on', pod(ours('inject', 'true'), csi()), modes],
  ['another CSI driver', pod(undefined, csi('efs.csi.aws.com')), []],
  ['another CSI driver, on Fargate', pod({ a: 'b' }, { ...csi('efs.csi.aws.com'), ...fargate }, profile), []],
  ['Fargate without volumes', pod(undefined, fargate, profile), []],
];
for (const [sentence, object, reaches] of pods) {
  t.test(
    `a pod with ${sentence} reaches the webhook where volumes are taken over: ${reaches.join(', ') || 'nowhere'}`,
    async (t) => {
      for (const [mode, rendering] of renderings) {
        t.equal(atWebhook(rendering, object), reaches.includes(mode) ? 'matches' : 'skipped', mode);
      }
    },
  );
}

const takesAll = await render({ takeOverExternalSecrets: 'all' });
const container = (more: object) => ({ containers: [{ name: 'a' }, { name: 'b', ...more }] });
const secretKeyRef = { name: 'db', key: 'password' };
const references: [sentence: string, spec: object, reaches: boolean][] = [
  ['none', {}, false],
  [
    'a volume',
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', secret: { secretName: 'db' } },
      ],
    },
    true,
  ],
  ['a source of a projected volume', { volumes: [{ name: 'a', projected: { sources: [{ secret: {} }] } }] }, true],
  ['a ConfigMap in a volume', { volumes: [{ name: 'a', projected: { sources: [{ configMap: {} }] } }] }, false],
  ['a projected volume without sources', { volumes: [{ name: 'a', projected: {} }] }, false],
  ['a variable', container({ env: [{ name: 'A' }, { name: 'B', valueFrom: { secretKeyRef } }] }), true],
  ['a variable of a field', container({ env: [{ name: 'A', valueFrom: { fieldRef: {} } }] }), false],
  ['all keys of a Secret', container({ envFrom: [{ configMapRef: {} }, { secretRef: { name: 'db' } }] }), true],
  ['all keys of a ConfigMap', container({ envFrom: [{ configMapRef: {} }] }), false],
  [
    'a variable of an init container',
    { initContainers: [{ name: 'i', env: [{ name: 'A', valueFrom: { secretKeyRef } }] }] },
    true,
  ],
  ['a Secret for images', { imagePullSecrets: [{ name: 'db' }] }, false],
];
for (const [sentence, spec, reaches] of references) {
  t.test(
    `where all ExternalSecrets are taken over, a pod reaches the webhook by its references: ${sentence}`,
    async (t) => {
      t.equal(atWebhook(takesAll, pod(undefined, spec)), reaches ? 'matches' : 'skipped');
      t.equal(atWebhook(byDefault, pod(undefined, spec)), 'skipped', 'by default');
      t.equal(atWebhook(takesAll, pod(ours('inject', 'false'), spec)), 'skipped', 'switched off');
    },
  );
}

t.test('takes over on Fargate by default', async (t) => {
  const conditions = ({ MutatingWebhookConfiguration }: Rendering) =>
    MutatingWebhookConfiguration.webhooks?.[0]?.matchConditions;
  t.strictSame(conditions(byDefault), renderings.get('fargate') && conditions(renderings.get('fargate') as Rendering));
});

t.test('the policy and the webhook agree on which annotations declare secrets', async (t) => {
  for (const name of SOURCES) {
    t.equal(atPolicy(byDefault, pod(ours(name))), 'matches', name);
    t.ok(declares(ours(name)), name);
  }
});

const unjudged: [sentence: string, object: Pod][] = [
  ['without annotations', pod()],
  ['without annotations of ours', pod({ a: 'b' })],
  ['that only says how', pod(ours('mount-path'))],
  ['that is switched off', pod({ ...ours('files'), ...ours('inject', 'false') })],
  ['on Fargate with a CSI volume, which can not start without us', pod(undefined, { ...csi(), ...fargate })],
];
for (const [sentence, object] of unjudged) {
  t.test(`the policy lets a pod pass ${sentence}`, async (t) => {
    t.equal(atPolicy(byDefault, object), 'skipped');
  });
}

t.test('a mirror pod that its node creates passes, and nobody else creates one', async (t) => {
  const object = pod({ ...ours('files'), ...MIRROR });
  for (const at of [atWebhook, atPolicy]) {
    t.equal(at(byDefault, object, 'system:node:ip-10-0-0-1'), 'skipped');
    for (const user of ['system:serviceaccount:kube-system:replicaset-controller', 'system:nodes', '', undefined]) {
      t.equal(at(byDefault, object, user), 'matches', user ?? 'nobody');
    }
  }
});

t.test('the policy judges annotations that declare secrets in other letters', async (t) => {
  for (const name of ['AWS-Secrets-Injector.Dev/files', 'aws-secrets-injector.dev/Files']) {
    t.equal(atPolicy(byDefault, pod({ [name]: 'x' })), 'matches', name);
    t.ok(hasSources({ [name]: 'x' }), name);
  }
  t.equal(atPolicy(byDefault, pod({ 'aws-secrets-injector.devil/files': 'x' })), 'skipped');
});

t.test('the conditions and the webhook agree on what turns the injection off', async (t) => {
  for (const word of ['false', 'f', '0', 'False', 'FALSE', 'F', 'fALSE', 'true', 't', '1', 'no', 'off', '']) {
    const annotations = { ...ours('inject', word), ...ours('files', 'a: b') };
    const expected = declares(annotations) ? 'matches' : 'skipped';
    t.equal(atWebhook(byDefault, pod(annotations)), expected, `webhook, inject: "${word}"`);
    t.equal(atPolicy(byDefault, pod(annotations)), expected, `policy, inject: "${word}"`);
  }
});
