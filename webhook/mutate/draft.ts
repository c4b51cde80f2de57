/** Copies no more of a pod than may be changed. */
import type { Container, Pod } from '../pod.ts';

/**
 * A pod whose metadata, spec and lists, and whose containers with their variables and mounts, may be changed. All else in
 * it is the pod's own, and is only ever replaced: so neither the copy nor the patch costs what the pod's size would.
 */
export function draftOf(pod: Pod): Pod {
  const { containers, initContainers } = pod.spec;
  return {
    ...pod,
    metadata: { ...pod.metadata },
    spec: {
      ...pod.spec,
      containers: containers.map(copyOf),
      ...(initContainers && { initContainers: initContainers.map(copyOf) }),
    },
  };
}

function copyOf(container: Container): Container {
  const { env, volumeMounts } = container;
  return {
    ...container,
    ...(env && { env: env.map((one) => (one.valueFrom ? { ...one, valueFrom: { ...one.valueFrom } } : one)) }),
    ...(volumeMounts && { volumeMounts: volumeMounts.map((mount) => ({ ...mount })) }),
  };
}
