/** Does a thing again and again: after a change, when it is due, and when some time has passed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../host.ts';

export type RepeatOptions = {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** The time between two acts when nothing is known to have changed. */
  readonly pollMilliseconds: number;
  /** Returns how many milliseconds to wait after so many failures in a row. */
  readonly backoff: (failures: number) => number;
  /** Returns when it is next due, or undefined where that is not known. A failure is logged, and it is tried again. */
  readonly act: () => Promise<Date | undefined>;
};

/** All replicas know the moment when something is due. They wait up to this much longer, so that one does it for all. */
const SPREAD_MS = 20_000;

/** Acts at once, and then again whenever the trigger fires or time has passed, until the signal aborts. */
export async function repeat(trigger: Trigger, options: RepeatOptions): Promise<void> {
  const { log, signal, now, pollMilliseconds, backoff, act } = options;
  let failures = 0;
  while (!signal.aborted) {
    trigger.reset();
    let wait = pollMilliseconds;
    try {
      const due = await act();
      failures = 0;
      if (due) wait = Math.min(wait, due.getTime() - now().getTime() + Math.random() * SPREAD_MS);
    } catch (error) {
      failures += 1;
      wait = backoff(failures);
      const { message } = error instanceof Error ? error : new Error(String(error));
      log.error({ error: message, failures }, 'Could not keep the certificates right; trying again.');
    }
    await trigger.fired(wait, signal);
    // After a failure, an object that changes all the time must not shorten the pause.
    if (failures > 0) await rest(wait, signal);
  }
}

export type Trigger = {
  /** Says that something has changed. */
  fire(): void;
  /** Forgets what has changed until now. */
  reset(): void;
  /** Waits until something changes or the time is over. A change since the last reset counts. */
  fired(milliseconds: number, signal: AbortSignal): Promise<void>;
};

/** Returns a trigger that has not fired. */
export function createTrigger(): Trigger {
  let change = Promise.withResolvers<void>();
  return {
    fire: () => change.resolve(),
    reset: () => {
      change = Promise.withResolvers();
    },
    fired: async (milliseconds, signal) => {
      const done = new AbortController();
      await Promise.race([change.promise, rest(milliseconds, AbortSignal.any([signal, done.signal]))]);
      done.abort();
    },
  };
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
}
