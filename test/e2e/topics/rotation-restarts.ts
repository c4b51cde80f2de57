import type { Test } from 'tap';
import { read, sh } from '../harness/files.ts';
import { pod, podSpec, ready, runs } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { APP, SECONDS } from './rotation.ts';

const OBJECT = 'e2e/restarting';

/** Writes down the variable, which `kubectl exec` does not have if a shell sets it. */
const WRITE = 'printf %s "$VALUE" > /tmp/variable';

/** Tests variables of a secret that changes: a container or the whole pod starts again, and has the new value. */
export async function rotationRestarts(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'rotation-restarts');
  const change = (value: string) => world.aws.setSecret({ name: OBJECT, value: `${world.canary}-${value}` });
  const annotations = (restart: string) => ({
    files: `value: ${OBJECT}`,
    env: `VALUE: ${OBJECT}`,
    'env-delivery': world.minor < 35 ? 'shell' : 'kubelet',
    rotation: '30s',
    'rotation-restart': restart,
  });
  const containers = [runs(world, 'app', `${WRITE}; ${APP}`)];
  const shared = { containers, shareProcessNamespace: true, securityContext: { runAsUser: 1000 } };
  const { files: _, ...variable } = annotations('container');
  const withoutFiles = [runs(world, 'app', `${WRITE}; trap 'exit 0' TERM; while :; do sleep 0.1; done`)];
  const whole = pod(namespace, 'whole', annotations('pod'), podSpec(world, { containers }));
  const ways: [name: string, how: string][] = [
    ['container', 'its container ends gracefully and starts again'],
    ['variable', 'so does a container that has no files'],
  ];
  change('old');
  await world.kubectl.apply(
    pod(namespace, 'container', annotations('container'), podSpec(world, shared)),
    pod(namespace, 'variable', variable, podSpec(world, { ...shared, containers: withoutFiles })),
  );
  if (world.minor < 36) {
    await t.test('an API server that can not restart a whole pod refuses to begin', async (t) => {
      const { stderr } = await world.kubectl.create(whole, '--dry-run=server');
      for (const part of ['ASI_ADMIT_ROTATION_VERSION', `the API server is 1.${world.minor}`]) t.match(stderr, part);
    });
  } else {
    await world.kubectl.apply(whole);
    ways.push(['whole', 'the kubelet restarts all containers of the pod']);
  }
  await Promise.all(ways.map(([name]) => ready(world, namespace, name)));
  change('new');
  for (const [name, how] of ways) {
    await t.test(`a variable has the new value after a restart: ${how}`, async (t) => {
      const target = { namespace, pod: name, container: 'app' };
      await until('the new variable', 2 * SECONDS, async () =>
        (await sh(world, target, 'cat /tmp/variable').catch(String)) === `${world.canary}-new` ? true : undefined,
      );
      const ended = (await ready(world, namespace, name)).status?.containerStatuses?.[0]?.lastState?.terminated;
      if (name === 'whole') t.match(ended, { exitCode: 137, reason: 'RestartingAllContainers' });
      else t.equal(ended?.exitCode, 0, 'it ended by itself');
      if (name !== 'variable') t.equal((await read(world, target, 'value')).toString(), `${world.canary}-new`);
    });
  }
}
