/** Tests which of the pods that the policy judges it admits: those with a container that only the webhook makes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CONFIG_ENV } from '../../injector/contract/names.ts';
import { CONTAINER, SENTINEL_CONTAINER } from '../../webhook/pod/names.ts';
import { answerTo, patched, readWorld } from '../webhook/support/admission.ts';
import { evaluate } from './support/cel.ts';
import { ours, pod } from './support/pods.ts';
import { render } from './support/render.ts';

const byDefault = await render();

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
