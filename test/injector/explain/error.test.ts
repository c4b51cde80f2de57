/** Tests which code and which words each kind of error has, of AWS's, of ours and of the network's. */
import t from 'tap';
import { named } from '../../../injector/aws/error.ts';
import type { FailureCode } from '../../../injector/errors.ts';
import { causeOf, codeOf } from '../../../injector/explain/error.ts';

const NAMES: Partial<Record<FailureCode, readonly string[]>> = {
  ASI_AWS_TOKEN: ['TokenUnreadable'],
  ASI_AWS_TOO_LARGE: ['AnswerTooLarge', 'ValueTooLarge'],
  ASI_AWS_ENDLESS_LIST: ['EndlessList', 'SearchTooLarge'],
  ASI_AWS_DENIED: ['AccessDenied', 'AccessDeniedException'],
  ASI_AWS_KMS: ['DecryptionFailure', 'InvalidKeyId'],
  ASI_AWS_REGION: ['RegionDisabledException', 'OptInRequired'],
  ASI_AWS_CREDENTIALS: [
    ...['ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidClientTokenId'],
    ...['InvalidSignatureException', 'MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
    ...['SignatureDoesNotMatch', 'UnrecognizedClientException'],
  ],
  ASI_AWS_NOT_FOUND: [
    ...['MissingParameters', 'NothingFound', 'ParameterNotFound', 'ParameterVersionNotFound'],
    'ResourceNotFoundException',
  ],
  ASI_AWS_THROTTLED: ['ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'SlowDown'],
  ASI_AWS_REQUEST: ['ValidationException', 'InvalidRequestException', 'constructor'],
  ASI_AWS_UNAVAILABLE: ['IDPCommunicationError', 'IDPCommunicationErrorException'],
};

for (const [code, names] of Object.entries(NAMES)) {
  for (const name of names) {
    t.test(`${name}, with the status 400, is ${code}`, async (t) => {
      t.equal(codeOf(Object.assign(named(name), { $metadata: { httpStatusCode: 400 } })), code);
    });
  }
}

const STATUSES: readonly (readonly [status: number | undefined, code: FailureCode])[] = [
  [undefined, 'ASI_AWS_UNAVAILABLE'],
  [399, 'ASI_AWS_UNAVAILABLE'],
  [404, 'ASI_AWS_REQUEST'],
  [408, 'ASI_AWS_UNAVAILABLE'],
  [429, 'ASI_AWS_THROTTLED'],
  [499, 'ASI_AWS_REQUEST'],
  [500, 'ASI_AWS_UNAVAILABLE'],
];

for (const [httpStatusCode, code] of STATUSES) {
  t.test(`an error without a known name, of the status ${httpStatusCode}, is ${code}`, async (t) => {
    t.equal(codeOf(Object.assign(named('Odd'), { $metadata: { httpStatusCode } })), code);
  });
}

const OWN = {
  EndlessList: 'The list has more than a thousand pages, or names the same page twice.',
  FlawedValue: 'The value lacks a part that is declared.',
  MissingParameters: 'Parameter Store has no such parameter, version or label.',
  NothingFound: 'AWS answered with an empty list.',
  PodIdentityUnreachable: 'No EKS Pod Identity agent takes connections.',
  SearchTooLarge: 'The search finds more objects, or more bytes, than the volume is made for.',
  TokenUnreadable: "The pod's token file is missing, unreadable, empty or too large.",
  ValueTooLarge: 'The value has more than 65,536 bytes, which is the most that a secret can have.',
  MalformedAnswer: 'AWS answered ssm:Get without what was asked for.',
};

for (const [name, cause] of Object.entries(OWN)) {
  t.test(`${name} has words of its own`, async (t) => t.equal(causeOf(named(name), 'ssm:Get'), cause));
}

const odd = (facts: object) => Object.assign(named('Odd'), facts);
const ofStatus = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });
const agent = (words: unknown, status = 404) =>
  Object.assign(named('PodIdentityRefused'), { ...ofStatus(status), words });
const service = (message: string, more: object = {}) =>
  Object.assign(named('OddException'), { message, $fault: 'client', ...more });

const WORDS: Readonly<Record<string, readonly [error: unknown, cause: string]>> = {
  'a limit in KiB': [
    Object.assign(named('AnswerTooLarge'), { limit: 2048 }),
    'The answer to ssm:Get has more than 2 KiB.',
  ],
  'a status': [odd(ofStatus(503)), 'ssm:Get failed: HTTP status 503.'],
  'a status that is no failure': [odd(ofStatus(200)), 'ssm:Get failed: the answer is not what AWS sends.'],
  'a time-out': [named('TimeoutError'), 'ssm:Get failed: no answer in time.'],
  'a connection that never was': [named('ConnectionTimeout'), 'ssm:Get failed: no answer in time.'],
  'a connection that was cut': [
    Object.assign(new TypeError('canary'), { code: 'ECONNRESET' }),
    'ssm:Get failed: ECONNRESET.',
  ],
  nothing: [undefined, 'ssm:Get failed: no usable answer.'],
  'a proxy that wants a password': [
    odd(ofStatus(407)),
    'ssm:Get failed: the proxy asks for a user and a password (HTTP status 407).',
  ],
  'a proxy that lets nobody through': [
    odd({ code: 'ERR_PROXY_TUNNEL', status: 403 }),
    'ssm:Get failed: the proxy does not let the pod reach this host (HTTP status 403).',
  ],
  'a proxy that is gone': [odd({ code: 'ERR_PROXY_TUNNEL' }), 'ssm:Get failed: the proxy opened no tunnel.'],
  'words of a service': [service('Not here'), 'OddException: Not here.'],
  'words of a service with an end': [service('Not here!'), 'OddException: Not here!'],
  'words of a service with a request': [
    service('Not here', { $metadata: { requestId: 'r-1' } }),
    'OddException (request r-1): Not here.',
  ],
  'a name and no words': [service(''), 'ssm:Get failed: OddException.'],
  'neither a name nor words': [
    Object.assign(service(''), { name: 'Unknown', ...ofStatus(418) }),
    'ssm:Get failed: HTTP status 418.',
  ],
  'words of the agent': [agent('No association'), 'HTTP status 404: No association.'],
  'words of the agent about itself': [agent('Try later', 500), 'The agent answered with HTTP status 500.'],
  'an answer of the agent that may have credentials': [
    agent('{"Token":"canary"}'),
    'The agent answered with HTTP status 404.',
  ],
  'a success of the agent that may have credentials': [
    agent('canary', 200),
    'The agent answered with HTTP status 200.',
  ],
  'an agent without words': [agent(undefined), 'The agent answered with HTTP status 404.'],
};

for (const [what, [error, cause]] of Object.entries(WORDS)) {
  t.test(`the cause names what is known: ${what}`, async (t) => t.equal(causeOf(error, 'ssm:Get'), cause));
}
