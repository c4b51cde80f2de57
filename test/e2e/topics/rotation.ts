import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { end, read, sh, type Target } from '../harness/files.ts';
import { declare, INJECTOR, MOUNT, pod, podOf, podSpec, ready, runs, untilPod } from '../harness/pods.ts';
import { say, until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { rotationOutages } from './rotation-outages.ts';
import { refreshOf, rotationReactions } from './rotation-reactions.ts';

const OBJECT = 'e2e/rotating';

/** Seconds within which a change must be in the files: the shortest interval, a tenth of it, and the look itself with a margin. */
export const SECONDS = 40;

/** The script of an app that fails if the file is not there when it starts, and that ends well after SIGTERM. */
export const APP = `test -s ${MOUNT}/value || exit 7; trap 'exit 0' TERM; while :; do sleep 0.1; done`;

/** Secrets that change while a pod runs. */
export async function rotation(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'rotation');
  const afterOutages = await rotationOutages(world, namespace); // they go on while the rest is tested
  let count = 0;
  const change = (): string => {
    count += 1;
    const value = `${world.canary}-rotated-${count}`;
    world.aws.setSecret({ name: OBJECT, value });
    return value;
  };
  const first = change();
  const files = { files: `value: ${OBJECT}`, rotation: '30s' };
  const containers = [runs(world, 'app', APP)];
  await world.kubectl.apply(
    pod(namespace, 'watched', files, podSpec(world, { containers, terminationGracePeriodSeconds: 30 })),
    job(
      namespace,
      podSpec(world, { containers: [runs(world, 'work', `test -s ${MOUNT}/value`)], restartPolicy: 'Never' }),
    ),
  );
  const target: Target = { namespace, pod: 'watched', container: 'app' };

  await t.test('the app starts when its files are there', async (t) => {
    const found = await ready(world, namespace, 'watched');
    t.equal(restarts(found), 0);
    t.equal((await read(world, target, 'value')).toString(), first);
  });

  await t.test('a Job ends as soon as its containers have, although the sidecar would stay', async (t) => {
    const { name } = await podOf(world, namespace, 'job-name=rotated');
    const found = await untilPod(
      world,
      { namespace, name, what: 'it ended' },
      ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed',
    );
    t.equal(found.status?.phase, 'Succeeded');
    const app = found.status?.containerStatuses?.[0]?.state?.terminated?.finishedAt;
    const sidecar = found.status?.initContainerStatuses?.[0]?.state?.terminated;
    t.equal(sidecar?.exitCode, 0);
    say(`rotation: the Job's app ended at ${String(app)}, the sidecar at ${String(sidecar?.finishedAt)}`);
  });

  await t.test('refresh brings a change at once, and names the version and no value', async (t) => {
    const value = change();
    const text = await world.kubectl.run(refreshOf(namespace, 'watched'));
    t.match(text, OBJECT);
    t.notMatch(text, world.canary);
    t.equal((await read(world, target, 'value')).toString(), value);
  });

  await t.test('a change is in the file within the interval, and nothing restarts', async (t) => {
    const value = change();
    const started = Date.now();
    await until('the new value', SECONDS, async () =>
      (await read(world, target, 'value')).toString() === value ? true : undefined,
    );
    say(`rotation: a change was in the file after ${Date.now() - started} ms`);
    t.equal(restarts(await ready(world, namespace, 'watched')), 0);
    t.match(await world.kubectl.logs(namespace, 'watched', INJECTOR), OBJECT);
  });

  await t.test('a container that restarts finds the files as they are', async (t) => {
    const before = restarts(await ready(world, namespace, 'watched'));
    await end(world, target);
    await untilPod(world, { namespace, name: 'watched', what: 'it restarted' }, (found) => restarts(found) > before);
    await ready(world, namespace, 'watched');
    t.equal((await sh(world, target, `cat ${MOUNT}/value`)).trim(), `${world.canary}-rotated-${count}`);
  });

  await t.test('the sidecar ends at once when the pod is deleted', async (t) => {
    const started = Date.now();
    await world.kubectl.run(['delete', 'pod', 'watched', '-n', namespace, '--timeout=60s']);
    const took = Date.now() - started;
    say(`rotation: the pod was gone after ${took} ms`);
    t.ok(took < 20_000, 'well before the 30 s of its grace period');
  });

  await rotationReactions(t, world, namespace);
  await afterOutages(t);
}

function restarts({ status }: V1Pod): number {
  return status?.containerStatuses?.[0]?.restartCount ?? 0;
}

function job(namespace: string, spec: object): V1Job {
  const annotations = declare({ files: `value: ${OBJECT}`, rotation: '1h' });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'rotated', namespace },
    spec: { backoffLimit: 0, template: { metadata: { annotations }, spec: spec as never } },
  };
}
