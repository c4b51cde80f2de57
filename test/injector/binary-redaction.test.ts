/** Tests that the compiled program prints no secret if AWS quotes secrets in its own words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import type { FaultEffect } from '../aws/faults.ts';
import { createWorld, secret, type World } from './support/world.ts';

const TOKEN = `IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQDk${'7f3a9c'.repeat(100)}`;
const KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const VALUE = '{"user":"admin","password":"correct horse battery"}';

const CREDENTIALS = `<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>${KEY}</SecretAccessKey><SessionToken>${TOKEN}</SessionToken></Credentials>`;
const ASSUMED = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${CREDENTIALS}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

/** Nothing of these may be left: the middle of the token, the key, the parts of the value. */
const SECRETS = ['7f3a9c7f3a', TOKEN.slice(0, 16), KEY.slice(0, 12), 'correct horse', 'battery'];

async function start(t: Test) {
  const world = await createWorld(t, undefined, { podIdentity: {} });
  world.aws.fault({ service: 'sts', effect: { kind: 'body', type: 'text/xml', body: ASSUMED } });
  return world;
}

/** All that the program says when a secret can't be read because of this. */
async function printed(world: World, effect: FaultEffect, more: Partial<InjectorConfig> = {}): Promise<string> {
  world.aws.fault({ service: 'secretsmanager', effect });
  const config = world.config([secret('app1/db')], { retryTimeoutSeconds: 0.3, ...more });
  const { exitCode, output, message } = await world.spawn(config).finished;
  t.ok(exitCode === 10 || exitCode === 20, message);
  return output + message;
}

const refusal = (message: string, code = 'InvalidSignatureException') =>
  ({ kind: 'error', code, message, status: 403 }) as const;

const quoted = (body: object) => ({ kind: 'body', status: 400, body: JSON.stringify(body) }) as const;

const quotes: [what: string, effect: FaultEffect][] = [
  [
    'the canonical request with the session token',
    quoted({
      __type: 'InvalidSignatureException',
      message: `The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:${TOKEN}\n\nhost'`,
    }),
  ],
  ['a token that the line is too long for', quoted({ __type: 'X', message: `${'-'.repeat(389)} ${TOKEN}` })],
  ['the secret access key', quoted({ __type: 'AccessDeniedException', message: `Signed with ${KEY}, wrongly` })],
  ['the token as a URL has it', quoted({ __type: 'X', message: encodeURIComponent(TOKEN) })],
  ['the token as its error code', quoted({ __type: TOKEN, message: 'no' })],
  [
    'the token as its request id',
    {
      kind: 'wire',
      write: (socket) =>
        socket.end(
          `HTTP/1.1 400 Bad\r\nx-amzn-requestid: ${TOKEN}\r\n\r\n{"__type":"ValidationException","message":"no"}`,
        ),
    },
  ],
];
for (const [what, effect] of quotes) {
  t.test(`AWS quotes ${what}`, async (t) => {
    const text = await printed(await start(t), effect);
    t.match(text, '[redacted]');
    for (const secret of SECRETS) t.notMatch(text, secret);
  });
}

t.test('STS quotes the web identity token', async (t) => {
  const world = await createWorld(t);
  const config = world.config([secret('app1/db')], { retryTimeoutSeconds: 0.3 });
  const token = readFileSync(join(world.root, config.identity.tokenFile), 'utf8');
  world.aws.fault({ service: 'sts', effect: refusal(`No OIDC provider for ${token}`, 'InvalidIdentityToken') });
  const { output, message } = await world.spawn(config).finished;
  t.match(message, 'No OIDC provider for [redacted]');
  for (const part of token.split('.')) t.notMatch(output + message, part.slice(0, 16));
});

t.test('the Pod Identity agent quotes its token', async (t) => {
  const world = await createWorld(t, undefined, { podIdentity: {} });
  const identity = world.podIdentity();
  const token = readFileSync(join(world.root, identity.tokenFile), 'utf8');
  const body = `(AccessDenied) ${token} is no token`;
  world.aws.fault({ service: 'pod-identity', effect: { kind: 'body', status: 403, type: 'text/plain', body } });
  const config = world.config([secret('app1/db')], { retryTimeoutSeconds: 0.3, identity });
  const { output, message } = await world.spawn(config).finished;
  t.match(message, '(AccessDenied) [redacted]…');
  for (const part of token.split('.')) t.notMatch(output + message, part.slice(0, 16));
});

t.test('AWS quotes a value, and a part of it, of another secret; the names of keys stay', async (t) => {
  const world = await start(t);
  const words = JSON.stringify({ __type: 'InternalServiceError', message: `${VALUE} has correct horse battery` });
  const late = `HTTP/1.1 500 Late\r\ncontent-length: ${words.length}\r\n\r\n${words}`;
  const write = (socket: Duplex) => setTimeout(() => socket.end(late), 500);
  world.aws.fault({ name: 'app1/late', effect: { kind: 'wire', write } });
  const part = { files: [{ path: 'x', mode: '0444', jmesPath: 'pasword' }] };
  const objects = [secret('app1/late'), secret('app1/db', part)];
  const text = await printed(world, { kind: 'body', body: JSON.stringify({ SecretString: VALUE }) }, { objects });
  t.match(text, 'InternalServiceError: [redacted] has [redacted].');
  t.match(text, 'It has the keys "user", "password".');
  for (const secret of SECRETS) t.notMatch(text, secret);
});
