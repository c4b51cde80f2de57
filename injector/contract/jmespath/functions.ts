/**
 * Has the functions of go-jmespath 0.4.0 with their deviations: `contains` fails on lists in lists, and variadic arguments have
 * any type.
 */
import { type Budget, spend } from './limit.ts';
import { goJson } from './marshal.ts';
import { best, keysBy, sorted } from './order.ts';
import { parseFloat64 } from './parse-float.ts';
import type { Expression } from './parser.ts';
import { boolean, EvaluationError, list, NULL, number, sizeOf, sortedEntries, text, type Value } from './value.ts';

/** Applies an expression to a value. */
type Apply = (expression: Expression, value: Value) => Value;

type Kind = Value['kind'] | 'numbers' | 'strings' | 'any';
type Context = { readonly apply: Apply; readonly budget: Budget };
type Entry = {
  /** The kinds that each argument may have. `any...` means one or more arguments of any kind. */
  readonly takes: readonly string[];
  readonly call: (args: readonly Value[], context: Context) => Value;
};

/** Returns the result of a function. Throws an EvaluationError where Go gives an error or panics. */
export function call(name: string, args: readonly Value[], context: Context): Value {
  const entry = FUNCTIONS.get(name);
  if (entry === undefined) throw new EvaluationError(`unknown function: ${name}`);
  for (const arg of args) spend(context.budget, 1 + (sizeOf(arg) ?? 0));
  if (!suits(args, entry.takes)) throw new EvaluationError(`wrong arguments: ${name}`);
  const result = entry.call(args, context);
  spend(context.budget, 1 + (sizeOf(result) ?? 0));
  return result;
}

function suits(args: readonly Value[], takes: readonly string[]): boolean {
  if (takes[0] === 'any...') return args.length > 0;
  if (takes[0] === 'object...') return args.length > 0 && args.every(({ kind }) => kind === 'object');
  return (
    args.length === takes.length &&
    args.every((arg, index) => takes[index]?.split('|').some((kind) => isOf(arg, kind as Kind)))
  );
}

function isOf(value: Value, kind: Kind): boolean {
  if (kind === 'any') return true;
  if (kind === 'numbers' || kind === 'strings') {
    return value.kind === 'array' && value.items.every((item) => `${item.kind}s` === kind);
  }
  return value.kind === kind;
}

const BY = ['array', 'expression'];

const FUNCTIONS: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['abs', { takes: ['number'], call: ([a]) => number(Math.abs(num(a))) }],
  ['avg', { takes: ['numbers'], call: ([a]) => number(sum(a) / items(a).length) }],
  ['ceil', { takes: ['number'], call: ([a]) => number(Math.ceil(num(a))) }],
  ['contains', { takes: ['array|string', 'any'], call: ([a, b]) => boolean(contains(a, b)) }],
  ['ends_with', { takes: ['string', 'string'], call: ([a, b]) => boolean(str(a).endsWith(str(b))) }],
  ['floor', { takes: ['number'], call: ([a]) => number(Math.floor(num(a))) }],
  ['join', { takes: ['string', 'strings'], call: ([a, b]) => text(items(b).map(str).join(str(a))) }],
  ['keys', { takes: ['object'], call: ([a]) => list(entries(a).map(([key]) => text(key))) }],
  ['length', { takes: ['string|array|object'], call: ([a]) => number(length(a)) }],
  ['map', { takes: ['expression', 'array'], call: ([a, b], { apply }) => list(items(b).map(by(a, apply))) }],
  ['max', { takes: ['numbers|strings'], call: ([a]) => best(items(a), items(a), 1) }],
  ['max_by', { takes: BY, call: (args, { apply }) => best(items(args[0]), keys(args, apply), 1) }],
  ['merge', { takes: ['object...'], call: (args) => ({ kind: 'object', entries: new Map(args.flatMap(entries)) }) }],
  ['min', { takes: ['numbers|strings'], call: ([a]) => best(items(a), items(a), -1) }],
  ['min_by', { takes: BY, call: (args, { apply }) => best(items(args[0]), keys(args, apply), -1) }],
  ['not_null', { takes: ['any...'], call: (args) => args.find(({ kind }) => kind !== 'null') ?? NULL }],
  ['reverse', { takes: ['array|string'], call: ([a]) => reverse(a) }],
  ['sort', { takes: ['strings|numbers'], call: ([a]) => list(sorted(items(a), items(a))) }],
  ['sort_by', { takes: BY, call: (args, { apply }) => list(sorted(items(args[0]), keys(args, apply))) }],
  ['starts_with', { takes: ['string', 'string'], call: ([a, b]) => boolean(str(a).startsWith(str(b))) }],
  ['sum', { takes: ['numbers'], call: ([a]) => number(sum(a)) }],
  ['to_array', { takes: ['any'], call: ([a = NULL]) => (a.kind === 'array' ? a : list([a])) }],
  ['to_number', { takes: ['any'], call: ([a = NULL]) => toNumber(a) }],
  ['to_string', { takes: ['any'], call: ([a = NULL], { budget }) => toText(a, budget) }],
  ['type', { takes: ['any'], call: ([a = NULL]) => text(typeOf(a)) }],
  ['values', { takes: ['object'], call: ([a]) => list(entries(a).map(([, value]) => value)) }],
]);

