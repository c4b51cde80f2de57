/** Checks the patterns of one pod, and bounds the work of all of them together. */
import { readPattern } from '../../injector/contract/pattern.ts';

/** All patterns of a pod together may have so many steps: to read them takes less than 0.2 s. */
const MOST_STEPS = 20_000;

/** Each pattern counts as so many steps besides its own, because reading it takes time, too. */
const ONE_PATTERN = 100;

/** Returns why a text is no pattern that may be used, as the end of a sentence that begins with it; undefined if it is one. */
export type CheckPattern = (source: string) => string | undefined;

/** Creates the check of the patterns of one pod. A pattern that stands there twice counts once. */
export function createPatternCheck(): CheckPattern {
  const known = new Map<string, string | undefined>();
  let left = MOST_STEPS;
  return (source) => {
    if (known.has(source)) return known.get(source);
    if (left < 0) return 'is one of too many patterns; declare less, or split the pod';
    const read = readPattern(source);
    left -= ONE_PATTERN + ('problem' in read ? 0 : read.steps);
    const problem = 'problem' in read ? read.problem : undefined;
    known.set(source, problem);
    return problem;
  };
}
