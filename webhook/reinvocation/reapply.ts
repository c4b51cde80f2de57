/**
 * Applies the previous injection once more to a pod whose CSI volumes were taken over and that declares nothing else.
 * Containers and mounts that other webhooks added since then get what the first injection gave: read-only mounts, and
 * the values instead of references to synced Secrets. The injected container keeps its configuration, as no annotation
 * says what it must fetch.
 */
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { parsePosition } from '../declare/values.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import { makeContainer, refuseContainers } from '../mutate/container/container.ts';
import { type FilledVolume, filledVolumes } from '../mutate/container/size.ts';
import { chooseUser } from '../mutate/container/user.ts';
import { isShell, setShell } from '../mutate/environment/shell.ts';
import { restoreReferences, rewriteFromConfig, secretsIn } from '../mutate/environment/synced.ts';
import { reasonByPosition, refuseOptional, warnOfSecrets } from '../mutate/environment/unsynced.ts';
import { makeReadOnly, refuseEarlyReaders, refuseMounts } from '../mutate/mounts.ts';
import type { Mutation } from '../mutate/mutate.ts';
import { earlierContainers, otherContainers, setContainers } from '../mutate/position.ts';
import { keepPresent, makeVolumes, refuseVolumes, setVolumes } from '../mutate/volumes.ts';
import { type Container, draftOf, type Pod } from '../pod/pod.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type Previous, previousText } from './previous.ts';
import { restoreOurs } from './restore.ts';

/** Returns a changed copy of the pod with the `previous` injection; the pod itself stays as it is. */
export function reapply(before: Pod, previous: Previous, settings: AdmissionSettings): Mutation {
  const position = positionOf(before);
  if (isRefusal(position)) return { ok: false, refusals: [position] };
  const pod = draftOf(before);
  const { config } = previous;
  const filled = filledVolumes(config);
  const [others, earlier] = [otherContainers(pod), earlierContainers(pod, position)];
  const early = new Set(earlier);
  const keys = secretsIn(config);
  rewriteFromConfig(
    others.filter((container) => !early.has(container)),
    config,
  );
  restoreReferences(earlier);
  for (const container of others) setShell(container, isShell(container));
  makeReadOnly(others, filled);
  const refusals = [
    ...refuseContainers(pod, previous),
    ...refuseVolumes(pod, [config], filled),
    ...refuseMounts(pod, filled),
    ...refuseEarlyReaders(earlier, filled),
    ...refuseOptional(pod, { keys, reasonFor: reasonByPosition(earlier) }),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  setVolumes(pod, keepPresent(pod, makeVolumes(filled, config)), false);
  const warnings = setContainers(pod, restored(pod, previous, filled, settings), position);
  return { ok: true, pod, warnings: [...warnings, ...warnOfSecrets(pod, others, [...keys.keys()])] };
}

/** Returns our containers, made again from the previous configuration, with what others may add to them. */
function restored(
  pod: Pod,
  previous: Previous,
  filled: readonly FilledVolume[],
  settings: AdmissionSettings,
): Container[] {
  const { container, config } = previous;
  const { runAsUser, runAsGroup } = container.securityContext ?? {};
  // An annotation may have chosen the user for the previous injection: any user but root may stay.
  const user = chooseUser(pod, { ...(runAsUser && { runAsUser }), ...(runAsGroup != null && { runAsGroup }) });
  const configText = previousText(previous);
  const made = makeContainer({ configText, config, settings, user, resources: container.resources ?? {}, filled });
  return restoreOurs(made, config, previous);
}

function positionOf({ metadata }: Pod): Declaration['position'] | Refusal {
  const text = metadata.annotations?.[`${PREFIX}position`] ?? 'first';
  const parsed = parsePosition(text);
  return parsed.ok ? parsed.value : refusal('ASI_ADMIT_INVALID_VALUE', `position: "${echo(text)}" ${parsed.problem}`);
}
