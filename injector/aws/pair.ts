/** Asks one region, or a pair of them, and decides between their two results as ASCP does. */
import type { Ask, Calls } from './calls.ts';
import { factsOf, named, RegionError, rootOf } from './error.ts';
import { type Clock, createRetries, retrying } from './retry.ts';

/** Says which region of a pair is meant. */
export type Which = 'primary' | 'failover';

export type Question<Answer> = {
  readonly region: string;
  readonly failoverRegion: string | undefined;
  /** True if the second region is asked only when the first one fails. Otherwise both are asked at the same time. */
  readonly inTurn: boolean;
  /** Asks one region. */
  readonly askRegion: (ask: Ask, which: Which) => Promise<Answer>;
  /** Returns whether the answer lacks a part that is declared. */
  readonly isFlawed: (answer: Answer) => boolean;
  /** The pair calls this with the error of every failed try. */
  readonly onFailure: (error: RegionError) => void;
};

export type PairOptions = {
  readonly calls: Calls;
  readonly clock: Clock;
  /** The time in the clock's milliseconds after which nothing is tried again. */
  readonly deadline: number;
};

/** Is the result of one region. `flawed` is true if the answer lacks a part that is declared. */
export type RegionResult<Answer> =
  | { readonly answer: Answer; readonly flawed: boolean }
  | { readonly error: RegionError };

type PairAnswer<Answer> = { readonly answer: Answer; readonly from: Which };

/** Is the result of both regions together. */
export type PairResult<Answer> = PairAnswer<Answer> | { readonly error: RegionError | AggregateError };

/**
 * Returns the answer and the region that gave it. Asks both regions again while neither has an answer and a retry may help.
 * Rejects with the {@link RegionError} that decided, or with an AggregateError that holds one of each region.
 */
export async function inRegions<Answer>(
  question: Question<Answer>,
  { calls, clock, deadline }: PairOptions,
): Promise<PairAnswer<Answer>> {
  const { region, failoverRegion, askRegion, onFailure } = question;
  if (failoverRegion === undefined) {
    return { answer: await askRegion(calls.untilDeadline(region, onFailure), 'primary'), from: 'primary' };
  }
  return retrying(createRetries(clock, deadline), async () => {
    const result = await askBoth(question, failoverRegion, calls);
    if ('error' in result) throw result.error;
    return result;
  });
}

async function askBoth<Answer>(
  { region, inTurn, askRegion, isFlawed, onFailure }: Question<Answer>,
  failoverRegion: string,
  calls: Calls,
): Promise<PairResult<Answer>> {
  const tryIn = async (name: string, which: Which): Promise<RegionResult<Answer>> => {
    try {
      const answer = await askRegion(calls.fewTries(name, onFailure), which);
      return { answer, flawed: isFlawed(answer) };
    } catch (error) {
      const [first] = error instanceof AggregateError ? error.errors : [error];
      if (first instanceof RegionError) return { error: first };
      throw error;
    }
  };
  if (!inTurn) {
    const [primary, failover] = await Promise.all([tryIn(region, 'primary'), tryIn(failoverRegion, 'failover')]);
    return decide(primary, failover, failoverRegion);
  }
  const primary = await tryIn(region, 'primary');
  if ('answer' in primary && !primary.flawed) return { answer: primary.answer, from: 'primary' };
  if ('error' in primary && isFatal(primary.error)) return { error: primary.error };
  return decide(primary, await tryIn(failoverRegion, 'failover'), failoverRegion);
}

/**
 * Returns the result of a pair, as ASCP decides it. A fatal error in either region is the result, the first region's before
 * the second's. Otherwise the first answer that lacks no part is the result. If both answers lack parts, the result is the
 * first region's, and the missing part is reported when it is taken out of the value.
 */
export function decide<Answer>(
  primary: RegionResult<Answer>,
  failover: RegionResult<Answer>,
  failoverRegion: string,
): PairResult<Answer> {
  if ('error' in primary && isFatal(primary.error)) return { error: primary.error };
  if ('error' in failover && isFatal(failover.error)) return { error: failover.error };
  if ('answer' in primary && !primary.flawed) return { answer: primary.answer, from: 'primary' };
  if ('answer' in failover && !failover.flawed) return { answer: failover.answer, from: 'failover' };
  if ('answer' in primary) return { answer: primary.answer, from: 'primary' };
  const second =
    'error' in failover ? failover.error : new RegionError(failoverRegion, 'request', named('FlawedValue'));
  return { error: new AggregateError([primary.error, second]) };
}

/**
 * Lists the errors that ASCP's SDK models as the client's fault, by name only, and the two that stand for an answer in which
 * the object is absent.
 */
const FATAL = new Set([
  'DecryptionFailure',
  'InvalidKeyId',
  'InvalidParameterException',
  'InvalidRequestException',
  'MissingParameters',
  'NothingFound',
  'ResourceNotFoundException',
]);

/** Matches the errors of STS that its SDK models. AccessDenied is not modelled, so it is not fatal. */
const FATAL_STS =
  /^(ExpiredToken|IDPRejectedClaim|IDPCommunicationError|InvalidIdentityToken|MalformedPolicyDocument|PackedPolicyTooLarge|RegionDisabled)(Exception)?$/;

/** Returns whether the error is the result of the pair, whatever the other region answers. */
export function isFatal({ step, cause }: RegionError): boolean {
  const { name, status } = factsOf(rootOf(cause));
  if (step === 'web-identity' || step === 'assume') return FATAL_STS.test(name);
  if (step === 'pod-identity') return status !== undefined && status >= 400 && status < 500 && status !== 429;
  return FATAL.has(name);
}
