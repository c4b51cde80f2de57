import t from 'tap';
import { factsOf, named, RegionError, type Step } from '../../../injector/aws/error.ts';
import { decide, isFatal, type RegionResult } from '../../../injector/aws/pair.ts';

const failed = (region: string, name: string, step: Step = 'request'): RegionError =>
  new RegionError(region, step, Object.assign(named(name), { $fault: 'client', $metadata: { httpStatusCode: 400 } }));

const fatal: Partial<Record<Step, string[]>> = {
  request: [
    'ResourceNotFoundException',
    'InvalidParameterException',
    'InvalidRequestException',
    'DecryptionFailure',
    'InvalidKeyId',
    'MissingParameters',
    'NothingFound',
  ],
  'web-identity': [
    'ExpiredTokenException',
    'IDPRejectedClaimException',
    'IDPCommunicationErrorException',
    'InvalidIdentityTokenException',
    'MalformedPolicyDocumentException',
    'PackedPolicyTooLargeException',
    'RegionDisabledException',
    'ExpiredToken',
    'InvalidIdentityToken',
  ],
  assume: ['ExpiredTokenException', 'RegionDisabledException'],
  'pod-identity': ['PodIdentityRefused'],
};

const harmless: Partial<Record<Step, string[]>> = {
  request: [
    'AccessDeniedException',
    'ThrottlingException',
    'UnrecognizedClientException',
    'ExpiredTokenException',
    'ValidationException',
    'InternalServiceError',
    'InternalServerError',
    'TimeoutError',
    'FlawedValue',
    'toString',
  ],
  'web-identity': [
    'AccessDenied',
    'Throttling',
    'ResourceNotFoundException',
    'TokenUnreadable',
    'ExpiredTokenExceptions',
    'TheExpiredToken',
  ],
  assume: ['AccessDenied', 'ResourceNotFoundException'],
  'pod-identity': [],
};

for (const [expected, table] of [
  [true, fatal],
  [false, harmless],
] as const) {
  for (const [step, names] of Object.entries(table)) {
    for (const name of names) {
      t.test(`${name} of ${step} is ${expected ? 'fatal' : 'not fatal'}, whatever its fault and status`, async (t) => {
        t.equal(isFatal(failed('a', name, step as Step)), expected);
      });
    }
  }
}

t.test("the agent's 4xx is fatal, its 429 and 5xx are not", async (t) => {
  const status = (httpStatusCode: number) =>
    isFatal(
      new RegionError(
        'a',
        'pod-identity',
        Object.assign(named('PodIdentityRefused'), { $metadata: { httpStatusCode } }),
      ),
    );
  t.strictSame([400, 404, 429, 500, 503].map(status), [true, true, false, false, false]);
});

t.test('a batch that is refused is as fatal as what it is refused for', async (t) => {
  const refused = (name: string) => new RegionError('a', 'request', named('BatchRefused', named(name)));
  t.equal(isFatal(refused('InvalidKeyId')), true);
  t.equal(isFatal(refused('AccessDeniedException')), false);
});

const FATAL = 'ResourceNotFoundException';
const HARMLESS = 'AccessDeniedException';

/** good, flawed, or an error's name, in both regions; then whose answer, or whose errors. */
const rows: [primary: string, failover: string, outcome: string][] = [
  ['good', 'good', 'primary'],
  ['good', 'flawed', 'primary'],
  ['good', HARMLESS, 'primary'],
  ['good', FATAL, 'b ResourceNotFoundException'],
  ['flawed', 'good', 'failover'],
  ['flawed', 'flawed', 'primary'],
  ['flawed', HARMLESS, 'primary'],
  ['flawed', FATAL, 'b ResourceNotFoundException'],
  [HARMLESS, 'good', 'failover'],
  [HARMLESS, 'flawed', 'a AccessDeniedException, b FlawedValue'],
  [HARMLESS, HARMLESS, 'a AccessDeniedException, b AccessDeniedException'],
  [HARMLESS, FATAL, 'b ResourceNotFoundException'],
  [FATAL, 'good', 'a ResourceNotFoundException'],
  [FATAL, FATAL, 'a ResourceNotFoundException'],
];

const tried = (region: string, how: string): RegionResult<string> =>
  how === 'good' || how === 'flawed' ? { answer: how, flawed: how === 'flawed' } : { error: failed(region, how) };

for (const [primary, failover, outcome] of rows) {
  t.test(`${primary} and ${failover} give ${outcome}`, async (t) => {
    const result = decide(tried('a', primary), tried('b', failover), 'b');
    if ('from' in result) {
      t.equal(result.from, outcome);
      return;
    }
    const errors: RegionError[] = result.error instanceof RegionError ? [result.error] : result.error.errors;
    t.equal(errors.map((error) => `${error.region} ${factsOf(error).name}`).join(', '), outcome);
  });
}
