/**
 * Reads JSON as Go does, and keeps the text of each value: numbers that no JavaScript number holds exactly stay exact, and a
 * nested value can be passed on as it was written. Objects have no prototype, so that `constructor` is a key like any other.
 */

export type JsonNode =
  | { readonly kind: 'null' | 'boolean' | 'number'; readonly source: string }
  | { readonly kind: 'string'; readonly source: string; readonly text: string }
  | { readonly kind: 'array'; readonly source: string; readonly items: readonly JsonNode[] }
  /** If a key is repeated, the last value counts. */
  | { readonly kind: 'object'; readonly source: string; readonly entries: ReadonlyMap<string, JsonNode> };

/** Limits how deep values are nested: Go stops at 10,000, and every stack has room for 1000. */
const DEPTH_LIMIT = 1000;

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const WORD = /true|false|null/y;

/**
 * Returns the value of the bytes, or undefined if they are not JSON: a message would show parts of the value. Go reads no number
 * beyond the range of a float64, such as 1e400; `anyNumber` lets those pass.
 */
export function parseJson(bytes: Uint8Array, { anyNumber = false } = {}): JsonNode | undefined {
  const text = decode(bytes);
  const reader = { text, at: 0, anyNumber };
  const value = readValue(reader, 0);
  skip(reader, WHITESPACE);
  return value !== undefined && reader.at === text.length ? value : undefined;
}

const UTF8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|[\x80-\xff]/g;

/**
 * Decodes UTF-8 as Go does, which puts one U+FFFD for each byte that starts no character. TextDecoder puts one for all bytes of
 * a broken character.
 */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true, fatal: true }).decode(bytes);
  } catch {
    const character = (part: string) => (part.length === 1 ? '\uFFFD' : Buffer.from(part, 'latin1').toString());
    return Buffer.from(bytes).toString('latin1').replace(UTF8, character);
  }
}

type Reader = { readonly text: string; at: number; readonly anyNumber: boolean };

function readValue(reader: Reader, depth: number): JsonNode | undefined {
  if (depth > DEPTH_LIMIT) return undefined;
  skip(reader, WHITESPACE);
  const first = reader.text[reader.at];
  if (first === '{') return readObject(reader, depth);
  if (first === '[') return readArray(reader, depth);
  if (first === '"') return readString(reader);
  const number = skip(reader, NUMBER);
  if (number !== '') {
    const isRead = reader.anyNumber || Number.isFinite(Number(number));
    return isRead ? { kind: 'number', source: number } : undefined;
  }
  const word = skip(reader, WORD);
  if (word === '') return undefined;
  return { kind: word === 'null' ? 'null' : 'boolean', source: word };
}

function readString(reader: Reader): Extract<JsonNode, { kind: 'string' }> | undefined {
  const source = skip(reader, STRING);
  if (source === '') return undefined;
  try {
    const text = JSON.parse(source) as string;
    return { kind: 'string', source, text: text.toWellFormed() };
  } catch {
    return undefined;
  }
}

function readArray(reader: Reader, depth: number): JsonNode | undefined {
  const start = reader.at++;
  const items: JsonNode[] = [];
  if (accept(reader, ']')) return { kind: 'array', source: reader.text.slice(start, reader.at), items };
  do {
    const item = readValue(reader, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
  } while (accept(reader, ','));
  return accept(reader, ']') ? { kind: 'array', source: reader.text.slice(start, reader.at), items } : undefined;
}

function readObject(reader: Reader, depth: number): JsonNode | undefined {
  const start = reader.at++;
  const entries = new Map<string, JsonNode>();
  if (accept(reader, '}')) return { kind: 'object', source: reader.text.slice(start, reader.at), entries };
  do {
    skip(reader, WHITESPACE);
    const key = readString(reader);
    const value = key !== undefined && accept(reader, ':') ? readValue(reader, depth + 1) : undefined;
    if (key === undefined || value === undefined) return undefined;
    entries.set(key.text, value);
  } while (accept(reader, ','));
  return accept(reader, '}') ? { kind: 'object', source: reader.text.slice(start, reader.at), entries } : undefined;
}

function skip(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? '';
  reader.at += found.length;
  return found;
}

function accept(reader: Reader, token: string): boolean {
  skip(reader, WHITESPACE);
  if (reader.text[reader.at] !== token) return false;
  reader.at += 1;
  return true;
}
