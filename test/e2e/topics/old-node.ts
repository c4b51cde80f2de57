import type { V1Node } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { pod, ready } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { createNamespace, MARK, type World } from '../harness/world.ts';
import { careful, RESTRICTED } from './restricted.ts';

const SENTINEL = 'aws-secrets-injector-sentinel';

/** A node that is only an object: nothing runs there, but its kubelet says that it is of 1.34. */
export async function oldNode(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'old-node', RESTRICTED);
  const name = world.unique('e2e-old-node');
  const node: V1Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [MARK]: '' } },
    spec: { unschedulable: true },
  };
  await world.kubectl.apply(node);
  const status = { status: { nodeInfo: { kubeletVersion: 'v1.34.1' } } };
  await world.kubectl.run([
    'patch',
    'node',
    name,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify(status),
  ]);
  try {
    await t.test('where a node may be too old, a sentinel looks first, and lets pods pass on a new one', async (t) => {
      await sentinel(world, namespace, true);
      await world.kubectl.apply(pod(namespace, 'watched', { env: 'KEY: ssm:/e2e/key' }, careful(world)));
      const found = await ready(world, namespace, 'watched');
      const ended = found.status?.initContainerStatuses?.find((container) => container.name === SENTINEL);
      t.equal(ended?.state?.terminated?.exitCode, 0);
    });
  } finally {
    await world.kubectl.run(['delete', 'node', name]);
  }
  await t.test('where it is gone, so is the sentinel', (t) => t.resolves(sentinel(world, namespace, false)));
}

/** Waits until new pods get the sentinel, or do not. */
async function sentinel(world: World, namespace: string, wanted: boolean): Promise<void> {
  const probe = pod(namespace, 'probe', { env: 'KEY: ssm:/e2e/key' }, careful(world));
  await until(`new pods ${wanted ? 'with' : 'without'} the sentinel`, 30, async () => {
    const { stdout } = await world.kubectl.create(probe, '--dry-run=server');
    return stdout.includes(`"${SENTINEL}"`) === wanted ? true : undefined;
  });
}
