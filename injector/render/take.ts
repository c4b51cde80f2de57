/** What one output takes from its object: the value or a part of it, or what stands in where there is none. */
import { FAILURES, type Failure } from '../errors.ts';
import { Secret } from '../secret.ts';
import { type PartProblem, partAt, type Target } from './part.ts';

export type Wanted = {
  readonly jmesPath?: string | undefined;
  readonly optional?: true | undefined;
  readonly default?: string | undefined;
  readonly type?: 'any' | undefined;
};

/** `isJson`: a part that is no text, as JSON. */
export type Taken =
  | { readonly kind: 'value'; readonly value: Secret; readonly isJson: boolean }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Takes it. Undefined instead of a value: the object does not exist, and the output minds that no more than it says. */
export function take(value: Secret | undefined, wanted: Wanted, target: Target): Taken {
  if (value === undefined) return standIn(wanted) ?? { kind: 'absent' };
  if (wanted.jmesPath === undefined) return { kind: 'value', value, isJson: false };
  const part = partAt(value.reveal(), wanted.jmesPath, target, wanted.type);
  if (part.ok) return { kind: 'value', value: new Secret(part.text), isJson: part.isJson };
  const { ok: _, ...problem } = part;
  const failure = { subject: target.object, ...problem, ...causeIn(target.object, problem) };
  if (part.code !== 'ASI_OUT_JMES_MISSING') return { kind: 'failed', failure };
  return standIn(wanted) ?? { kind: 'failed', failure };
}

/** The headline is ASCP's alone; where it does not name the object, the cause begins with it. */
function causeIn(object: string, { code, cause }: Omit<PartProblem, 'ok'>): { cause?: string } {
  if (code === 'ASI_OUT_JSON') return cause === undefined ? {} : { cause };
  return { cause: `In ${object}: ${cause ?? FAILURES[code].cause}` };
}

function standIn(wanted: Wanted): Taken | undefined {
  if (wanted.default !== undefined) return { kind: 'value', value: new Secret(wanted.default), isJson: false };
  return wanted.optional === true ? { kind: 'absent' } : undefined;
}
