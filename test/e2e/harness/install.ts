import type { V1Deployment, V1Namespace, V1Pod } from '@kubernetes/client-node';
import { CHART, findHelm } from '../../chart/support/helm.ts';
import { IMAGES } from './images.ts';
import { INJECTOR, pod, podSpec } from './pods.ts';
import { say, until } from './progress.ts';
import { must } from './run.ts';
import { MARK, type World } from './world.ts';

/** Release, namespace, Deployment, Service and webhook configuration have one name. */
export const RELEASE = 'aws-secrets-injector';

/**
 * Installs the chart as a user does, with only image names and the way to AWS set, and waits until a pod that declares
 * something is injected. What an earlier run of these tests left behind is removed; any other release is left alone.
 */
export async function install(world: World): Promise<void> {
  if (await isForeign(world)) {
    throw new Error(
      `the cluster has a namespace ${RELEASE} that these tests did not make: remove it, or take another cluster`,
    );
  }
  await uninstall(world);
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: RELEASE, labels: { [MARK]: '' } },
  });
  await upgrade(world);
  await rolledOut(world);
  await injecting(world);
}

/** Returns whether a release of somebody else may be there. */
async function isForeign(world: World): Promise<boolean> {
  const existing = await world.kubectl.find<V1Namespace>('namespace', 'default', RELEASE);
  return existing !== undefined && existing.metadata?.labels?.[MARK] === undefined;
}

/** Runs `helm upgrade --install`, which installs, or restores what is missing. */
export async function upgrade(world: World, more: object = {}, ...flags: string[]): Promise<void> {
  const [webhook, injector] = IMAGES;
  const values = {
    image: { registry: '', repository: webhook.name, tag: webhook.tag },
    injector: { image: { registry: '', repository: injector.name, tag: injector.tag } },
    aws: { ...world.awsValues, ...(world.nodesTellRegion ? {} : { region: world.region }) },
    ...more,
  };
  say('helm upgrade --install');
  const args = ['upgrade', '--install', RELEASE, CHART, '--namespace', RELEASE, '--values', '-', ...flags];
  await must(await findHelm(), args, JSON.stringify(values));
}

/** Removes the release, its namespace and all that these tests made, in earlier runs too. */
export async function uninstall(world: World): Promise<void> {
  say('uninstalling');
  if (!(await isForeign(world))) await removeRelease();
  for (const kind of ['mutatingwebhookconfigurations', 'namespaces', 'customresourcedefinitions', 'nodes']) {
    await world.kubectl.run(['delete', kind, '-l', MARK, '--timeout=50s']);
  }
}

/** `helm uninstall`, where there is something to uninstall. */
export async function removeRelease(): Promise<void> {
  const args = ['uninstall', RELEASE, '--namespace', RELEASE, '--ignore-not-found', '--wait', '--timeout=120s'];
  await must(await findHelm(), args);
}

export async function rolledOut(world: World): Promise<void> {
  await until(
    'all webhook replicas to be ready',
    120,
    async () => {
      const { metadata, status, spec } = await deployment(world);
      if (status?.observedGeneration !== metadata?.generation) return undefined;
      const counts = [status?.replicas, status?.updatedReplicas, status?.readyReplicas];
      return counts.every((count) => count === spec?.replicas) ? true : undefined;
    },
    async () => `${await world.kubectl.describe('pods', RELEASE).catch(String)}\n${await webhookLogs(world)}`,
  );
}

/** Until the old pods have drained and are gone. */
export async function replaced(world: World): Promise<void> {
  await rolledOut(world);
  const { spec } = await deployment(world);
  await until('the old webhook pods to be gone', 90, async () =>
    (await webhookPods(world)).length === spec?.replicas ? true : undefined,
  );
}

/** The names of the webhook's pods that are not on their way out. */
export async function replicas(world: World): Promise<string[]> {
  const pods = await webhookPods(world);
  return pods.filter(({ metadata }) => !metadata?.deletionTimestamp).map(({ metadata }) => metadata?.name ?? '');
}

/** All of them, those that are still stopping too. */
export function webhookPods(world: World): Promise<V1Pod[]> {
  return world.kubectl.list<V1Pod>('pods', RELEASE, '-l', `app.kubernetes.io/name=${RELEASE}`);
}

async function deployment(world: World): Promise<V1Deployment> {
  const found = await world.kubectl.find<V1Deployment>('deployment', RELEASE, RELEASE);
  if (!found) throw new Error('the chart made no Deployment of the agreed name');
  return found;
}

/** Waits until the API server sends pods to the webhook and trusts it. */
export async function injecting(world: World): Promise<void> {
  const probe = pod(
    'default',
    'probe',
    { files: 'probe: e2e/plain' },
    podSpec(world, { serviceAccountName: 'default' }),
  );
  await until(
    'the API server to call the webhook',
    60,
    async () => (/admission webhook \S+ denied the request/.test(await answer(world, probe)) ? true : undefined),
    () => answer(world, probe),
  );
}

/** The API server's answer to a pod that no ServiceAccount role fits: only our webhook refuses it with its sentence. */
async function answer(world: World, probe: V1Pod): Promise<string> {
  const outcome = await world.kubectl.create(probe, '--dry-run=server');
  return outcome.code === 0 ? `admitted, with the injector: ${outcome.stdout.includes(INJECTOR)}` : outcome.stderr;
}

export async function scale(world: World, replicas: number): Promise<void> {
  await keepLogs(world);
  await world.kubectl.run(['scale', 'deployment', RELEASE, '-n', RELEASE, `--replicas=${replicas}`]);
  if (replicas > 0) return rolledOut(world);
  await until('all webhook pods to be gone', 90, async () =>
    (await webhookPods(world)).length === 0 ? true : undefined,
  );
}

/** Keeps the logs of pods that are about to go, for the search of the canary. */
export async function keepLogs(world: World): Promise<void> {
  world.oldLogs.push(await webhookLogs(world));
}

export async function webhookLogs(world: World): Promise<string> {
  const pods = await webhookPods(world);
  const logs = pods.flatMap(({ metadata, spec }) =>
    (spec?.containers ?? []).map(({ name }) => world.kubectl.logs(RELEASE, metadata?.name ?? '', name)),
  );
  return (await Promise.all(logs)).join('\n');
}
