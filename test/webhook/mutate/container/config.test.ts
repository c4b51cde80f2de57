import t from 'tap';
import { declare } from '../../../../webhook/declare/declare.ts';
import { type ConfigInput, makeConfig } from '../../../../webhook/mutate/container/config.ts';
import type { Pod } from '../../../../webhook/pod/pod.ts';
import { ROLE, settings } from '../../support/admission.ts';
import { annotationsOf } from '../../support/annotations.ts';
import { CONTEXT } from '../../support/context.ts';

const declared = declare(annotationsOf({ files: 'a: app/db', env: 'A: app/db#a' }), CONTEXT);
if (!declared.ok) throw new Error('nothing is declared');
const { declaration } = declared;
const pod: Pod = { metadata: {}, spec: { containers: [{ name: 'app' }] } };
const envFiles = { serverVersion: '1.35', server: true, everyNode: true };
const input: ConfigInput = {
  ...{ pod, declaration, settings, envFiles, namespace: 'shop', ownRegion: 'us-west-2' },
  role: { roleArn: ROLE },
};

t.test('pods with the same declaration in the same place get the very same configuration', async (t) => {
  t.equal(makeConfig({ ...input, pod: structuredClone(pod) }), makeConfig(input));
});

t.test('a configuration with a long CA bundle is kept for no declaration, as each would keep the bundle', async (t) => {
  const kept = { ...input, settings: { ...settings, aws: { caBundle: 'x'.repeat(4000) } } };
  t.equal(makeConfig(kept), makeConfig(kept));
  const long = { ...input, settings: { ...settings, aws: { caBundle: 'x'.repeat(10_000) } } };
  const first = makeConfig(long);
  t.not(makeConfig(long), first);
  t.strictSame(makeConfig(long), first);
});

const rotating = { ...settings, injector: { ...settings.injector, rotation: 3600 } };
const others: Readonly<Record<string, [other: Partial<ConfigInput>, changed: object]>> = {
  'in another namespace': [{ namespace: 'pay' }, { namespace: 'pay' }],
  'with another role': [{ role: { roleArn: `${ROLE}2` } }, { identity: { roleArn: `${ROLE}2` } }],
  'with another audience': [{ role: { roleArn: ROLE, audience: 'other' } }, { identity: { audience: 'other' } }],
  'in a cluster in another region': [{ ownRegion: 'eu-west-1' }, { aws: { region: 'eu-west-1' } }],
  'beside old nodes': [{ envFiles: { ...envFiles, everyNode: false } }, { environment: { sentinel: true } }],
  'with other settings': [{ settings: rotating }, { rotation: { seconds: 3600 } }],
  'that never restarts': [
    { pod: { ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } } },
    { retryTimeoutSeconds: 900 },
  ],
  'with a deadline': [
    { pod: { ...pod, spec: { ...pod.spec, activeDeadlineSeconds: 20 } } },
    { retryTimeoutSeconds: 16 },
  ],
};
for (const [what, [other, changed]] of Object.entries(others)) {
  t.test(`a pod ${what} gets a configuration of its own`, async (t) => {
    const first = makeConfig(input);
    t.match(makeConfig({ ...input, ...other }), changed);
    t.strictSame(makeConfig(input), first);
  });
}
