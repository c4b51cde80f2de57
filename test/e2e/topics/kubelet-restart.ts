import type { V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { read } from '../harness/files.ts';
import { pod, podSpec, ready } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { must } from '../harness/run.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { SECONDS } from './rotation.ts';

const OBJECT = 'e2e/kubelet-restart';

/** Tests a kubelet that ends and starts again while a pod rotates: the pod lives on, and so does the rotation. */
export async function kubeletRestart(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'kubelet-restart');
  const change = (value: string) => world.aws.setSecret({ name: OBJECT, value: `${world.canary}-${value}` });
  change('old');
  await world.kubectl.apply(pod(namespace, 'watched', { files: `value: ${OBJECT}`, rotation: '30s' }, podSpec(world)));
  const before = containers(await ready(world, namespace, 'watched'));
  await must('sh', ['-c', world.settings.restartKubelet]);
  change('new');

  await t.test('the change is in the file', () =>
    until('the new value', SECONDS, async () => {
      const value = await read(world, { namespace, pod: 'watched', container: 'app' }, 'value').catch(() => '');
      return value.toString() === `${world.canary}-new` ? true : undefined;
    }),
  );

  await t.test('no container has started again', async (t) => {
    t.strictSame(containers(await ready(world, namespace, 'watched')), before);
  });
}

/** Returns which containers run, and how often each has started again. */
function containers({ status }: V1Pod): string[] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.map(({ name, containerID, restartCount }) => `${name} ${containerID} ${restartCount}`);
}
