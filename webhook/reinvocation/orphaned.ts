/**
 * Finds orphaned pods: copies of injected pods that lost the injected container, so that nothing fills their volumes.
 */

import { isSyncedPath } from '../../injector/contract/synced.ts';
import { PREFIX } from '../declare/annotations.ts';
import { otherContainers } from '../mutate/position.ts';
import { isMemory, isTokenVolume } from '../mutate/volumes.ts';
import { CONTAINER, VOLUMES } from '../pod/names.ts';
import type { Pod, Volume } from '../pod/pod.ts';

/**
 * Returns whether the pod is orphaned and would start without its secrets. If it is injected anew (`isInjected`), it
 * only would if it has values that no annotation declares: those of volumes that were taken over, and of synced
 * Secrets.
 */
export function isOrphaned(pod: Pod, isInjected: boolean): boolean {
  if (pod.spec.initContainers?.some(({ name }) => name === CONTAINER)) return false;
  const volumes = pod.spec.volumes ?? [];
  const hasToken = volumes.some(isTokenVolume);
  if (!hasToken && !volumes.some(isEnvironment)) return false;
  const paths = otherContainers(pod).flatMap(({ env }) =>
    (env ?? []).flatMap(({ valueFrom }) =>
      valueFrom?.fileKeyRef?.volumeName === VOLUMES.environment ? valueFrom.fileKeyRef.path : [],
    ),
  );
  const isCopy = hasToken || paths.length > 0;
  if (!isCopy || !isInjected) return isCopy;
  const hasClass = pod.metadata.annotations?.[`${PREFIX}secret-provider-class`] !== undefined;
  return (!hasClass && paths.some(isSyncedPath)) || hasTakenOverVolume(pod);
}

function isEnvironment(volume: Volume): boolean {
  return volume.name === VOLUMES.environment && isMemory(volume);
}

/**
 * Returns whether a volume looks like one that was taken over: it is in memory, and every container mounts it
 * read-only.
 */
function hasTakenOverVolume(pod: Pod): boolean {
  const [mounted, written] = [
    new Set<string>(),
    new Set<string>([VOLUMES.secrets, VOLUMES.files, VOLUMES.environment]),
  ];
  for (const { volumeMounts } of otherContainers(pod)) {
    for (const { name, readOnly } of volumeMounts ?? []) (readOnly === true ? mounted : written).add(name);
  }
  return (pod.spec.volumes ?? []).some(
    (volume) => isMemory(volume) && mounted.has(volume.name) && !written.has(volume.name),
  );
}
