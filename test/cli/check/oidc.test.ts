/** The IAM OIDC provider of a cluster, as the in-memory IAM tells a developer of it, which checks each signature. */
import t from 'tap';
import { findProvider } from '../../../cli/aws/iam.ts';
import { judgeProvider } from '../../../cli/check/oidc.ts';
import { createIssuer } from '../../aws/issuer.ts';
import { startDeveloper } from '../support/developer.ts';

const CHAIN = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ENDPOINT_URL',
  'AWS_REGION',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
];
const issuer = createIssuer({ algorithm: 'ES256' });
const ARN = `arn:aws:iam::123456789012:oidc-provider/${issuer.issuer.replace('https://', '')}`;

/** Asks as a developer whose policy is this, by the default chain of the SDK. */
async function ask(
  t: Parameters<typeof startDeveloper>[0],
  url: string,
  policy?: Parameters<typeof startDeveloper>[1],
) {
  const { aws, environment } = await startDeveloper(t, policy);
  aws.addIssuer(createIssuer({ algorithm: 'ES256' }));
  aws.addIssuer(issuer);
  const before = CHAIN.map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  try {
    return await findProvider(url, environment);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

t.test('finds the provider of an issuer, with the audiences that it takes', async (t) => {
  t.same(await ask(t, issuer.issuer), { kind: 'found', value: { arn: ARN, audiences: ['sts.amazonaws.com'] } });
});

t.test('knows that an account has no provider for an issuer', async (t) => {
  t.same(await ask(t, 'https://oidc.example/id/none'), { kind: 'absent' });
});

t.test('says that the user may not ask IAM', async (t) => {
  const answer = await ask(t, issuer.issuer, []);
  t.equal(answer.kind, 'unknown');
  t.match(answer, { why: /^IAM refuses to say it: AccessDenied: .*iam:ListOpenIDConnectProviders/ });
});

const found = (audiences: string[]) => ({ kind: 'found', value: { arn: ARN, audiences } }) as const;
const known = { kind: 'found', value: issuer.issuer } as const;

for (const [name, provider, expected] of [
  ['a provider for STS', found(['sts.amazonaws.com']), { result: 'ok', what: /AWS trusts the tokens of the cluster/ }],
  ['a provider for others', found(['other']), { result: 'note', fix: /add-client-id-to-open-id-connect-provider/ }],
  ['no provider', { kind: 'absent' }, { result: 'note', fix: /create-open-id-connect-provider --url https:/ }],
  [
    'no credentials',
    { kind: 'unknown', why: 'There are none.' },
    { result: 'unseen', what: /^Not looked at: There are none\. The issuer/ },
  ],
] as const) {
  t.test(`judges ${name}`, async (t) => {
    t.match(judgeProvider(known, provider), expected);
  });
}

t.test('does not look at AWS for a cluster that hides its issuer', async (t) => {
  t.match(judgeProvider({ kind: 'unknown', why: 'You may not see it.' }, { kind: 'absent' }), { result: 'unseen' });
});
