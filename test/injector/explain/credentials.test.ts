/** Tests which fix a refused request for credentials has, by the step that failed and by what AWS says. */
import t from 'tap';
import { named, RegionError } from '../../../injector/aws/error.ts';
import { explainCredentials } from '../../../injector/explain/credentials.ts';

const OWN = 'arn:aws:iam::111122223333:role/own';
const OTHER = 'arn:aws:iam::444455556666:role/other';
const identity = { kind: 'web-identity', roleArn: OWN, tokenFile: '/token' } as const;

type Step = 'web-identity' | 'assume';

function explain(step: Step, name: string, externalId?: string) {
  const error = Object.assign(named(name), { $metadata: { httpStatusCode: 403 } });
  const assume = { roleArn: OTHER, ...(externalId !== undefined && { externalId }) };
  return explainCredentials(new RegionError('eu-west-1', step, error), { identity, assume, region: 'eu-west-1' });
}

/** A fix that is undefined is that of the catalogue. */
const FIXES: readonly (readonly [step: Step, name: string, subject: string, code: string, fix: RegExp | undefined])[] =
  [
    [
      'assume',
      'AccessDenied',
      OTHER,
      'ASI_AWS_ROLE_DENIED',
      /^Allow sts:AssumeRole on \S+other in the policy of \S+own, and that role in/,
    ],
    ['assume', 'RegionDisabledException', OTHER, 'ASI_AWS_REGION', undefined],
    ['assume', 'ExpiredToken', OTHER, 'ASI_AWS_CREDENTIALS', undefined],
    ['assume', 'ValidationError', OTHER, 'ASI_AWS_REQUEST', /role-arn and \S+external-id of the pod/],
    ['web-identity', 'AccessDenied', OWN, 'ASI_AWS_ROLE_DENIED', undefined],
    ['web-identity', 'RegionDisabledException', OWN, 'ASI_AWS_REGION', undefined],
    ['web-identity', 'ExpiredToken', OWN, 'ASI_AWS_IDENTITY', undefined],
    ['web-identity', 'ValidationError', OWN, 'ASI_AWS_REQUEST', /role-arn of the ServiceAccount/],
  ];

for (const [step, name, subject, code, fix] of FIXES) {
  t.test(`${name} of ${step} is ${code}, with ${fix ? 'a fix of its own' : 'the fix of the catalogue'}`, async (t) => {
    const failure = explain(step, name);
    t.match(failure, { code, subject });
    if (fix === undefined) t.equal(failure.fix, undefined);
    else t.match(failure.fix, fix);
  });
}

t.test('a role that wants an external id is to trust it with this one', async (t) => {
  t.match(explain('assume', 'AccessDenied', 'shop').fix, /that role with this external id in the trust policy/);
});
