/** Compares values as go-jmespath's `*_by`, sort, max and min do. */
import { compareText, EvaluationError, NULL, type Value } from './value.ts';

/**
 * Returns the keys to compare by, which are all numbers or all texts. Throws an EvaluationError if they are not. The key of a
 * single item is not evaluated.
 */
export function keysBy(values: readonly Value[], key: (value: Value) => Value): readonly Value[] {
  if (values.length < 2) return values;
  const keys = values.map(key);
  const [first] = keys;
  if ((first?.kind !== 'number' && first?.kind !== 'string') || keys.some(({ kind }) => kind !== first.kind)) {
    throw new EvaluationError('invalid type, must be number or string');
  }
  return keys;
}

/** Returns the first of the greatest values if `sign` is 1, and of the least ones if it is -1. */
export function best(values: readonly Value[], keys: readonly Value[], sign: 1 | -1): Value {
  let at = 0;
  for (const [index, key] of keys.entries()) {
    if (compare(key, keys[at] ?? NULL) * sign > 0) at = index;
  }
  return values[at] ?? NULL;
}

/** Returns the values in the order of their keys. Values with equal keys keep their order. */
export function sorted(values: readonly Value[], keys: readonly Value[]): Value[] {
  const order = [...keys.entries()].sort(([, one], [, other]) => compare(one, other) || rank(one) - rank(other));
  return order.map(([index]) => values[index] ?? NULL);
}

/** Returns 0 for NaN, which comes first, and 1 for any other value. */
function rank(value: Value): number {
  return value.kind === 'number' && Number.isNaN(numberOf(value)) ? 0 : 1;
}

function compare(one: Value, other: Value): number {
  if (one.kind === 'string') return other.kind === 'string' ? compareText(one.text, other.text) : 0;
  return numberOf(one) > numberOf(other) ? 1 : numberOf(one) < numberOf(other) ? -1 : 0;
}

function numberOf(value: Value): number {
  return value.kind === 'number' ? Number(value.source) : NaN;
}
