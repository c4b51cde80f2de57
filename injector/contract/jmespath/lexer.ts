/**
 * Reads the tokens of go-jmespath 0.4.0, and writes them so that the library's lexer and parser read them as Go's do: literals
 * become indexes into a list, `@` becomes `(@)`, and arguments without a comma between them get one.
 */
import { type JsonNode, parseJson } from '../json.ts';
import { LimitError } from './limit.ts';

export type Canonical = { readonly text: string; readonly literals: readonly JsonNode[] };

/**
 * Limits the tokens, because the parser and the evaluator call themselves once or a few times for each. No expression that a
 * person writes has as many.
 */
const TOKEN_LIMIT = 1000;

const SPACE = /[ \t\r\n]*/y;
const TOKEN =
  /(?<name>[A-Za-z_]\w*)|(?<number>[-\d]\d*)|(?<quoted>"(?:[^"\\]|\\.)*")|'(?<raw>(?:\\'|[^'\\]|\\(?!'))*)'|`(?<literal>(?:[^`\\]|\\.)*)`|(?<symbol>\[\?|\[\]|\|\||<=|>=|!=|==|&&|[[\]{}().,:*@|<>!&])/sy;

const INT64_MAX = 2n ** 63n - 1n;

type Opening = 'call' | 'group' | 'list' | 'hash';
const OPENING: ReadonlyMap<string | undefined, Opening> = new Map([
  ['[', 'list'],
  ['[?', 'list'],
  ['{', 'hash'],
  ['(', 'group'],
]);
const CLOSING = [')', ']', '}'];
/** After these symbols an operand is complete. */
const COMPLETE = [...CLOSING, '*', '@', '[]'];
/** These symbols only start an operand. */
const STARTING = ['@', '&'];
/** These symbols may follow a dot. Besides them only a name may. */
const AFTER_DOT = ['*', '[', '{'];

type Written = { readonly words: string[]; readonly literals: JsonNode[]; readonly open: Opening[]; complete: boolean };

/**
 * Returns the expression for the library's parser, or undefined if Go's lexer would refuse it, or Go's parser would for two
 * neighbours. Throws a LimitError if it has too many tokens.
 */
export function canonical(expression: string): Canonical | undefined {
  const written: Written = { words: [], literals: [], open: [], complete: false };
  let at = end(SPACE, expression, 0);
  for (let count = 0; at < expression.length; count += 1) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(expression)?.groups;
    if (groups === undefined || !write(groups, written)) return undefined;
    if (count === TOKEN_LIMIT) throw new LimitError(`It has more than ${TOKEN_LIMIT} names, symbols and literals.`);
    at = end(SPACE, expression, TOKEN.lastIndex);
  }
  return { text: written.words.join(' '), literals: written.literals };
}

function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

function write(token: Readonly<Record<string, string | undefined>>, written: Written): boolean {
  const { symbol, number, name, quoted } = token;
  const isName = name !== undefined || quoted !== undefined;
  const afterDot = written.words.at(-1) === '.';
  if (afterDot && !isName && !AFTER_DOT.includes(symbol ?? '')) return false;
  if (symbol !== undefined) return writeSymbol(symbol, written);
  if (number === undefined && !startOperand(written, isName)) return false;
  const word = number === undefined ? operand(token, written.literals) : integer(number);
  if (word === undefined) return false;
  written.words.push(word);
  written.complete = true;
  return true;
}

/**
 * Returns whether Go takes an operand here. After another operand it does so in two places: among the arguments of a call, and
 * in a hash, where only the name of the next entry may follow. There it needs no comma; the library needs one among arguments.
 */
function startOperand({ words, open, complete }: Written, isName: boolean): boolean {
  if (!complete) return true;
  const inside = open.at(-1);
  if (inside === 'call') words.push(',');
  return inside === 'call' || (inside === 'hash' && isName);
}

function writeSymbol(symbol: string, written: Written): boolean {
  if (STARTING.includes(symbol) && !startOperand(written, false)) return false;
  const opening = OPENING.get(symbol);
  if (opening !== undefined) written.open.push(symbol === '(' && written.complete ? 'call' : opening);
  if (CLOSING.includes(symbol) && isEmpty(written)) return false;
  if (CLOSING.includes(symbol)) written.open.pop();
  written.words.push(symbol === '@' ? '(@)' : symbol);
  written.complete = COMPLETE.includes(symbol);
  return true;
}

/** Returns whether nothing stands in what is open. Only a call may be empty. The library drops parts of a tree without a look at them. */
function isEmpty({ words, open }: Written): boolean {
  return OPENING.has(words.at(-1)) && open.at(-1) !== 'call';
}

function operand(token: Readonly<Record<string, string | undefined>>, literals: JsonNode[]): string | undefined {
  const { name, quoted, raw, literal } = token;
  if (name !== undefined) return name;
  if (quoted !== undefined) {
    const key = read(quoted);
    return key?.kind === 'string' ? JSON.stringify(key.text) : undefined;
  }
  const value =
    raw === undefined ? read((literal ?? '').replaceAll('\\`', '`')) : read(JSON.stringify(raw.replaceAll("\\'", "'")));
  return value === undefined ? undefined : `\`${literals.push(value) - 1}\``;
}

function read(json: string): JsonNode | undefined {
  return parseJson(Buffer.from(json));
}

/** Returns the number if it fits into Go's int, which has 64 bits, and undefined otherwise. */
function integer(digits: string): string | undefined {
  if (digits === '-') return undefined;
  const value = BigInt(digits);
  return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : String(value);
}
