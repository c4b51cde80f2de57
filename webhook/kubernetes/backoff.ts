/** The one back-off for whatever asks the API server again after a failure. */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Returns how many milliseconds to wait after so many failures in a row: half a second, doubled with each failure up to half a
 * minute. Half of it is chance (`random` is between 0 and 1), so that replicas do not ask at the same moment.
 */
export function backoff(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return longest / 2 + random() * (longest / 2);
}

/** Waits for these milliseconds, or until the signal aborts. Never throws. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
