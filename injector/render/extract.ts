/** Extracts what one output gets of its object: the value, a part of it, or what replaces them if they do not exist. */
import type { Pick } from '../contract/rename.ts';
import { FAILURES, type Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Target } from './headlines.ts';
import { type PartProblem, partAt } from './part.ts';
import { pickedFrom } from './pick.ts';

export type Extraction = {
  readonly jmesPath?: string | undefined;
  /** Stands in place of a path. */
  readonly pick?: Pick | undefined;
  readonly optional?: true | undefined;
  readonly default?: string | undefined;
  readonly type?: 'any' | undefined;
};

/** `isJson` is true for a part that is no text: its value is JSON. `absent` means that the output is left out. */
export type Extracted =
  | { readonly kind: 'value'; readonly value: Secret; readonly isJson: boolean }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * Returns what one output gets of its object. `value` is undefined if the object does not exist and no output needs it: then the
 * output's `default` or `optional` decides, as it does for a part that does not exist.
 */
export function extractValue(value: Secret | undefined, extraction: Extraction, target: Target): Extracted {
  if (value === undefined) return standIn(extraction) ?? { kind: 'absent' };
  if (extraction.pick !== undefined) return pickValue(value, extraction.pick, extraction, target);
  if (extraction.jmesPath === undefined) return { kind: 'value', value, isJson: false };
  const part = partAt(value.reveal(), extraction.jmesPath, target, extraction.type);
  if (part.ok) return { kind: 'value', value: new Secret(part.text), isJson: part.isJson };
  const { ok: _, ...problem } = part;
  const failure = { subject: target.object, ...problem, ...causeIn(target.object, problem, extraction) };
  if (part.code !== 'ASI_OUT_JMES_MISSING') return { kind: 'failed', failure };
  return standIn(extraction) ?? { kind: 'failed', failure };
}

function pickValue(value: Secret, pick: Pick, extraction: Extraction, target: Target): Extracted {
  const picked = pickedFrom(value.reveal(), pick, target);
  if (picked.ok) return { kind: 'value', value: new Secret(picked.text), isJson: picked.isJson };
  const { ok: _, ...problem } = picked;
  const failed: Extracted = { kind: 'failed', failure: { subject: target.object, ...problem } };
  return problem.code === 'ASI_OUT_JMES_MISSING' ? (standIn(extraction) ?? failed) : failed;
}

/** Returns the cause of a problem. It begins with the object's name if the headline has ASCP's words without it. */
function causeIn(object: string, { code, cause }: Omit<PartProblem, 'ok'>, { type }: Extraction): { cause?: string } {
  if (code === 'ASI_OUT_JSON' || type === 'any') return cause === undefined ? {} : { cause };
  return { cause: `In ${object}: ${cause ?? FAILURES[code].cause}` };
}

function standIn(extraction: Extraction): Extracted | undefined {
  if (extraction.default !== undefined) return { kind: 'value', value: new Secret(extraction.default), isJson: false };
  return extraction.optional === true ? { kind: 'absent' } : undefined;
}
