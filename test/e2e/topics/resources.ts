import type { V1Pod, V1PodSpec, V1ResourceRequirements } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { read } from '../harness/files.ts';
import { pod, podSpec, ready, sleeper } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Namespaces and pods that bound what containers may ask for. */
export async function resources(t: Test, world: World): Promise<void> {
  await t.test('LimitRange: what it gives the app and allows at most also fits the init container', async (t) => {
    const namespace = await createNamespace(world, 'limits');
    await world.kubectl.apply(limitRange(namespace));
    const found = await runsWith(t, world, { namespace, spec: podSpec(world) });
    const injected = found.spec?.initContainers?.[0]?.resources;
    t.equal(injected?.requests?.['cpu'], '100m', 'the same as the app');
    t.equal(injected?.limits?.['cpu'], '200m');
  });

  await t.test('ResourceQuota: every container says what the quota asks of it', async (t) => {
    const namespace = await createNamespace(world, 'quota');
    await world.kubectl.apply(quota(namespace));
    await runsWith(t, world, { namespace, spec: withResources(world, same('100m', '128Mi')) });
  });

  await t.test('a Guaranteed pod stays Guaranteed', async (t) => {
    const namespace = await createNamespace(world, 'guaranteed');
    const found = await runsWith(t, world, { namespace, spec: withResources(world, same('50m', '64Mi')) });
    t.equal(found.status?.qosClass, 'Guaranteed');
  });

  await t.test('pod-level resources are the ceiling', async (t) => {
    const namespace = await createNamespace(world, 'podlevel');
    const spec = { ...podSpec(world), resources: same('200m', '256Mi') };
    const found = await runsWith(t, world, { namespace, spec });
    t.equal(found.status?.qosClass, 'Guaranteed');
  });

  await t.test('pod-level memory below what the injector needs is refused with a sentence', async (t) => {
    const namespace = await createNamespace(world, 'tiny');
    const spec = { ...podSpec(world), resources: same('200m', '16Mi') };
    const { code, stderr } = await world.kubectl.create(pod(namespace, 'app', { files: 'plain.txt: e2e/plain' }, spec));
    t.not(code, 0);
    t.match(stderr, /memory/);
  });
}

function same(cpu: string, memory: string): V1ResourceRequirements {
  return { requests: { cpu, memory }, limits: { cpu, memory } };
}

function withResources(world: World, found: V1ResourceRequirements): V1PodSpec {
  return podSpec(world, { containers: [sleeper(world, 'app', { resources: found })] });
}

async function runsWith(t: Test, world: World, wanted: { namespace: string; spec: V1PodSpec }): Promise<V1Pod> {
  const { namespace, spec } = wanted;
  await world.kubectl.apply(pod(namespace, 'app', { files: 'plain.txt: e2e/plain' }, spec));
  const found = await ready(world, namespace, 'app');
  const target = { namespace, pod: 'app', container: 'app' };
  t.same(await read(world, target, 'plain.txt'), Buffer.from(world.secrets.plain));
  return found;
}

function limitRange(namespace: string): object {
  const limits = [
    {
      type: 'Container',
      default: { cpu: '200m', memory: '128Mi' },
      defaultRequest: { cpu: '100m', memory: '64Mi' },
      max: { cpu: '500m', memory: '256Mi' },
      min: { cpu: '20m', memory: '16Mi' },
      maxLimitRequestRatio: { cpu: '4' },
    },
  ];
  return { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'limits', namespace }, spec: { limits } };
}

function quota(namespace: string): object {
  const hard = {
    pods: '2',
    'requests.cpu': '1',
    'limits.cpu': '1',
    'requests.memory': '512Mi',
    'limits.memory': '512Mi',
  };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota', namespace }, spec: { hard } };
}
