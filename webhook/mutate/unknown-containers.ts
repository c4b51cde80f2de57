/** Finds the names in the annotation `containers` that no container of the pod has. */
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { nearest } from '../declare/spelling.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { Pod } from '../pod/pod.ts';
import { otherContainers } from './position.ts';

/** A message shows so many names: more would not help to find a misspelt one. */
const NAMES_SHOWN = 5;

/** So many containers are compared with each name that is shown. A pod that a person writes has fewer. */
const MOST_COMPARED = 100;

/**
 * Refuses names of containers that the pod does not have, if one of them is nearly the name of a container that is not named, or
 * if the pod has none of them. Other names may be those of containers that another webhook adds later.
 */
export function refuseUnknown(pod: Pod, names: readonly string[] | undefined): Refusal[] {
  const unknown = unknownIn(pod, names);
  if (unknown.length === 0) return [];
  const guesses = guessesFor(pod, names ?? [], unknown);
  if (unknown.length < (names?.length ?? 0) && guesses.length === 0) return [];
  const list = existing(pod).map((name) => `"${echo(name)}"`);
  const shown = [
    ...list.slice(0, NAMES_SHOWN),
    ...(list.length > NAMES_SHOWN ? [`and ${list.length - NAMES_SHOWN} more`] : []),
  ];
  const wrong = unknown.slice(0, NAMES_SHOWN).map((name) => `"${echo(name)}"`);
  const message =
    `Annotation ${PREFIX}containers names ${wrong.join(', ')}, which the pod does not have; there are ${shown.join(', ')}.` +
    (guesses.length === 0 ? '' : ` Did you mean ${guesses.map((name) => `"${echo(name)}"`).join(', ')}?`);
  return [refusal('ASI_ADMIT_UNKNOWN_CONTAINER', message)];
}

/** Warns of names that are not refused: they are right only if another webhook adds containers of these names later. */
export function warnOfUnknown(pod: Pod, names: readonly string[] | undefined): string[] {
  return unknownIn(pod, names)
    .slice(0, NAMES_SHOWN)
    .map((name) => `containers: the pod has no container "${echo(name)}", unless another webhook adds it`);
}

function unknownIn(pod: Pod, names: readonly string[] = []): readonly string[] {
  if (names.length === 0) return names;
  const known = new Set(existing(pod));
  return names.filter((name) => !known.has(name));
}

/** Returns the containers that nobody names, and whose names are near to an unknown one. */
function guessesFor(pod: Pod, names: readonly string[], unknown: readonly string[]): string[] {
  const named = new Set(names);
  const candidates = existing(pod)
    .filter((name) => !named.has(name))
    .slice(0, MOST_COMPARED);
  return [...new Set(unknown.slice(0, NAMES_SHOWN).flatMap((name) => nearest(name, candidates) ?? []))];
}

function existing(pod: Pod): string[] {
  return otherContainers(pod).map(({ name }) => name);
}
