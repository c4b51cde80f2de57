/** Explains why a JMESPath points to nothing in a value. It names keys and kinds, never a part of the value. */
import type { JsonNode } from '../contract/json.ts';

const KEYS_SHOWN = 12;
const KEY_LENGTH = 40;

/** Matches a path of names alone, in double quotes or without. Only for such a path it is known where it stops to exist. */
const PLAIN = /^(?:"[^"]*"|[\w-]+)(?:\.(?:"[^"]*"|[\w-]+))*$/;

/**
 * Returns what there is at the place where the path stops to exist and, if the path without its dots is a key, what to write for
 * it. `reference` is the reference of the object without a path.
 */
export function explainMissing(json: JsonNode, path: string, reference: string): { cause: string; fix?: string } {
  const names = (path.match(/"[^"]*"|[^.]+/g) ?? []).map((name) => name.replaceAll('"', ''));
  let node = json;
  const found: string[] = [];
  for (const name of names) {
    const next = node.kind === 'object' ? node.entries.get(name) : undefined;
    if (next === undefined) break;
    node = next;
    found.push(name);
  }
  const cause = describe(node, found.join('.'));
  const dotted = PLAIN.test(path) ? dottedPath(json, names) : undefined;
  if (dotted === undefined) return { cause };
  const right = dotted.map((name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `"${name}"`)).join('.');
  const fix = `A key with a dot needs double quotes: write ${reference}#${right}, or path: '${right}' in jmesPath.`;
  return { cause, fix };
}

/** Returns the path that there is if some of its dots belong to keys; undefined if there is none. */
function dottedPath(node: JsonNode, names: readonly string[]): string[] | undefined {
  if (names.length === 0) return [];
  if (node.kind !== 'object') return undefined;
  for (let count = names.length; count > 0; count -= 1) {
    const key = names.slice(0, count).join('.');
    const next = node.entries.get(key);
    const rest = next === undefined ? undefined : dottedPath(next, names.slice(count));
    if (rest !== undefined) return [key, ...rest];
  }
  return undefined;
}

function describe(node: JsonNode, place: string): string {
  const subject = place === '' ? 'The value is' : `${place} is`;
  if (node.kind === 'null') return `${subject} null, not an object.`;
  if (node.kind !== 'object')
    return `${subject} ${node.kind === 'array' ? 'a list' : `a ${node.kind}`}, not an object.`;
  const keys = [...node.entries.keys()];
  if (keys.length === 0) return `${subject} an empty object.`;
  return `${place === '' ? 'It' : place} has the keys ${listKeys(keys, KEYS_SHOWN)}.`;
}

/** Returns the first keys in quotes, each shortened, and the number of the others. */
export function listKeys(keys: readonly string[], most: number): string {
  const more = keys.length > most ? ` and ${keys.length - most} more` : '';
  const shown = keys
    .slice(0, most)
    .map((key) => JSON.stringify(key.length > KEY_LENGTH ? `${key.slice(0, KEY_LENGTH)}…` : key));
  return `${shown.join(', ')}${more}`;
}
