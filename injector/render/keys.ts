/** Turns keys into files: the keys of a JSON object, or what a search found. */
import { oneLine } from '../contract/text.ts';
import type { Failure } from '../errors.ts';
import { pathCause } from '../plan/path-cause.ts';
import type { Secret } from '../secret.ts';
import { type Folder, type Output, parseMode } from './output.ts';

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
    const path = pathOf(key, folder, from);
    if (typeof path !== 'string') {
      output.failures.push(path);
      continue;
    }
    output.files.push({ directory, path, mode: parseMode(mode), content });
    output.claims.push({ directory, path, from: `the key ${shown(key)} of ${from}` });
  }
}

/** Returns the path of the key in the folder, or the failure of a key that can not be a file. */
export function pathOf(key: string, { path, slash }: Pick<Folder, 'path' | 'slash'>, from: string): string | Failure {
  const name = fileName(key, slash);
  const whole = path === '' ? name : `${path}/${name}`;
  const problem = name === '' ? 'the key is empty' : pathCause(whole);
  return problem === undefined ? whole : nameFailure(key, from, problem);
}

/**
 * Returns the path of the key in its folder. If `/` stays, a `/` at the beginning of the key is removed, as ASCP does without
 * path translation.
 */
function fileName(key: string, slash: string): string {
  return slash === '/' ? key.replace(/^\/+/, '') : key.replaceAll('/', () => slash);
}

function nameFailure(key: string, from: string, cause: string): Failure {
  const headline = `${from}: the key ${shown(key)} can not be a file.`;
  return { code: 'ASI_OUT_KEY_NAME', subject: from, headline, cause: `Its path would be wrong: ${cause}.` };
}

function shown(key: string): string {
  return JSON.stringify(oneLine(key, KEY_SHOWN));
}
