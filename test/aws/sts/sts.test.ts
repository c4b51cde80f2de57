import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import t from 'tap';
import { type Clients, type Credentials, clientsOf, ROLE, startWithUser } from '../clients.ts';
import { createIssuer, type Issuer, type ServiceAccountClaims, serviceAccountToken } from '../issuer.ts';

const app1 = { namespace: 'shop', serviceAccount: 'app1' };
const trustIn = ({ issuer }: Issuer) => [{ issuer, subjects: ['system:serviceaccount:shop:*'] }];

type Input = Partial<AssumeRoleWithWebIdentityCommandInput>;

function assume(clients: Clients, token: string, input: Input = {}) {
  const session = { RoleArn: ROLE, RoleSessionName: 'shop.app1', WebIdentityToken: token };
  return clients.sts.send(new AssumeRoleWithWebIdentityCommand({ ...session, ...input }));
}

function credentialsOf(answer: { Credentials?: object | undefined }): Credentials {
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials as { [name: string]: string };
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw new Error('no credentials');
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

async function startWithRole(t: Parameters<typeof startWithUser>[0], now?: () => Date) {
  const { aws, clients } = await startWithUser(t, { now });
  const issuer = createIssuer();
  aws.addIssuer(issuer);
  aws.addRole({ arn: ROLE, trust: trustIn(issuer), policy: [{ actions: ['secretsmanager:*'], resources: ['*'] }] });
  return { aws, clients, issuer };
}

for (const algorithm of ['RS256', 'ES256'] as const) {
  t.test(`lets a service account in with a token signed by ${algorithm}`, async (t) => {
    const { aws, clients } = await startWithRole(t);
    const issuer = createIssuer({ issuer: 'https://kubernetes.default.svc', algorithm });
    aws.addIssuer(issuer);
    aws.addRole({ arn: ROLE, trust: trustIn(issuer), policy: [{ actions: ['*'], resources: ['*'] }] });
    aws.setSecret({ name: 's', value: 'x' });
    const answer = await assume(clients, serviceAccountToken(issuer, { ...app1, pod: 'app1-x' }));
    t.match(answer, {
      Audience: 'sts.amazonaws.com',
      SubjectFromWebIdentityToken: 'system:serviceaccount:shop:app1',
      AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/app1/shop.app1' },
    });
    const session = clientsOf(aws, { credentials: credentialsOf(answer) });
    t.teardown(session.destroy);
    await t.resolves(session.secretsManager.send(new GetSecretValueCommand({ SecretId: 's' })));
    t.match(aws.calls.at(-1), { principal: answer.AssumedRoleUser?.Arn, sessionName: 'shop.app1', outcome: 200 });
  });
}

const refused: { [title: string]: { claims: Partial<ServiceAccountClaims>; code: string; message: RegExp } } = {
  'another service account': {
    claims: { namespace: 'other' },
    code: 'AccessDenied',
    message: /^Not authorized to perform sts:AssumeRoleWithWebIdentity$/,
  },
  'another audience': {
    claims: { audiences: ['https://kubernetes.default.svc'] },
    code: 'InvalidIdentityToken',
    message: /Incorrect token audience/,
  },
  'an expired token': { claims: { lifetimeSeconds: -1 }, code: 'ExpiredTokenException', message: /^Token expired/ },
};

for (const [title, { claims, code, message }] of Object.entries(refused)) {
  t.test(`refuses ${title}`, async (t) => {
    const { clients, issuer } = await startWithRole(t);
    const error = await assume(clients, serviceAccountToken(issuer, { ...app1, ...claims })).catch((error) => error);
    t.match(error, { Code: code, message, $metadata: { requestId: /./ } });
  });
}

t.test('refuses tokens of unknown issuers, foreign keys, changed claims, and what is no token', async (t) => {
  const { clients, issuer } = await startWithRole(t);
  const token = serviceAccountToken(issuer, app1);
  const [header, , signature] = token.split('.');
  const claims = {
    iss: issuer.issuer,
    sub: 'system:serviceaccount:shop:root',
    aud: 'sts.amazonaws.com',
    exp: 9e9,
    iat: 1,
  };
  const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged.split('.')[1]}.AA`;
  const impostor = createIssuer({ issuer: issuer.issuer });
  const bad = [
    serviceAccountToken(createIssuer(), app1),
    serviceAccountToken(impostor, app1),
    forged,
    unsigned,
    'not.a.token',
    'none',
  ];
  for (const [index, each] of bad.entries()) {
    await t.rejects(assume(clients, each), { name: /InvalidIdentityToken/ }, `token ${index}`);
  }
});

t.test('refuses an unknown role, session names out of the pattern and sessions that are too long', async (t) => {
  const { clients, issuer } = await startWithRole(t);
  const token = serviceAccountToken(issuer, app1);
  await t.rejects(assume(clients, token, { RoleArn: `${ROLE}-gone` }), { name: /AccessDenied/ });
  for (const RoleSessionName of ['a', 'a/b', 'x'.repeat(65)]) {
    await t.rejects(assume(clients, token, { RoleSessionName }), { name: 'ValidationError' }, RoleSessionName);
  }
  await t.rejects(assume(clients, token, { DurationSeconds: 3601 }), { message: /MaxSessionDuration/ });
});

t.test('assumes a role from a session where both sides allow it and the external id fits', async (t) => {
  const { aws, clients, issuer } = await startWithRole(t);
  const target = 'arn:aws:iam::210987654321:role/data';
  aws.addRole({ arn: target, trustedPrincipals: [{ arn: ROLE, externalId: 'x1' }] });
  const first = await assume(clients, serviceAccountToken(issuer, app1));
  const session = clientsOf(aws, { credentials: credentialsOf(first) });
  t.teardown(session.destroy);
  const next = (ExternalId: string) =>
    session.sts.send(new AssumeRoleCommand({ RoleArn: target, RoleSessionName: 'shop.app1', ExternalId }));
  await t.rejects(next('x1'), { name: /AccessDenied/, message: /no identity-based policy allows the sts:AssumeRole/ });
  aws.addRole({ arn: ROLE, trust: trustIn(issuer), policy: [{ actions: ['sts:AssumeRole'], resources: [target] }] });
  await t.rejects(next('y1'), { name: /AccessDenied/, message: /is not authorized to perform: sts:AssumeRole/ });
  const second = clientsOf(aws, { credentials: credentialsOf(await next('x1')) });
  t.teardown(second.destroy);
  t.match(await second.sts.send(new GetCallerIdentityCommand({})), {
    Account: '210987654321',
    Arn: 'arn:aws:sts::210987654321:assumed-role/data/shop.app1',
  });
});

t.test('refuses a session that has expired', async (t) => {
  let time = new Date();
  const { aws, clients, issuer } = await startWithRole(t, () => time);
  const credentials = credentialsOf(await assume(clients, serviceAccountToken(issuer, app1), { DurationSeconds: 900 }));
  const session = clientsOf(aws, { credentials });
  t.teardown(session.destroy);
  aws.setSecret({ name: 's', value: 'x' });
  time = new Date(time.getTime() + 901_000);
  // The session's clock is the server's: only the session is too old, not the signature.
  session.secretsManager.config.systemClockOffset = 901_000;
  await t.rejects(session.secretsManager.send(new GetSecretValueCommand({ SecretId: 's' })), {
    name: 'ExpiredTokenException',
  });
});
