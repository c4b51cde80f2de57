/**
 * Decides when a request is made again. All requests have one deadline, and what looks permanent is tried for a while, as IAM is
 * eventually consistent. The SDK's own strategies give up after about 35 retries in all requests of a client.
 */
import { factsOf, isTimeout, RegionError, ServiceError, verdictOf } from './error.ts';

/** Gives the time and random numbers, so that tests can set both. */
export type Clock = {
  /** Returns a time in milliseconds that nobody can set: deadlines keep their distance when the node's clock jumps. */
  now(): number;
  /** Returns after so many milliseconds, or earlier if the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Returns a number of at least 0 and less than 1. */
  random(): number;
};

/** An error that looks permanent is tried again for so many milliseconds, from its first appearance at one object. */
const PERMANENT_RETRY_TIME = 15_000;

const FIRST_DELAY = 100;
const DELAY_LIMIT = 20_000;

/** Limits the pause after an error that looks permanent, so that there is time for several tries, also after a long outage. */
const PERMANENT_DELAY_LIMIT = 3_000;

/** A region of a pair gets so many tries, as in ASCP's SDK. */
const FEW = 3;
const FEW_DELAY_LIMIT = 1_000;

/** Counts the retries of a request. `stopAt` is the time at which an error that looks permanent is no longer tried again. */
type Count = { readonly retries: number; readonly stopAt: number | undefined };

export type Retries = {
  /** Returns the milliseconds until the deadline, or a negative number after it. */
  remaining(): number;
  /** Waits before the next try, and returns the count with it. Rejects with the error if there is no other try. */
  wait(error: unknown, count: Count): Promise<Count>;
};

/** Creates the retry policy that tries until the deadline, which is in the clock's milliseconds. */
export function createRetries(clock: Clock, deadline: number): Retries {
  return {
    remaining: () => deadline - clock.now(),
    wait: async (error, count) => {
      const verdict = verdictOf(error);
      const { retries } = count;
      const isTransient = verdict === 'transient';
      const stopAt = isTransient ? count.stopAt : (count.stopAt ?? clock.now() + PERMANENT_RETRY_TIME);
      const limit = isTransient ? deadline : Math.min(stopAt ?? deadline, deadline);
      const remaining = limit - clock.now();
      if (verdict === 'never' || remaining <= 0 || (verdict === 'once' && retries > 0)) throw error;
      const cap = isTransient ? DELAY_LIMIT : PERMANENT_DELAY_LIMIT;
      await clock.sleep(Math.min(delay(clock, retries, error), cap, remaining));
      return { retries: retries + 1, stopAt };
    },
  };
}

/**
 * Creates the retry policy for a region if another one can answer as well: three tries after a transient error, and one after
 * any other. A try that ended with a time-out is the only one, because it has taken more time than the others together.
 */
export function createFewRetries(clock: Clock, deadline: number): Retries {
  return {
    remaining: () => deadline - clock.now(),
    wait: async (error, { retries, stopAt }) => {
      const remaining = deadline - clock.now();
      const isPassing = verdictOf(error) === 'transient' && !isTimeout(factsOf(error));
      if (!isPassing || retries + 1 >= FEW || remaining <= 0) throw error;
      await clock.sleep(Math.min(delay(clock, retries, error), FEW_DELAY_LIMIT, remaining));
      return { retries: retries + 1, stopAt };
    },
  };
}

/** Calls `attempt` until it succeeds, and returns its result. Rejects with the last error when the policy gives up. */
export async function retrying<Result>(retries: Retries, attempt: () => Promise<Result>): Promise<Result> {
  let count: Count = { retries: 0, stopAt: undefined };
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      count = await retries.wait(error, count);
    }
  }
}

/**
 * Returns the pause before the next try in milliseconds: full jitter, which is anything up to a limit that doubles. If the
 * server asks for a longer pause, it gets that within the limit.
 */
function delay(clock: Clock, retries: number, error: unknown): number {
  const jittered = clock.random() * Math.min(DELAY_LIMIT, FIRST_DELAY * 2 ** Math.min(retries, 30));
  return Math.min(DELAY_LIMIT, Math.max(jittered, askedPause(error)));
}

/**
 * Returns the pause in milliseconds that the server asks for, or 0. Retry-After with a time of day is not read, as only proxies
 * send it.
 */
function askedPause(thrown: unknown): number {
  const error = thrown instanceof RegionError ? thrown.cause : thrown;
  const seconds = error instanceof ServiceError ? error.retryAfter : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}
