/** Writes what `npm run bench -- --json FILE` saves and docs/performance.md shows. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Spread } from './statistics.ts';

/** Is a row of a bench: figures by their names. */
export type Row = { readonly name: string; readonly figures: Readonly<Record<string, Spread>> };

export type Report = {
  /** The day of the run, such as 2026-11-26. */
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Rows by the name of their bench. */
  readonly benches: Readonly<Record<string, readonly Row[]>>;
};

/** Returns the rows with what somebody needs to know who compares them with rows of another run. */
export function reportOf(benches: Report['benches']): Report {
  const { version, dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  const [cpu] = cpus();
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpu?.model.trim()}, ${gibibytes} GiB, ${process.platform} ${release()}`,
    versions: {
      'aws-secrets-injector': version,
      Node: process.versions.node,
      Bun: optionalDependencies['@oven/bun-linux-x64'],
      'AWS SDK': dependencies['@aws-sdk/client-secrets-manager'],
    },
    benches,
  };
}
