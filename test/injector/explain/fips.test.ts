/** FIPS endpoints that do not exist: the message names the chart's values that help. */
import t from 'tap';
import { RegionError, type Step } from '../../../injector/aws/error.ts';
import { explainCredentials } from '../../../injector/explain/credentials.ts';
import { explainFetch } from '../../../injector/explain/explain.ts';
import { createWorld, ROLE, secret } from '../support/world.ts';

const config = {
  region: 'ca-central-1',
  identity: { kind: 'web-identity', roleArn: ROLE, tokenFile: '/token' },
  aws: { useFipsEndpoint: true },
} as const;
const unresolved = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
const fixOf = (step: Step, cause: unknown, more: object = {}) =>
  explainCredentials(new RegionError('ca-central-1', step, cause), { ...config, ...more }).fix ?? '';

for (const step of ['web-identity', 'assume'] as const) {
  t.test(`STS without a FIPS endpoint names the endpoint to set (${step})`, async (t) => {
    t.match(
      fixOf(step, unresolved),
      /aws\.useFipsEndpoint .*ca-central-1.* aws\.endpoints\.sts to https:\/\/sts\.ca-central-1\.amazonaws\.com/,
    );
  });
}

t.test('each service names its own endpoint', async (t) => {
  for (const service of ['secretsmanager', 'ssm'] as const) {
    const { fix } = explainFetch({ service, name: 'db' }, new RegionError('eu-west-1', 'request', unresolved), config);
    t.match(fix, new RegExp(`aws\\.endpoints\\.${service} to https://${service}\\.eu-west-1\\.amazonaws\\.com`));
  }
});

t.test('the endpoint of a region in China has the domain of China', async (t) => {
  const error = new RegionError('cn-north-1', 'request', unresolved);
  const { fix } = explainFetch({ service: 'ssm', name: 'db' }, error, config);
  t.match(fix, 'set aws.endpoints.ssm to https://ssm.cn-north-1.amazonaws.com.cn, which is not FIPS');
});

const others: Record<string, string> = {
  'no FIPS is asked for': fixOf('web-identity', unresolved, { aws: {} }),
  'the endpoint is one of its own': fixOf('web-identity', unresolved, {
    aws: { useFipsEndpoint: true, endpoints: { sts: 'https://sts.internal' } },
  }),
  'AWS itself answers': fixOf('web-identity', Object.assign(new Error(), { $metadata: { httpStatusCode: 503 } })),
  'the token is unreadable': fixOf('web-identity', Object.assign(new Error(), { name: 'TokenUnreadable' })),
};
for (const [when, fix] of Object.entries(others)) {
  t.test(`the fix does not name FIPS where ${when}`, async (t) => t.notMatch(fix, 'useFipsEndpoint'));
}

t.test('an endpoint of STS beside FIPS for the rest is used as it is', async (t) => {
  const world = await createWorld(t, undefined, { tls: true, proxy: {} });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const aws = {
    useFipsEndpoint: true,
    endpoints: { sts: 'https://sts.eu-west-1.amazonaws.com' },
    httpsProxy: world.aws.proxy?.url,
    caBundle: world.aws.certificate,
  };
  const { exitCode, message } = await world.run(world.config([secret('db')], { aws }));
  t.equal(exitCode, 0, message);
  const hosts = ['secretsmanager-fips', 'sts'].map((service) => `${service}.eu-west-1.amazonaws.com:443`);
  t.strictSame([...new Set(world.aws.proxy?.asked)].sort(), hosts);
});
