/** Runs `bench cli`: how long the compiled command line takes to start, and what many manifests cost, beside an empty program. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFloor } from './floors/compile.ts';
import type { BenchOptions } from './options.ts';
import { type Program, peakOf, type Times, timesOf } from './process.ts';
import { spread } from './statistics.ts';
import { range, ratio, table } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'dist/kubectl-aws_secrets');

/** A Deployment that declares secrets, as `helm template` writes it. */
const MANIFEST = join(ROOT, 'test/fixtures/cli/inject/helm-output.yaml');

const COUNTS = [1, 100, 1000];

/** Many manifests are not measured more often, as each run takes seconds. */
const MOST_RUNS_OF_MANY = 5;

type Row = { readonly name: string; readonly program: Program; readonly runs: number; readonly times: Times[] };

/** Rows take turns, so that all of them meet the same moods of the machine. */
export async function benchCli({ runs, record }: BenchOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-bench-'));
  try {
    const empty = { command: compileFloor('empty', join(folder, 'empty')) };
    const rows: Row[] = [
      { name: 'floor: empty program', program: empty, runs, times: [] },
      ...COUNTS.map((count) => lintRow(folder, count, runs)),
    ];
    const peaks: number[] = [];
    for (const { program } of rows) peaks.push(await peakOf(program));
    for (let run = 0; run < runs; run++) {
      for (const { program, times, runs: own } of rows) if (run < own) times.push(await timesOf(program));
    }
    record(
      'cli',
      rows.map((row, index) => ({ name: row.name, figures: figuresOf(row, peaks[index] ?? Number.NaN) })),
    );
    return describe(rows, peaks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lintRow(folder: string, count: number, runs: number): Row {
  const files = join(folder, String(count));
  mkdirSync(files);
  const manifest = readFileSync(MANIFEST, 'utf8');
  for (let index = 0; index < count; index++) {
    writeFileSync(join(files, `${index}.yaml`), manifest.replaceAll('name: shop', `name: shop-${index}`));
  }
  return {
    name: `lint of ${count} manifests`,
    program: { command: PROGRAM, args: ['lint', '-f', files, '--region', 'eu-west-1', '--kubernetes', '1.35'] },
    runs: count > 1 ? Math.min(runs, MOST_RUNS_OF_MANY) : runs,
    times: [],
  };
}

function figuresOf({ times }: Row, peak: number) {
  return {
    'wall ms': spread(times.map(({ wall }) => wall)),
    'CPU ms': spread(times.map(({ cpu }) => cpu)),
    'peak MiB': spread([peak]),
  };
}

function describe(rows: readonly Row[], peaks: readonly number[]): string {
  const medians = rows.map(({ times }) => spread(times.map(({ wall }) => wall)).median);
  const cells = rows.map(({ name, times }, index) => [
    name,
    range(spread(times.map(({ wall }) => wall))),
    ratio(medians[index] ?? Number.NaN, medians[0] ?? Number.NaN),
    range(spread(times.map(({ cpu }) => cpu))),
    (peaks[index] ?? Number.NaN).toFixed(0),
  ]);
  return table(['cli', 'wall ms', 'of the floor', 'CPU ms', 'peak MiB'], cells);
}
