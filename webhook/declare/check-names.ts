/** Checks the names of the annotations: each is known, and at least one says what to fetch. */
import { type Refusal, refusal } from '../errors.ts';
import { ANNOTATIONS, type AnnotationName } from './annotation-table.ts';
import { isOurs, PREFIX, SOURCES } from './annotations.ts';
import { echo } from './echo.ts';
import { MOST_REFUSALS } from './shorten.ts';
import { nearest } from './spelling.ts';

type Own = ReadonlyMap<string, string>;

/** Refuses annotations that this version does not know or does not support yet. It stops after the first ones where there are many. */
export function checkNames(own: Own): Refusal[] {
  const refusals: Refusal[] = [];
  for (const name of own.keys()) {
    const wrong = checkName(name);
    if (wrong !== undefined && refusals.push(wrong) > MOST_REFUSALS) break;
  }
  return refusals;
}

function checkName(name: string): Refusal | undefined {
  if (isOurs(name)) {
    const right = PREFIX + echo(name.slice(PREFIX.length));
    const message = `${echo(name)}: the prefix is ${PREFIX} in small letters; write ${right}`;
    return refusal('ASI_ADMIT_UNKNOWN_ANNOTATION', message);
  }
  if (!Object.hasOwn(ANNOTATIONS, name)) {
    const guess = nearest(name, Object.keys(ANNOTATIONS));
    const fix = guess === undefined ? 'remove it, or upgrade the chart' : `did you mean ${PREFIX}${guess}?`;
    const message = `${echo(name)}: unknown annotation ${PREFIX}${echo(name)}; ${fix}`;
    return refusal('ASI_ADMIT_UNKNOWN_ANNOTATION', message);
  }
  if (!('later' in ANNOTATIONS[name as AnnotationName])) return undefined;
  const message = `${name}: ${PREFIX}${name} is not supported by this version yet; remove it, or upgrade the chart`;
  return refusal('ASI_ADMIT_NOT_SUPPORTED_YET', message);
}

/** Refuses annotations that are all known and of which none says what to fetch: the pod would start without secrets. */
export function checkSources(own: Own, hasVolumes: boolean): Refusal[] {
  if (hasVolumes || SOURCES.some((name) => own.has(name))) return [];
  const names = [...own.keys()];
  if (names.some((name) => !Object.hasOwn(ANNOTATIONS, name))) return [];
  const message = `${names[0] ?? 'files'}: nothing says what to fetch; add ${PREFIX}files, objects, env, env-from, templates or secret-provider-class, or remove the annotation`;
  return [refusal('ASI_ADMIT_EMPTY', message)];
}
