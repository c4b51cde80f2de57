/** Watches when something was first seen of the pods of a namespace. */
import { type KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';

/** Milliseconds that each may take. */
const PATIENCE = 60_000;

export type Sightings = {
  /**
   * Resolves with the time at which `holds` is first true of the pod with this name. Rejects with what `holds` throws, and if
   * it takes too long.
   */
  of(name: string, holds: (pod: V1Pod, isDeleted: boolean) => boolean): Promise<number>;
  close(): void;
};

type Waiting = { readonly name: string; look(pod: V1Pod, isDeleted: boolean): void };

export async function watchPods(kubeConfig: KubeConfig, namespace: string): Promise<Sightings> {
  const waiting = new Set<Waiting>();
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const onEvent = (phase: string, pod: V1Pod) => {
    for (const { name, look } of waiting) if (pod.metadata?.name === name) look(pod, phase === 'DELETED');
  };
  const watch = await new Watch(kubeConfig).watch(path, {}, onEvent, () => {});
  return {
    of: (name, holds) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const look = (pod: V1Pod, isDeleted: boolean): void => {
        try {
          if (holds(pod, isDeleted)) resolve(clock());
        } catch (error) {
          reject(error);
        }
      };
      const one: Waiting = { name, look };
      const timer = setTimeout(() => reject(new Error(`pod ${name}: nothing more in ${PATIENCE} ms`)), PATIENCE);
      waiting.add(one);
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(one);
      });
    },
    close: () => watch.abort(),
  };
}

/** Milliseconds of the epoch, and parts of them. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}
