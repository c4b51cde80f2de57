/** Tests that the message about a denied request names the policy that AWS names. */
import t from 'tap';
import { RegionError } from '../../../injector/aws/error.ts';
import type { AccessConfig } from '../../../injector/explain/credentials.ts';
import { explainFetch } from '../../../injector/explain/explain.ts';
import { createWorld, secret } from '../support/world.ts';

const USER = 'User: arn:aws:sts::111122223333:assumed-role/app/x is not authorized to perform: ACTION';

/** Has the end of AWS's sentence, and the fix in the termination message about the secret /shop/db. */
const cases: readonly [words: string, fix: RegExp][] = [
  [
    'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1',
    /Take secretsmanager:GetSecretValue on arn:\S+ out of the Deny in the service control policy: no Allow outweighs a Deny\./,
  ],
  ['with an explicit deny in an identity-based policy', /out of the Deny in the identity-based policy/],
  ['with an explicit deny in a permissions boundary', /out of the Deny in the permissions boundary/],
  ['with an explicit deny', /out of the Deny in the policies of the role, the resource or the organization/],
  [
    'because no VPC endpoint policy allows the action',
    /Allow secretsmanager:GetSecretValue on arn:\S+ in the VPC endpoint policy/,
  ],
  [
    'because no identity-based policy allows the action',
    /Allow secretsmanager:GetSecretValue on arn:\S+ in the role's policy\./,
  ],
];

for (const [words, fix] of cases) {
  t.test(`a request that is denied ${words}`, async (t) => {
    const world = await createWorld(t);
    const message = `${USER} on resource: /shop/db ${words}`;
    world.aws.fault({
      service: 'secretsmanager',
      effect: { kind: 'error', code: 'AccessDeniedException', message, status: 400 },
    });
    const { message: shown } = await world.run(world.config([secret('/shop/db')]));
    t.match(shown, fix);
    t.equal(/Allow /.test(shown.replace('no Allow', '')), !words.includes('explicit'), shown);
    t.match(shown, 'If it is a parameter, write ssm:/shop/db');
  });
}

t.test('a Deny that stops the assumption of a role is in the fix, and no Allow is', async (t) => {
  const world = await createWorld(t);
  const message = `${USER} on resource: x with an explicit deny in a resource control policy`;
  world.aws.fault({ service: 'sts', effect: { kind: 'error', code: 'AccessDenied', message, status: 403 } });
  const { message: shown } = await world.run(world.config([secret('db')]));
  t.match(shown, 'Take sts:AssumeRoleWithWebIdentity on');
  t.match(shown, 'out of the Deny in the resource control policy');
  t.notMatch(shown, 'Allow sts');
});

t.test('the fix for a missing secret with a slash first says how to name a parameter', async (t) => {
  const world = await createWorld(t);
  const { message } = await world.run(world.config([secret('/shop/none')]));
  t.match(message, 'If it is a parameter, write ssm:/shop/none, or objectType: ssmparameter in objects.');
});

t.test('a Deny of the decryption is in the fix', async (t) => {
  const world = await createWorld(t);
  const message = 'Access to KMS is not allowed with an explicit deny in a resource-based policy';
  world.aws.fault({
    service: 'secretsmanager',
    effect: { kind: 'error', code: 'DecryptionFailure', message, status: 400 },
  });
  const { message: shown } = await world.run(world.config([secret('db')]));
  t.match(shown, /Take kms:Decrypt on the KMS key of arn:\S+ out of the Deny in the resource-based policy/);
});

const denied = (region: string, identity: AccessConfig['identity']) => {
  const cause = Object.assign(new Error(), {
    name: 'AccessDeniedException',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
  const source = { service: 'secretsmanager', name: 'db' } as const;
  return explainFetch(source, new RegionError(region, 'request', cause), { region, identity }).fix;
};

const ARNS: readonly (readonly [region: string, arn: string])[] = [
  ['eu-west-1', 'arn:aws:secretsmanager:eu-west-1:*:secret:db'],
  ['cn-north-1', 'arn:aws-cn:secretsmanager:cn-north-1:*:secret:db'],
  ['us-gov-west-1', 'arn:aws-us-gov:secretsmanager:us-gov-west-1:*:secret:db'],
];

for (const [region, arn] of ARNS) {
  t.test(`the secret is named as a policy in ${region} names it, where no role says the account`, async (t) => {
    t.match(denied(region, { kind: 'pod-identity', tokenFile: '/token', addresses: [] }), arn);
  });
}

t.test('the secret is in the account and the partition of the role', async (t) => {
  const roleArn = 'arn:aws-cn:iam::123456789012:role/app';
  t.match(
    denied('cn-north-1', { kind: 'web-identity', roleArn, tokenFile: '/token' }),
    'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db',
  );
});
