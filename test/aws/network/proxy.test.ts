import { Agent } from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { ROLE } from '../clients.ts';
import { type Aws, startAws } from '../server.ts';
import { parseHost } from './host.ts';

const USER = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'abc' };

async function start(t: { teardown(stop: () => Promise<void>): void }) {
  const aws = await startAws({ tls: true, proxy: {} });
  t.teardown(aws.close);
  aws.addUser({ arn: 'arn:aws:iam::123456789012:user/u', ...USER, policy: [{ actions: ['*'], resources: ['*'] }] });
  for (const region of ['us-west-2', 'eu-west-1']) {
    aws.setSecret({ name: 's', value: region, region });
    aws.setParameter({ name: 'p', value: region, region });
  }
  const httpsAgent = new Agent({ ca: aws.certificate, proxyEnv: { HTTPS_PROXY: aws.proxy?.url } });
  const config = (region: string, more: object = {}) => ({
    region,
    credentials: USER,
    maxAttempts: 1,
    requestHandler: { httpsAgent },
    ...more,
  });
  return { aws, config };
}

const secret = async (client: SecretsManagerClient) =>
  (await client.send(new GetSecretValueCommand({ SecretId: 's' }))).SecretString;

t.test("leads AWS's own names here, and each name to its region and service", async (t) => {
  const { aws, config } = await start(t);
  t.equal(await secret(new SecretsManagerClient(config('us-west-2'))), 'us-west-2');
  t.equal(await secret(new SecretsManagerClient(config('eu-west-1', { useFipsEndpoint: true }))), 'eu-west-1');
  const ssm = new SSMClient(config('us-west-2', { useDualstackEndpoint: true }));
  t.equal((await ssm.send(new GetParameterCommand({ Name: 'p' }))).Parameter?.Value, 'us-west-2');
  await new STSClient(config('eu-west-1')).send(new GetCallerIdentityCommand({}));
  const endpoint = 'https://vpce-0a1b2c3d-4e5f.secretsmanager.us-west-2.vpce.amazonaws.com';
  t.equal(await secret(new SecretsManagerClient(config('us-west-2', { endpoint }))), 'us-west-2');
  t.same(aws.proxy?.asked, [
    'secretsmanager.us-west-2.amazonaws.com:443',
    'secretsmanager-fips.eu-west-1.amazonaws.com:443',
    'ssm.us-west-2.api.aws:443',
    'sts.eu-west-1.amazonaws.com:443',
    'vpce-0a1b2c3d-4e5f.secretsmanager.us-west-2.vpce.amazonaws.com:443',
  ]);
});

t.test('knows no other names and ports', async (t) => {
  const { config } = await start(t);
  for (const endpoint of ['https://secretsmanager.example.com', 'https://ssm.eu-west-1.amazonaws.com:8443']) {
    await t.rejects(secret(new SecretsManagerClient(config('eu-west-1', { endpoint }))), endpoint);
  }
});

t.test("refuses another region's signature and another service's call at a name", async (t) => {
  const { config } = await start(t);
  const at = (endpoint: string) => secret(new SecretsManagerClient(config('eu-west-1', { endpoint })));
  await t.rejects(at('https://secretsmanager.us-west-2.amazonaws.com'), { name: 'InvalidSignatureException' });
  t.match(await at('https://ssm.eu-west-1.amazonaws.com').catch(thrown), { $metadata: { httpStatusCode: 404 } });
});

t.test('a fault of a region hits unsigned calls to its regional name', async (t) => {
  const { aws, config } = await start(t);
  aws.fault({ region: 'us-west-2', effect: { kind: 'status', status: 503 } });
  const ask = (region: string) =>
    new STSClient(config(region)).send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE, RoleSessionName: 'shop.app1', WebIdentityToken: 'x.y.z' }),
    );
  t.match(await ask('us-west-2').catch(thrown), { $metadata: { httpStatusCode: 503 } });
  await t.rejects(ask('eu-west-1'), { name: 'InvalidIdentityTokenException' });
  t.same(regions(aws), ['us-west-2', 'eu-west-1']);
});

t.test('shares the outages of its AWS', async (t) => {
  const { aws, config } = await start(t);
  await aws.down();
  await t.rejects(secret(new SecretsManagerClient(config('eu-west-1'))));
  await aws.up();
  await t.resolves(secret(new SecretsManagerClient(config('eu-west-1'))));
});

t.test('reads host names', async (t) => {
  t.same(parseHost('sts.cn-north-1.amazonaws.com.cn'), { service: 'sts', region: 'cn-north-1' });
  t.same(parseHost('ssm.cn-north-1.api.amazonwebservices.com.cn'), { service: 'ssm', region: 'cn-north-1' });
  t.same(parseHost('ssm-fips.us-gov-west-1.amazonaws.com:443'), { service: 'ssm', region: 'us-gov-west-1' });
  t.same(parseHost('sts.amazonaws.com'), { service: 'sts', region: 'us-east-1' });
  const none = [
    'kms.eu-west-1.amazonaws.com',
    'sts.cn-north-1.amazonaws.com',
    'sts.eu-west-1.amazonaws.com.cn',
    'vpce-1.sts.eu-west-1.amazonaws.com',
    'sts.eu-west-1.vpce.amazonaws.com',
    'sts.eu-west-1.amazonaws.com.evil.example',
    'xsts.eu-west-1.amazonaws.com',
    'localhost',
  ];
  for (const name of none) t.equal(parseHost(name), undefined, name);
});

function thrown(error: unknown): unknown {
  return error;
}

function regions({ calls }: Aws): (string | undefined)[] {
  return calls.map(({ region }) => region);
}
