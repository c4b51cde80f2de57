import type { V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import type { FaultEffect } from '../../aws/faults.ts';
import { sh } from '../harness/files.ts';
import { INJECTOR, MOUNT, pod, podSpec, ready, runs } from '../harness/pods.ts';
import { say, sleep, until } from '../harness/progress.ts';
import { createNamespace, roleArn, type World } from '../harness/world.ts';

/** More than three of the shortest intervals, each a tenth longer, in milliseconds. */
const OUTAGE = 100_000;

/** Seconds in which all heals: the longest pause between two looks, and the look. */
const HEALING = 45;

const ERRORS: Readonly<Record<string, FaultEffect>> = {
  denied: { kind: 'access-denied' },
  throttled: { kind: 'throttle' },
  unavailable: { kind: 'status', status: 503 },
  cut: { kind: 'reset' },
  hung: { kind: 'hang' },
  malformed: { kind: 'malformed' },
  'clock-apart': { kind: 'error', code: 'InvalidSignatureException', message: 'Signature expired', status: 400 },
};

const EXPIRED: FaultEffect = { kind: 'error', code: 'ExpiredTokenException', message: 'Token expired', status: 400 };

/** Reads all files all the time. Ends, and so restarts, if one can not be read or is empty. */
const READER = `while :; do
  for file in ${MOUNT}/*; do test -n "$(cat "$file")" || exit 9; done
  sleep 0.2
done`;

/**
 * Begins outages: one pod has a secret for each error, and another one, of another role, gets no credentials. Returns what waits
 * for their end, and tests that nothing happened to the apps.
 */
export async function rotationOutages(world: World, namespace: string): Promise<(t: Test) => Promise<void>> {
  const other = await createNamespace(world, 'rotation-sts');
  const [kinds, lost] = [Object.keys(ERRORS), 'no-credentials'];
  const object = (kind: string) => `e2e/outage-${kind}`;
  const set = (state: string) => {
    for (const kind of [...kinds, lost]) world.aws.setSecret({ name: object(kind), value: `${world.canary}-${state}` });
  };
  const files = (...of: string[]) => of.map((kind) => `${kind}: ${object(kind)}\n`).join('');
  const spec = podSpec(world, { containers: [runs(world, 'app', READER)] });
  set('before');
  await world.kubectl.apply(
    pod(namespace, 'errors', { files: files(...kinds), rotation: '30s' }, spec),
    pod(other, 'lost', { files: files(lost), rotation: '30s' }, spec),
  );
  const pods: [namespace: string, name: string][] = [
    [namespace, 'errors'],
    [other, 'lost'],
  ];
  const all = <T>(of: (namespace: string, name: string) => Promise<T>) => Promise.all(pods.map((each) => of(...each)));
  await all((namespace, name) => ready(world, namespace, name));
  const ends = [
    ...kinds.map((kind) =>
      world.aws.fault({ service: 'secretsmanager', name: object(kind), effect: ERRORS[kind] ?? EXPIRED }),
    ),
    world.aws.fault({ service: 'sts', name: roleArn(other), effect: EXPIRED }),
  ];
  const began = Date.now();
  set('after');
  const values = async () => {
    const texts = await all((namespace, name) =>
      sh(world, { namespace, pod: name, container: 'app' }, `for file in ${MOUNT}/*; do cat $file; echo; done`),
    );
    return texts.join('').trim().split('\n');
  };
  return async (t) => {
    await sleep(Math.max(0, began + OUTAGE - Date.now()));
    const logs = () =>
      all((namespace, name) => world.kubectl.logs(namespace, name, INJECTOR)).then((texts) => texts.join(''));
    await until('a look that failed for good', HEALING, async () => {
      const text = await logs();
      return text.includes(object('hung')) && text.includes('could not be assumed') ? true : undefined;
    });
    await t.test('the last values stay through three intervals of every error', async (t) => {
      t.strictSame([...new Set(await values())], [`${world.canary}-before`]);
      const text = await logs();
      for (const kind of kinds) t.equal(text.split(`for: ${object(kind)}:`).length - 1, 1, `one line: ${kind}`);
      t.equal(text.split('could not be assumed').length - 1, 1, 'one line: no credentials');
    });

    await t.test('everything heals by itself', async (t) => {
      for (const end of ends) end();
      const ended = Date.now();
      await until('the new values', HEALING, async () =>
        (await values()).every((value) => value === `${world.canary}-after`) ? true : undefined,
      );
      say(`rotation: healed after ${Date.now() - ended} ms`);
      t.strictSame(await all(async (namespace, name) => restarts(await ready(world, namespace, name))), [0, 0]);
    });
  };
}

/** Returns how often any container of the pod has started again. */
function restarts({ status }: V1Pod): number {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
