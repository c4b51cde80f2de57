/** Makes the operations that take entries out of a pod. */
import type { Operation } from 'fast-json-patch';

/** Returns the operations that remove the entries with these indexes from a list; the whole list if nothing is left of it. */
export function removals(list: string, length: number, indexes: readonly number[]): Operation[] {
  if (indexes.length === 0) return [];
  if (indexes.length === length) return [{ op: 'remove', path: list }];
  return indexes.toSorted((a, b) => b - a).map((index) => ({ op: 'remove', path: `${list}/${index}` }));
}
