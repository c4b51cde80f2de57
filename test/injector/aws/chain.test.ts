/** Tests roles that are assumed one after another, each with the session of the one before it. */
import t, { type Test } from 'tap';
import type { Statement } from '../../aws/server.ts';
import { after, createRotatingWorld, INTERVAL, watch } from '../support/rotation.ts';
import { createWorld, ROLE, secret, type World } from '../support/world.ts';

const HUB = 'arn:aws:iam::777788889999:role/hub';
const ACCOUNT = 'arn:aws:iam::444455556666:role/account';
const READER = 'arn:aws:iam::210987654321:role/reader';
const EXTERNAL_ID = 'shared-7';

const ASSUME = { through: [HUB, ACCOUNT], roleArn: READER, externalId: EXTERNAL_ID };

const TAGS = ['sts:AssumeRole', 'sts:TagSession'];

const mayAssume = (role: string, actions = ['sts:AssumeRole']): Statement[] => [{ actions, resources: [role] }];

/** Each role trusts the one before it only, and may only assume the next one. The last one reads. */
function addRoles({ aws }: World, actions?: string[]): void {
  const tags = actions === TAGS;
  aws.addRole({ arn: HUB, trustedPrincipals: [{ arn: ROLE, tags }], policy: mayAssume(ACCOUNT, actions) });
  aws.addRole({ arn: ACCOUNT, trustedPrincipals: [{ arn: HUB, tags }], policy: mayAssume(READER, actions) });
  const policy = [{ actions: ['secretsmanager:GetSecretValue'], resources: ['*'] }];
  aws.addRole({ arn: READER, trustedPrincipals: [{ arn: ACCOUNT, tags, externalId: EXTERNAL_ID }], policy });
  aws.setSecret({ name: 'db', value: 'theirs', account: '210987654321' });
}

async function startChain(t: Test, actions?: string[]): Promise<World> {
  const world = await createWorld(t, mayAssume(HUB, actions), { podIdentity: {} });
  addRoles(world, actions);
  return world;
}

/** Returns the roles that were assumed after the first one, each with the account of the caller. */
function assumed({ aws }: World): (string | undefined)[][] {
  const calls = aws.calls.filter(({ operation }) => operation === 'AssumeRole');
  return calls.map(({ names, principal }) => [principal?.replace(/\/[^/]*$/, ''), ...names]);
}

const EACH_ONCE = [
  ['arn:aws:sts::123456789012:assumed-role/app1', HUB],
  ['arn:aws:sts::777788889999:assumed-role/hub', ACCOUNT],
  ['arn:aws:sts::444455556666:assumed-role/account', READER],
];

for (const kind of ['web-identity', 'pod-identity'] as const) {
  t.test(`with ${kind} first, each role is assumed once, by the session of the one before it`, async (t) => {
    const isAgent = kind === 'pod-identity';
    const world = await startChain(t, isAgent ? TAGS : undefined);
    const identity = isAgent ? { identity: world.podIdentity() } : {};
    const config = world.config([secret('db')], { assume: ASSUME, ...identity });
    const { exitCode, message } = await world.run(config);
    t.equal(exitCode, 0, message);
    t.equal(world.read('db'), 'theirs');
    t.strictSame(assumed(world), EACH_ONCE);
  });
}

t.test('the external id is given for the last role only', async (t) => {
  const world = await startChain(t);
  world.aws.addRole({ arn: HUB, trustedPrincipals: [{ arn: ROLE, externalId: EXTERNAL_ID }] });
  const { message } = await world.run(world.config([secret('db')], { assume: ASSUME }));
  t.match(message, `The role ${HUB} could not be assumed in eu-west-1. AccessDenied`);
});

t.test('a role that the pod has already is assumed, which AWS refuses until the role trusts itself', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  const config = world.config([secret('db')], { assume: { roleArn: ROLE } });
  const { exitCode, message } = await world.run(config);
  t.equal(exitCode, 10);
  t.match(message, `The role ${ROLE} could not be assumed in eu-west-1. AccessDenied`);
  t.match(message, 'The pod has this role already: leave it out');
});

t.test('a role in the middle that the one before it may not assume is named with that one', async (t) => {
  const world = await startChain(t);
  world.aws.addRole({ arn: HUB, trustedPrincipals: [{ arn: ROLE }], policy: [] });
  const { exitCode, message } = await world.run(world.config([secret('db')], { assume: ASSUME }));
  t.equal(exitCode, 10);
  t.match(message, `The role ${ACCOUNT} could not be assumed in eu-west-1 with the role ${HUB}. AccessDenied`);
  t.match(message, `Allow sts:AssumeRole on ${ACCOUNT} in the policy of ${HUB}, and that role in the trust policy of`);
});

t.test('a role that may not get the tags of EKS Pod Identity is named with the action that it lacks', async (t) => {
  const world = await startChain(t, TAGS);
  world.aws.addRole({ arn: HUB, trustedPrincipals: [{ arn: ROLE, tags: true }], policy: mayAssume(ACCOUNT) });
  const config = world.config([secret('db')], { assume: ASSUME, identity: world.podIdentity() });
  const { message } = await world.run(config);
  t.match(message, `Allow sts:AssumeRole and sts:TagSession on ${ACCOUNT} in the policy of ${HUB}, and that role in`);
});

t.test('a role in the middle that STS throttles is asked for again', async (t) => {
  const world = await startChain(t);
  world.aws.fault({ service: 'sts', name: ACCOUNT, effect: { kind: 'throttle' }, times: 2 });
  const { exitCode, message } = await world.run(world.config([secret('db')], { assume: ASSUME }));
  t.equal(exitCode, 0, message);
  t.equal(world.read('db'), 'theirs');
});

t.test('the key of a session in the middle is not printed, even if STS quotes it', async (t) => {
  const world = await startChain(t);
  const key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const body = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>${key}</SecretAccessKey><SessionToken>token</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
  world.aws.fault({ service: 'sts', name: HUB, effect: { kind: 'body', type: 'text/xml', body } });
  const refused = { kind: 'error', code: 'SignatureDoesNotMatch', message: `not by ${key}`, status: 403 } as const;
  world.aws.fault({ service: 'sts', name: ACCOUNT, effect: refused });
  const { message, log } = await world.run(world.config([secret('db')], { assume: ASSUME }));
  t.match(message, `The role ${ACCOUNT} could not be assumed`);
  t.notOk((message + log).includes(key));
});

t.test(
  'each look of a rotation assumes all roles anew, so that no session of an hour ends between two looks',
  async (t) => {
    const world = await createRotatingWorld(t);
    addRoles(world);
    const happenings = [{ at: 1_000, happens: world.aws.forget }];
    const config = world.config([secret('db')], { assume: ASSUME, rotation: { seconds: INTERVAL } });
    await watch(world, config, { happenings, limit: after(1) });
    t.strictSame(assumed(world), EACH_ONCE);
  },
);
