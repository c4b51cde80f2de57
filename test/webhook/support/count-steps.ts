/**
 * Counts what declaring takes in steps, which no load of the machine changes: V8 counts how often each block of code runs. It
 * reads annotations as JSON from standard input, a list of them, and writes the counts.
 */
import { Session } from 'node:inspector/promises';
import { text } from 'node:stream/consumers';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from './annotations.ts';
import { CONTEXT } from './context.ts';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

async function takeSteps(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const ranges = result.flatMap(({ functions }) => functions).flatMap((one) => one.ranges);
  return ranges.reduce((total, { count }) => total + count, 0);
}

const steps: number[] = [];
for (const own of JSON.parse(await text(process.stdin)) as Record<string, string>[]) {
  await takeSteps();
  declare(annotationsOf(own), CONTEXT);
  steps.push(await takeSteps());
}
process.stdout.write(JSON.stringify(steps));
