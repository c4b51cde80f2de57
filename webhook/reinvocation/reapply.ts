/**
 * Applies the previous injection once more to a pod whose CSI volumes were taken over and that declares nothing else. What
 * other webhooks added since then gets what the first injection gave: read-only mounts, and values in the place of synced
 * Secrets. The injected container keeps its configuration, as no annotation says what it must fetch.
 */
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { parsePosition } from '../declare/values.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import { containerFor, takenContainers } from '../mutate/container/container.ts';
import { type Filled, filledBy } from '../mutate/container/size.ts';
import { userOf } from '../mutate/container/user.ts';
import { draftOf } from '../mutate/draft.ts';
import { isShell, placeShell } from '../mutate/environment/shell.ts';
import { knownSecrets, restoreReferences, rewriteKnown } from '../mutate/environment/synced.ts';
import { leftToSecrets, placeOf, startingWithout } from '../mutate/environment/unsynced.ts';
import { takenMounts } from '../mutate/mounts.ts';
import type { Mutation } from '../mutate/mutate.ts';
import { earlierOf, othersOf, placeContainers } from '../mutate/position.ts';
import { earlyReaders, makeReadOnly } from '../mutate/takeover.ts';
import { placeVolumes, presentOrMade, takenVolumes, volumesFor } from '../mutate/volumes.ts';
import type { Container, Pod } from '../pod/pod.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type Previous, previousText } from './previous.ts';
import { oursIn } from './restore.ts';

/** Returns a changed copy of the pod with the `previous` injection; the pod itself stays as it is. */
export function reapply(before: Pod, previous: Previous, settings: AdmissionSettings): Mutation {
  const position = positionOf(before);
  if (isRefusal(position)) return { ok: false, refusals: [position] };
  const pod = draftOf(before);
  const { config } = previous;
  const filled = filledBy(config);
  const [others, earlier] = [othersOf(pod), earlierOf(pod, position)];
  const early = new Set(earlier);
  const keys = knownSecrets(config);
  rewriteKnown(
    others.filter((container) => !early.has(container)),
    config,
  );
  restoreReferences(earlier);
  for (const container of others) placeShell(container, isShell(container));
  makeReadOnly(others, filled);
  const refusals = [
    ...takenContainers(pod, previous),
    ...takenVolumes(pod, filled),
    ...takenMounts(pod, filled),
    ...earlyReaders(earlier, filled),
    ...startingWithout(pod, { keys, reasonFor: placeOf(earlier) }),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  placeVolumes(pod, presentOrMade(pod, volumesFor(filled, config.identity)), false);
  const warnings = placeContainers(pod, restored(pod, previous, filled, settings), position);
  return { ok: true, pod, warnings: [...warnings, ...leftToSecrets(pod, others, [...keys.keys()])] };
}

/** Returns our containers, made again from the previous configuration, with what others may add to them. */
function restored(pod: Pod, previous: Previous, filled: readonly Filled[], settings: AdmissionSettings): Container[] {
  const { container, config } = previous;
  const { runAsUser, runAsGroup } = container.securityContext ?? {};
  // An annotation of the first pass may have chosen the user: any but root may stay.
  const user = userOf(pod, { ...(runAsUser && { runAsUser }), ...(runAsGroup != null && { runAsGroup }) });
  const configText = previousText(previous);
  const made = containerFor({ configText, settings, user, resources: container.resources ?? {}, filled });
  return oursIn(made, config, previous);
}

function positionOf({ metadata }: Pod): Declaration['position'] | Refusal {
  const text = metadata.annotations?.[`${PREFIX}position`] ?? 'first';
  const parsed = parsePosition(text);
  return parsed.ok ? parsed.value : refusal('ASI_ADMIT_INVALID_VALUE', `position: "${echo(text)}" ${parsed.problem}`);
}
