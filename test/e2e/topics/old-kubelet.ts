import type { Test } from 'tap';
import { INJECTOR, pod, ready, untilPod } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { careful, RESTRICTED } from './restricted.ts';

const SENTINEL = 'aws-secrets-injector-sentinel';

/**
 * Tests a newer API server with a kubelet older than 1.35, which sets an empty text where a variable comes from a file. No list of
 * versions.json has this topic, because it needs a cluster of two versions.
 */
export async function oldKubelet(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'old-kubelet', RESTRICTED);
  const env = 'KEY: ssm:/e2e/key';
  await world.kubectl.apply(
    pod(namespace, 'stopped', { env }, careful(world)),
    pod(namespace, 'shell', { env, 'env-delivery': 'shell' }, careful(world)),
    pod(namespace, 'files', { files: 'plain.txt: e2e/plain', rotation: '1h' }, careful(world)),
  );

  await t.test('the sentinel ends with the sentence, and the app does not start with an empty variable', async (t) => {
    const found = await untilPod(world, { namespace, name: 'stopped', what: 'its sentinel ended' }, ({ status }) =>
      Boolean(status?.initContainerStatuses?.find(({ name }) => name === SENTINEL)?.lastState?.terminated),
    );
    const [injector, sentinel] = [INJECTOR, SENTINEL].map((name) =>
      found.status?.initContainerStatuses?.find((status) => status.name === name),
    );
    t.equal(injector?.state?.terminated?.exitCode, 0);
    t.equal(sentinel?.lastState?.terminated?.exitCode, 10);
    t.match(sentinel?.lastState?.terminated?.message, /ASI_ENV_UNSUPPORTED/);
    t.notOk(found.status?.containerStatuses?.[0]?.started);
    t.match(await world.kubectl.describe('pod', namespace, 'stopped'), /older than 1\.35/);
  });

  for (const name of ['shell', 'files']) {
    await t.test(`what the kubelet has no part in works: ${name}`, async (t) => {
      await t.resolves(ready(world, namespace, name));
    });
  }
}
