/** Compares texts with a file of test/fixtures, so that no word of a message can be lost unseen. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

/** Fails unless the lines are those of the file `<name>.txt`. `UPDATE_FIXTURES=1` writes the file; read the diff. */
export function compareSaid(t: Pick<Test, 'equal'>, name: string, lines: readonly string[]): void {
  const path = join(FIXTURES, `${name}.txt`);
  const text = lines.map((line) => `${line}\n`).join('');
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(path, text);
  t.equal(text, existsSync(path) ? readFileSync(path, 'utf8') : '');
}
