/** AWS's errors as failures for people: ASCP's headline, the cause with AWS's own code, and what to change where. */
import type { Failure, FailureCode } from './errors.ts';
import { clean } from './line.ts';
import type { Source } from './plan.ts';
import { type ErrorFacts, factsOf, isThrottling, isUntrusted } from './retry.ts';

export type Place = { readonly region: string; readonly roleArn: string };

const MESSAGE_LIMIT = 400;

const CODES: Record<string, FailureCode> = {
  TokenUnreadable: 'ASI_AWS_TOKEN',
  MissingParameters: 'ASI_AWS_NOT_FOUND',
  ResourceNotFoundException: 'ASI_AWS_NOT_FOUND',
  ParameterNotFound: 'ASI_AWS_NOT_FOUND',
  ParameterVersionNotFound: 'ASI_AWS_NOT_FOUND',
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
};

/** Why the role could not be assumed: nothing else can work, so this is the only failure of its run. */
export function explainCredentials(error: unknown, place: Place): Failure {
  const facts = factsOf(error);
  const code = credentialCode(facts);
  return {
    code,
    subject: place.roleArn,
    headline: `The role ${place.roleArn} could not be assumed in ${place.region}.`,
    cause: causeOf(error, facts, 'sts:AssumeRoleWithWebIdentity'),
  };
}

function credentialCode(facts: ErrorFacts): FailureCode {
  if (/^(InvalidIdentityToken|IDPRejectedClaim|ExpiredToken)/.test(facts.name)) return 'ASI_AWS_IDENTITY';
  if (/^AccessDenied/.test(facts.name)) return 'ASI_AWS_ROLE_DENIED';
  return codeOf(facts);
}

/** Why an object could not be fetched. */
export function explainFetch(source: Source, error: unknown, place: Place): Failure {
  const facts = factsOf(error);
  const denied = /^AccessDenied/.test(facts.name);
  const code = denied ? (isAboutKey(messageOf(error)) ? 'ASI_AWS_KMS' : 'ASI_AWS_DENIED') : codeOf(facts);
  const action = source.service === 'ssm' ? 'ssm:GetParameters' : 'secretsmanager:GetSecretValue';
  const as = `${place.region}, as ${place.roleArn}`;
  return {
    code,
    subject: clean(source.name, 120),
    headline: headlineOf(source, facts, place),
    cause: `${causeOf(error, facts, action)} In ${as}${selectorOf(source)}.`,
    ...fixOf({ source, code, action, place }),
  };
}

function codeOf(facts: ErrorFacts): FailureCode {
  const known = CODES[facts.name];
  if (known !== undefined) return known;
  if (isThrottling(facts)) return 'ASI_AWS_THROTTLED';
  if (isUntrusted(facts)) return 'ASI_AWS_TLS';
  const refused = facts.status !== undefined && facts.status >= 400 && facts.status < 500 && facts.status !== 408;
  return refused && !facts.name.startsWith('IDPCommunicationError') ? 'ASI_AWS_REQUEST' : 'ASI_AWS_UNAVAILABLE';
}

function isAboutKey(message: string): boolean {
  return /\bkms\b|ciphertext|customer master key/i.test(message);
}

/** ASCP's own first words, which its users know and search for. */
function headlineOf(source: Source, { name }: ErrorFacts, { region }: Place): string {
  const object = clean(source.name, 300);
  const fatal = /^(ResourceNotFound|InvalidParameterException|InvalidRequest|DecryptionFailure|InvalidKeyId)/.test(
    name,
  );
  if (source.service === 'secretsmanager') {
    return fatal
      ? `${region}: Failed fetching secret ${object}:`
      : `Failed to fetch secret from all regions. Verify secret exists and required permissions are granted for: ${object}:`;
  }
  if (name === 'MissingParameters') {
    const selector = source.version ?? source.label;
    return `400: ${region}: invalid parameters: ${object}${selector === undefined ? '' : `:${selector}`}.`;
  }
  return fatal
    ? `${region}: Failed fetching parameters: ${object}:`
    : `Failed to fetch parameters from all regions. ${object}:`;
}

/** AWS's error code, request id and words; of an error that is not AWS's, only its kind: its words may quote a body. */
function causeOf(error: unknown, facts: ErrorFacts, action: string): string {
  if (facts.name === 'TokenUnreadable') return 'The web identity token file is missing, unreadable or empty.';
  if (facts.name === 'MissingParameters') return 'Parameter Store has no such parameter, version or label.';
  if (facts.name === 'MalformedAnswer') return `AWS answered ${action} without what was asked for.`;
  const message = messageOf(error);
  if (message === '') return `${action} failed: ${kindOf(facts)}.`;
  const id = requestId(error);
  return `${clean(facts.name, 80)}${id === '' ? '' : ` (request ${id})`}: ${/[.!?]$/.test(message) ? message : `${message}.`}`;
}

function kindOf({ name, code, status }: ErrorFacts): string {
  if (status !== undefined && status >= 400) return `HTTP status ${status}`;
  if (name === 'TimeoutError') return 'no answer in time';
  if (name === 'SyntaxError' || status !== undefined) return 'the answer is not what AWS sends';
  return code === undefined ? 'no usable answer' : clean(code, 40);
}

/** The words of a service's own error; empty for any other. Hostile input: no control characters, cut. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error) || !('$fault' in error) || error.name === 'SyntaxError') return '';
  return error.message === 'UnknownError' ? '' : clean(error.message, MESSAGE_LIMIT);
}

function requestId(error: unknown): string {
  const { $metadata } = error as { $metadata?: { requestId?: unknown } };
  return typeof $metadata?.requestId === 'string' ? clean($metadata.requestId, 64) : '';
}

function selectorOf({ service, version, label }: Source): string {
  const stage = service === 'ssm' ? 'label' : 'stage';
  return `${version === undefined ? '' : `, version ${version}`}${label === undefined ? '' : `, ${stage} ${label}`}`;
}

function fixOf(options: { source: Source; code: FailureCode; action: string; place: Place }): { fix?: string } {
  const { source, code, action, place } = options;
  if (code === 'ASI_AWS_DENIED') return { fix: `Allow ${action} on ${arnOf(source, place)} in the role's policy.` };
  if (code === 'ASI_AWS_KMS') {
    return { fix: `Allow kms:Decrypt on the KMS key of ${arnOf(source, place)} in the role's policy and the key's.` };
  }
  return {};
}

/** The object's ARN as a policy names it. Secrets Manager adds six random characters to a secret's name. */
function arnOf({ service, name }: Source, { region, roleArn }: Place): string {
  const subject = clean(name, 300);
  if (subject.startsWith('arn:')) return subject;
  const [, partition, , , account] = roleArn.split(':');
  return service === 'ssm'
    ? `arn:${partition}:ssm:${region}:${account}:parameter/${subject.replace(/^\//, '')}`
    : `arn:${partition}:secretsmanager:${region}:${account}:secret:${subject}-??????`;
}
