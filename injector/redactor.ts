/**
 * Removes from texts what this process knows to be secret, because AWS's own words may quote a request with its session token,
 * or a value. Log lines and the termination message pass through here, and nothing else is printed.
 *
 * The rule: a value of at least 8 characters is removed wherever it stands whole, and so is every text and number of at least 8
 * characters inside its JSON, as far as {@link INSIDE_LIMIT} reaches. If a value has 16 characters or more, each beginning of
 * it of at least 16 characters is removed too, and each of at least 4 if the text was cut after it (… or ...). Shorter values
 * ("true", "5432") stay: removing them would make every message unreadable, and would show which words they are. The text of
 * the configuration is not secret.
 */
import { type JsonNode, parseJson } from './contract/json.ts';
import { oneLine } from './contract/text.ts';
import type { Secret } from './secret.ts';

export type Redactor = {
  /** Adds a credential, which has no parts. */
  addCredential(text: string): void;
  /** Adds a value, and the texts inside it if it is JSON. */
  addValue(value: Secret): void;
  /** Forgets all of them, so that a process that goes on for months does not remember every credential that it ever had. */
  forget(): void;
  /** Returns the text, a line that {@link oneLine} made, with `[redacted]` in place of everything secret. */
  redact(text: string): string;
};

const REDACTED = '[redacted]';

/** The lengths of the rule above are in characters. */
const WHOLE = 8;
const BEGINNING = 16;
const CUT_BEGINNING = 4;

/** No message has more of one value than this: 400 characters of AWS's own words are kept. */
const PATTERN_LIMIT = 512;

/**
 * The JSON of values is searched for texts up to so many bytes in all, so that memory is bounded. 500 secrets of usual size
 * have fewer.
 */
const INSIDE_LIMIT = 512 * 1024;

const CUT = /…|\.\.\./g;

type Index = {
  /** The sorted patterns, by their first {@link WHOLE} characters. */
  readonly byHead: ReadonlyMap<string, readonly string[]>;
  /** All patterns, sorted. */
  readonly sorted: readonly string[];
};

/** Returns a redactor that knows no secret yet. `shown` is the configuration, which everybody may read. */
export function createRedactor(shown = ''): Redactor {
  const indexes: Index[] = [];
  let unread: (() => string[])[] = [];
  let inside = INSIDE_LIMIT;
  const textsOf = (value: Secret) => {
    const start = Buffer.from(value.reveal().subarray(0, 4 * PATTERN_LIMIT)).toString();
    if (value.length > inside) return [start];
    inside -= value.length;
    return [start, ...textsInside(value)];
  };
  return {
    addCredential: (text) => unread.push(() => [text]),
    addValue: (value) => unread.push(() => textsOf(value)),
    forget: () => {
      indexes.length = 0;
      unread = [];
      inside = INSIDE_LIMIT;
    },
    redact: (text) => {
      if (unread.length > 0) addIndex(indexes, unread.flatMap((read) => read()).flatMap(patternsOf));
      unread = [];
      return replaceKnown(text, indexes, shown);
    },
  };
}

/** Adds an index, and joins those of about one size. So there are few indexes, and each pattern is sorted few times. */
function addIndex(indexes: Index[], patterns: readonly string[]): void {
  let added = indexOf(patterns);
  for (
    let last = indexes.at(-1);
    last !== undefined && last.sorted.length <= 2 * added.sorted.length;
    last = indexes.at(-1)
  ) {
    indexes.pop();
    added = indexOf([...last.sorted, ...added.sorted]);
  }
  indexes.push(added);
}

/** Returns each text and number inside the value's JSON. */
function textsInside(value: Secret): string[] {
  const texts: string[] = [];
  const nodes: JsonNode[] = [];
  for (let node = parseJson(value.reveal()); node !== undefined; node = nodes.pop()) {
    if (node.kind === 'string') texts.push(node.text);
    if (node.kind === 'number') texts.push(node.source);
    if (node.kind === 'array') nodes.push(...node.items);
    if (node.kind === 'object') nodes.push(...node.entries.values());
  }
  return texts;
}

/** Matches the texts that are the same as they are, in JSON, in a URL and in one line. */
const PLAIN = /^[\w.~-]*$/;

/** Returns the ways in which a text may be quoted: as it is, in JSON, and in a URL. */
function patternsOf(text: string): string[] {
  const start = text.slice(0, PATTERN_LIMIT);
  const quoted = PLAIN.test(start) ? [start] : quotedWays(start.toWellFormed());
  return quoted.filter((each) => each.length >= WHOLE);
}

function quotedWays(text: string): string[] {
  const ways = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
  return ways.map((each) => oneLine(each).slice(0, PATTERN_LIMIT));
}

function indexOf(patterns: readonly string[]): Index {
  const sorted = [...new Set(patterns)].sort();
  return { sorted, byHead: Map.groupBy(sorted, (pattern) => pattern.slice(0, WHOLE)) };
}

/**
 * Returns the text without the patterns of all indexes. The work grows with the length of the text, and with the logarithm of
 * the number of secrets.
 */
function replaceKnown(text: string, indexes: readonly Index[], shown: string): string {
  const cuts = [...text.matchAll(CUT)].map((cut) => cut.index);
  let result = '';
  let done = 0;
  for (let at = 0; at < text.length; at += 1) {
    while (cuts[0] !== undefined && cuts[0] < at) cuts.shift();
    const head = text.slice(at, at + WHOLE);
    let length = 0;
    for (const { byHead, sorted } of indexes) {
      const group = byHead.get(head);
      if (group !== undefined) length = Math.max(length, lengthAt(text, at, group));
      if (cuts[0] !== undefined) length = Math.max(length, lengthBefore(text, at, cuts[0], sorted));
    }
    if (length === 0 || shown.includes(text.slice(at, at + length))) continue;
    result += text.slice(done, at) + REDACTED;
    done = at + length;
    at = done - 1;
  }
  return result + text.slice(done);
}

/**
 * Returns how many characters from this index on are a secret or the beginning of one, or 0. The group has the sorted patterns
 * with the first characters of that place.
 */
function lengthAt(text: string, at: number, group: readonly string[]): number {
  const rest = text.slice(at, at + PATTERN_LIMIT);
  let longest = 0;
  // The pattern that agrees with most of the rest is a sorted neighbour of it. A shorter one that stands whole is sorted before
  // that.
  const index = indexIn(group, rest);
  for (const neighbour of [group[index - 1], group[index]]) {
    const common = neighbour === undefined ? 0 : commonLength(neighbour, rest);
    if (common >= BEGINNING || common === neighbour?.length) longest = Math.max(longest, common);
  }
  for (let length = Math.min(BEGINNING, rest.length); longest === 0 && length >= WHOLE; length -= 1) {
    if (has(group, rest.slice(0, length))) longest = length;
  }
  return longest;
}

/** Returns how many characters there are up to the cut if they begin one of the sorted patterns, or 0. */
function lengthBefore(text: string, at: number, cut: number, sorted: readonly string[]): number {
  const length = cut - at;
  if (length < CUT_BEGINNING || length >= BEGINNING) return 0;
  const rest = text.slice(at, at + length);
  return sorted[indexIn(sorted, rest)]?.startsWith(rest) ? length : 0;
}

/** Returns the index of the first pattern that does not come before the text. */
function indexIn(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function has(sorted: readonly string[], text: string): boolean {
  return sorted[indexIn(sorted, text)] === text;
}

function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length += 1;
  return length;
}
