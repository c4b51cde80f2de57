/**
 * Reads the errors of AWS, of the EKS Pod Identity agent and of the network, for the retries, the choice of a region and the
 * report.
 */

/**
 * Names the request that failed: one of the two ways to first credentials, a role that is assumed after them, or a request for
 * objects.
 */
export type Step = 'web-identity' | 'pod-identity' | 'assume' | 'request';

/**
 * Describes a request that is not for the declared object itself: an IAM action and the name of its resource, which is the ARN of
 * the role for `assume`. The action is on all resources if `name` is undefined.
 */
export type About = { readonly action: string; readonly name: string | undefined };

/** Reports a failure in one region. Its cause is the error of AWS, of the agent, or of a check of ours. */
export class RegionError extends Error {
  override name = 'RegionError';
  readonly region: string;
  readonly step: Step;
  readonly about: About | undefined;

  constructor(region: string, step: Step, cause: unknown, about?: About) {
    super(`${step} failed`, { cause });
    this.region = region;
    this.step = step;
    this.about = about;
  }
}

/** Has what the retries and the report need of any error. It never has the message, which may quote the body of an answer. */
export type ErrorFacts = {
  readonly name: string;
  /** The code of a network error, as Node has it. */
  readonly code: string | undefined;
  readonly status: number | undefined;
};

/**
 * Says how often a request is tried again after an error: until the deadline if the error is transient, for 15 seconds if it
 * looks permanent (as IAM is eventually consistent), once more, or never.
 */
export type Verdict = 'transient' | 'permanent' | 'once' | 'never';

const VERDICTS: readonly Verdict[] = ['never', 'once', 'permanent', 'transient'];

const THROTTLED = /throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded|BandwidthLimit/i;

/** Lists the errors after which the same request can only get the same answer. */
const NEVER_RETRIED = new Set([
  'AbortError',
  'AnswerTooLarge',
  'BatchRefused',
  'EndlessList',
  'InvalidAction',
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidRequestException',
  'MalformedPolicyDocument',
  'MalformedPolicyDocumentException',
  'PackedPolicyTooLarge',
  'PackedPolicyTooLargeException',
  'SearchTooLarge',
  'SerializationException',
  'UnknownOperationException',
  'ValidationError',
  'ValidationException',
  'ValueTooLarge',
]);

/** Lists errors of ours that look permanent, and that have no status of AWS. */
const PERMANENT = new Set(['FlawedValue', 'MissingParameters', 'NothingFound', 'TokenUnreadable']);

const ABSENT = new Set([
  'MissingParameters',
  'NothingFound',
  'ParameterNotFound',
  'ParameterVersionNotFound',
  'ResourceNotFoundException',
]);

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/;

/** Is the code of the error that the runtime throws if a proxy refuses CONNECT. Its `status` is the HTTP status of the proxy. */
const NO_TUNNEL = 'ERR_PROXY_TUNNEL';

/** Returns the facts of anything that was thrown. The facts of a {@link RegionError} are those of its cause. */
export function factsOf(error: unknown): ErrorFacts {
  if (error instanceof RegionError) return factsOf(error.cause);
  const {
    name,
    code,
    status: proxysStatus,
    $metadata,
  } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    status?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const status = code === NO_TUNNEL ? proxysStatus : $metadata?.httpStatusCode;
  return {
    name: typeof name === 'string' ? name : 'Error',
    code: typeof code === 'string' ? code : undefined,
    status: typeof status === 'number' ? status : undefined,
  };
}

/** Returns the error of AWS, of the agent or of the network, without the errors that are put around it. */
export function rootOf(error: unknown): unknown {
  if (error instanceof RegionError) return rootOf(error.cause);
  return error instanceof Error && error.name === 'BatchRefused' ? error.cause : error;
}

/** Returns whether AWS denies the caller the access. */
export function isDenied(error: unknown): boolean {
  return /^AccessDenied/.test(factsOf(rootOf(error)).name);
}

/** Creates an error of our own that is known by its name, as AWS's errors are. */
export function named(name: string, cause?: unknown): Error {
  return Object.assign(new Error(name, { cause }), { name });
}

/** Returns whether AWS asks for fewer requests with the error. */
export function isThrottling({ name, status }: ErrorFacts): boolean {
  return THROTTLED.test(name) || status === 429;
}

/**
 * Returns whether an HTTP proxy on the way refused the request. What a proxy answers to CONNECT is never AWS's, and 407 is a
 * status that only proxies answer with.
 */
export function isRefusedByProxy({ code, status = 0 }: ErrorFacts): boolean {
  return status === 407 || (code === NO_TUNNEL && status >= 400 && status < 500 && status !== 408 && status !== 429);
}

/** Returns whether a proxy on the way answered, and not AWS. */
export function isFromProxy({ code, status }: ErrorFacts): boolean {
  return code === NO_TUNNEL || status === 407;
}

/** Returns whether a time-out ended the request. */
export function isTimeout({ name }: ErrorFacts): boolean {
  return name === 'TimeoutError' || name === 'ConnectionTimeout';
}

/** Returns whether the certificate of the server is not trusted. */
export function isUntrusted({ code }: ErrorFacts): boolean {
  return code !== undefined && UNTRUSTED.test(code);
}

/** Returns whether AWS says that the object does not exist, or that it is marked for deletion. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof RegionError) return error.step === 'request' && isAbsence(error.cause);
  const { name } = factsOf(error);
  const message = error instanceof Error ? String(error.message) : '';
  return ABSENT.has(name) || (name === 'InvalidRequestException' && /(marked|scheduled) for deletion/i.test(message));
}

/**
 * Returns how often a request is tried again after the error. The name of the error decides first, because AWS answers with
 * status 400 to nearly everything, throttling too. Of several errors, the one that is tried most often decides.
 */
export function verdictOf(error: unknown): Verdict {
  if (error instanceof AggregateError) {
    return VERDICTS[Math.max(...error.errors.map((each) => VERDICTS.indexOf(verdictOf(each))))] ?? 'transient';
  }
  const facts = factsOf(error);
  if (NEVER_RETRIED.has(facts.name)) return 'never';
  if (facts.name === 'OptionalMissing') return 'once';
  if (isThrottling(facts) || facts.name.startsWith('IDPCommunicationError')) return 'transient';
  if (PERMANENT.has(facts.name) || isUntrusted(facts)) return 'permanent';
  return facts.status !== undefined && facts.status >= 400 && facts.status < 500 && facts.status !== 408
    ? 'permanent'
    : 'transient';
}
