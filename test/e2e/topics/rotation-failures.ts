import type { V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { startIdentityWebhook } from '../harness/identity-webhook.ts';
import { IMAGES } from '../harness/images.ts';
import {
  ended,
  failure,
  INJECTOR,
  injectedStatus,
  pod,
  podSpec,
  ready,
  startedAgain,
  untilPod,
} from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** A sidecar that can not begin: `kubectl describe` says why, as it does of an init container. */
export async function rotationFailures(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'rotation-failures');
  // Neither the kubelet nor, where that is too old, a shell can set these.
  const [value, delivery] = world.minor < 35 ? ['\0', 'shell'] : ["'", 'kubelet'];
  world.aws.setSecret({ name: 'e2e/uncarried', value: `${world.canary}${value}s` });
  const rotation = '1h';
  const uncarried = { env: 'X: e2e/uncarried', 'env-delivery': delivery, rotation };
  await world.kubectl.apply(
    pod(namespace, 'missing', { files: 'x: e2e/absent-rotating', rotation }, podSpec(world)),
    pod(namespace, 'denied', { files: 'x: e2e/forbidden', rotation }, podSpec(world)),
    pod(namespace, 'uncarried', uncarried, podSpec(world)),
    pod(namespace, 'unending', uncarried, podSpec(world, { restartPolicy: 'Never' })),
  );
  const unread = await createNamespace(world, 'rotation-unread', { 'aws-secrets-injector.dev/exempt': 'true' });
  await world.kubectl.apply(
    withConfiguration(world, { namespace: unread, name: 'unread' }),
    withConfiguration(world, { namespace: unread, name: 'unreadable', text: '{"version":99}' }),
  );

  const cases: [name: string, where: string, exitCode: number, message: RegExp][] = [
    ['missing', namespace, 10, /e2e\/absent-rotating/],
    ['denied', namespace, 10, /secretsmanager:GetSecretValue/],
    ['uncarried', namespace, 10, /X/],
    ['unread', unread, 2, /AWS_SECRETS_INJECTOR_CONFIG is missing or empty/],
    ['unreadable', unread, 2, /The configuration can not be read/],
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

  await t.test('kubectl get shows that the init container fails', async (t) => {
    // The kubelet shows CrashLoopBackOff only shortly before it tries again.
    const wanted = { namespace, name: 'uncarried', what: 'its sidecar waits after a failure' };
    const found = await untilPod(world, wanted, (found) =>
      /^(PostStartHookError|CrashLoopBackOff)$/.test(injectedStatus(found)?.state?.waiting?.reason ?? ''),
    );
    t.match(injectedStatus(found), { started: false });
  });

  await t.test('a sidecar that fails is started again even in a pod that never restarts', async (t) => {
    const found = await startedAgain(world, namespace, 'unending');
    t.match([found.status?.phase, injectedStatus(found)], ['Pending', { ready: false }], 'as the alert asks for it');
  });

  await t.test('an identity webhook that drops restartPolicy is noticed, and the pod is refused', async (t) => {
    const webhook = await startIdentityWebhook(world, { name: 'z-old-identity', isOld: true });
    try {
      const name = await createNamespace(world, 'rotation-stripped', webhook.labels);
      const refused = await world.kubectl.create(pod(name, 'app', { files: 'x: e2e/plain', rotation }, podSpec(world)));
      t.match(refused.stderr, /ASI_ADMIT_ROTATION_STRIPPED/);
      const once = await world.kubectl.create(pod(name, 'app', { files: 'x: e2e/plain' }, podSpec(world)));
      t.equal(once.code, 0, 'and one without rotation is not');
    } finally {
      await webhook.stop();
    }
  });

  await t.test('the pod heals when the secret comes', async () => {
    world.aws.setSecret({ name: 'e2e/absent-rotating', value: `${world.canary}-late` });
    await ready(world, namespace, 'missing');
  });
}

type Handwritten = { readonly namespace: string; readonly name: string; readonly text?: string };

/** A pod of somebody who wrote the sidecar by hand, with this text as its configuration. */
function withConfiguration(world: World, { namespace, name, text }: Handwritten): V1Pod {
  const [, image] = IMAGES;
  const sidecar = {
    name: INJECTOR,
    image: `${image.name}:${image.tag}`,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    ...(text !== undefined && { env: [{ name: 'AWS_SECRETS_INJECTOR_CONFIG', value: text }] }),
    lifecycle: { postStart: { exec: { command: ['/aws-secrets-injector', 'wait'] } } },
  };
  return pod(namespace, name, {}, podSpec(world, { initContainers: [sidecar] }));
}
