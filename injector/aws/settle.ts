/** What two regions say together, as ASCP decides it: pure, so that every row of its table is a test. */
import { factsOf, named, RegionError, rootOf } from './error.ts';

/** How asking one region ended. `flawed`: the answer lacks a part that is declared. */
export type Tried<Answer> = { readonly answer: Answer; readonly flawed: boolean } | { readonly error: RegionError };

export type Settled<Answer> =
  | { readonly answer: Answer; readonly from: 'primary' | 'failover' }
  | { readonly error: RegionError | AggregateError };

/** The errors that ASCP's SDK models as the client's fault, and what the two services say without an error. By name only. */
const FATAL = new Set([
  'DecryptionFailure',
  'InvalidKeyId',
  'InvalidParameterException',
  'InvalidRequestException',
  'MissingParameters',
  'NothingFound',
  'ResourceNotFoundException',
]);

/** Of STS: AccessDenied is none. */
const FATAL_STS =
  /^(ExpiredToken|IDPRejectedClaim|IDPCommunicationError|InvalidIdentityToken|MalformedPolicyDocument|PackedPolicyTooLarge|RegionDisabled)(Exception)?$/;

/** Whether the error ends the matter in whichever region it is: the other one's answer does not count then. */
export function isFatal({ step, cause }: RegionError): boolean {
  const { name, status } = factsOf(rootOf(cause));
  if (step === 'web-identity' || step === 'assume') return FATAL_STS.test(name);
  if (step === 'pod-identity') return status !== undefined && status >= 400 && status < 500 && status !== 429;
  return FATAL.has(name);
}

/**
 * A fatal error in either region is the result, the first region's before the second's. Then the first whole answer. Of two
 * answers that lack parts the first region's, which explains itself when its parts are taken.
 */
export function settle<Answer>(
  primary: Tried<Answer>,
  failover: Tried<Answer>,
  failoverRegion: string,
): Settled<Answer> {
  if ('error' in primary && isFatal(primary.error)) return { error: primary.error };
  if ('error' in failover && isFatal(failover.error)) return { error: failover.error };
  if ('answer' in primary && !primary.flawed) return { answer: primary.answer, from: 'primary' };
  if ('answer' in failover && !failover.flawed) return { answer: failover.answer, from: 'failover' };
  if ('answer' in primary) return { answer: primary.answer, from: 'primary' };
  const second =
    'error' in failover ? failover.error : new RegionError(failoverRegion, 'request', named('FlawedValue'));
  return { error: new AggregateError([primary.error, second]) };
}
