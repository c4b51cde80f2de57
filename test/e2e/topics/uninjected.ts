import type { CoreV1Event } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { injecting, RELEASE, replaced, replicas, upgrade } from '../harness/install.ts';
import { replicaMetric } from '../harness/metrics.ts';
import { pod, podSpec, sleeper } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

const COUNT = 'aws_secrets_injector_uninjected_pods';
const EXEMPT = 'aws-secrets-injector.dev/exempt';

/** Pods that were created while nobody looked at them are found. */
export async function uninjected(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'uninjected', { [EXEMPT]: 'true' });
  const spec = podSpec(world);
  // The outage may have turned it on with something else.
  const [replica = ''] = await replicas(world);
  if ((await replicaMetric(world, replica, COUNT)) === undefined) {
    await upgrade(world, { uninjectedPods: { enabled: true, events: true } });
    await replaced(world);
  }

  await t.test('a namespace may be exempt: its pods start as they are, and are not counted', async (t) => {
    const { code, stdout } = await world.kubectl.create(pod(namespace, 'early', { files: 'x: e2e/plain' }, spec));
    t.equal(code, 0);
    t.equal(JSON.parse(stdout).spec.initContainers, undefined);
    t.ok(await untilCounted(world, 0));
  });

  await t.test('a pod that declares something and runs without it is counted, and has one event', async (t) => {
    await world.kubectl.run(['label', 'namespace', namespace, `${EXEMPT}-`]);
    t.ok(await untilCounted(world, 1));
    const events = await until('an event', 60, async () => {
      const found = await world.kubectl.list<CoreV1Event>('events', namespace);
      const about = found.filter(({ source }) => source?.component === RELEASE);
      return about.length > 0 ? about : undefined;
    });
    t.equal(events.length, 1);
    t.match(events[0], { type: 'Warning', involvedObject: { kind: 'Pod', name: 'early' } });
  });

  await t.test('a pod that was injected with a warning has an event with it', async (t) => {
    const containers = [{ ...sleeper(world, 'web'), env: [{ name: 'PLAIN', value: 'own' }] }];
    const own = podSpec(world, { containers });
    await world.kubectl.apply(pod(namespace, 'warned', { env: 'PLAIN: e2e/plain' }, own));
    const event = await until('the event', 60, async () => {
      const found = await world.kubectl.list<CoreV1Event>('events', namespace);
      return found.find(({ reason }) => reason === 'SecretsInjectedWithWarnings');
    });
    t.match(event, { involvedObject: { kind: 'Pod', name: 'warned' }, message: /keeps its own PLAIN/ });
    await world.kubectl.run(['delete', 'pod', 'warned', '-n', namespace]);
  });

  await t.test('it is forgotten when it is gone', async (t) => {
    await world.kubectl.run(['delete', 'pod', 'early', '-n', namespace]);
    t.ok(await untilCounted(world, 0));
    await injecting(world);
  });
}

function untilCounted(world: World, count: number): Promise<true> {
  return until(`${COUNT} ${count}`, 60, async () => {
    const pods = await replicas(world);
    const values = await Promise.all(pods.map((name) => replicaMetric(world, name, COUNT)));
    return values.every((found) => found === count) ? true : undefined;
  });
}
