/** Turns keys into files and variables: the keys of a JSON object, or what a search found. */
import { isLoaderVariable } from '../contract/loader-variables.ts';
import { oneLine } from '../contract/text.ts';
import type { Failure } from '../errors.ts';
import { pathCause } from '../plan/path-cause.ts';
import type { Secret } from '../secret.ts';
import { type Expansion, type Folder, type Output, parseMode } from './output.ts';

export type Entries = ReadonlyMap<string, Secret>;

const KEY_SHOWN = 80;

/** Adds a file to the folder for each key. `from` names the object or the search. */
export function renderFolder(
  entries: Entries,
  folder: Folder & { directory: string },
  from: string,
  output: Output,
): void {
  const { directory, mode } = folder;
  for (const [key, content] of entries) {
    const name = fileName(key, folder.slash);
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    const problem = name === '' ? 'the key is empty' : pathCause(path);
    if (problem !== undefined) {
      output.failures.push(nameFailure(key, from, problem));
      continue;
    }
    output.files.push({ directory, path, mode: parseMode(mode), content });
    output.claims.push({ directory, path, from: `the key ${shown(key)} of ${from}` });
  }
}

/**
 * Adds a variable for each key, as External Secrets does: the key conversion `Default`, and then the prefix. A name that is
 * empty is left out.
 */
export function renderExpansion(
  entries: Entries,
  { prefix }: Pick<Expansion, 'prefix'>,
  from: string,
  output: Output,
): void {
  const owners = new Map<string, string>();
  for (const [key, value] of entries) {
    const name = convertKey(key);
    if (name === '') continue;
    const owner = owners.get(name);
    if (owner !== undefined) output.failures.push(collision(from, owner, key, prefix + name));
    owners.set(name, key);
    output.expanded.set(prefix + name, value);
    if (prefix === '' && isLoaderVariable(name)) output.loaders.set(name, from);
  }
}

/** Returns a line for each variable that steers how programs start and that only a key of a secret names. */
export function loaderWarnings({ loaders, named }: Output): string[] {
  const unnamed = [...loaders].filter(([name]) => !named.has(name));
  return unnamed.map(
    ([name, from]) =>
      `${from}: the key ${shown(name)} becomes a variable that decides which code programs load. Give env-from a prefix, or name the keys that the app needs in env.`,
  );
}

/**
 * Returns the path of the key in its folder. If `/` stays, a `/` at the beginning of the key is removed, as ASCP does without
 * path translation.
 */
function fileName(key: string, slash: string): string {
  return slash === '/' ? key.replace(/^\/+/, '') : key.replaceAll('/', () => slash);
}

/** Replaces every character that is no letter, number, `-`, `.` or `_` by `_`. */
function convertKey(key: string): string {
  return key.replace(/[^\p{L}\p{N}._-]/gu, '_');
}

function nameFailure(key: string, from: string, cause: string): Failure {
  const headline = `${from}: the key ${shown(key)} can not be a file.`;
  return { code: 'ASI_OUT_KEY_NAME', subject: from, headline, cause: `As a file, ${cause}.` };
}

function collision(from: string, first: string, key: string, name: string): Failure {
  const headline = `${from}: secret name collision during conversion: ${shown(key)}.`;
  const cause = `The key ${shown(first)} becomes ${shown(name)} too.`;
  return { code: 'ASI_OUT_KEY_COLLISION', subject: from, headline, cause };
}

function shown(key: string): string {
  return JSON.stringify(oneLine(key, KEY_SHOWN));
}
