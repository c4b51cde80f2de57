/**
 * When to try again: the strategy that the SDK's clients ask. The SDK's own gives up after about 35 retries in all of a
 * client's calls; ours knows one deadline, and gives what looks permanent a while too, as IAM is eventually consistent.
 */
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';

/** Time and chance, so that tests make their own. */
export type Clock = {
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** From 0 up to 1. */
  random(): number;
};

/** transient: until the deadline. permanent: for {@link PATIENCE}. hopeless: not at all. */
export type Verdict = 'transient' | 'permanent' | 'hopeless';

/** How long what looks permanent is tried again, counted from its first appearance. */
const PATIENCE = 15_000;

const FIRST_DELAY = 100;
const DELAY_LIMIT = 20_000;

/** So that {@link PATIENCE} has room for several tries, also after a long outage. */
const PERMANENT_DELAY_LIMIT = 3_000;

const THROTTLED = /throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded|BandwidthLimit/i;

/** Tried again at once by nobody: the same request can only get the same answer. */
const HOPELESS = new Set([
  'AbortError',
  'BatchRefused',
  'InvalidAction',
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidRequestException',
  'MalformedPolicyDocument',
  'MalformedPolicyDocumentException',
  'PackedPolicyTooLarge',
  'PackedPolicyTooLargeException',
  'SerializationException',
  'UnknownOperationException',
  'ValidationError',
  'ValidationException',
]);

/** What stands for a permanent state without an AWS error code. */
const PERMANENT = new Set(['MissingParameters', 'TokenUnreadable']);

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/;

/** What the strategy and the report need of any error: never its message, which may quote an answer's body. */
export type ErrorFacts = {
  readonly name: string;
  /** Node's code of a network error. */
  readonly code: string | undefined;
  readonly status: number | undefined;
};

/** Reads an error that anybody threw. */
export function factsOf(error: unknown): ErrorFacts {
  const { name, code, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const status = $metadata?.httpStatusCode;
  return {
    name: typeof name === 'string' ? name : 'Error',
    code: typeof code === 'string' ? code : undefined,
    status: typeof status === 'number' ? status : undefined,
  };
}

/** An error of our own that is known by its name, as AWS's are. */
export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** Whether the error is AWS's way to say "slower". */
export function isThrottling({ name, status }: ErrorFacts): boolean {
  return THROTTLED.test(name) || status === 429;
}

/** Whether the error is about the server's certificate. */
export function isUntrusted({ code }: ErrorFacts): boolean {
  return code !== undefined && UNTRUSTED.test(code);
}

/** Judged by the error's name first: the SDK calls nearly every 4xx a client's fault. */
export function judge(error: unknown): Verdict {
  const facts = factsOf(error);
  if (HOPELESS.has(facts.name)) return 'hopeless';
  if (isThrottling(facts) || facts.name.startsWith('IDPCommunicationError')) return 'transient';
  if (PERMANENT.has(facts.name) || isUntrusted(facts)) return 'permanent';
  return facts.status !== undefined && facts.status >= 400 && facts.status < 500 && facts.status !== 408
    ? 'permanent'
    : 'transient';
}

export type Retries = RetryStrategyV2 & {
  /** Milliseconds until the deadline. */
  remaining(): number;
};

/** A strategy for one phase of a run: `deadline` ends all its tries, in the clock's milliseconds. */
export function createRetries(clock: Clock, deadline: number): Retries {
  let patience: number | undefined;
  const limitFor = (verdict: Verdict): number => {
    if (verdict === 'transient') return deadline;
    patience ??= clock.now() + PATIENCE;
    return Math.min(patience, deadline);
  };
  return {
    remaining: () => deadline - clock.now(),
    acquireInitialRetryToken: async () => token(0),
    recordSuccess: () => {},
    refreshRetryTokenForRetry: async (previous, info) => {
      const verdict = judge(info.error);
      const limit = limitFor(verdict);
      const remaining = limit - clock.now();
      if (verdict === 'hopeless' || remaining <= 0) throw info.error;
      const retries = previous.getRetryCount();
      const cap = verdict === 'permanent' ? PERMANENT_DELAY_LIMIT : DELAY_LIMIT;
      await clock.sleep(Math.min(delay(clock, retries, info.retryAfterHint), cap, remaining));
      return token(retries + 1);
    },
  };
}

/** Runs what is no SDK call, or must be prepared anew for each try, by the same rules. */
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
function delay(clock: Clock, retries: number, hint: Date | undefined): number {
  const jittered = clock.random() * Math.min(DELAY_LIMIT, FIRST_DELAY * 2 ** Math.min(retries, 30));
  const wished = hint === undefined ? 0 : hint.getTime() - clock.now();
  return Math.min(DELAY_LIMIT, Math.max(jittered, wished));
}

function token(retries: number): RetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => 0 };
}
