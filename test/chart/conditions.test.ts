/** Tests which pods reach the webhook, and which the policy judges, whatever else is in the cluster. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CONFIG_ENV } from '../../injector/contract/names.ts';
import { declares, hasSources, PREFIX, SOURCES } from '../../webhook/declare/annotations.ts';
import { CONTAINER, SENTINEL_CONTAINER, VOLUMES } from '../../webhook/pod/names.ts';
import { answerTo, patched, readWorld } from '../webhook/support/admission.ts';
import { evaluate, outcomeOf } from './support/cel.ts';
import { type Rendering, render } from './support/render.ts';

const modes = ['fargate', 'all', 'never'] as const;
const renderings = new Map<string, Rendering>();
for (const takeOverCsiVolumes of modes) renderings.set(takeOverCsiVolumes, await render({ takeOverCsiVolumes }));
const byDefault = await render();

type Pod = { metadata: { annotations?: Record<string, string>; labels?: Record<string, string> }; spec: object };

function pod(annotations?: Record<string, string>, spec: object = {}, labels?: Record<string, string>): Pod {
  const metadata = { ...(annotations && { annotations }), ...(labels && { labels }) };
  return { metadata, spec: { containers: [{ name: 'app' }], ...spec } };
}

function atWebhook({ MutatingWebhookConfiguration }: Rendering, object: object, user?: string) {
  return outcomeOf(MutatingWebhookConfiguration.webhooks?.[0]?.matchConditions, object, user);
}

function atPolicy({ ValidatingAdmissionPolicy }: Rendering, object: object, user?: string) {
  return outcomeOf(ValidatingAdmissionPolicy?.spec?.matchConditions, object, user);
}

const ours = (name: string, value = 'x') => ({ [PREFIX + name]: value });
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

const judged: [sentence: string, spec: object, expected: boolean][] = [
  ['no init containers', {}, false],
  ['init containers of others', { initContainers: [{ name: 'migrate' }] }, false],
  [
    'our init container among others',
    { initContainers: [{ name: 'migrate' }, { name: 'aws-secrets-injector' }] },
    true,
  ],
];
for (const [sentence, spec, expected] of judged) {
  t.test(`the policy ${expected ? 'admits' : 'denies'} a pod that declares secrets and has ${sentence}`, async (t) => {
    const [validation] = byDefault.ValidatingAdmissionPolicy?.spec?.validations ?? [];
    t.equal(evaluate(validation?.expression ?? '', pod(ours('files'), spec)), expected);
  });
}

const withImage = await render({ injector: { image: { registry: 'registry.example', repository: 'injector' } } });
const config = { name: CONFIG_ENV, value: '{}' };
const injected = { name: CONTAINER, image: 'registry.example/injector:1', env: [config] };
const sentinel = { name: SENTINEL_CONTAINER, image: 'registry.example/injector:1', args: ['--sentinel'] };

const hook = (command: string[]) => ({ postStart: { exec: { command } } });
const SIDECAR = { restartPolicy: 'Always', lifecycle: hook(['/aws-secrets-injector', 'wait']) };

const genuine: [sentence: string, initContainers: object[]][] = [
  ['made by the webhook', [{ name: 'migrate', image: 'x', command: ['x'] }, injected, sentinel]],
  ['of another version', [{ ...injected, image: 'registry.example/injector:2' }]],
  ['with a digest', [{ ...injected, image: 'registry.example/injector@sha256:0' }]],
  ['that stays, as a sidecar', [{ ...injected, ...SIDECAR }, sentinel]],
  ['with a security context', [{ ...injected, securityContext: { privileged: false } }, sentinel]],
];
const impostors: [sentence: string, initContainers: object[]][] = [
  ['without an image', [{ name: CONTAINER, env: [config] }]],
  ['of another image', [{ ...injected, image: 'evil/image:1' }]],
  ['of an image whose name goes on', [{ ...injected, image: 'registry.example/injector-evil:1' }]],
  ['with a command', [{ ...injected, command: ['true'] }]],
  ['with arguments', [{ ...injected, args: ['--help'] }]],
  ['that nothing waits for', [{ ...injected, restartPolicy: 'Always' }]],
  ['that has another hook', [{ ...injected, ...SIDECAR, lifecycle: hook(['true']) }]],
  [
    'that has a second hook',
    [{ ...injected, ...SIDECAR, lifecycle: { ...SIDECAR.lifecycle, preStop: { sleep: { seconds: 9 } } } }],
  ],
  ['that has a hook and does not stay', [{ ...injected, lifecycle: SIDECAR.lifecycle }]],
  ['with a sentinel that stays', [injected, { ...sentinel, ...SIDECAR }]],
  ['that is privileged', [{ ...injected, securityContext: { privileged: true } }]],
  ['without variables', [{ name: CONTAINER, image: injected.image }]],
  ['without a configuration', [{ ...injected, env: [{ name: 'OTHER' }] }]],
  ['with a sentinel of another image', [injected, { ...sentinel, image: 'evil/image:1' }]],
  ['with a sentinel that proves nothing', [injected, { ...sentinel, args: ['--help'] }]],
];
for (const [expected, cases] of [
  [true, genuine],
  [false, impostors],
] as const) {
  for (const [sentence, initContainers] of cases) {
    t.test(`the policy ${expected ? 'admits' : 'denies'} a pod with a container of our name ${sentence}`, async (t) => {
      const [, validation] = withImage.ValidatingAdmissionPolicy?.spec?.validations ?? [];
      t.equal(evaluate(validation?.expression ?? '', pod(ours('files'), { initContainers })), expected);
    });
  }
}

/** Returns what the webhook makes of a pod of the fixtures. */
async function injectedFrom(fixture: string): Promise<{ spec: { initContainers: Record<string, unknown>[] } }> {
  const text = readFileSync(join(import.meta.dirname, '../fixtures/pods', fixture), 'utf8');
  const { pod: object, settings, facts } = readWorld(text);
  const known = { ...settings, injector: { ...settings.injector, image: 'registry.example/injector:1' } };
  return patched(object, (await answerTo(object, {}, known, facts)).review) as never;
}

function judgements(object: object): (boolean | undefined)[] {
  const validations = withImage.ValidatingAdmissionPolicy?.spec?.validations ?? [];
  return validations.map(({ expression = '' }) => evaluate(expression, object));
}

for (const fixture of ['env/old-node.yaml', 'rotation/by-annotation.yaml', 'rotation/restart-of-the-pod.yaml']) {
  t.test(`the policy admits what the webhook makes, by all of its validations: ${fixture}`, async (t) => {
    t.same(judgements(await injectedFrom(fixture)), [true, true, true]);
  });
}

for (const [fixture, members] of [
  ['rotation/by-annotation.yaml', ['restartPolicy', 'lifecycle']],
  ['rotation/restart-of-the-pod.yaml', ['restartPolicyRules']],
] as const) {
  t.test(`the policy denies a sidecar that lost ${members.join(' and ')}`, async (t) => {
    const lost = await injectedFrom(fixture);
    for (const member of members) delete lost.spec.initContainers[0]?.[member];
    t.same(judgements(lost), [true, true, false]);
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
