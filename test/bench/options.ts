import type { Row } from './report.ts';

/** Runs a bench. Returns what it measured, for people. */
export type Bench = (options: BenchOptions) => Promise<string>;

export type BenchOptions = {
  /** Counted runs of each row, after one that is not. */
  readonly runs: number;
  /** True if the rows that take minutes are wanted, too. */
  readonly long: boolean;
  /** Archives. */
  readonly images: readonly string[];
  /** A part of the names of the rows of `hostile` and `rotation` that are wanted. */
  readonly only: string;
  /** Takes the rows that --json writes: those of one bench, once. */
  readonly record: (bench: string, rows: readonly Row[]) => void;
};
