/** Does a thing again and again: when told of a change, when it is due, and when some time has passed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from './kubernetes/errors.ts';
import type { Log } from './log.ts';
import { pause } from './watch.ts';

export type RepeatOptions = {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** How often without being told of a change. */
  readonly pollMilliseconds: number;
  /** Says when it is next due, if that is known. What it throws is logged, and it is tried again after a pause. */
  readonly act: () => Promise<Date | undefined>;
};

/** What is due at one moment in every replica is done by one of them, and found done by the others. */
const SPREAD = 20_000;

/** Ends when the signal aborts. `bell` rings for a change. */
export async function repeat(bell: Bell, options: RepeatOptions): Promise<void> {
  const { log, signal, now, pollMilliseconds, act } = options;
  let failures = 0;
  while (!signal.aborted) {
    bell.reset();
    let patience = pollMilliseconds;
    try {
      const due = await act();
      failures = 0;
      if (due) patience = Math.min(patience, due.getTime() - now().getTime() + Math.random() * SPREAD);
    } catch (error) {
      failures += 1;
      patience = pause(failures);
      log.error({ error: describeError(error), failures }, 'Could not keep the certificates right; trying again.');
    }
    await bell.rung(patience, signal);
    // After a failure, an object that changes all the time must not undo the pause.
    if (failures > 0) await rest(patience, signal);
  }
}

export type Bell = { ring(): void; reset(): void; rung(milliseconds: number, signal: AbortSignal): Promise<void> };

/** Waits for a change or for some time, whichever is first. A change since the last reset counts. */
export function makeBell(): Bell {
  let bell = Promise.withResolvers<void>();
  return {
    ring: () => bell.resolve(),
    reset: () => {
      bell = Promise.withResolvers();
    },
    rung: async (milliseconds, signal) => {
      const done = new AbortController();
      await Promise.race([bell.promise, rest(milliseconds, AbortSignal.any([signal, done.signal]))]);
      done.abort();
    },
  };
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
}
