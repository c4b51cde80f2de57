import type { Test } from 'tap';
import { read } from '../harness/files.ts';
import {
  declare,
  ended,
  eventMessage,
  failure,
  INJECTOR,
  injectedStatus,
  pod,
  podSpec,
  ready,
  startedAgain,
} from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Tests failures, and how `kubectl describe` shows them. */
export async function failures(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'failures');
  const spec = podSpec(world);
  await world.kubectl.apply(
    pod(namespace, 'missing', { files: 'x: e2e/absent' }, spec),
    pod(namespace, 'denied', { files: 'x: e2e/forbidden' }, spec),
    pod(namespace, 'several', { files: 'a: e2e/absent\nb: e2e/forbidden\nc: ssm:/e2e/absent\nd: e2e/db#absent' }, spec),
  );

  await t.test('a missing secret keeps the pod in Init, and describe names it', async (t) => {
    const found = await ended(world, namespace, 'missing');
    t.equal(found.status?.phase, 'Pending');
    t.equal(failure(found)?.exitCode, 10);
    t.match(await world.kubectl.describe('pod', namespace, 'missing'), /e2e\/absent/);
    t.notOk(found.status?.containerStatuses?.[0]?.started, 'the app did not start');
  });

  await t.test('AccessDenied names the action, the secret and the role', async (t) => {
    const message = failure(await ended(world, namespace, 'denied'))?.message;
    t.match(message, /e2e\/forbidden/);
    t.match(message, /secretsmanager:GetSecretValue/);
    t.match(message, new RegExp(namespace), 'the role is named like the namespace');
  });

  await t.test('every failing object is named at once', async (t) => {
    const message = failure(await ended(world, namespace, 'several'))?.message ?? '';
    for (const name of ['e2e/absent', 'e2e/forbidden', '/e2e/absent', 'e2e/db']) t.match(message, name);
    t.match(message, 'username', 'the keys that do exist');
    t.notMatch(message, world.canary);
  });

  await t.test('the log of the init container says it too', async (t) => {
    const log = await until('a log', 30, async () => {
      const text = await world.kubectl.logs(namespace, 'missing', INJECTOR);
      return text === '' ? undefined : text;
    });
    t.match(log, /e2e\/absent/);
  });

  await t.test('a pod that fails again and again is as the alert asks for it', async (t) => {
    const found = await startedAgain(world, namespace, 'missing');
    t.match([found.status?.phase, injectedStatus(found)], ['Pending', { ready: false }]);
  });

  await t.test('the pod heals when the secret comes', async (t) => {
    world.aws.setSecret({ name: 'e2e/absent', value: `${world.canary}-late` });
    await ready(world, namespace, 'missing');
    const found = await read(world, { namespace, pod: 'missing', container: 'app' }, 'x');
    t.equal(found.toString(), `${world.canary}-late`);
  });

  await t.test("a bad annotation is refused, and the ReplicaSet's event says why", async (t) => {
    const refused = await createNamespace(world, 'refused');
    await world.kubectl.apply(deployment(refused, declare({ flies: 'x: e2e/plain', files: 'x: e2e/plain' }), spec));
    const message = await eventMessage(world, refused, 'FailedCreate');
    t.match(message, /aws-secrets-injector\.dev\/flies/);
  });

  await t.test('a ServiceAccount without a role is refused by name', async (t) => {
    const lonely = pod(namespace, 'lonely', { files: 'x: e2e/plain' }, { ...spec, serviceAccountName: 'default' });
    const { code, stderr } = await world.kubectl.create(lonely);
    t.not(code, 0);
    t.match(stderr, /eks\.amazonaws\.com\/role-arn/);
    t.match(stderr, /default/);
  });
}

function deployment(namespace: string, annotations: Record<string, string>, spec: object): object {
  const labels = { app: 'shop' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels, annotations }, spec } },
  };
}
