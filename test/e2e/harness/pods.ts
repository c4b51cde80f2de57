import type { CoreV1Event, V1Container, V1ContainerStatus, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { until } from './progress.ts';
import type { World } from './world.ts';

/** Is the prefix of every annotation. It is written out here, because a test that imported it would follow a mistake. */
const PREFIX = 'aws-secrets-injector.dev/';
export const INJECTOR = 'aws-secrets-injector';
export const MOUNT = '/mnt/secrets-store';

/** Returns `{ files: 'x' }` as annotations under our prefix. */
export function declare(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [PREFIX + key, value]));
}

/** A container that waits, so that a test can look around in it. It prints nothing: its log is searched for secrets. */
export function sleeper(world: World, name = 'app', more: Partial<V1Container> = {}): V1Container {
  return runs(world, name, 'sleep 3600', more);
}

/** A container that runs this script. */
export function runs(world: World, name: string, script: string, more: Partial<V1Container> = {}): V1Container {
  const image = world.settings.appImage;
  return { name, image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], ...more };
}

/** A pod spec with one sleeping container and the annotated ServiceAccount, unless `more` says otherwise. */
export function podSpec(world: World, more: Partial<V1PodSpec> = {}): V1PodSpec {
  return { serviceAccountName: 'app', terminationGracePeriodSeconds: 0, containers: [sleeper(world)], ...more };
}

export function pod(namespace: string, name: string, annotations: Record<string, string>, spec: V1PodSpec): V1Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, annotations: declare(annotations) }, spec };
}

/** Waits until every container of the pod is ready. */
export function ready(world: World, namespace: string, name: string): Promise<V1Pod> {
  return untilPod(world, { namespace, name, what: 'it is ready' }, (found) => {
    const condition = found.status?.conditions?.find(({ type }) => type === 'Ready');
    return condition?.status === 'True';
  });
}

/** Returns the status of our init container. */
export function injectedStatus({ status }: V1Pod): V1ContainerStatus | undefined {
  return status?.initContainerStatuses?.find(({ name }) => name === INJECTOR);
}

/** Returns the exit code and the message of our init container when it ended at least once. */
export function failure(found: V1Pod): { exitCode: number; message: string } | undefined {
  const status = injectedStatus(found);
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  return ended && { exitCode: ended.exitCode, message: ended.message ?? '' };
}

/** Waits until our init container ended at least once. */
export function ended(world: World, namespace: string, name: string): Promise<V1Pod> {
  return untilPod(
    world,
    { namespace, name, what: 'its init container ended' },
    (found) => failure(found) !== undefined,
  );
}

/** Waits until our init container has started again. */
export function startedAgain(world: World, namespace: string, name: string): Promise<V1Pod> {
  const wanted = { namespace, name, what: 'its init container started again' };
  return untilPod(world, wanted, (found) => (injectedStatus(found)?.restartCount ?? 0) > 0);
}

export function untilPod(
  world: World,
  wanted: { namespace: string; name: string; what: string },
  holds: (found: V1Pod) => boolean,
): Promise<V1Pod> {
  const { namespace, name } = wanted;
  return until(
    `pod ${namespace}/${name}: ${wanted.what}`,
    90,
    async () => {
      const found = await world.kubectl.find<V1Pod>('pod', namespace, name);
      return found && holds(found) ? found : undefined;
    },
    async () =>
      [
        await world.kubectl.describe('pod', namespace, name).catch(String),
        await world.kubectl.logs(namespace, name, INJECTOR),
      ].join('\n'),
  );
}

/** Waits for the first pod with this label. */
export async function podOf(world: World, namespace: string, label: string): Promise<V1Pod & { name: string }> {
  return until(
    `a pod with ${label} in ${namespace}`,
    60,
    async () => {
      const [found] = await world.kubectl.list<V1Pod>('pods', namespace, '-l', label);
      const name = found?.metadata?.name;
      return found && name !== undefined ? { ...found, name } : undefined;
    },
    () => world.kubectl.run(['get', 'events', '-n', namespace]),
  );
}

/** Waits for an event with this reason and returns its message. */
export async function eventMessage(world: World, namespace: string, reason: string): Promise<string> {
  return until(`a ${reason} event in ${namespace}`, 60, async () => {
    const events = await world.kubectl.list<CoreV1Event>('events', namespace);
    return events.find((event) => event.reason === reason)?.message;
  });
}
