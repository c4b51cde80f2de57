/** Compiles a program as the injector is compiled. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../../..');

/** Compiles the program `name` of this folder into `outfile`, with the options of the injector, and returns `outfile`. */
export function compileFloor(name: string, outfile: string): string {
  execFileSync(process.execPath, ['.github/scripts/compile-injector.ts', `test/bench/floors/${name}.ts`, outfile], {
    cwd: PROJECT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return outfile;
}
