/** Tests the credentials: those of the EKS Pod Identity agent, and those of a role that is assumed after the first. */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import type { AwsOptions, Statement } from '../../aws/server.ts';
import { createWorld, parameter, ROLE, secret } from '../support/world.ts';

const OTHER = 'arn:aws:iam::210987654321:role/reader';
const EVERYTHING: Statement[] = [{ actions: ['*'], resources: ['*'] }];

/** No process listens on this address. */
const NOBODY = 'http://127.0.0.1:9/v1/credentials';

async function startAgent(t: Test, options: AwsOptions = {}, policy = EVERYTHING) {
  const world = await createWorld(t, policy, { podIdentity: {}, ...options });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const config = (addresses?: string[], more: Partial<InjectorConfig> = {}) =>
    world.config([secret('db')], { identity: world.podIdentity(addresses), ...more });
  const operations = () => world.aws.calls.map(({ operation }) => operation);
  return { ...world, config, operations };
}

t.test("the agent's credentials serve both regions, asked for once, without STS", async (t) => {
  const { aws, config, run, operations } = await startAgent(t);
  aws.setSecret({ name: 'db', value: 'x', region: 'eu-central-1' });
  const objects = [secret('db', { failover: { region: 'eu-central-1', name: 'db' } })];
  const { exitCode, message } = await run(config(undefined, { objects }));
  t.equal(exitCode, 0, message);
  t.strictSame(operations(), ['AssumeRoleForPodIdentity', 'GetSecretValue', 'GetSecretValue']);
});

t.test('131: where the IPv4 agent is down, the IPv6 one is asked', async (t) => {
  const { aws, config, run, read } = await startAgent(t, { podIdentity: { host: '::1' } });
  t.match(aws.podIdentityUrl, '[::1]');
  const { exitCode, message } = await run(config([NOBODY, aws.podIdentityUrl ?? '']));
  t.equal(exitCode, 0, message);
  t.equal(read('db'), 'x');
});

t.test('an agent that refuses is the last word, whatever other address there is', async (t) => {
  const { aws, config, run } = await startAgent(t);
  aws.fault({ service: 'pod-identity', effect: { kind: 'access-denied' } });
  const { exitCode, message } = await run(config([aws.podIdentityUrl ?? '', NOBODY]));
  t.equal(exitCode, 10);
  t.match(message, /agent gave no credentials\. HTTP status 400: .*AccessDeniedException.*\[ASI_AWS_POD_IDENTITY]$/);
});

t.test('132: an agent that answers 500 or 429 is asked again', async (t) => {
  const { aws, config, run } = await startAgent(t);
  aws.fault({ service: 'pod-identity', effect: { kind: 'status', status: 500 }, times: 2 });
  aws.fault({ service: 'pod-identity', effect: { kind: 'throttle' }, times: 2 });
  aws.fault({ service: 'pod-identity', effect: { kind: 'malformed' }, times: 2 });
  const { exitCode, message, elapsed } = await run(config());
  t.equal(exitCode, 0, message);
  t.ok(elapsed > 0);
});

t.test('a missing association is reported in the words of EKS, a missing agent with the way out', async (t) => {
  const { aws, config, run } = await startAgent(t);
  aws.fault({
    service: 'pod-identity',
    effect: { kind: 'error', code: 'ResourceNotFoundException', message: 'No association found', status: 404 },
  });
  t.match((await run(config())).message, /HTTP status 404: .*No association found.*create-pod-identity-association/);
  const unreachable = await run(config([NOBODY]));
  t.equal(unreachable.exitCode, 20);
  t.match(
    unreachable.message,
    /No EKS Pod Identity agent takes connections\..*Install the EKS add-on.*on Fargate there is no agent/,
  );
});

t.test('one failure stands for both regions and all objects when the agent refuses', async (t) => {
  const { aws, config, run } = await startAgent(t);
  aws.fault({ service: 'pod-identity', effect: { kind: 'access-denied' } });
  const failover = { region: 'eu-central-1', name: 'db' };
  const objects = [secret('db', { failover }), secret('other', { failover }), parameter('/p', 'p')];
  t.equal((await run(config(undefined, { objects }))).message.split('\n').length, 1);
});

