/** Bounds what the webhook reads for one review, by count-downs that all annotations and classes of the pod share. */
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { ANNOTATION_BYTES } from './checks.ts';

/** Takes a number from what is left. Returns the end of a sentence with the fix where that is not enough. */
type Take = (count: number) => string | undefined;

export type Budget = {
  /** The characters of all texts, with what YAML aliases stand for in the place of each alias. */
  readonly characters: Take;
  /** The pieces that YAML is made of: names, texts, marks, white space and line ends. */
  readonly lexemes: Take;
  /** The characters of all JMESPaths. */
  readonly expressions: Take;
};

/** More than any list has that fits the configuration: an object has some twenty. Reading one takes about 2 µs. */
export const MOST_LEXEMES = 40_000;

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
    lexemes: countDown(MOST_LEXEMES, `holds, ${ALL}, more YAML than a pod can be told; ${FIX}`),
    expressions: countDown(
      CONFIG_LIMIT,
      `shorten it: all JMESPaths of the pod's annotations and classes together may have ${CONFIG_LIMIT / 1024} KiB`,
    ),
  };
}

function countDown(most: number, problem: string): Take {
  let left = most;
  return (count) => {
    left -= count;
    return left < 0 ? problem : undefined;
  };
}
