/** Runs a program to its end and measures it from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Wall time in milliseconds from spawn to exit. Throws where the program does not exit with 0. */
export async function wallTime(command: string, args: readonly string[], env: Record<string, string>): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return performance.now() - started;
}

/** Smallest, middle and largest of some numbers. */
export function spread(values: readonly number[]): { min: number; median: number; max: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(sorted.length >> 1), max: at(sorted.length - 1) };
}
