/** Finds the annotations under our prefix, and says whether they ask for an injection. annotation-table.ts has a row for each. */
import type { Row } from './annotation-row.ts';
import { ANNOTATIONS, type AnnotationName } from './annotation-table.ts';
import { parseBoolean } from './values.ts';

export const PREFIX = 'aws-secrets-injector.dev/';

/** The annotations that say what to fetch. */
export const SOURCES = rowsWith('source');

/** The names of the annotations that the webhook writes. */
export const WRITTEN = rowsWith('written');

const ASKING_NOTHING: ReadonlySet<string> = new Set(['inject', ...WRITTEN].map(withPrefix));
/** The annotations whose value is one word, so that white space around it means nothing. */
const TRIMMED: ReadonlySet<string> = new Set(rowsWith('parse').filter((name) => !('exact' in ANNOTATIONS[name])));
const SOURCE_KEYS: ReadonlySet<string> = new Set(SOURCES.map(withPrefix));

/**
 * Returns whether the annotations ask for an injection, or look as if they should: one says only how, has an unknown name or the
 * prefix in other letters, or `inject` has another value than true or false. In these cases `declare` refuses the pod.
 */
export function declares(annotations: Readonly<Record<string, string>>): boolean {
  const inject = parseBoolean(annotations[`${PREFIX}inject`] ?? 'true');
  if (!inject.ok) return true;
  return inject.value && Object.keys(annotations).some((key) => isOurs(key) && !ASKING_NOTHING.has(key));
}

/** Returns whether any annotation says what to fetch, in small letters or others, as the chart's ValidatingAdmissionPolicy does. */
export function hasSources(annotations: Readonly<Record<string, string>>): boolean {
  return Object.keys(annotations).some((key) => isOurs(key) && SOURCE_KEYS.has(key.toLowerCase()));
}

/**
 * Returns the annotations under our prefix, by their names without it. A key with the prefix in other letters stays whole. White
 * space around a value is left out where it can not be part of it.
 */
export function ownAnnotations(annotations: Readonly<Record<string, string>>): Map<string, string> {
  const own = new Map<string, string>();
  for (const [key, value] of Object.entries(annotations)) {
    if (!isOurs(key)) continue;
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
    own.set(name, TRIMMED.has(name) ? value.trim() : value);
  }
  return own;
}

/** Returns whether a key has our prefix, in small letters or others. Kubernetes takes both, as different keys. */
export function isOurs(key: string): boolean {
  if (key.startsWith(PREFIX)) return true;
  // Most other keys have no slash there, and no text has to be made of them.
  return key[PREFIX.length - 1] === '/' && key.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}

/** Returns the names of the rows of the table that have a member of this name, in the order of the table. */
function rowsWith(member: 'parse' | 'source' | 'written'): readonly AnnotationName[] {
  const rows = Object.entries<Row>(ANNOTATIONS) as [AnnotationName, Row][];
  return rows.filter(([, row]) => member in row).map(([name]) => name);
}

function withPrefix(name: string): string {
  return PREFIX + name;
}
