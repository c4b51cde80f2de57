import type { V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { IMAGES } from '../harness/images.ts';
import { ended, failure, INJECTOR, pod, podSpec, ready } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** A sidecar that can not begin: `kubectl describe` says why, as it does of an init container. */
export async function rotationFailures(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'rotation-failures');
  world.aws.setSecret({ name: 'e2e/quote', value: `${world.canary}'s` });
  const rotation = '1h';
  await world.kubectl.apply(
    pod(namespace, 'missing', { files: 'x: e2e/absent-rotating', rotation }, podSpec(world)),
    pod(namespace, 'denied', { files: 'x: e2e/forbidden', rotation }, podSpec(world)),
    pod(namespace, 'uncarried', { env: 'X: e2e/quote', rotation }, podSpec(world)),
  );
  const unread = await createNamespace(world, 'rotation-unread', { 'aws-secrets-injector.dev/exempt': 'true' });
  await world.kubectl.apply(withoutConfiguration(world, unread));

  const cases: [name: string, where: string, exitCode: number, message: RegExp][] = [
    ['missing', namespace, 10, /e2e\/absent-rotating/],
    ['denied', namespace, 10, /secretsmanager:GetSecretValue/],
    ['uncarried', namespace, 10, /X/],
    ['unread', unread, 2, /There is no configuration/],
  ];
  for (const [name, where, exitCode, message] of cases) {
    await t.test(`describe has the exit code and the message of a pod that is ${name}`, async (t) => {
      const found = await ended(world, where, name);
      t.equal(found.status?.phase, 'Pending');
      t.notOk(found.status?.containerStatuses?.[0]?.started, 'the app did not start');
      t.equal(failure(found)?.exitCode, exitCode);
      t.match(failure(found)?.message, message);
      const text = await world.kubectl.describe('pod', where, name);
      t.match(text, new RegExp(`Exit Code:\\s+${exitCode}`));
      t.match(text, message);
      t.notMatch(text, world.canary);
    });
  }

  await t.test('the pod heals when the secret comes', async () => {
    world.aws.setSecret({ name: 'e2e/absent-rotating', value: `${world.canary}-late` });
    await ready(world, namespace, 'missing');
  });
}

/** A pod of somebody who wrote the sidecar by hand, without its configuration. */
function withoutConfiguration(world: World, namespace: string): V1Pod {
  const { name, tag } = IMAGES[1];
  const sidecar = {
    name: INJECTOR,
    image: `${name}:${tag}`,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    lifecycle: { postStart: { exec: { command: ['/aws-secrets-injector', 'wait'] } } },
  };
  return pod(namespace, 'unread', {}, podSpec(world, { initContainers: [sidecar] }));
}
