import type { Clock } from '../../../injector/aws/retry.ts';

/** Changes the world at a time of the clock, in milliseconds from its start. */
export type Happening = { readonly at: number; readonly happens: () => void };

export type TestClock = Clock & {
  /** Returns the milliseconds since the start. */
  elapsed(): number;
  /** Lets so many more milliseconds pass than the limit, and wakes those who sleep until then. */
  pass(milliseconds: number): void;
};

/**
 * Creates a clock that jumps to the earliest sleeper's time as soon as the process has nothing better to do. `start` is in
 * milliseconds since 1970, for a clock that others go by as well. Nobody is woken after `limit` milliseconds: `onLimit` is called.
 */
export function createClock(
  happenings: readonly Happening[] = [],
  { start = Date.parse('2026-11-21T12:00:00Z'), random = (): number => 0.5, limit = Infinity, onLimit = () => {} } = {},
): TestClock {
  let now = start;
  let end = start + limit;
  const sleepers: { until: number; wake: () => void }[] = [];
  const pending = [...happenings].sort((a, b) => a.at - b.at);
  const jump = () => {
    sleepers.sort((a, b) => a.until - b.until);
    const [next] = sleepers;
    if (next === undefined) return;
    if (next.until > end) {
      onLimit();
      return;
    }
    sleepers.shift();
    now = Math.max(now, next.until);
    while (pending[0] !== undefined && start + pending[0].at <= now) pending.shift()?.happens();
    next.wake();
  };
  return {
    now: () => now,
    random,
    elapsed: () => now - start,
    pass: (milliseconds) => {
      end += milliseconds;
      setTimeout(jump, 1);
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { until: now + milliseconds, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          const index = sleepers.indexOf(sleeper);
          if (index >= 0) sleepers.splice(index, 1);
          resolve();
        });
        setTimeout(jump, 1);
      }),
  };
}
