/**
 * Changes a sample of the sources in one place at a time, and prints how many changes the tests notice, and those that they do not:
 * `npm run mutate -- [--seed NUMBER] [--lines NUMBER] [--only TEXT]`. The sample is a number of lines, chosen at random among all of them;
 * the same seed chooses the same ones. `--only` keeps to files whose paths contain the text. Only tests that import a changed file,
 * themselves or through others, are run.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 32)}` },
    lines: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
  },
});

const SOURCES = '{webhook,injector,certs}/**/*.ts';

/** The tests that look at the sources themselves. Those of the chart and of the documentation do not, and take minutes. */
const TESTS = 'test/{webhook,injector,certs,conformance}/**/*.test.ts';

/** Returns a function that returns the same row of numbers from 0 to 1 for the same seed (mulberry32, public domain). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomOf(Number(values.seed));
const lines = globSync(SOURCES)
  .sort()
  .filter((file) => file.includes(values.only))
  .flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((_line, index) => `${file}:${index + 1}-${index + 1}`),
  );
const sample = Array.from({ length: Number(values.lines) }, () => lines[Math.floor(random() * lines.length)] ?? '');
const changed = new Set(sample.map((line) => line.replace(/:.*/, '')));

const imports = new Map<string, string[]>();

/** Returns the paths of our own modules that a module imports, as they are relative to the root of the repository. */
function importsOf(file: string): string[] {
  const known = imports.get(file);
  if (known !== undefined) return known;
  const statements = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export)[^;]*?'(\.[^']+\.ts)';|import\('(\.[^']+\.ts)'\)/gm,
  );
  const found = [...statements].map(([, path, later = '']) => join(dirname(file), path ?? later));
  imports.set(file, found);
  return found;
}

/** Returns whether a test imports a changed file, itself or through others. */
function reachesChange(test: string): boolean {
  const seen = new Set([test]);
  for (const file of seen) {
    if (changed.has(file)) return true;
    for (const each of importsOf(file)) seen.add(each);
  }
  return false;
}

// The tests run without the settings of tap in package.json, and half a minute is too little for some on a busy machine.
Object.assign(process.env, { TAP_TIMEOUT: '120' });

const mutants = await new Stryker({
  mutate: [...new Set(sample)],
  testRunner: 'tap',
  plugins: [import.meta.resolve('@stryker-mutator/tap-runner')],
  tap: {
    testFiles: globSync(TESTS).filter(reachesChange),
    nodeArgs: ['-r', '{{hookFile}}', '{{testFile}}'],
    forceBail: true,
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 60,
  reporters: ['clear-text', 'progress-append-only'],
  ignorePatterns: ['.tap'],
  tempDirName: '.tap/mutate',
  // It would be read by the API of TypeScript 6. Node needs none to leave types out.
  tsconfigFile: 'none',
}).runMutationTest();

const counted = mutants.filter(({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status));
const killed = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout');
const score = (100 * killed.length) / Math.max(1, counted.length);
process.stdout.write(
  `seed ${values.seed}: ${killed.length} of ${counted.length} changes were noticed (${score.toFixed(1)} %)\n`,
);
