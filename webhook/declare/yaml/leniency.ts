/** Reads the keys `optional`, `default` and `type`, which say what to do if a value is missing or is not text. */
import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';
import { nearest } from '../spelling.ts';
import { goScalar } from './go-scalar.ts';
import type { Fields } from './mapping.ts';
import { readText } from './text-map.ts';
import { isScalar, type Node } from './tree.ts';

export type Leniency = { readonly optional?: true; readonly default?: string; readonly type?: 'any' };

export const LENIENCY = ['optional', 'default', 'type'] as const;

/** Reads the three keys, and takes those that are absent from `inherited`. `optional` is left out beside a default, which includes it. */
export function readLeniency(fields: Fields, inherited: Leniency = {}): Result<Leniency> {
  const optional = readFlag(fields, 'optional', inherited.optional);
  if (!optional.ok) return optional;
  const type = readType(fields.get('type') ?? null);
  if (!type.ok) return type;
  const text = fields.has('default') ? readDefault(fields.get('default') ?? null) : ok(undefined);
  if (!text.ok) return text;
  const lenient =
    text.value !== undefined ? { default: text.value } : optional.value ? { optional: true as const } : {};
  return ok({ ...lenient, ...((type.value ?? inherited.type) ? { type: 'any' as const } : {}) });
}

/** Reads a key that is true or false, in any spelling of YAML 1.1. Returns `fallback` if the key is absent. */
export function readFlag(fields: Fields, key: string, fallback = false): Result<boolean> {
  const node = fields.get(key) ?? null;
  if (node === null) return ok(fallback);
  const text = isScalar(node) ? goScalar(node) : '';
  return text === 'true' || text === 'false'
    ? ok(text === 'true')
    : err(`has a value of ${key} that is neither true nor false; write one of them`);
}

/** Returns a problem with the first key that is not among `known`, with the fix; undefined if all are. */
export function unknownKey(fields: Fields, known: readonly string[]): string | undefined {
  const key = [...fields.keys()].find((candidate) => !known.includes(candidate));
  if (key === undefined) return undefined;
  const guess = nearest(key, known);
  const fix = guess === undefined ? `the keys are ${known.join(', ')}` : `did you mean ${guess}?`;
  return `has the unknown key "${echo(key)}"; ${fix}`;
}

function readType(node: Node | null): Result<'any' | undefined> {
  if (node === null) return ok(undefined);
  return isScalar(node) && node.text === 'any' ? ok('any') : err('has an unknown type; write type: any');
}

/** Reads a default. It may be as secret as the value that it replaces, so that no problem shows it. */
function readDefault(node: Node | null): Result<string> {
  const text = readText(node, { thing: 'text for default', example: 'default: "none"' });
  if (!text.ok) return err(`has a problem with default: it ${text.problem}`);
  if (text.value.isWellFormed()) return text;
  return err('has a default that is not valid Unicode; correct it');
}
