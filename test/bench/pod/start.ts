/** Starts one pod after the other, and keeps the time. */
import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { isOver, linesOf, type Marks } from './marks.ts';
import { clock, type Sightings, watchPods } from './sightings.ts';

export type Starter = {
  /** Creates the pod, waits for its end, removes it. */
  start(pod: V1Pod): Promise<Marks>;
  close(): void;
};

/** Creates a starter of pods whose app prints a line and ends. */
export async function createStarter(namespace: string): Promise<Starter> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const api = kubeConfig.makeApiClient(CoreV1Api);
  const sightings = await watchPods(kubeConfig, namespace);
  return { start: (pod) => start(api, sightings, pod), close: sightings.close };
}

async function start(api: CoreV1Api, sightings: Sightings, pod: V1Pod): Promise<Marks> {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  await api.listNamespacedPod({ namespace }); // no connection has to be opened for what follows
  const seen = Promise.all([
    sightings.of(name, ({ spec }) => spec?.nodeName !== undefined),
    sightings.of(name, isOver),
  ]);
  const sent = clock();
  const created = await api.createNamespacedPod({ namespace, body: pod });
  const answered = clock();
  const [scheduled] = await seen;
  const logOf = async (container: string | undefined) =>
    container && linesOf(await api.readNamespacedPodLog({ namespace, name, container, timestamps: true }));
  const [init, app] = await Promise.all([logOf(created.spec?.initContainers?.at(-1)?.name), logOf('app')]);
  if (!app) throw new Error(`pod ${name}: its app printed nothing`);
  const gone = sightings.of(name, (_, isDeleted) => isDeleted);
  await Promise.all([gone, api.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 })]);
  return {
    answered: answered - sent,
    scheduled: scheduled - sent,
    initDone: init ? init.last - sent : undefined,
    line: app.first - sent,
  };
}
