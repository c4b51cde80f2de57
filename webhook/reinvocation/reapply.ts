/**
 * Applies the previous injection once more to a pod whose CSI volumes were taken over and that declares nothing else.
 * Containers and mounts that other webhooks added since then get what the first injection gave: read-only mounts, and
 * the values instead of references to synced Secrets. The injected container keeps its configuration, as no annotation
 * says what it must fetch.
 */
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { encodeConfig } from '../../injector/contract/encode.ts';
import { ownAnnotations } from '../declare/annotations.ts';
import { type Options, readValues } from '../declare/options.ts';
import { isRefusal, type Refusal } from '../errors.ts';
import { exclusionFromBackups, warnOfBackups } from '../mutate/backup.ts';
import { moveConfig, type Place } from '../mutate/container/config.ts';
import { makeContainer, refuseContainers, refuseStripped } from '../mutate/container/container.ts';
import { chooseResources } from '../mutate/container/resources.ts';
import { type FilledVolume, filledVolumes, sizeOf } from '../mutate/container/size.ts';
import { chooseUser } from '../mutate/container/user.ts';
import { isShell, setShells } from '../mutate/environment/shell.ts';
import { restoreReferences, rewriteFromConfig, secretsIn, shellVariables } from '../mutate/environment/synced.ts';
import { hasCommand } from '../mutate/environment/synced-uses.ts';
import { reasonByPosition, refuseOptional, warnOfSecrets } from '../mutate/environment/unsynced.ts';
import { makeReadOnly, refuseEarlyReaders, refuseMounts } from '../mutate/mounts.ts';
import type { Mutation } from '../mutate/mutate.ts';
import { earlierContainers, otherContainers, setContainers } from '../mutate/position.ts';
import { makeVolumes, refuseVolumes, setVolumes } from '../mutate/volumes.ts';
import { type Container, draftOf, type Pod } from '../pod/pod.ts';
import type { AdmissionSettings } from '../settings.ts';
import { keepConfig } from './keep-previous.ts';
import { type Previous, previousText } from './previous.ts';
import { restoreOurs } from './restore.ts';

/**
 * Returns a changed copy of the pod with the `previous` injection; the pod itself stays as it is. A restored or copied
 * pod gets the identity of the place where it is created now, and the way from there to AWS.
 */
export function reapply(before: Pod, previous: Previous, place: Place): Mutation {
  const pod = draftOf(before);
  const { values, options, refusals: wrong } = readValues(ownAnnotations(pod.metadata.annotations ?? {}));
  const moved = moveConfig(previous.config, place, pod);
  const { sync: _, ...unsynced } = moved;
  const config = keepConfig(values.sync === false ? unsynced : moved, previous);
  const filled = filledVolumes(config);
  const variables = shellVariables(config);
  const [others, earlier] = [otherContainers(pod), earlierContainers(pod, options.position)];
  const early = new Set(earlier);
  const keys = secretsIn(config);
  const served = others.filter((container) => !early.has(container));
  rewriteFromConfig(served, config);
  restoreReferences(earlier);
  const started = others.filter(
    (one) => isShell(one) || (variables.has(one.name) && hasCommand(one) && !early.has(one)),
  );
  setShells(others, new Set(started), served, config);
  makeReadOnly(others, filled);
  const ours = remake({ pod, previous, config, filled, options, settings: place.settings });
  const refusals = [
    ...wrong,
    ...refuseContainers(pod, previous),
    ...refuseStripped(previous),
    ...refuseVolumes(pod, [config, previous.config], filled),
    ...refuseMounts(others, filled),
    ...refuseEarlyReaders(earlier, filled),
    ...refuseOptional(pod, { keys, reasonFor: reasonByPosition(earlier) }),
    ...(isRefusal(ours) ? [ours] : []),
  ];
  if (isRefusal(ours) || refusals.length > 0) return { ok: false, refusals };
  setVolumes(pod, makeVolumes(config), false);
  const exclusion = exclusionFromBackups(pod, filled);
  if (filled.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, ...exclusion };
  const warnings = [
    ...setContainers(pod, ours, options.position),
    ...warnOfSecrets(pod, others, [...keys.keys()]),
    ...warnOfBackups(pod, filled),
  ];
  return { ok: true, pod, warnings };
}

type Parts = {
  readonly pod: Pod;
  readonly previous: Previous;
  readonly config: InjectorConfig;
  readonly filled: readonly FilledVolume[];
  readonly options: Options;
  readonly settings: AdmissionSettings;
};

/** Returns our containers, made again with what others may add to them, or the refusal of a pod that is too small. */
function remake({ pod, previous, config, filled, options, settings }: Parts): Container[] | Refusal {
  const resources = chooseResources({ pod, volumeBytes: sizeOf(filled), overrides: options }, config, settings);
  if (isRefusal(resources)) return resources;
  const { runAsUser, runAsGroup } = previous.container.securityContext ?? {};
  // An annotation may have chosen the user for the previous injection: any user but root may stay.
  const user = chooseUser(pod, { ...(runAsUser && { runAsUser }), ...(runAsGroup != null && { runAsGroup }) });
  const configText = config === previous.config ? previousText(previous) : encodeConfig(config);
  const made = makeContainer({ configText, config, settings, user, resources, filled });
  return restoreOurs(made, config, previous);
}
