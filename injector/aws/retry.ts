/**
 * Decides when a request is made again, in the interface of the SDK's own strategies. Those give up after about 35 retries in
 * all calls of a client. Ours have one deadline, and try for a while what looks permanent, as IAM is eventually consistent. The
 * loop is ours as well, so that two regions can be tried again together.
 */
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import { factsOf, isTimeout, RegionError, verdictOf } from './error.ts';

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

export type Retries = RetryStrategyV2 & {
  /** Returns the milliseconds until the deadline, or a negative number after it. */
  remaining(): number;
};

type Token = RetryToken & { readonly stopAt: number | undefined };

/** Creates the retry policy that tries until the deadline, which is in the clock's milliseconds. */
export function createRetries(clock: Clock, deadline: number): Retries {
  return createStrategy(clock, deadline, async (previous, info) => {
    const verdict = verdictOf(info.error);
    const retries = previous.getRetryCount();
    const stopAt =
      verdict === 'transient' ? stopAtOf(previous) : (stopAtOf(previous) ?? clock.now() + PERMANENT_RETRY_TIME);
    const limit = verdict === 'transient' ? deadline : Math.min(stopAt ?? deadline, deadline);
    const remaining = limit - clock.now();
    if (verdict === 'never' || remaining <= 0 || (verdict === 'once' && retries > 0)) throw info.error;
    const cap = verdict === 'transient' ? DELAY_LIMIT : PERMANENT_DELAY_LIMIT;
    await clock.sleep(Math.min(delay(clock, retries, info), cap, remaining));
    return token(retries + 1, stopAt);
  });
}

/**
 * Creates the retry policy for a region if another one can answer as well: three tries after a transient error, and one after
 * any other. A try that ended with a time-out is the only one, because it has taken more time than the others together.
 */
export function createFewRetries(clock: Clock, deadline: number): Retries {
  return createStrategy(clock, deadline, async (previous, info) => {
    const retries = previous.getRetryCount();
    const remaining = deadline - clock.now();
    const passing = verdictOf(info.error) === 'transient' && !isTimeout(factsOf(info.error));
    if (!passing || retries + 1 >= FEW || remaining <= 0) throw info.error;
    await clock.sleep(Math.min(delay(clock, retries, info), FEW_DELAY_LIMIT, remaining));
    return token(retries + 1, undefined);
  });
}

function createStrategy(
  clock: Clock,
  deadline: number,
  refresh: RetryStrategyV2['refreshRetryTokenForRetry'],
): Retries {
  return {
    remaining: () => deadline - clock.now(),
    acquireInitialRetryToken: async () => token(0, undefined),
    refreshRetryTokenForRetry: refresh,
    recordSuccess: () => {},
  };
}

/** Calls `attempt` until it succeeds, and returns its result. Rejects with the last error when the policy gives up. */
export async function retrying<Result>(retries: Retries, attempt: () => Promise<Result>): Promise<Result> {
  let current = await retries.acquireInitialRetryToken('');
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      current = await retries.refreshRetryTokenForRetry(current, { error, errorType: 'TRANSIENT' } as RetryErrorInfo);
    }
  }
}

/**
 * Returns the pause before the next try in milliseconds: full jitter, which is anything up to a limit that doubles. If the
 * server asks for a longer pause, it gets that within the limit.
 */
function delay(clock: Clock, retries: number, info: RetryErrorInfo): number {
  const jittered = clock.random() * Math.min(DELAY_LIMIT, FIRST_DELAY * 2 ** Math.min(retries, 30));
  return Math.min(DELAY_LIMIT, Math.max(jittered, askedPause(clock, info)));
}

/**
 * Returns the pause in milliseconds that the server asks for, or 0. Retry-After with a time of day is not read, as only proxies
 * send it.
 */
function askedPause(clock: Clock, { error, retryAfterHint }: RetryErrorInfo): number {
  if (retryAfterHint !== undefined) return retryAfterHint.getTime() - clock.now();
  const thrown = error instanceof RegionError ? error.cause : error;
  const { $response } = (thrown ?? {}) as { $response?: { headers?: Record<string, unknown> } };
  const seconds = Number($response?.headers?.['retry-after']);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

function stopAtOf(previous: RetryToken): number | undefined {
  return (previous as Token).stopAt;
}

function token(retries: number, stopAt: number | undefined): Token {
  return { getRetryCount: () => retries, getRetryDelay: () => 0, stopAt };
}
