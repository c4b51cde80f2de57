/** Bounds the work of reading one pod, by counts that all its annotations and classes share. */
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { ANNOTATION_BYTES } from './checks.ts';
import { type CheckPattern, createPatternCheck } from './patterns.ts';

/** Takes a number from what is left. If too little is left, it returns the end of a sentence with the fix; else undefined. */
type Take = (count: number) => string | undefined;

export type Budget = {
  /** Counts the characters of all texts. An alias of YAML counts as the text that it stands for. */
  readonly characters: Take;
  /** Counts the pieces that YAML is made of: names, texts, marks, white space and line ends. */
  readonly lexemes: Take;
  /** Counts the characters of all JMESPaths, which the configuration repeats as they are. */
  readonly expressions: Take;
  /** Checks a regular expression. It bounds how many there are, and how large all of them are. */
  readonly pattern: CheckPattern;
};

/** About 2,800 files or 900 objects have so many. To read one takes 2 to 5 µs, and all of them 0.1 s in a new process. */
export const MOST_LEXEMES = 20_000;

const ALL = 'with all other annotations and classes of the pod';
const FIX = 'declare less, or split the pod';

/** Starts the budget of one review: as many characters as the annotations of an object may have bytes. */
export function startBudget(): Budget {
  const kilobytes = ANNOTATION_BYTES / 1024;
  return {
    characters: countDown(
      ANNOTATION_BYTES,
      `has, ${ALL}, more than ${kilobytes} KiB of text where YAML aliases (*name) are written out; ${FIX}`,
    ),
    lexemes: countDown(MOST_LEXEMES, `holds, ${ALL}, more YAML than the webhook reads for a pod; ${FIX}`),
    expressions: countDown(
      CONFIG_LIMIT,
      `shorten it: all JMESPaths of the pod's annotations and classes together may have ${CONFIG_LIMIT / 1024} KiB`,
    ),
    pattern: createPatternCheck(),
  };
}

function countDown(most: number, problem: string): Take {
  let left = most;
  return (count) => {
    left -= count;
    return left < 0 ? problem : undefined;
  };
}
