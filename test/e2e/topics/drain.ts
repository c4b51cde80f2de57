import type { V1Deployment } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { read } from '../harness/files.ts';
import { declare, podOf, podSpec, ready, runs } from '../harness/pods.ts';
import { say } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { APP } from './rotation.ts';

const OBJECT = 'e2e/drained';
const LABELS = { app: 'drained' };

/** Tests a node that is drained while a pod rotates: the pod leaves without its grace period, and its successor has the newest value. */
export async function drain(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'drain');
  const change = (value: string) => world.aws.setSecret({ name: OBJECT, value: `${world.canary}-${value}` });
  change('old');
  await world.kubectl.apply(deployment(world, namespace));
  const { name } = await podOf(world, namespace, 'app=drained');
  const { spec } = await ready(world, namespace, name);
  const node = spec?.nodeName ?? '';
  change('new');
  try {
    await t.test('the pod is gone before half of its grace period', async () => {
      const began = Date.now();
      await world.kubectl.run(['drain', node, `--pod-selector=app=drained`, '--delete-emptydir-data', '--timeout=30s']);
      say(`drain: the pod was gone after ${Date.now() - began} ms`);
    });
  } finally {
    await world.kubectl.run(['uncordon', node]);
  }
  await t.test('its successor has the newest value', async (t) => {
    const successor = await podOf(world, namespace, 'app=drained');
    t.not(successor.name, name);
    await ready(world, namespace, successor.name);
    const value = await read(world, { namespace, pod: successor.name, container: 'app' }, 'value');
    t.equal(value.toString(), `${world.canary}-new`);
  });
  // While its namespace goes, its controller would create pods in vain, and a later topic counts each pod that fails.
  await world.kubectl.run(['delete', 'deployment', 'drained', '-n', namespace]);
}

function deployment(world: World, namespace: string): V1Deployment {
  const spec = podSpec(world, { containers: [runs(world, 'app', APP)], terminationGracePeriodSeconds: 60 });
  const annotations = declare({ files: `value: ${OBJECT}`, rotation: '1h' });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'drained', namespace },
    spec: { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS, annotations }, spec } },
  };
}
