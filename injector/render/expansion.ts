/** Turns the keys of a JSON object, or what a search found, into variables. */
import type { InjectorConfig } from '../contract/config.ts';
import { isLoaderVariable } from '../contract/loader-variables.ts';
import { oneLine } from '../contract/text.ts';
import { envFileNameProblem } from '../environment/env-file.ts';
import { assignment } from '../environment/shell.ts';
import type { Failure } from '../errors.ts';
import type { Entries } from './keys.ts';
import { listKeys } from './missing.ts';
import type { Expansion, Output } from './output.ts';

/** The most keys that a message names. */
const KEYS_SHOWN = 50;
const KEY_SHOWN = 80;

type Naming = Pick<Expansion, 'prefix' | 'names' | 'exclude' | 'rename' | 'optional'>;

/** Says where the keys come from: in words, and as a reference of `env-from` if they have one. */
export type Origin = { readonly from: string; readonly reference?: string };

/** Returns the keys that no pattern of `exclude` matches. In a pattern, `*` stands for any characters, also for `/`. */
export function keptKeys<Value>(entries: ReadonlyMap<string, Value>, exclude: readonly string[] = []) {
  return new Map([...entries].filter(([key]) => !exclude.some((pattern) => isMatch(key, pattern))));
}

/** Finds the pieces between the `*` from left to right, each at its first place: no pattern takes more than its own length of tries. */
function isMatch(key: string, pattern: string): boolean {
  const [first = '', ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return key === pattern;
  if (!key.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = key.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
}

/**
 * Adds a variable for each key. Its name is the prefix and the key, converted as External Secrets does by default, or with the names
 * `upper`. A name that is empty is left out. Names that the configuration's readers do not take are one failure, with all keys.
 */
export function renderExpansion(
  entries: Entries,
  expansion: Naming,
  origin: Origin,
  config: InjectorConfig,
  output: Output,
): void {
  const { prefix } = expansion;
  const owners = new Map<string, string>();
  const wrong: string[] = [];
  for (const [key, value] of entries) {
    const name = convert(key, expansion);
    if (name === prefix) continue;
    const owner = owners.get(name);
    if (owner !== undefined) output.failures.push(collision(origin.from, owner, key, name));
    owners.set(name, key);
    if (nameCause(name, config) === undefined) output.expanded.set(name, value);
    else wrong.push(key);
    if (prefix === '' && isLoaderVariable(name)) output.loaders.set(name, { from: origin.from, key });
  }
  if (wrong.length > 0) output.failures.push(nameFailure(wrong, [...entries.keys()], { expansion, origin, config }));
}

/** Returns a line for each variable that steers how programs start and that only a key of a secret names. */
export function loaderWarnings({ loaders, named }: Output): string[] {
  const unnamed = [...loaders].filter(([name]) => !named.has(name));
  return unnamed.map(
    ([name, { from, key }]) =>
      `${from}: the key ${shown(key)} becomes the variable ${name}, which decides what code programs load. Give env-from a prefix, or name the keys that the app needs in env.`,
  );
}

/**
 * Returns the name of the variable. By default every character that is no letter, number, `-`, `.` or `_` becomes `_`; with the
 * names `upper` the letters become capitals, and every character but A to Z, 0 to 9 and `_` becomes `_`.
 */
function convert(key: string, { prefix, names }: Pick<Naming, 'prefix' | 'names'>): string {
  const converted =
    names === 'upper' ? key.toUpperCase().replace(/[^A-Z0-9_]/gu, '_') : key.replace(/[^\p{L}\p{N}._-]/gu, '_');
  return prefix + converted;
}

/** Returns why a reader of the variables does not take the name; undefined if all do. */
function nameCause(name: string, { envFile, environment }: InjectorConfig): string | undefined {
  const inFile = envFile && envFileNameProblem(envFile.format, name);
  const inShell = environment?.delivery === 'shell' ? assignment(name, '') : undefined;
  return inFile?.cause ?? (typeof inShell === 'object' ? inShell.cause : undefined);
}

type Entry = { readonly expansion: Naming; readonly origin: Origin; readonly config: InjectorConfig };

function nameFailure(wrong: readonly string[], all: readonly string[], { expansion, origin, config }: Entry): Failure {
  const { from, reference } = origin;
  const headline = `${from}: as names of variables, these keys can not be written: ${listKeys(wrong, KEYS_SHOWN)}.`;
  const cause = nameCause(convert(wrong[0] ?? '', expansion), config) ?? '';
  if (expansion.rename !== undefined || reference === undefined) {
    const fix = 'Let another step of rename make names of letters, digits and _ of them.';
    return { code: 'ASI_OUT_NAME', subject: from, headline, cause, fix };
  }
  const ways = [
    ...(isUpperEnough(all, expansion, config) ? [entryOf({ ...expansion, names: 'upper' }, reference)] : []),
    ...(wrong.length > KEYS_SHOWN
      ? []
      : [
          `${entryOf({ ...expansion, exclude: [...(expansion.exclude ?? []), ...wrong] }, reference)} to leave them out`,
        ]),
  ];
  const fix =
    ways.length === 0 ? 'Name the keys that the app needs in env.' : `Write in env-from: ${ways.join(', or ')}.`;
  return { code: 'ASI_OUT_NAME', subject: from, headline, cause, fix };
}

/** Returns whether the names `upper` let every key be a variable, each of its own. */
function isUpperEnough(keys: readonly string[], { prefix }: Naming, config: InjectorConfig): boolean {
  const names = keys.filter((key) => key !== '').map((key) => convert(key, { prefix, names: 'upper' }));
  return new Set(names).size === names.length && names.every((name) => nameCause(name, config) === undefined);
}

/** Returns an entry of `env-from` that can be pasted. JSON's texts are texts of YAML. */
function entryOf({ prefix, names, exclude = [], optional }: Naming, reference: string): string {
  const members = [
    `from: ${JSON.stringify(reference)}`,
    ...(prefix === '' ? [] : [`prefix: ${prefix}`]),
    ...(names === undefined ? [] : [`names: ${names}`]),
    ...(exclude.length === 0 ? [] : [`exclude: [${exclude.map((key) => JSON.stringify(key)).join(', ')}]`]),
    ...(optional === true ? ['optional: true'] : []),
  ];
  return `- {${members.join(', ')}}`;
}

function collision(from: string, first: string, key: string, name: string): Failure {
  const headline = `${from}: secret name collision during conversion: ${shown(key)}.`;
  const cause = `The key ${shown(first)} becomes ${shown(name)} too.`;
  return { code: 'ASI_OUT_KEY_COLLISION', subject: from, headline, cause };
}

function shown(key: string): string {
  return JSON.stringify(oneLine(key, KEY_SHOWN));
}
