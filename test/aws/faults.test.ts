import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { type Clients, clientsOf, ROLE, startWithUser } from './clients.ts';
import type { FaultEffect } from './server.ts';

const secret = (clients: Clients, SecretId = 's') =>
  clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
const parameters = (clients: Clients, Names: string[]) => clients.ssm.send(new GetParametersCommand({ Names }));

const effects: { effect: FaultEffect; error: { [member: string]: unknown }; outcome: number | string }[] = [
  { effect: { kind: 'status', status: 503 }, error: { $metadata: { httpStatusCode: 503 } }, outcome: 503 },
  { effect: { kind: 'throttle' }, error: { name: 'ThrottlingException' }, outcome: 400 },
  { effect: { kind: 'access-denied' }, error: { name: 'AccessDeniedException' }, outcome: 400 },
  { effect: { kind: 'error', code: 'DecryptionFailure' }, error: { name: 'DecryptionFailure' }, outcome: 400 },
  { effect: { kind: 'reset' }, error: { code: 'ECONNRESET' }, outcome: 'reset' },
  { effect: { kind: 'malformed' }, error: { name: 'SyntaxError' }, outcome: 200 },
];

for (const { effect, error, outcome } of effects) {
  t.test(`a fault of kind ${effect.kind} hits as often as it says`, async (t) => {
    const { aws, clients } = await startWithUser(t);
    aws.setSecret({ name: 's', value: 'x' });
    aws.fault({ effect, times: 1 });
    t.match(await secret(clients).catch((thrown: Error) => thrown), error);
    t.equal(aws.calls[0]?.outcome, outcome);
    await t.resolves(secret(clients));
  });
}

t.test('a fault hits only the service, operation and name that it is for', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'x' });
  aws.setParameter({ name: '/a/b', value: 'x' });
  const end = aws.fault({ service: 'ssm', operation: 'GetParameters', name: '/a/*', effect: { kind: 'throttle' } });
  await t.resolves(secret(clients));
  await t.resolves(parameters(clients, ['/x']));
  await t.rejects(parameters(clients, ['/x', '/a/b:1']), { name: 'ThrottlingException' });
  end();
  await t.resolves(parameters(clients, ['/a/b']));
});

t.test('a fault of a region hits what is signed for it', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'x' });
  aws.setSecret({ name: 's', value: 'x', region: 'us-west-2' });
  const far = clientsOf(aws, { region: 'us-west-2' });
  t.teardown(far.destroy);
  aws.fault({ region: 'us-west-2', effect: { kind: 'throttle' } });
  await t.resolves(secret(clients));
  await t.rejects(secret(far), { name: 'ThrottlingException' });
  const unsigned = { RoleArn: ROLE, RoleSessionName: 'shop.app1', WebIdentityToken: 'x.y.z' };
  const call = far.sts.send(new AssumeRoleWithWebIdentityCommand(unsigned));
  await t.rejects(call, { name: 'InvalidIdentityTokenException' }, 'nobody knows its region');
});

t.test('a denial names the resource by its ARN', async (t) => {
  const { aws, clients } = await startWithUser(t);
  const { arn } = aws.setSecret({ name: 's', value: 'x' });
  aws.fault({ effect: { kind: 'access-denied' } });
  const message = async (call: Promise<unknown>) => String(await call.catch((error: Error) => error.message));
  t.match(await message(secret(clients)), `perform: secretsmanager:GetSecretValue on resource: ${arn} because`);
  const parameter = 'arn:aws:ssm:eu-west-1:123456789012:parameter/a';
  t.match(await message(parameters(clients, ['/a:1'])), `perform: ssm:GetParameters on resource: ${parameter} because`);
});

t.test('a fault has a time window', async (t) => {
  const start = Date.now();
  let time = start;
  const { aws, clients } = await startWithUser(t, { now: () => new Date(time) });
  aws.setSecret({ name: 's', value: 'x' });
  aws.fault({ effect: { kind: 'throttle' }, afterMs: 1000, forMs: 1000 });
  await t.resolves(secret(clients));
  time = start + 1000;
  await t.rejects(secret(clients), { name: 'ThrottlingException' });
  time = start + 2000;
  await t.resolves(secret(clients));
});

t.test('a hanging call is never answered, and does not keep the server from closing', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.fault({ effect: { kind: 'hang' } });
  const waiting = secret(clients).catch((error: Error) => error);
  while (aws.calls[0]?.outcome === undefined) await new Promise(setImmediate);
  t.equal(aws.calls[0]?.outcome, 'hang');
  await aws.close();
  t.match(await waiting, { code: 'ECONNRESET' });
});

t.test('STS has its own words for faults', async (t) => {
  const { aws, clients } = await startWithUser(t);
  const input = { RoleArn: ROLE, RoleSessionName: 'shop.app1', WebIdentityToken: 'x.y.z' };
  const ask = () => clients.sts.send(new AssumeRoleWithWebIdentityCommand(input));
  aws.fault({ effect: { kind: 'throttle' }, times: 1 });
  aws.fault({ effect: { kind: 'error', code: 'IDPCommunicationError' }, times: 1 });
  await t.rejects(ask(), { name: 'Throttling' });
  await t.rejects(ask(), { name: 'IDPCommunicationErrorException' });
});

t.test('a whole outage refuses connections, and ends on the same port', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'x' });
  await secret(clients);
  await aws.down();
  const late = clientsOf(aws);
  t.teardown(late.destroy);
  await t.rejects(secret(late), { code: 'ECONNREFUSED' });
  await aws.up();
  await t.resolves(secret(clients));
  t.equal(aws.connections(), 2);
  t.same(
    aws.calls.map(({ connection }) => connection),
    [1, 2],
  );
});
