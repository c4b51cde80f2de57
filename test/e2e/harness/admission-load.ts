/** Pods that are created all the time, while something else goes on. */
import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { INJECTOR, pod, podSpec } from './pods.ts';
import type { World } from './world.ts';

export type Refusal = { readonly sent: number; readonly answered: number; readonly message: string };

type Tally = {
  asked: number;
  /** The number of those that declare something. */
  declaring: number;
  /** The number of those that were not sent because too many were under way. */
  left: number;
  refused: Refusal[];
};

export type Load = {
  readonly tally: Tally;
  /** Waits for the last answer, and removes the pods. */
  stop(): Promise<Tally>;
};

export type LoadOptions = { readonly namespace: string; readonly perSecond: number; readonly seconds: number };

const IN_FLIGHT = 60;
const LABELS = { 'e2e-load': 'true' };

/**
 * Asks the API server for pods until it is stopped, for so many seconds at most: three of four declare something. Most are dry
 * runs; one in twenty is real, and left to a scheduler that does not exist, as a small node has no room for them.
 */
export function startLoad(world: World, { namespace, perSecond, seconds }: LoadOptions): Load {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const api = kubeConfig.makeApiClient(CoreV1Api);
  const tally: Tally = { asked: 0, declaring: 0, left: 0, refused: [] };
  const underWay = new Set<Promise<void>>();
  const deadline = Date.now() + seconds * 1000;
  const tick = () => {
    if (Date.now() > deadline) return clearInterval(timer);
    if (underWay.size >= IN_FLIGHT) {
      tally.left += 1;
      return;
    }
    const one = ask(api, tally, wanted(world, namespace, tally.asked)).finally(() => underWay.delete(one));
    underWay.add(one);
  };
  const timer = setInterval(tick, 1000 / perSecond);
  return {
    tally,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      await world.kubectl.run(['delete', 'pods', '-n', namespace, '-l', 'e2e-load', '--wait=false']);
      return tally;
    },
  };
}

type Wanted = { readonly body: V1Pod; readonly declares: boolean; readonly isReal: boolean };

function wanted(world: World, namespace: string, count: number): Wanted {
  const declares = count % 4 !== 0;
  const annotations: Record<string, string> = declares ? { files: 'plain.txt: e2e/plain' } : {};
  const body = pod(namespace, '', annotations, podSpec(world, { schedulerName: 'nobody' }));
  body.metadata = { namespace, generateName: 'load-', labels: LABELS, annotations: body.metadata?.annotations ?? {} };
  return { body, declares, isReal: count % 20 === 19 };
}

async function ask(api: CoreV1Api, tally: Tally, { body, declares, isReal }: Wanted): Promise<void> {
  const namespace = body.metadata?.namespace ?? '';
  const sent = Date.now();
  tally.asked += 1;
  if (declares) tally.declaring += 1;
  const refuse = (message: string) => tally.refused.push({ sent, answered: Date.now(), message });
  try {
    const { spec } = await api.createNamespacedPod({ namespace, body, ...(isReal ? {} : { dryRun: 'All' }) });
    const injected = spec?.initContainers?.some(({ name }) => name === INJECTOR) ?? false;
    if (injected !== declares) refuse(`declares: ${declares}, injected: ${injected}`);
  } catch (error) {
    refuse(String(error));
  }
}
