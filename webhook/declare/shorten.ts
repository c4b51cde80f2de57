/** Bounds the refusals of one pod, because the API server cuts long messages and each refusal takes memory. */
import { type Refusal, refusal } from '../errors.ts';

/** Whatever makes refusals may stop when it has one more than these. */
export const MOST_REFUSALS = 20;

/** Returns the first refusals. If there are more, the last one says so. */
export function shorten(refusals: readonly Refusal[]): readonly Refusal[] {
  const next = refusals[MOST_REFUSALS];
  if (next === undefined) return refusals;
  const rest = refusal(next.code, 'and more problems like these; correct these first');
  return [...refusals.slice(0, MOST_REFUSALS), rest];
}
