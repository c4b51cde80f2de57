/**
 * A later pass over a pod whose CSI volumes were taken over, and that declares nothing more: what others have added since
 * is held to what the first pass did. Our container stays as it is.
 */
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { parsePosition } from '../declare/values.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import type { Pod } from '../pod.ts';
import { findOurs, takenContainers } from './container/container.ts';
import { filledBy } from './container/size.ts';
import { draftOf } from './draft.ts';
import { findSentinel } from './environment/sentinel.ts';
import { knownSecrets, restoreReferences, rewriteKnown } from './environment/synced.ts';
import { leftToSecrets, placeOf, startingWithout } from './environment/unsynced.ts';
import type { Mutation } from './mutate.ts';
import { earlierOf, othersOf, placeContainers } from './position.ts';
import { earlyReaders, makeReadOnly } from './takeover.ts';
import { isMemory, takenVolumes } from './volumes.ts';

/** A changed copy of the pod, which must hold our container; the pod itself stays as it is. */
export function hold(before: Pod): Mutation {
  const pod = draftOf(before);
  const ours = findOurs(pod);
  const position = positionOf(pod);
  if (!ours) throw new Error('the pod does not hold our container');
  if (isRefusal(position)) return { ok: false, refusals: [position] };
  const inMemory = new Set((pod.spec.volumes ?? []).filter(isMemory).map(({ name }) => name));
  const filled = filledBy(ours.config).filter(({ name }) => inMemory.has(name));
  const [others, earlier] = [othersOf(pod), earlierOf(pod, position)];
  const early = new Set(earlier);
  const keys = knownSecrets(ours.config);
  rewriteKnown(
    others.filter((container) => !early.has(container)),
    ours.config,
  );
  restoreReferences(earlier);
  makeReadOnly(others, filled);
  const refusals = [
    ...takenContainers(pod),
    ...takenVolumes(pod),
    ...earlyReaders(earlier, filled),
    ...startingWithout(pod, { keys, reasonFor: placeOf(earlier) }),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  const sentinel = findSentinel(pod);
  const warnings = placeContainers(pod, [ours.container, ...(sentinel ? [sentinel] : [])], position);
  return { ok: true, pod, warnings: [...warnings, ...leftToSecrets(pod, others, [...keys.keys()])] };
}

function positionOf({ metadata }: Pod): Declaration['position'] | Refusal {
  const text = metadata.annotations?.[`${PREFIX}position`] ?? 'first';
  const parsed = parsePosition(text);
  return parsed.ok ? parsed.value : refusal('ASI_ADMIT_INVALID_VALUE', `position: "${echo(text)}" ${parsed.problem}`);
}
