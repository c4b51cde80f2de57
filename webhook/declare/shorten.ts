/** Bounds the refusals of one pod: nobody reads more, the API server cuts long messages, and each takes memory. */
import { type Refusal, refusal } from '../errors.ts';

/** Readers stop when they have one refusal more than these. */
export const MOST_REFUSALS = 20;

/** Returns the first refusals, and a last one that says so where there are more. */
export function shorten(refusals: readonly Refusal[]): readonly Refusal[] {
  const next = refusals[MOST_REFUSALS];
  if (next === undefined) return refusals;
  const rest = refusal(next.code, 'and more problems like these; correct these first');
  return [...refusals.slice(0, MOST_REFUSALS), rest];
}
