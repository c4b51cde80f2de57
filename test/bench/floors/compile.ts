/** Compiles a program as the injector is compiled. */
import { execFileSync } from 'node:child_process';
import manifest from '../../../package.json' with { type: 'json' };

const PROJECT = new URL('../../../', import.meta.url).pathname;

/** `name` of a program in this folder. */
export function compileFloor(name: string, outfile: string): string {
  const script = manifest.scripts['build:injector']
    .replace('injector/main.ts', `test/bench/floors/${name}.ts`)
    .replace('dist/aws-secrets-injector', outfile);
  const PATH = `${PROJECT}node_modules/.bin:${process.env['PATH']}`;
  execFileSync('sh', ['-c', script], {
    cwd: PROJECT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH },
  });
  return outfile;
}
