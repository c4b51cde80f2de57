/** Evaluates JMESPath as go-jmespath does where the library differs: no prototypes, exact numbers, Go's JSON, strict literals. */
import { search, type Token, tokenize } from 'jmespath';
import { type JsonNode, parseJson } from './json.ts';

declare module 'jmespath' {
  export type Token = { readonly type: string; readonly value: unknown; readonly start: number };
  export function tokenize(expression: string): Token[];
}

/** `node` is where the result stands in the source, if it was not computed. */
export type Evaluation =
  | { readonly ok: true; readonly value: unknown; readonly node?: JsonNode }
  | { readonly ok: false };

/** Where the evaluator's objects (and boxed numbers) come from. */
type Origins = WeakMap<object, JsonNode>;

/** The result of the expression; `ok: false` where Go would not compile or run it. Never throws. */
export function evaluate(json: JsonNode, path: string): Evaluation {
  const origins: Origins = new WeakMap();
  try {
    const tokens = tokenize(path);
    if (!tokens.every((token) => token.type !== 'Literal' || isLiteral(path, token))) return { ok: false };
    const inner = insideToString(path, tokens);
    const value = search(plain(json, origins), inner ?? path);
    if (typeof value === 'function' || value === undefined) return { ok: true, value: null };
    if (inner !== undefined && typeof value !== 'string') return { ok: true, value: goJson(value, origins) };
    const node = isObject(value) ? (origins.get(value) ?? parseJson(Buffer.from(goJson(value, origins)))) : undefined;
    return node === undefined ? { ok: true, value } : { ok: true, value, node };
  } catch {
    return { ok: false };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Go takes only JSON between backticks, and no literal may end with the expression. */
function isLiteral(path: string, { start }: Token): boolean {
  const literal = /^(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/s.exec(path.slice(start));
  return literal !== null && (literal[2] === undefined || isJson(literal[2].replaceAll('\\`', '`')));
}

function isJson(text: string): boolean {
  return parseJson(new TextEncoder().encode(text)) !== undefined;
}

const OPENING = ['Lparen', 'Lbracket', 'Lbrace', 'Filter'];
const CLOSING = ['Rparen', 'Rbracket', 'Rbrace'];

/** The argument's text, where the whole expression is one call of to_string with one argument. */
function insideToString(path: string, tokens: readonly Token[]): string | undefined {
  const [name, open, ...rest] = tokens;
  if (name?.value !== 'to_string' || name.type !== 'UnquotedIdentifier' || open?.type !== 'Lparen') return undefined;
  let depth = 1;
  for (const [index, { type, start }] of rest.entries()) {
    if (type === 'Comma' && depth === 1) return undefined;
    if (OPENING.includes(type)) depth += 1;
    if (CLOSING.includes(type)) depth -= 1;
    if (depth === 0) return index === rest.length - 1 ? path.slice(open.start + 1, start) : undefined;
  }
  return undefined;
}

/** The value for the evaluator: null prototypes, keys in Go's order, and digits that no number holds in a boxed one. */
function plain(node: JsonNode, origins: Origins): unknown {
  switch (node.kind) {
    case 'string':
      return node.text;
    case 'array':
      return node.items.map((item) => plain(item, origins));
    case 'object': {
      const object: Record<string, unknown> = Object.create(null);
      for (const key of sortedKeys([...node.entries.keys()])) {
        const value = node.entries.get(key);
        if (value !== undefined) object[key] = plain(value, origins);
      }
      origins.set(object, node);
      return object;
    }
    case 'number':
      return isInexact(node.source) ? remember(Object(Number(node.source)), node, origins) : Number(node.source);
    default:
      return JSON.parse(node.source);
  }
}

function remember(boxed: object, node: JsonNode, origins: Origins): object {
  origins.set(boxed, node);
  return boxed;
}

function isInexact(source: string): boolean {
  return /^-?\d+$/.test(source) && !Number.isSafeInteger(Number(source));
}

/** `json.Marshal`: keys sorted, and the characters that HTML minds escaped. */
function goJson(value: unknown, origins: Origins): string {
  if (value instanceof Number) return origins.get(value)?.source ?? String(value);
  if (Array.isArray(value)) return `[${value.map((item) => goJson(item, origins)).join(',')}]`;
  if (isObject(value)) {
    const entries = value as Record<string, unknown>;
    return `{${sortedKeys(Object.keys(entries))
      .map((key) => `${goJson(key, origins)}:${goJson(entries[key], origins)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value ?? null).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sortedKeys(keys: string[]): string[] {
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
