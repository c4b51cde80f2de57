/** Installs packages for Python, which npm's lockfile does not have. It needs python3 with pip and venv, and PyPI once. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Says where Python environments are. `npm run build` leaves them alone. */
const ENVIRONMENTS = join(import.meta.dirname, '../../../dist');

/**
 * Returns the folder of the programs of the Python environment with that name. It is made first where it is missing.
 * `requirements` are arguments of `pip install`.
 */
export function programsOf(name: string, requirements: readonly string[]): string {
  const environment = join(ENVIRONMENTS, name);
  const programs = join(environment, 'bin');
  const complete = join(environment, 'complete');
  if (existsSync(complete)) return programs;
  execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
  execFileSync(join(programs, 'pip'), ['install', '--quiet', ...requirements], { stdio: 'inherit' });
  writeFileSync(complete, '');
  return programs;
}
