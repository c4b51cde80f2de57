/** Writes what `check` found: a line for each item, or JSON or YAML. */

import { stringify } from 'yaml';
import type { Format } from '../formats.ts';
import type { Item } from './items.ts';

const MARKS = { ok: 'ok', note: 'note', problem: 'PROBLEM', unseen: '?' } as const;

/** Returns the output for all items. */
export function write(items: readonly Item[], format: Format<'check'>): string {
  if (format === 'json') return `${JSON.stringify({ items }, undefined, 2)}\n`;
  if (format === 'yaml') return stringify({ items });
  const problems = items.filter(({ result }) => result === 'problem').length;
  const end = problems === 0 ? 'nothing wrong' : `${problems} ${problems === 1 ? 'problem' : 'problems'}`;
  return `${items.flatMap(lines).join('')}${items.length} items checked: ${end}.\n`;
}

function lines({ name, result, what, fix }: Item): string[] {
  const line = `${MARKS[result].padEnd(7)}  ${name}: ${what}\n`;
  return [line, ...(fix === undefined ? [] : [`${' '.repeat(9)}To do: ${fix}\n`])];
}
