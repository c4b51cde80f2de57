/** Checks the annotations as a whole: their names, their size, and how much they declare. */
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { type Refusal, refusal } from '../errors.ts';
import { ANNOTATIONS } from './annotation-table.ts';
import { isOurs, PREFIX, SOURCES } from './annotations.ts';
import { echo } from './echo.ts';
import type { Reading } from './outputs.ts';
import { MOST_REFUSALS } from './shorten.ts';
import { nearest } from './spelling.ts';

type Own = ReadonlyMap<string, string>;

/** The API server allows so many bytes for all annotations of an object together. It checks this only after the webhooks. */
export const ANNOTATION_BYTES = 256 * 1024;

/** A configuration holds at most so many outputs. The shortest two have 17 characters: `"a",{"object":0},` of a template. */
const MOST_OUTPUTS = CONFIG_LIMIT / 8;

/** Returns a refusal if the annotations are too large together, before any is read. The API server would refuse them afterwards. */
export function checkSize(annotations: Readonly<Record<string, string>>): Refusal | undefined {
  if (mostBytesOf(annotations) <= ANNOTATION_BYTES) return undefined;
  let total = 0;
  for (const [name, text] of Object.entries(annotations)) total += Buffer.byteLength(name) + Buffer.byteLength(text);
  if (total <= ANNOTATION_BYTES) return undefined;
  const message =
    `The pod's annotations have ${total} bytes together, and Kubernetes takes no more than ${ANNOTATION_BYTES}: ` +
    'declare fewer objects, put them into a SecretProviderClass, or split the pod.';
  return refusal('ASI_ADMIT_TOO_LARGE', message);
}

/** Returns a number of bytes that the annotations do not exceed: a character of a JavaScript string takes three bytes at most. */
function mostBytesOf(annotations: Readonly<Record<string, string>>): number {
  let characters = 0;
  for (const name of Object.keys(annotations)) characters += name.length + (annotations[name]?.length ?? 0);
  return 3 * characters;
}

/** Returns a refusal if the pod declares more files, variables and pieces of templates than any configuration holds. */
export function checkCount(reading: Required<Reading>): Refusal | undefined {
  const { outputs, searches, templates, templateVariables } = reading;
  const parts = [...templates, ...templateVariables].reduce((total, template) => total + template.parts.length, 0);
  const count = outputs.length + searches.length + parts;
  if (count <= MOST_OUTPUTS) return undefined;
  const message =
    `The pod declares ${count} files, variables and pieces of templates, and a configuration of ${CONFIG_LIMIT / 1024} KiB ` +
    `holds at most ${MOST_OUTPUTS}: declare fewer.`;
  return refusal('ASI_ADMIT_TOO_LARGE', message);
}

/** Returns a refusal for each annotation that this version does not know, but only the first ones of many. */
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
  if (Object.hasOwn(ANNOTATIONS, name)) return undefined;
  const guess = nearest(name, Object.keys(ANNOTATIONS));
  const fix = guess === undefined ? 'remove it, or upgrade the chart' : `did you mean ${PREFIX}${guess}?`;
  const message = `${echo(name)}: unknown annotation ${PREFIX}${echo(name)}; ${fix}`;
  return refusal('ASI_ADMIT_UNKNOWN_ANNOTATION', message);
}

/** Returns a refusal if no annotation says what to fetch: the pod would start without secrets. An unknown name may be a misspelt one. */
export function checkSources(own: Own, hasVolumes: boolean): Refusal[] {
  if (hasVolumes || SOURCES.some((name) => own.has(name))) return [];
  const names = [...own.keys()];
  if (names.some((name) => !Object.hasOwn(ANNOTATIONS, name))) return [];
  const message = `${names[0] ?? 'files'}: nothing says what to fetch; add ${PREFIX}files, objects, env, env-from, templates, secret-provider-class or external-secret, or remove the annotation`;
  return [refusal('ASI_ADMIT_EMPTY', message)];
}
