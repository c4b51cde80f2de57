/** Tests the policies of roles that pods use in several ways: as their own, on the way to another one, and to read. */
import t from 'tap';
import { UNKNOWN_ROLE } from '../../../cli/admission/world.ts';
import { type Need, rolesOf } from '../../../cli/iam-policy/roles.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { CONFIG } from '../../injector/support/config.ts';

const OWN = 'arn:aws:iam::111122223333:role/own';
const HUB = 'arn:aws:iam::777788889999:role/hub';
const READER = 'arn:aws:iam::444455556666:role/reader';
const OTHER = 'arn:aws:iam::444455556666:role/other';

function need(assume?: InjectorConfig['assume'], roleArn = OWN): Need {
  const identity = { kind: 'web-identity', roleArn, tokenFile: '/token' } as const;
  const objects: InjectorConfig['objects'] = [{ service: 'ssm', name: '/key' }];
  return {
    account: { namespace: 'shop', name: 'app' },
    config: { ...CONFIG, identity, objects, ...(assume && { assume }) },
  };
}

/** Returns what each role may do, and whom it trusts, in few words. */
function summary(...needs: Need[]) {
  return rolesOf(needs, { account: '111122223333', oidcProvider: 'oidc.example' }).map(({ role, policy, trust }) => [
    role,
    Object.fromEntries(policy.Statement.map(({ Sid, Resource }) => [Sid, Resource])),
    trust?.Statement.map(({ Principal, Condition }) => [
      Object.values(Principal).flat(),
      Condition?.StringEquals['sts:ExternalId'],
    ]),
  ]);
}

const reads = (account: string) => ({ ReadParameters: [`arn:aws:ssm:eu-west-1:${account}:parameter/key`] });
const PODS = [['arn:aws:iam::111122223333:oidc-provider/oidc.example'], undefined];

t.test('each of several roles may assume the next one, and trusts the one before it', async (t) => {
  t.strictSame(summary(need({ through: [HUB, OTHER], roleArn: READER, externalId: 'shop' })), [
    [OWN, { AssumeRole: [HUB] }, [PODS]],
    [HUB, { AssumeRole: [OTHER] }, [[[OWN], undefined]]],
    [OTHER, { AssumeRole: [READER] }, [[[HUB], undefined]]],
    [READER, reads('444455556666'), [[[OTHER], 'shop']]],
  ]);
});

t.test('pods of one role that assume different ones have one statement for all of them', async (t) => {
  t.strictSame(summary(need({ roleArn: READER }), need({ roleArn: OTHER }))[0], [
    OWN,
    { AssumeRole: [OTHER, READER] },
    [PODS],
  ]);
});

t.test('a role that some pods assume, and others have as their own, is printed once, with both', async (t) => {
  t.strictSame(summary(need({ through: [HUB], roleArn: READER }), need(undefined, HUB)), [
    [OWN, { AssumeRole: [HUB] }, [PODS]],
    [
      HUB,
      { ReadParameters: ['arn:aws:ssm:eu-west-1:777788889999:parameter/key'], AssumeRole: [READER] },
      [
        [['arn:aws:iam::777788889999:oidc-provider/oidc.example'], undefined],
        [[OWN], undefined],
      ],
    ],
    [READER, reads('444455556666'), [[[HUB], undefined]]],
  ]);
});

t.test('roles that are assumed after EKS Pod Identity get its tags, too', async (t) => {
  const { account, config } = need({ through: [HUB], roleArn: READER });
  const identity: InjectorConfig['identity'] = { kind: 'pod-identity', tokenFile: '/token', addresses: [] };
  const roles = rolesOf([{ account, config: { ...config, identity } }], { account: '111122223333' });
  const TAGS = ['sts:AssumeRole', 'sts:TagSession'];
  const trust = (Principal: object) => [{ Effect: 'Allow', Principal, Action: TAGS }];
  t.strictSame(
    roles.map((role) => [role.policy.Statement[0]?.Action, role.trust?.Statement]),
    [
      [TAGS, trust({ Service: 'pods.eks.amazonaws.com' })],
      [TAGS, trust({ AWS: ['Pod Identity association of ServiceAccount shop/app'] })],
      [['ssm:GetParameters'], trust({ AWS: [HUB] })],
    ],
  );
});

t.test('a role trusts the role before it by its ServiceAccount, where nobody knows the ARN', async (t) => {
  t.strictSame(summary(need({ roleArn: READER }, UNKNOWN_ROLE))[1], [
    READER,
    reads('444455556666'),
    [[['role of ServiceAccount shop/app'], undefined]],
  ]);
});

t.test('a role trusts nobody yet, where the role before it can not be made without the OIDC provider', async (t) => {
  const [own, reader] = rolesOf([need({ roleArn: READER }, UNKNOWN_ROLE)], { account: '111122223333' });
  t.strictSame([own?.trust, reader?.trust], [undefined, undefined]);
});

t.test('a role that is assumed with an external id and without one has a statement for each', async (t) => {
  const roles = summary(need({ roleArn: READER, externalId: 'shop' }), need({ through: [HUB], roleArn: READER }));
  t.strictSame(
    roles.find(([role]) => role === READER),
    [
      READER,
      reads('444455556666'),
      [
        [[OWN], 'shop'],
        [[HUB], undefined],
      ],
    ],
  );
});
