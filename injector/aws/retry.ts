/**
 * When to try again, in the interface of the SDK's own strategies. Those give up after about 35 retries in all of a client's
 * calls; ours know one deadline, and give what looks permanent a while too, as IAM is eventually consistent. The loop is
 * ours as well, so that two regions can be tried again together: each of the SDK's sends is one try.
 */
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import { factsOf, isTimeout, judge, RegionError } from './error.ts';

/** Time and chance, so that tests make their own. */
export type Clock = {
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
};

/** How long what looks permanent is tried again, counted from its first appearance at one object. */
const PATIENCE = 15_000;

const FIRST_DELAY = 100;
const DELAY_LIMIT = 20_000;

/** So that {@link PATIENCE} has room for several tries, also after a long outage. */
const PERMANENT_DELAY_LIMIT = 3_000;

/** What a region of a pair has, as ASCP's SDK: tries, and milliseconds at most between two. */
const FEW = 3;
const FEW_DELAY_LIMIT = 1_000;

export type Retries = RetryStrategyV2 & {
  /** Milliseconds until the deadline. */
  remaining(): number;
};

type Token = RetryToken & { readonly patience: number | undefined };

/** The usual strategy: `deadline` ends all tries, in the clock's milliseconds. */
export function createRetries(clock: Clock, deadline: number): Retries {
  return createStrategy(clock, deadline, async (previous, info) => {
    const verdict = judge(info.error);
    const retries = previous.getRetryCount();
    const patience = verdict === 'transient' ? patienceOf(previous) : (patienceOf(previous) ?? clock.now() + PATIENCE);
    const limit = verdict === 'transient' ? deadline : Math.min(patience ?? deadline, deadline);
    const remaining = limit - clock.now();
    if (verdict === 'hopeless' || remaining <= 0 || (verdict === 'brief' && retries > 0)) throw info.error;
    const cap = verdict === 'transient' ? DELAY_LIMIT : PERMANENT_DELAY_LIMIT;
    await clock.sleep(Math.min(delay(clock, retries, info), cap, remaining));
    return token(retries + 1, patience);
  });
}

/**
 * A few quick tries, where another region can answer as well: three for what may pass, one for all else. A try that timed
 * out has cost more than the others together.
 */
export function createFewRetries(clock: Clock, deadline: number): Retries {
  return createStrategy(clock, deadline, async (previous, info) => {
    const retries = previous.getRetryCount();
    const remaining = deadline - clock.now();
    const passing = judge(info.error) === 'transient' && !isTimeout(factsOf(info.error));
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

/** Tries until it works, or until the strategy throws the last error. */
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

/** Full jitter: anything up to a limit that doubles. A server's own wish is heard, within the cap. */
function delay(clock: Clock, retries: number, info: RetryErrorInfo): number {
  const jittered = clock.random() * Math.min(DELAY_LIMIT, FIRST_DELAY * 2 ** Math.min(retries, 30));
  return Math.min(DELAY_LIMIT, Math.max(jittered, wished(clock, info)));
}

/** Milliseconds. A wish for a time of day, which only proxies have, is not heard. */
function wished(clock: Clock, { error, retryAfterHint }: RetryErrorInfo): number {
  if (retryAfterHint !== undefined) return retryAfterHint.getTime() - clock.now();
  const thrown = error instanceof RegionError ? error.cause : error;
  const { $response } = (thrown ?? {}) as { $response?: { headers?: Record<string, unknown> } };
  const seconds = Number($response?.headers?.['retry-after']);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

function patienceOf(previous: RetryToken): number | undefined {
  return (previous as Token).patience;
}

function token(retries: number, patience: number | undefined): Token {
  return { getRetryCount: () => retries, getRetryDelay: () => 0, patience };
}
