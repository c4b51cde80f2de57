/** Copies of injected pods that lost our container: nobody fills their volumes any more. */
import { PREFIX } from '../declare/annotations.ts';
import { type Refusal, refusal } from '../errors.ts';
import { othersOf } from '../mutate/position.ts';
import { isMemory, isTokenVolume } from '../mutate/volumes.ts';
import { CONTAINER, ENVIRONMENT_VOLUME, isSyncedPath, SECRETS_VOLUME } from '../pod/names.ts';
import type { Pod, Volume } from '../pod/pod.ts';

/** Returns whether such a pod would start without what it needs. Where it is injected anew, what annotations say is there again. */
export function isStranded(pod: Pod, isInjectedAnew: boolean): boolean {
  if (pod.spec.initContainers?.some(({ name }) => name === CONTAINER)) return false;
  const volumes = pod.spec.volumes ?? [];
  const hasToken = volumes.some(isTokenVolume);
  if (!hasToken && !volumes.some(isEnvironment)) return false;
  const paths = othersOf(pod).flatMap(({ env }) =>
    (env ?? []).flatMap(({ valueFrom }) =>
      valueFrom?.fileKeyRef?.volumeName === ENVIRONMENT_VOLUME ? valueFrom.fileKeyRef.path : [],
    ),
  );
  const isCopy = hasToken || paths.length > 0;
  if (!isCopy || !isInjectedAnew) return isCopy;
  const hasClass = pod.metadata.annotations?.[`${PREFIX}secret-provider-class`] !== undefined;
  return (!hasClass && paths.some(isSyncedPath)) || hasNeverWritten(pod);
}

export function stranded(): Refusal {
  return refusal(
    'ASI_ADMIT_STRANDED',
    `The pod is a copy of an injected one that lacks the init container ${CONTAINER}, and its volumes would stay empty: copy it with ` +
      `its init containers (kubectl debug --keep-init-containers), or set ${PREFIX}inject: "false" to start it without the secrets.`,
  );
}

function isEnvironment(volume: Volume): boolean {
  return volume.name === ENVIRONMENT_VOLUME && isMemory(volume);
}

/** Whether a volume is as only those are that were taken over: in memory, and mounted read-only by everyone. */
function hasNeverWritten(pod: Pod): boolean {
  const [mounted, written] = [new Set<string>(), new Set<string>([SECRETS_VOLUME, ENVIRONMENT_VOLUME])];
  for (const { volumeMounts } of othersOf(pod)) {
    for (const { name, readOnly } of volumeMounts ?? []) (readOnly === true ? mounted : written).add(name);
  }
  return (pod.spec.volumes ?? []).some(
    (volume) => isMemory(volume) && mounted.has(volume.name) && !written.has(volume.name),
  );
}
