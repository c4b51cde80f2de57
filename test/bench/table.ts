/** Writes columns for people. It is pure. */
import type { Spread } from './statistics.ts';

/** Returns the table with the first column to the left and the numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [head, ...rows].map(line).join('\n');
}

/** Returns `min / median / max`. */
export function range({ min, median, max }: Spread, digits = 0): string {
  return [min, median, max].map((value) => value.toFixed(digits)).join(' / ');
}

/** Returns how many times the value is the floor. */
export function ratio(value: number, floor: number): string {
  return `${(value / floor).toFixed(2)} ×`;
}
