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
  const { length } = json;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < length; at += 1) {
    switch ((json[at] ?? 0) | CURLY) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case COMMA:
        values += 1;
        if (values > MOST_VALUES) return TOO_MANY;
        break;
      case OPEN:
        values += 1;
        depth += 1;
        if (values > MOST_VALUES) return TOO_MANY;
        if (depth > MOST_LEVELS) return TOO_DEEP;
        break;
      case CLOSE:
        depth -= 1;
        break;
    }
  }
  return undefined;
}

const TOO_DEEP = `the JSON nests more than ${MOST_LEVELS} levels`;
const TOO_MANY = `the JSON has more than ${MOST_VALUES} values`;

/** Most strings end within so many bytes. To ask Node for the next quote takes about as long as to look at so many one by one. */
const SHORT = 64;

/** Returns where the string ends that begins at `start`, or a place behind the end of the text if it has no end. */
function endOfString(json: Uint8Array, start: number): number {
  const most = Math.min(start + SHORT, json.length);
  let at = start + 1;
  while (at < most) {
    const byte = json[at];
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return endOfLong(json, at);
}

/** Returns where a string ends, like {@link endOfString}. `from` is a place in it that is not escaped. */
function endOfLong(json: Uint8Array, from: number): number {
  const quote = json.indexOf(QUOTE, from);
  if (quote < 0) return json.length;
  // A string with many escaped quotes would ask Node many times.
  return isEscaped(json, from, quote) ? nextQuote(json, quote + 1) : quote;
}

/** Returns the place of the first quote from `from` on that is not escaped, or a place behind the end of the text. */
function nextQuote(json: Uint8Array, from: number): number {
  let at = from;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** Returns whether the character at `at` is escaped: an odd number of backslashes is in front of it, from `from` on. */
function isEscaped(json: Uint8Array, from: number, at: number): boolean {
  let first = at;
  while (first > from && json[first - 1] === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}
