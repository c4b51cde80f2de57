/**
 * Bounds how much a pod may have. The work on a pod is linear in what it has, so that these counts bound the work.
 *
 * etcd takes requests of 1.5 MiB, a pod's status and managed fields among them. A container takes about 520 bytes of
 * it: 70 of the spec with its defaults, 150 of managed fields, and 300 of the status, which names its image by digest.
 * So 3000 would be too many. A variable, a mount or a volume takes about 80 bytes (20 and 60), so that 20,000 would be
 * too many. A kubelet gives up long before: it starts the containers of a pod one after the other, and mounts each
 * volume before the first of them.
 */
import { PREFIX } from '../declare/annotations.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { Container, Pod } from '../pod/pod.ts';

export const MOST = {
  containers: 1000,
  volumes: 1000,
  /** The class of each volume is read as if it were an annotation. */
  'volumes of the Secrets Store CSI driver': 100,
  /** The mounts and block devices of all containers together. */
  'volume mounts': 10_000,
  /** The entries of env and envFrom of all containers together. */
  variables: 10_000,
  /** The garbage collector follows each of them; a controller writes one. */
  'owner references': 100,
} as const;

/**
 * Returns the refusal of a pod that no cluster could start, or undefined. `csiVolumes` is the number of those to take
 * over. Mounts and variables are only counted if the containers are few enough.
 */
export function checkCounts({ metadata, spec }: Pod, csiVolumes: number): Refusal | undefined {
  const { containers, initContainers, volumes } = spec;
  return (
    check('containers', containers.length + (initContainers?.length ?? 0)) ??
    check('volumes', volumes?.length ?? 0) ??
    check('volumes of the Secrets Store CSI driver', csiVolumes) ??
    check('owner references', metadata.ownerReferences?.length ?? 0) ??
    checkContainers([...containers, ...(initContainers ?? [])])
  );
}

function checkContainers(containers: readonly Container[]): Refusal | undefined {
  let mounts = 0;
  let variables = 0;
  for (const { volumeMounts, volumeDevices, env, envFrom } of containers) {
    mounts += (volumeMounts?.length ?? 0) + (volumeDevices?.length ?? 0);
    variables += (env?.length ?? 0) + (envFrom?.length ?? 0);
  }
  return check('volume mounts', mounts) ?? check('variables', variables);
}

function check(what: keyof typeof MOST, count: number): Refusal | undefined {
  if (count <= MOST[what]) return undefined;
  return refusal(
    'ASI_ADMIT_POD_TOO_LARGE',
    `The pod has ${count} ${what}, and the injector takes no more than ${MOST[what]}: ` +
      `split the pod, or start it without secrets by ${PREFIX}inject: "false".`,
  );
}

/** Returns the refusal of a pod whose patch would be larger than etcd takes. */
export function refusePatch(): Refusal {
  return refusal(
    'ASI_ADMIT_POD_TOO_LARGE',
    'The injection would add more to the pod than the 1.5 MiB that Kubernetes can store: name fewer containers in ' +
      `${PREFIX}containers, or choose a shorter ${PREFIX}mount-path.`,
  );
}
