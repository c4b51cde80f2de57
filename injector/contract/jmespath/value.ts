/** The values of a JMESPath evaluation: those of the source, and computed ones, which have no source text. */
import { type Budget, spend } from './limit.ts';
import type { Expression } from './parser.ts';

export type Value =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean' | 'number'; readonly source: string }
  | { readonly kind: 'string'; readonly text: string; readonly source?: string }
  | { readonly kind: 'array'; readonly items: readonly Value[]; readonly source?: string }
  | { readonly kind: 'object'; readonly entries: ReadonlyMap<string, Value>; readonly source?: string }
  | { readonly kind: 'expression'; readonly expression: Expression };

/** go-jmespath gives an error too, or panics. */
export class EvaluationError extends Error {}

export const NULL: Value = { kind: 'null' };

export function text(value: string): Value {
  return { kind: 'string', text: value };
}

export function number(value: number): Value {
  return { kind: 'number', source: Object.is(value, -0) ? '-0' : String(value) };
}

export function boolean(value: boolean): Value {
  return { kind: 'boolean', source: String(value) };
}

export function list(items: readonly Value[]): Value {
  return { kind: 'array', items };
}

export function isFalse(value: Value): boolean {
  return value.kind === 'null' || (value.kind === 'boolean' && value.source === 'false') || sizeOf(value) === 0;
}

/** Items, entries or UTF-16 units; other values have no parts. */
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

/** Negative, zero or positive, by the order of the UTF-8 bytes. */
export function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** In the order of the keys; Go's own order is a random one. */
export function sortedEntries(entries: ReadonlyMap<string, Value>): [string, Value][] {
  return [...entries].sort(([one], [other]) => compareText(one, other));
}

/** `reflect.DeepEqual` */
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
