/** Takes parts of a JSON value: what a jmesPath points to, as ASCP takes it, or the entries of an object. */

import { evaluate } from '../contract/jmespath/evaluate.ts';
import { type JsonNode, parseJson } from '../contract/json.ts';
import { ASCP_HEADLINES, HEADLINES, type PartCode, type Target } from './headlines.ts';
import { explainMissing } from './missing.ts';

export type PartProblem = {
  readonly ok: false;
  readonly code: PartCode;
  readonly headline: string;
  readonly cause?: string;
  readonly fix?: string;
};

/** `isJson` is true for a part that is no text: then `text` is its JSON. */
export type Part = { readonly ok: true; readonly text: string; readonly isJson: boolean } | PartProblem;

/** `reason` is `absent` if there is nothing at the path, `null` if there is a null, and `kind` if there is something else than an object. */
export type Entries =
  | { readonly ok: true; readonly entries: ReadonlyMap<string, JsonNode> }
  | { readonly ok: false; readonly reason: 'absent' | 'null' | 'kind' };

/**
 * Returns what the path points to in the value, which must be text. With the type `any` it may be anything but null, and is JSON
 * with the source's own digits. A number beyond the range of a float64 makes a value invalid JSON for ASCP, not for `any`.
 */
export function partAt(value: Uint8Array, path: string, target: Target, type?: 'any'): Part {
  const json = parseJson(value, { anyNumber: type === 'any' });
  const problem = (code: PartCode, more: { cause?: string; fix?: string } = {}): PartProblem => {
    const headline = (type === 'any' ? HEADLINES : ASCP_HEADLINES)[code](path, target);
    return { ok: false, code, headline, ...more };
  };
  if (json === undefined) return problem('ASI_OUT_JSON');
  const result = evaluate(json, path);
  if (!result.ok) return problem('ASI_OUT_JMES_PATH', result.cause === undefined ? {} : { cause: result.cause });
  if (typeof result.value === 'string') return { ok: true, text: result.value.toWellFormed(), isJson: false };
  if (result.value === null) {
    if (result.node !== undefined)
      return problem('ASI_OUT_JSON_NULL', type === 'any' ? {} : { cause: 'The value is null.' });
    return problem('ASI_OUT_JMES_MISSING', explainMissing(json, path, target.reference));
  }
  if (type === 'any' && result.node !== undefined) return { ok: true, text: result.node.source, isJson: true };
  return problem('ASI_OUT_JMES_TYPE', { cause: `It is ${kindOf(result.value)}.` });
}

/** Returns the entries of the JSON object at the path, or of the whole value. A text that is a JSON object counts as one. */
export function entriesAt(value: Uint8Array, path: string | undefined): Entries {
  const whole = parseJson(value, { anyNumber: true });
  if (whole === undefined) return { ok: false, reason: 'kind' };
  if (path === undefined) return entriesOf(whole);
  const result = evaluate(whole, path);
  if (!result.ok) return { ok: false, reason: 'kind' };
  if (result.value === null && result.node === undefined) return { ok: false, reason: 'absent' };
  if (typeof result.value !== 'string') return entriesOf(result.node);
  return entriesOf(parseJson(Buffer.from(result.value), { anyNumber: true }));
}

function entriesOf(node: JsonNode | undefined): Entries {
  if (node?.kind === 'object') return { ok: true, entries: node.entries };
  return { ok: false, reason: node?.kind === 'null' ? 'null' : 'kind' };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Number) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
