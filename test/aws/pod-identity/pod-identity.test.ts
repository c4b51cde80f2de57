import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import t from 'tap';
import { clientsOf, ROLE } from '../clients.ts';
import { createIssuer, type ServiceAccountClaims, serviceAccountToken } from '../issuer.ts';
import { type AwsOptions, type Fault, startAws } from '../server.ts';

const AUDIENCE = 'pods.eks.amazonaws.com';

async function start(t: { teardown(stop: () => Promise<void>): void }, options: AwsOptions = {}) {
  const aws = await startAws({ podIdentity: {}, ...options });
  t.teardown(aws.close);
  const issuer = createIssuer();
  aws.addIssuer(issuer);
  aws.addRole({ arn: ROLE, trustsPodIdentity: true, policy: [{ actions: ['*'], resources: ['*'] }] });
  aws.associate({ namespace: 'shop', serviceAccount: 'app1', roleArn: ROLE });
  const token = (claims: Partial<ServiceAccountClaims> = {}) =>
    serviceAccountToken(issuer, {
      namespace: 'shop',
      serviceAccount: 'app1',
      audiences: [AUDIENCE],
      pod: 'app1-x',
      ...claims,
    });
  const url = aws.podIdentityUrl ?? '';
  const ask = (authorization: string) => fetch(url, { headers: { authorization } });
  return { aws, token, url, ask };
}

t.test("gives the SDK's own provider credentials of the associated role, for every region", async (t) => {
  const { aws, token, url } = await start(t);
  aws.setSecret({ name: 's', value: 'x', region: 'us-west-2' });
  const credentials = await fromHttp({
    awsContainerCredentialsFullUri: url,
    awsContainerAuthorizationToken: token(),
  })();
  const clients = clientsOf(aws, { credentials: credentials as Required<typeof credentials>, region: 'us-west-2' });
  t.teardown(clients.destroy);
  await t.resolves(clients.secretsManager.send(new GetSecretValueCommand({ SecretId: 's' })));
  t.match(aws.calls, [
    { service: 'pod-identity', operation: 'AssumeRoleForPodIdentity', names: ['shop/app1'], outcome: 200 },
    { principal: /assumed-role\/app1\/eks-test-app1-x-/, outcome: 200 },
  ]);
});

t.test('gives its tags to each role that is assumed after it, which has to trust them', async (t) => {
  const { aws, token, ask } = await start(t);
  const [HUB, READER] = ['arn:aws:iam::210987654321:role/hub', 'arn:aws:iam::210987654321:role/reader'] as const;
  const { AccessKeyId, SecretAccessKey, Token } = (await (await ask(token())).json()) as Record<string, string>;
  const assume = (credentials: Record<string, string | undefined>, RoleArn: string) => {
    const {
      AccessKeyId: accessKeyId = '',
      SecretAccessKey: secretAccessKey = '',
      SessionToken: sessionToken,
    } = credentials;
    const clients = clientsOf(aws, { credentials: { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? '' } });
    t.teardown(clients.destroy);
    return clients.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shop.app1' }));
  };
  const own = { AccessKeyId, SecretAccessKey, SessionToken: Token };
  const policy = [{ actions: ['sts:AssumeRole'], resources: ['*'] }];
  aws.addRole({ arn: HUB, trustedPrincipals: [{ arn: ROLE }], policy });
  await t.rejects(assume(own, HUB), { name: /AccessDenied/, message: /sts:TagSession on resource: \S+role\/hub$/ });
  aws.addRole({ arn: HUB, trustedPrincipals: [{ arn: ROLE, tags: true }], policy });
  aws.addRole({ arn: READER, trustedPrincipals: [{ arn: HUB, tags: true }] });
  const { Credentials } = await assume(own, HUB);
  await t.rejects(assume({ ...Credentials } as Record<string, string>, READER), {
    message: /no identity-based policy allows the sts:TagSession action/,
  });
});

t.test("answers in the agent's shape", async (t) => {
  const { ask, token } = await start(t);
  const response = await ask(token());
  const body = (await response.json()) as { Expiration: string };
  t.same(Object.keys(body).sort(), ['AccessKeyId', 'AccountId', 'Expiration', 'SecretAccessKey', 'Token']);
  t.match(body, { AccountId: '123456789012', Expiration: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/ });
});

t.test('refuses tokens that are none, of another audience, expired or of another key', async (t) => {
  const { ask, token } = await start(t);
  const foreign = serviceAccountToken(createIssuer(), {
    namespace: 'shop',
    serviceAccount: 'app1',
    audiences: [AUDIENCE],
  });
  const bad = {
    '': /cannot be empty/,
    'a.b.c': /cannot be parsed/,
    [`Bearer ${token()}`]: /cannot be parsed/,
    [token({ audiences: ['sts.amazonaws.com'] })]: /\(InvalidTokenException\)/,
    [token({ lifetimeSeconds: -1 })]: /\(ExpiredTokenException\)/,
    [foreign]: /\(InvalidTokenException\)/,
  };
  for (const [authorization, message] of Object.entries(bad)) {
    const response = await ask(authorization);
    t.equal(response.status, 400);
    t.match(await response.text(), message);
  }
});

t.test('knows no ServiceAccount without an association, and no role that does not trust it', async (t) => {
  const { aws, ask, token } = await start(t);
  const lonely = await ask(token({ serviceAccount: 'lonely' }));
  t.equal(lonely.status, 404);
  t.match(await lonely.text(), /^\[\S+\]: \(ResourceNotFoundException\): .*fault: client\n$/);
  aws.addRole({ arn: ROLE });
  const refused = await ask(token());
  t.equal(refused.status, 400);
  t.match(await refused.text(), /AccessDeniedException.*EKS does not have permissions to assume the associated role/);
});

const faults: { fault: Fault['effect']; status: number; body: RegExp }[] = [
  { fault: { kind: 'status', status: 503 }, status: 503, body: /^$/ },
  { fault: { kind: 'throttle' }, status: 429, body: /ThrottlingException/ },
  { fault: { kind: 'error', code: 'InternalServerException', status: 500 }, status: 500, body: /fault: server/ },
  { fault: { kind: 'access-denied' }, status: 400, body: /AccessDeniedException/ },
  { fault: { kind: 'malformed' }, status: 200, body: /^\{"Acc$/ },
];

for (const { fault, status, body } of faults) {
  t.test(`a fault of kind ${fault.kind} hits the agent alone, for the ServiceAccount that it names`, async (t) => {
    const { aws, ask, token } = await start(t);
    aws.associate({ namespace: 'shop', serviceAccount: 'app2', roleArn: ROLE });
    aws.fault({ service: 'pod-identity', name: 'shop/app1', effect: fault });
    t.equal((await ask(token({ serviceAccount: 'app2' }))).status, 200);
    const response = await ask(token());
    t.equal(response.status, status);
    t.match(await response.text(), body);
  });
}

t.test('listens to IPv6 alone if its address is one', async (t) => {
  const { ask, token, url } = await start(t, { podIdentity: { host: '::1' } });
  t.match(url, /^http:\/\/\[::1\]:\d+\/v1\/credentials$/);
  t.equal((await ask(token())).status, 200);
  await t.rejects(fetch(url.replace('[::1]', '127.0.0.1')));
});

t.test('serves its path alone', async (t) => {
  const { url } = await start(t);
  t.equal((await fetch(url.replace('/v1/', '/v2/'))).status, 404);
});
