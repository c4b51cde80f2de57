/** Describes the values of a JMESPath evaluation: those of the source, and computed ones, which have no source text. */
import { type Budget, spend } from './limit.ts';
import type { Expression } from './parser.ts';

export type Value =
  /** Only a null of the source has a source text. */
  | { readonly kind: 'null'; readonly source?: string }
  | { readonly kind: 'boolean' | 'number'; readonly source: string }
  | { readonly kind: 'string'; readonly text: string; readonly source?: string }
  | { readonly kind: 'array'; readonly items: readonly Value[]; readonly source?: string }
  | { readonly kind: 'object'; readonly entries: ReadonlyMap<string, Value>; readonly source?: string }
  | { readonly kind: 'expression'; readonly expression: Expression };

/** Says that go-jmespath gives an error too, or panics. */
export class EvaluationError extends Error {}

export const NULL: Value = { kind: 'null' };

/** Creates a computed text. */
export function text(value: string): Value {
  return { kind: 'string', text: value };
}

/** Creates a computed number. -0 stays -0. */
export function number(value: number): Value {
  return { kind: 'number', source: Object.is(value, -0) ? '-0' : String(value) };
}

/** Returns whether JSON has the number. It has none for the results of a computation that are not finite. */
export function isJsonNumber(source: string): boolean {
  return /^-?\d/.test(source);
}

/** Creates a computed boolean. */
export function boolean(value: boolean): Value {
  return { kind: 'boolean', source: String(value) };
}

/** Creates a computed array. */
export function list(items: readonly Value[]): Value {
  return { kind: 'array', items };
}

/** Returns whether JMESPath takes the value for false: null, false, and an empty text, array or object. */
export function isFalse(value: Value): boolean {
  return value.kind === 'null' || (value.kind === 'boolean' && value.source === 'false') || sizeOf(value) === 0;
}

/** Returns the number of items, entries or UTF-16 units, or undefined for values that have no parts. */
export function sizeOf(value: Value): number | undefined {
  switch (value.kind) {
    case 'string':
      return value.text.length;
    case 'array':
      return value.items.length;
    case 'object':
      return value.entries.size;
    default:
      return undefined;
  }
}

/** Returns a negative number, zero or a positive number, by the order of the UTF-8 bytes. */
export function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Returns the entries in the order of their keys. Go's own order is random. */
export function sortedEntries(entries: ReadonlyMap<string, Value>): [string, Value][] {
  return [...entries].sort(([one], [other]) => compareText(one, other));
}

/** Returns whether Go's `reflect.DeepEqual` holds for the two values. */
export function equal(one: Value, other: Value, budget: Budget): boolean {
  spend(budget, 1 + Math.min(sizeOf(one) ?? 0, sizeOf(other) ?? 0));
  switch (one.kind) {
    case 'null':
      return other.kind === 'null';
    case 'boolean':
      return other.kind === 'boolean' && one.source === other.source;
    case 'number':
      return other.kind === 'number' && Number(one.source) === Number(other.source);
    case 'string':
      return other.kind === 'string' && one.text === other.text;
    case 'array':
      return (
        other.kind === 'array' &&
        one.items.length === other.items.length &&
        one.items.every((item, index) => equal(item, other.items[index] ?? NULL, budget))
      );
    case 'object':
      return (
        other.kind === 'object' &&
        one.entries.size === other.entries.size &&
        [...one.entries].every(([key, value]) => {
          const match = other.entries.get(key);
          return match !== undefined && equal(value, match, budget);
        })
      );
    default:
      return other.kind === 'expression' && JSON.stringify(one.expression) === JSON.stringify(other.expression);
  }
}
