/**
 * A later pass over a pod whose CSI volumes were taken over, and that declares nothing more: what others have added since
 * is held to what the first pass did. Our container stays as it is.
 */
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { parsePosition } from '../declare/values.ts';
import { Refusal } from '../errors.ts';
import type { Container, Pod } from '../pod.ts';
import { findOurs, takenContainers } from './container.ts';
import type { Mutation } from './mutate.ts';
import { earlierOf, othersOf, placeContainers } from './position.ts';
import { findSentinel } from './sentinel.ts';
import { filledBy } from './size.ts';
import { knownSecrets, restoreReferences, rewriteKnown } from './synced.ts';
import { earlyReaders, makeReadOnly } from './takeover.ts';
import { leftToSecrets } from './unsynced.ts';
import { isMemory, takenVolumes } from './volumes.ts';

/** A changed copy of the pod, which must hold our container; the pod itself stays as it is. */
export function hold(before: Pod): Mutation {
  const pod = structuredClone(before);
  const ours = findOurs(pod);
  const position = positionOf(pod);
  if (!ours || position instanceof Refusal)
    return { ok: false, refusals: position instanceof Refusal ? [position] : [] };
  const inMemory = new Set((pod.spec.volumes ?? []).filter(isMemory).map(({ name }) => name));
  const filled = filledBy(ours.config).filter(({ name }) => inMemory.has(name));
  const [others, earlier] = [othersOf(pod), earlierOf(pod, position)];
  const served = others.filter((container) => !earlier.includes(container));
  const known = knownSecrets(ours.config);
  rewriteKnown(served, ours.config);
  restoreReferences(earlier);
  makeReadOnly(others, filled);
  const refusals = [
    ...takenContainers(pod),
    ...takenVolumes(pod),
    ...earlyReaders(earlier, filled),
    ...others.flatMap((container) => lateImports(container, known)),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  const sentinel = findSentinel(pod);
  const warnings = placeContainers(pod, [ours.container, ...(sentinel ? [sentinel] : [])], position);
  return { ok: true, pod, warnings: [...warnings, ...leftToSecrets(pod, others, known)] };
}

function positionOf({ metadata }: Pod): Declaration['position'] | Refusal {
  const text = metadata.annotations?.[`${PREFIX}position`] ?? 'first';
  const parsed = parsePosition(text);
  return parsed.ok
    ? parsed.value
    : new Refusal('ASI_ADMIT_INVALID_VALUE', `position: "${echo(text)}" ${parsed.problem}`);
}

/** Which keys such a Secret has is not known any more: a required reference holds the container, an optional one does not. */
function lateImports({ name, envFrom }: Container, known: readonly string[]): Refusal[] {
  const late = envFrom?.find(({ secretRef }) => secretRef?.optional === true && known.includes(secretRef.name ?? ''));
  if (!late) return [];
  return [
    new Refusal(
      'ASI_ADMIT_OPTIONAL_SECRET',
      `Container "${echo(name)}" came after the pod was injected, and would start without the Secret "${echo(late.secretRef?.name ?? '')}", ` +
        'which the injector does not make, as its envFrom is optional: refer to its keys one by one in env, or take optional off.',
    ),
  ];
}