t.test('the missing permission names no account that nobody knows', async (t) => {
  const { config, run } = await startAgent(t, {}, []);
  const { message } = await run(config());
  t.match(message, 'Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:*:secret:db-?????? in');
  t.match(message, 'with the role of its Pod Identity association');
});

t.test("the agent's token is read again for each try, and never printed", async (t) => {
  const { config, run, root } = await startAgent(t);
  const file = join(root, config().identity.tokenFile);
  writeFileSync(file, 'canary.7f3a9c');
  const refused = await run(config());
  t.equal(refused.exitCode, 10);
  t.notMatch(refused.message + refused.log, 'canary');
  rmSync(file);
  t.match((await run(config())).message, 'ASI_AWS_TOKEN');
});

async function startChain(t: Test, externalId?: string) {
  const actions = ['sts:AssumeRole', 'sts:TagSession'];
  const world = await createWorld(t, [{ actions, resources: [OTHER] }], { podIdentity: {} });
  const trustedPrincipals = [{ arn: ROLE, tags: true, ...(externalId === undefined ? {} : { externalId }) }];
  world.aws.addRole({ arn: OTHER, trustedPrincipals, policy: EVERYTHING });
  world.aws.setSecret({ name: 'db', value: 'theirs', account: '210987654321' });
  return world;
}

for (const kind of ['web-identity', 'pod-identity'] as const) {
  t.test(`with ${kind} first, another account's role reads its secrets`, async (t) => {
    const world = await startChain(t, 'shared-7');
    const assume = { roleArn: OTHER, externalId: 'shared-7' };
    const identity = kind === 'pod-identity' ? { identity: world.podIdentity() } : {};
    const { exitCode, message } = await world.run(world.config([secret('db')], { assume, ...identity }));
    t.equal(exitCode, 0, message);
    t.equal(world.read('db'), 'theirs');
    t.match(world.aws.calls.at(-1), { sessionName: 'shop.app1-7d9-x2x', principal: /^arn:aws:sts::210987654321:/ });
  });
}

t.test('a role that may not be assumed names both policies to change', async (t) => {
  const world = await startChain(t, 'shared-7');
  const config = world.config([secret('db')], { assume: { roleArn: OTHER, externalId: 'wrong' } });
  const { exitCode, message } = await world.run(config);
  t.equal(exitCode, 10);
  t.match(message, `The role ${OTHER} could not be assumed in eu-west-1. AccessDenied`);
  t.match(message, `Allow sts:AssumeRole on ${OTHER} in the policy of ${ROLE}, and that role with this external id in`);
});

t.test('after another role its account is the one in the ARN that is missing', async (t) => {
  const world = await startChain(t);
  world.aws.addRole({ arn: OTHER, trustedPrincipals: [{ arn: ROLE }] });
  const { message } = await world.run(world.config([secret('db')], { assume: { roleArn: OTHER } }));
  t.match(message, `with the role ${OTHER}.`);
  t.match(message, 'arn:aws:secretsmanager:eu-west-1:210987654321:secret:db-??????');
});

t.test('an answer of the agent of more than 64 KiB is given up, and not one of as much', async (t) => {
  const world = await createWorld(t);
  const answering = async (size: number) => {
    const agent = createServer((_, response) => response.end(`{"x":"${'x'.repeat(size - 8)}"}`));
    agent.listen(0, '127.0.0.1');
    await once(agent, 'listening');
    t.teardown(() => agent.close());
    const { port } = agent.address() as AddressInfo;
    const identity = world.podIdentity([`http://127.0.0.1:${port}/v1/credentials`]);
    const { message } = await world.run(world.config([secret('db')], { identity, retryTimeoutSeconds: 1 }));
    return message;
  };
  t.match(await answering(64 * 1024 + 1), /has more than 64 KiB\./);
  t.notMatch(await answering(64 * 1024), 'has more than');
});
