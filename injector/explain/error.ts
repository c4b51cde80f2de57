/** Explains one error of AWS, or of the network: a code of the catalogue, and the words of AWS. */
import {
  type ErrorFacts,
  factsOf,
  isAbsence,
  isDenied,
  isFromProxy,
  isRefusedByProxy,
  isThrottling,
  isTimeout,
  isUntrusted,
  rootOf,
} from '../aws/error.ts';
import { oneLine } from '../contract/text.ts';
import type { FailureCode } from '../errors.ts';

const MESSAGE_LIMIT = 400;

/** Has the code for each name of an error, of AWS's or of ours. It is a map because AWS may name an error `constructor`. */
const CODES = new Map<string, FailureCode>(
  Object.entries({
    TokenUnreadable: 'ASI_AWS_TOKEN',
    AnswerTooLarge: 'ASI_AWS_TOO_LARGE',
    EndlessList: 'ASI_AWS_ENDLESS_LIST',
    SearchTooLarge: 'ASI_AWS_ENDLESS_LIST',
    ValueTooLarge: 'ASI_AWS_TOO_LARGE',
    DecryptionFailure: 'ASI_AWS_KMS',
    InvalidKeyId: 'ASI_AWS_KMS',
    RegionDisabledException: 'ASI_AWS_REGION',
    OptInRequired: 'ASI_AWS_REGION',
    ExpiredToken: 'ASI_AWS_CREDENTIALS',
    ExpiredTokenException: 'ASI_AWS_CREDENTIALS',
    IncompleteSignature: 'ASI_AWS_CREDENTIALS',
    InvalidClientTokenId: 'ASI_AWS_CREDENTIALS',
    InvalidSignatureException: 'ASI_AWS_CREDENTIALS',
    MissingAuthenticationToken: 'ASI_AWS_CREDENTIALS',
    MissingAuthenticationTokenException: 'ASI_AWS_CREDENTIALS',
    SignatureDoesNotMatch: 'ASI_AWS_CREDENTIALS',
    UnrecognizedClientException: 'ASI_AWS_CREDENTIALS',
  } as const),
);

/** Has the cause for each error of ours, as AWS has no words for it. */
const OWN = new Map(
  Object.entries({
    EndlessList: 'The list has more than a thousand pages, or names the same page twice.',
    FlawedValue: 'The value lacks a part that is declared.',
    MissingParameters: 'Parameter Store has no such parameter, version or label.',
    NothingFound: 'AWS answered with an empty list.',
    PodIdentityUnreachable: 'No EKS Pod Identity agent takes connections.',
    SearchTooLarge: 'The search finds more objects, or more bytes, than the volume is made for.',
    TokenUnreadable: "The pod's token file is missing, unreadable, empty or too large.",
    ValueTooLarge: 'The value has more than 65,536 bytes, which is the most that a secret can have.',
  }),
);

/** Returns the code of an error. Only the caller knows what a denial (ASI_AWS_DENIED) was about. */
export function codeOf(error: unknown): FailureCode {
  const facts = factsOf(rootOf(error));
  if (isDenied(error)) return isAboutKey(messageOf(rootOf(error))) ? 'ASI_AWS_KMS' : 'ASI_AWS_DENIED';
  const known = CODES.get(facts.name);
  if (known !== undefined) return known;
  if (isAbsence(rootOf(error)) && facts.name !== 'InvalidRequestException') return 'ASI_AWS_NOT_FOUND';
  if (facts.name === 'FlawedValue') return 'ASI_OUT_JMES_MISSING';
  if (isRefusedByProxy(facts)) return 'ASI_AWS_PROXY';
  if (isThrottling(facts)) return 'ASI_AWS_THROTTLED';
  if (isUntrusted(facts)) return 'ASI_AWS_TLS';
  const refused = facts.status !== undefined && facts.status >= 400 && facts.status < 500 && facts.status !== 408;
  return refused && !facts.name.startsWith('IDPCommunicationError') ? 'ASI_AWS_REQUEST' : 'ASI_AWS_UNAVAILABLE';
}

function isAboutKey(message: string): boolean {
  return /\bkms\b|ciphertext|customer master key/i.test(message);
}

/**
 * Returns AWS's error code, request id and words. For an error that is not AWS's it returns only the kind, as its words may
 * quote a body.
 */
export function causeOf(error: unknown, action: string): string {
  const root = rootOf(error);
  const facts = factsOf(root);
  const own = OWN.get(facts.name);
  if (own !== undefined) return own;
  if (isRefusedByProxy(facts)) return `${action} failed: ${kindOf(facts)}.`;
  if (facts.name === 'AnswerTooLarge') return `The answer to ${action} has more than ${limitOf(root)} KiB.`;
  if (facts.name === 'MalformedAnswer') return `AWS answered ${action} without what was asked for.`;
  if (facts.name === 'PodIdentityRefused') return agentsWords(root, facts);
  const message = messageOf(root);
  if (message === '' && !isNamed(root)) return `${action} failed: ${kindOf(facts)}.`;
  const id = requestId(root);
  const named = `${oneLine(facts.name, 80)}${id === '' ? '' : ` (request ${id})`}`;
  return message === '' ? `${action} failed: ${named}.` : `${named}: ${sentence(message)}`;
}

function limitOf(error: unknown): number {
  const { limit = 0 } = error as { limit?: number };
  return limit / 1024;
}

/**
 * Returns the agent's words if they are a refusal in plain text, as the agent writes it. Any other body may hold credentials.
 */
function agentsWords(error: unknown, { status = 0 }: ErrorFacts): string {
  const { words } = error as { words?: unknown };
  const isRefusal = status >= 400 && status < 500 && typeof words === 'string' && !words.includes('{');
  const text = isRefusal ? oneLine(words, MESSAGE_LIMIT) : '';
  return text === '' ? `The agent answered with HTTP status ${status}.` : `HTTP status ${status}: ${sentence(text)}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function kindOf(facts: ErrorFacts): string {
  const { code, status } = facts;
  if (isFromProxy(facts)) return proxysWords(facts);
  if (status !== undefined && status >= 300) return `HTTP status ${status}`;
  if (isTimeout(facts)) return 'no answer in time';
  if (status !== undefined) return 'the answer is not what AWS sends';
  return code === undefined ? 'no usable answer' : oneLine(code, 40);
}

function proxysWords({ status }: ErrorFacts): string {
  if (status === 407) return 'the proxy asks for a user and a password (HTTP status 407)';
  if (status === 403) return 'the proxy does not let the pod reach this host (HTTP status 403)';
  if (status === undefined) return 'the proxy opened no tunnel';
  return `the proxy opened no tunnel (HTTP status ${status})`;
}

/**
 * Returns the words of an error that has a code of a service, or an empty text for any other, whose words may quote anything. They
 * are hostile input: they are cut, and lose their control characters.
 */
export function messageOf(error: unknown): string {
  return isNamed(error) ? oneLine(error.message, MESSAGE_LIMIT) : '';
}

/** Says where to look if a refusal has no code of AWS, as no role and no declaration is at fault then. */
export const ENDPOINT_FIX =
  'The answer has no error code, so it is hardly of AWS: look at what is between the pod and AWS, and at the chart values aws.endpoints and aws.httpsProxy.';

/** Returns whether a service gave the error a code. */
export function isNamed(error: unknown): error is Error {
  return error instanceof Error && '$fault' in error && error.name !== 'Unknown';
}

function requestId(error: unknown): string {
  const { $metadata } = error as { $metadata?: { requestId?: unknown } };
  return typeof $metadata?.requestId === 'string' ? oneLine($metadata.requestId, 64) : '';
}
