/** Puts what a pod gets from Secrets beside what it declares itself, where both together have one meaning. */
import { isDeepStrictEqual } from 'node:util';
import type { Row } from '../declare/annotation-row.ts';
import { ANNOTATIONS } from '../declare/annotation-table.ts';
import { PREFIX, SOURCES } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';

/** The annotations of a pod, without the prefix. */
export type Own = ReadonlyMap<string, string>;

/** The annotations whose files are in the mount, and those that say where it is. */
const OF_THE_MOUNT = ['objects', 'files', 'templates', 'secret-provider-class', 'env-file', 'mount-path'];

/** Returns whether the pod has a mount of its own, so that the folder of a Secret can not be the mount. */
export function hasMount(own: Own): boolean {
  return OF_THE_MOUNT.some((name) => own.has(name));
}

/** Returns the path at which the pod has its mount, or would have it. */
export function mountPathOf(own: Own): string {
  return own.get('mount-path') ?? ANNOTATIONS['mount-path'].fallback;
}

/** Returns the names of the containers that get everything; undefined if the values of Secrets alone decide about it. */
export function receiversOf(own: Own, all: readonly string[]): readonly string[] | undefined {
  const named = own.get('containers')?.split(',');
  if (named) return named.map((name) => name.trim());
  return SOURCES.some((name) => name !== 'external-secret' && own.has(name)) ? all : undefined;
}

/** The annotations that are maps, so that entries can be added. */
const MAPS = ['files', 'templates', 'env'];

/** Says why a pod can not have its own list and the one of its Secrets. */
const LISTS: Readonly<Record<string, string>> = {
  objects: 'the files of a Secret whose keys only AWS knows can not stand among its own: name each key by items',
  'env-from':
    'only AWS knows which variables both have: name those of the Secret by secretKeyRef, or declare its secret in env-from',
};

export type Merged = {
  /** The annotations that the pod needs besides its own, or in their place, with their whole keys. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly reasons: readonly string[];
};

/** Returns the annotations for the values of Secrets, together with those that the pod has. */
export function mergeBeside(own: Own, added: Readonly<Record<string, string>>): Merged {
  const annotations: Record<string, string> = {};
  const reasons: string[] = [];
  for (const [key, text] of Object.entries(added)) {
    const name = key.slice(PREFIX.length);
    const mine = own.get(name) ?? text;
    if (isSame(name, mine, text)) annotations[key] = mine;
    else if (MAPS.includes(name)) {
      const both = appended(mine, text);
      const before = keysIn(mine);
      const twice = [...keysIn(text)].find((one) => before.has(one));
      if (twice !== undefined)
        reasons.push(`The pod has ${twice} in ${key}, and from its Secrets, too: keep one of them.`);
      else if (both === undefined) reasons.push(`The pod has ${key}, too: write it with one line for each entry.`);
      else annotations[key] = both;
    } else if (Object.hasOwn(LISTS, name)) reasons.push(`The pod has ${key}, too, and ${LISTS[name]}.`);
    else reasons.push(`Its Secrets need ${key} "${echo(text)}", and the pod has "${echo(mine)}".`);
  }
  return { annotations, reasons };
}

/** Returns whether both texts of an annotation have the same value, as a list may have white space in between. */
function isSame(name: string, one: string, other: string): boolean {
  if (one === other) return true;
  const row = (ANNOTATIONS as Readonly<Record<string, Row>>)[name];
  if (row === undefined || !('parse' in row)) return false;
  const [first, second] = [row.parse(one), row.parse(other)];
  return first.ok && second.ok && isDeepStrictEqual(first.value, second.value);
}

/** Matches the first line of a map in block style. */
const FIRST_ENTRY = /^( *)[^\s#{[&*!%?>|-].*:/;

/** Returns the keys of a map in block style, as far as they need no escapes. */
function keysIn(map: string): Set<string> {
  const indent = FIRST_ENTRY.exec(firstLine(map) ?? '')?.[1] ?? '';
  const entries = map.matchAll(/^( *)(["']?)([\w./-]+)\2:(?=\s|$)/gm);
  return new Set([...entries].filter(([, own]) => own === indent).map(([, , , key = '']) => key));
}

function firstLine(map: string): string | undefined {
  return map.split('\n').find((line) => /^\s*[^\s#]/.test(line));
}

/** Returns the text of a map in YAML with more entries; undefined if the map is not in block style, or has document markers. */
function appended(map: string, entries: string): string | undefined {
  const first = firstLine(map);
  if (first === undefined) return entries;
  const [, indent] = FIRST_ENTRY.exec(first) ?? [];
  if (indent === undefined || /^(?:---|\.\.\.)/m.test(map)) return undefined;
  return `${map}${map.endsWith('\n') ? '' : '\n'}${entries.replaceAll(/^(?=.)/gm, indent)}`;
}