function num(value: Value | undefined): number {
  return value?.kind === 'number' ? Number(value.source) : NaN;
}

function str(value: Value | undefined): string {
  return value?.kind === 'string' ? value.text : '';
}

function items(value: Value | undefined): readonly Value[] {
  return value?.kind === 'array' ? value.items : [];
}

function entries(value: Value | undefined): [string, Value][] {
  return value?.kind === 'object' ? sortedEntries(value.entries) : [];
}

function sum(value: Value | undefined): number {
  return items(value).reduce((total, item) => total + num(item), 0);
}

/** Returns the number of items or entries, and of a text the number of code points. */
function length(value: Value | undefined): number {
  return value?.kind === 'string' ? [...value.text].length : value === undefined ? 0 : (sizeOf(value) ?? 0);
}

function reverse(value: Value | undefined): Value {
  return value?.kind === 'string' ? text([...value.text].reverse().join('')) : list([...items(value)].reverse());
}

function contains(where: Value | undefined, what: Value | undefined): boolean {
  if (where?.kind === 'string') return what?.kind === 'string' && where.text.includes(what.text);
  return items(where).some((item) => isSame(item, what ?? NULL));
}

function isSame(one: Value, other: Value): boolean {
  if (one.kind !== other.kind || one.kind === 'null') return one.kind === other.kind;
  if (sizeOf(one) !== undefined && one.kind !== 'string') throw new EvaluationError('Go panics on comparing these.');
  return one.kind === 'number'
    ? num(one) === num(other)
    : one.kind === 'string'
      ? one.text === str(other)
      : isEqualBoolean(one, other);
}

function isEqualBoolean(one: Value, other: Value): boolean {
  return one.kind === 'boolean' && other.kind === 'boolean' && one.source === other.source;
}

function toText(value: Value, budget: Budget): Value {
  return value.kind === 'string' ? value : text(goJson(value, budget));
}

function toNumber(value: Value): Value {
  if (value.kind === 'number') return value;
  if (value.kind === 'expression') throw new EvaluationError('unknown type');
  const parsed = value.kind === 'string' ? parseFloat64(value.text) : undefined;
  return parsed === undefined ? NULL : number(parsed);
}

function typeOf({ kind }: Value): string {
  if (kind === 'expression') throw new EvaluationError('unknown type');
  return kind;
}

function by(expression: Value | undefined, apply: Apply): (value: Value) => Value {
  return (value) => (expression?.kind === 'expression' ? apply(expression.expression, value) : NULL);
}

function keys([array, expression]: readonly Value[], apply: Apply): readonly Value[] {
  return keysBy(items(array), by(expression, apply));
}
