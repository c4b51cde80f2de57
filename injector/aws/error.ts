/** What an error from AWS, or from the way to it, says of itself: read by the retries, the regions and the report. */

/** What was asked for when it failed: one of the two ways to first credentials, the role after them, or an object. */
export type Step = 'web-identity' | 'pod-identity' | 'assume' | 'request';

/** The request, where the object does not say it: an IAM action and the name of its resource; without one, it is on all. */
export type About = { readonly action: string; readonly name: string | undefined };

/** A failure in one region. Its cause is what the SDK, the agent or a check of ours threw. */
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

/** What the retries and the report need of any error: never its message, which may quote an answer's body. */
export type ErrorFacts = {
  readonly name: string;
  /** Node's code of a network error. */
  readonly code: string | undefined;
  readonly status: number | undefined;
};

/** transient: until the deadline. permanent: for a while. brief: once more. hopeless: not at all. */
export type Verdict = 'transient' | 'permanent' | 'brief' | 'hopeless';

const HOPE: readonly Verdict[] = ['hopeless', 'brief', 'permanent', 'transient'];

const THROTTLED = /throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded|BandwidthLimit/i;

/** Tried again at once by nobody: the same request can only get the same answer. */
const HOPELESS = new Set([
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

/** What stands for a permanent state without an AWS error code. */
const PERMANENT = new Set(['FlawedValue', 'MissingParameters', 'NothingFound', 'TokenUnreadable']);

const ABSENT = new Set([
  'MissingParameters',
  'NothingFound',
  'ParameterNotFound',
  'ParameterVersionNotFound',
  'ResourceNotFoundException',
]);

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/;

/** Node's code of an error that a proxy answered CONNECT with; its statusCode is the HTTP status. */
const NO_TUNNEL = 'ERR_PROXY_TUNNEL';

/** Reads an error that anybody threw; of a region's, its cause. */
export function factsOf(error: unknown): ErrorFacts {
  if (error instanceof RegionError) return factsOf(error.cause);
  const { name, code, statusCode, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    statusCode?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const status = code === NO_TUNNEL ? statusCode : $metadata?.httpStatusCode;
  return {
    name: typeof name === 'string' ? name : 'Error',
    code: typeof code === 'string' ? code : undefined,
    status: typeof status === 'number' ? status : undefined,
  };
}

/** What AWS, the agent or the network said, without what was put around it. */
export function rootOf(error: unknown): unknown {
  if (error instanceof RegionError) return rootOf(error.cause);
  return error instanceof Error && error.name === 'BatchRefused' ? error.cause : error;
}

/** Whether AWS says with it that the caller may not. */
export function isDenied(error: unknown): boolean {
  return /^AccessDenied/.test(factsOf(rootOf(error)).name);
}

/** An error of our own that is known by its name, as AWS's are. */
export function named(name: string, cause?: unknown): Error {
  return Object.assign(new Error(name, { cause }), { name });
}

/** Whether the error is AWS's way to say "slower". */
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

/** Whether time ran out. The SDK calls connections that were cut by the same name. */
export function isTimeout({ name, code }: ErrorFacts): boolean {
  return name === 'TimeoutError' && code !== 'ECONNRESET' && code !== 'EPIPE';
}

/** Whether the error is about the server's certificate. */
export function isUntrusted({ code }: ErrorFacts): boolean {
  return code !== undefined && UNTRUSTED.test(code);
}

/** Whether AWS says with it that what was asked for is not there, or will soon be no more. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof RegionError) return error.step === 'request' && isAbsence(error.cause);
  const { name } = factsOf(error);
  const message = error instanceof Error ? String(error.message) : '';
  return ABSENT.has(name) || (name === 'InvalidRequestException' && /(marked|scheduled) for deletion/i.test(message));
}

/** Judged by the error's name first: the SDK calls nearly every 4xx a client's fault. Of several errors, the most hopeful. */
export function judge(error: unknown): Verdict {
  if (error instanceof AggregateError) {
    return HOPE[Math.max(...error.errors.map((each) => HOPE.indexOf(judge(each))))] ?? 'transient';
  }
  const facts = factsOf(error);
  if (HOPELESS.has(facts.name)) return 'hopeless';
  if (facts.name === 'OptionalMissing') return 'brief';
  if (isThrottling(facts) || facts.name.startsWith('IDPCommunicationError')) return 'transient';
  if (PERMANENT.has(facts.name) || isUntrusted(facts)) return 'permanent';
  return facts.status !== undefined && facts.status >= 400 && facts.status < 500 && facts.status !== 408
    ? 'permanent'
    : 'transient';
}
