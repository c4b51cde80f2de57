/** Copies no more of a pod than may be changed. */
import type { Pod } from '../pod/pod.ts';

/**
 * A pod whose metadata and spec, and whose containers, may be changed. All else in it, their lists of variables and mounts
 * too, is the pod's own, and is only ever replaced: so neither the copy nor the patch costs what the pod's size would.
 */
export function draftOf(pod: Pod): Pod {
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    metadata: { ...pod.metadata },
    spec: {
      ...pod.spec,
      containers: containers.map((container) => ({ ...container })),
      ...(initContainers && { initContainers: initContainers.map((container) => ({ ...container })) }),
    },
  };
}
