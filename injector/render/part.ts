/** Reads parts of a JSON value: what a jmesPath points to, or the entries of an object. A problem has ASCP's words. */

import { evaluate } from '../contract/jmespath/evaluate.ts';
import { type JsonNode, parseJson } from '../contract/json.ts';
import type { FailureCode } from '../errors.ts';

export type PartProblem = {
  readonly ok: false;
  readonly code: Extract<FailureCode, `ASI_OUT_J${string}`>;
  /** The words of ASCP. */
  readonly headline: string;
  readonly cause?: string;
};

/** Is the part, or why there is none. `isJson` is true if the part is no text; `text` is its JSON then. */
export type Part = { readonly ok: true; readonly text: string; readonly isJson: boolean } | PartProblem;

/**
 * Has the entries of an object. If `ok` is false, `absent` says whether the path points to nothing; otherwise it points to
 * something that is no object.
 */
export type Entries =
  | { readonly ok: true; readonly entries: ReadonlyMap<string, JsonNode> }
  | { readonly ok: false; readonly absent: boolean };

/** Names the object, and the file or variable that gets the part, for ASCP's words. */
export type Target = { readonly object: string; readonly alias: string };

const KEYS_SHOWN = 12;

/** Returns the part that the path points to: a text, or with `type: any` the JSON of anything but null. */
export function partAt(value: Uint8Array, path: string, target: Target, type?: 'any'): Part {
  const json = parseJson(value);
  if (json === undefined) {
    return {
      ok: false,
      code: 'ASI_OUT_JSON',
      headline: `Invalid JSON used with jmesPath in secret: ${target.object}.`,
    };
  }
  const result = evaluate(json, path);
  if (!result.ok) {
    return { code: 'ASI_OUT_JMES_PATH', headline: `Invalid JMES Path: ${path}.`, ...result };
  }
  if (typeof result.value === 'string') return { ok: true, text: result.value.toWellFormed(), isJson: false };
  if (result.value === null) {
    return {
      ok: false,
      code: 'ASI_OUT_JMES_MISSING',
      headline: `JMES Path - ${path} for object alias - ${target.alias} does not point to a valid object.`,
      cause: whatExists(json, path),
    };
  }
  if (type === 'any' && result.node !== undefined) return { ok: true, text: result.node.source, isJson: true };
  return {
    ok: false,
    code: 'ASI_OUT_JMES_TYPE',
    headline: `Invalid JMES search result type for path:${path}. Only string is allowed.`,
    cause: `It is ${kindOf(result.value)}.`,
  };
}

/**
 * Returns the entries of the JSON object at the path, or of the whole value without one. A text that is a JSON object counts as
 * one. A whole value that is null has no entries.
 */
export function entriesAt(value: Uint8Array, path: string | undefined): Entries {
  const whole = parseJson(value);
  if (whole === undefined) return { ok: false, absent: false };
  if (path === undefined) return whole.kind === 'null' ? { ok: true, entries: new Map() } : entriesOf(whole);
  const result = evaluate(whole, path);
  if (!result.ok) return { ok: false, absent: false };
  if (result.value === null) return { ok: false, absent: true };
  return entriesOf(typeof result.value === 'string' ? parseJson(Buffer.from(result.value)) : result.node);
}

function entriesOf(node: JsonNode | undefined): Entries {
  return node?.kind === 'object' ? { ok: true, entries: node.entries } : { ok: false, absent: false };
}

/** Returns a sentence with the keys that exist where a plain path leads to nothing. It has names only. */
function whatExists(json: JsonNode, path: string): string {
  let node = json;
  const taken: string[] = [];
  for (const key of path.match(/"[^"]*"|[^.]+/g) ?? []) {
    const next = node.kind === 'object' ? node.entries.get(key.replaceAll('"', '')) : undefined;
    if (next === undefined || next.kind === 'null') break;
    node = next;
    taken.push(key);
  }
  const subject = taken.length > 0 ? `${taken.join('.')} is` : 'The value is';
  if (node.kind !== 'object')
    return `${subject} ${node.kind === 'array' ? 'a list' : `a ${node.kind}`}, not an object.`;
  const keys = [...node.entries.keys()];
  if (keys.length === 0) return `${subject} an empty object.`;
  const more = keys.length > KEYS_SHOWN ? ` and ${keys.length - KEYS_SHOWN} more` : '';
  const shown = keys.slice(0, KEYS_SHOWN).map((key) => JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key));
  const owner = taken.length > 0 ? `${taken.join('.')} has` : 'It has';
  return `${owner} the keys ${shown.join(', ')}${more}.`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Number) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
