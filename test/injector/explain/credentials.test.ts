/** Tests which fix a refused request for credentials has, by the step that failed and by what AWS says. */
import t from 'tap';
import { named, RegionError } from '../../../injector/aws/error.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { explainCredentials } from '../../../injector/explain/credentials.ts';

const OWN = 'arn:aws:iam::111122223333:role/own';
const HUB = 'arn:aws:iam::777788889999:role/hub';
const OTHER = 'arn:aws:iam::444455556666:role/other';
const identity = { kind: 'web-identity', roleArn: OWN, tokenFile: '/token' } as const;

type Step = 'web-identity' | 'assume';

type Assume = NonNullable<InjectorConfig['assume']>;

/** `asked` is the role that is assumed in the step `assume`. */
function explain(step: Step, name: string, more: Partial<Assume> = {}, asked = OTHER) {
  const error = Object.assign(named(name), { $fault: 'client', $metadata: { httpStatusCode: 403 } });
  const about = step === 'assume' ? { action: 'sts:AssumeRole', name: asked } : undefined;
  const config = { identity, assume: { roleArn: OTHER, ...more }, region: 'eu-west-1' };
  return explainCredentials(new RegionError('eu-west-1', step, error, about), config);
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
  const { fix } = explain('assume', 'AccessDenied', { externalId: 'shop' });
  t.match(fix, /that role with this external id in the trust policy/);
});

t.test('a role that the pod has already is to be left out, or to trust itself', async (t) => {
  const { fix } = explain('assume', 'AccessDenied', { roleArn: OWN }, OWN);
  t.match(fix, `The pod has this role already: leave it out of the annotation aws-secrets-injector.dev/role-arn`);
  t.match(fix, `or allow sts:AssumeRole on ${OWN} in its own policy and to itself in its own trust policy`);
});

const CHAIN = { through: [HUB], externalId: 'shop' };

t.test('of several roles, the failure names the one that was asked for, and the one that asked for it', async (t) => {
  const { subject, headline, fix } = explain('assume', 'AccessDenied', CHAIN);
  t.equal(subject, OTHER);
  t.equal(headline, `The role ${OTHER} could not be assumed in eu-west-1 with the role ${HUB}.`);
  t.equal(
    fix,
    `Allow sts:AssumeRole on ${OTHER} in the policy of ${HUB}, and that role with this external id in the trust policy of ${OTHER}.`,
  );
});

t.test("the first of several roles is asked for with the pod's own role, and without the external id", async (t) => {
  const { subject, headline, fix } = explain('assume', 'AccessDenied', CHAIN, HUB);
  t.equal(subject, HUB);
  t.equal(headline, `The role ${HUB} could not be assumed in eu-west-1.`);
  t.equal(fix, `Allow sts:AssumeRole on ${HUB} in the policy of ${OWN}, and that role in the trust policy of ${HUB}.`);
});
