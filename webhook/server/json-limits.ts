/** Limits of JSON, checked on its bytes before it is parsed. */

/** A pod nests less than 20 levels. At 8 MiB of brackets, JSON.parse takes a second and 300 MiB. */
export const MOST_LEVELS = 100;

/**
 * Counts of commas and openings. A pod of the most containers, volumes, mounts and variables that bounds.ts allows has fewer than
 * 150,000. As the keys of one object, 400,000 take JSON.parse 0.4 s.
 */
export const MOST_VALUES = 200_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}`: two bytes that differ in this bit only. */
const CURLY = 0x20;
const OPEN = 0x5b | CURLY;
const CLOSE = 0x5d | CURLY;

/**
 * Returns why JSON would take too much time or memory to be parsed; undefined when it may be. It counts openings and commas
 * outside of strings in one pass, which takes about a tenth of the parsing, and does not check the syntax.
 */
export function jsonProblem(json: Uint8Array): string | undefined {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    switch ((json[at] ?? 0) | CURLY) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case COMMA:
        values += 1;
        break;
      case OPEN:
        values += 1;
        depth += 1;
        break;
      case CLOSE:
        depth -= 1;
        break;
    }
    if (depth > MOST_LEVELS) return `the JSON nests more than ${MOST_LEVELS} levels`;
    if (values > MOST_VALUES) return `the JSON has more than ${MOST_VALUES} values`;
  }
  return undefined;
}

/** Returns where the string ends that begins at `start`. */
function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
