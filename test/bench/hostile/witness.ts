/**
 * Sends ordinary reviews and asks for the webhook's health while others attack it, from a process of its own. A review goes out
 * every 20 ms, whether or not the earlier ones are answered, so that each moment counts alike. Reads one JSON `Watch` from its
 * first argument, prints "watching" when the first review is answered, and one JSON `Seen` when its standard input ends.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../statistics.ts';
import { reviewOf } from '../webhook/review.ts';
import type { Target } from './target.ts';

/**
 * Has what others noticed: milliseconds until an answer, how many reviews were sent, and how many had no answer with a patch.
 */
export type Seen = {
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  readonly reviews: number;
  readonly failed: number;
  /** The statuses of those that failed; 0 is a connection that ended. */
  readonly statuses: readonly number[];
  /** Probes of the node that failed or took longer than a second. */
  readonly unhealthy: number;
};

const PERIOD_MS = 20;
const PROBE_PERIOD_MS = 500;
const PROBE_MS = 1000;
const LONGEST_MS = 10_000;
const UNPATCHED = 1;

const target: Target = JSON.parse(process.argv[2] ?? '');
const review = reviewOf();
// The API server keeps few connections; each further review at the same time opens one.
const agent = new Agent({ keepAlive: true });
const latencies: number[] = [];
const statuses = new Set<number>();
let failed = 0;
let unhealthy = 0;
let ended = false;

/** Sends an ordinary review. Returns 0 where the connection ends, 200 for a patch, {@link UNPATCHED} for an answer without one, else the status. */
async function ask(): Promise<number> {
  const call = request({
    ...{ host: '127.0.0.1', servername: 'localhost', port: target.port, ca: target.ca, agent, method: 'POST' },
    ...{ path: '/mutate?timeout=10s', headers: { 'content-type': 'application/json', connection: 'keep-alive' } },
  });
  call.setTimeout(LONGEST_MS, () => call.destroy());
  const answered = once(call, 'response');
  call.end(review);
  try {
    const [answer] = await answered;
    const body = await text(answer);
    return answer.statusCode !== 200 || body.includes('"patch":') ? answer.statusCode : UNPATCHED;
  } catch {
    return 0;
  }
}

async function measure(): Promise<void> {
  const started = performance.now();
  const status = await ask();
  latencies.push(performance.now() - started);
  if (status === 200) return;
  failed += 1;
  statuses.add(status);
}

async function probe(): Promise<void> {
  const url = `http://127.0.0.1:${target.healthPort}/healthz`;
  const healthy = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS), headers: { connection: 'close' } }).then(
    async (answer) => (await answer.text()) === 'ok\n',
    () => false,
  );
  if (!healthy) unhealthy += 1;
}

/** Begins `act` again and again, and ends when all that it began has ended. */
async function repeat(period: number, act: () => Promise<void>): Promise<void> {
  const acts: Promise<void>[] = [];
  for (let next = performance.now() + period; !ended; next += period) {
    acts.push(act());
    await sleep(Math.max(0, next - performance.now()));
  }
  await Promise.all(acts);
}

await ask();
process.stdout.write('watching\n');
process.stdin.resume().once('end', () => {
  ended = true;
});
await Promise.all([repeat(PERIOD_MS, measure), repeat(PROBE_PERIOD_MS, probe)]);
agent.destroy();
const seen: Seen = {
  p50: percentile(latencies, 0.5),
  p99: percentile(latencies, 0.99),
  slowest: percentile(latencies, 1),
  reviews: latencies.length,
  failed,
  statuses: [...statuses],
  unhealthy,
};
process.stdout.write(JSON.stringify(seen));
