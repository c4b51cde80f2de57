/** The compiled program as the container runs it. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createWorld } from './support/world.ts';

const CANARY = 'canary-7f3a9c';

const db = (path: string) => ({ service: 'secretsmanager' as const, name: 'app1/db', files: [{ path, mode: '0444' }] });

t.test('writes secrets and parameters with their modes and an env file', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'app1/db', value: `{"password":"${CANARY}"}` });
  world.aws.setParameter({ name: '/app1/key', value: CANARY, type: 'SecureString' });
  const config = world.config(
    [
      {
        ...db('db.json'),
        files: [
          { path: 'db.json', mode: '0400' },
          { path: 'deep/er/password', mode: '0644', jmesPath: 'password' },
        ],
        variables: [{ name: 'PASSWORD', jmesPath: 'password' }],
      },
      { service: 'ssm', name: '/app1/key', files: [{ path: 'key', mode: '4755' }] },
    ],
    { envFile: { path: 'app.env', format: 'shell', mode: '0640' } },
  );
  const { exitCode, output } = await world.spawn(config).finished;
  t.equal(exitCode, 0, output);
  t.strictSame(world.files(), ['app.env', 'db.json', 'deep', 'deep/er', 'deep/er/password', 'key']);
  t.equal(world.read('deep/er/password'), CANARY);
  t.equal(world.read('app.env'), `PASSWORD='${CANARY}'\n`);
  const mode = (path: string) => (statSync(join(world.root, config.directory, path)).mode & 0o7777).toString(8);
  t.strictSame(['db.json', 'deep/er/password', 'key', 'app.env', 'deep'].map(mode), [
    '400',
    '644',
    '755',
    '640',
    '755',
  ]);
  t.notMatch(output, CANARY);
  t.equal(world.aws.calls[0]?.sessionName, 'shop.app1-7d9-x2x');
});

t.test('runs again over its own read-only files', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'app1/db', value: 'old' });
  const config = world.config([{ ...db('db'), files: [{ path: 'db', mode: '0400' }] }]);
  await world.spawn(config).finished;
  world.aws.setSecret({ name: 'app1/db', value: 'new' });
  const { exitCode } = await world.spawn(config).finished;
  t.equal(exitCode, 0);
  t.equal(world.read('db'), 'new');
  t.strictSame(world.files(), ['db']);
});

t.test('minds no variable and no file of others', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'app1/db', value: CANARY });
  writeFileSync(join(world.root, '.env'), 'AWS_ENDPOINT_URL=http://127.0.0.1:1\nAWS_SECRETS_INJECTOR_CONFIG=wrong\n');
  writeFileSync(join(world.root, 'bunfig.toml'), 'preload = ["./missing.ts"]\n');
  writeFileSync(join(world.root, 'config'), '[default]\nregion = us-west-2\nendpoint_url = http://127.0.0.1:1\n');
  const dead = 'http://127.0.0.1:1';
  const { exitCode, output } = await world.spawn(world.config([db('db')]), {
    env: {
      AWS_ACCESS_KEY_ID: 'AKIDHOSTILE',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_SESSION_TOKEN: 'x',
      AWS_REGION: 'us-west-2',
      AWS_DEFAULT_REGION: 'us-west-2',
      AWS_PROFILE: 'missing',
      AWS_CONFIG_FILE: join(world.root, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(world.root, 'config'),
      AWS_ENDPOINT_URL: dead,
      AWS_ENDPOINT_URL_STS: dead,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/hostile',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: dead,
      AWS_MAX_ATTEMPTS: 'many',
      AWS_RETRY_MODE: 'nonsense',
      AWS_DEFAULTS_MODE: 'nonsense',
      AWS_USE_FIPS_ENDPOINT: 'nonsense',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
      HTTPS_PROXY: dead,
      HTTP_PROXY: dead,
      http_proxy: dead,
      NODE_USE_ENV_PROXY: '1',
    },
  }).finished;
  t.equal(exitCode, 0, output);
  t.equal(world.read('db'), CANARY);
  t.strictSame([...new Set(world.aws.calls.map(({ region }) => region))], [undefined, 'eu-west-1']);
});

t.test('reports a missing and a denied object at once, and writes nothing', async (t) => {
  const world = await createWorld(t, [
    { actions: ['secretsmanager:GetSecretValue'], resources: ['*'] },
    { actions: ['ssm:GetParameters'], resources: ['*:parameter/app1/open'] },
  ]);
  world.aws.setSecret({ name: 'app1/db', value: CANARY });
  world.aws.setParameter({ name: '/app1/open', value: CANARY });
  world.aws.setParameter({ name: '/app1/closed', value: CANARY });
  const config = world.config(
    [
      db('db'),
      { service: 'secretsmanager', name: 'app1/none', files: [{ path: 'none', mode: '0444' }] },
      { service: 'ssm', name: '/app1/open', files: [{ path: 'open', mode: '0444' }] },
      { service: 'ssm', name: '/app1/closed', files: [{ path: 'closed', mode: '0444' }] },
    ],
    { retryTimeoutSeconds: 0.5 },
  );
  const { exitCode, output, message } = await world.spawn(config).finished;
  t.equal(exitCode, 10);
  t.match(message, /^2 failures: \/app1\/closed \[ASI_AWS_DENIED], app1\/none \[ASI_AWS_NOT_FOUND]/);
  t.match(message, 'eu-west-1: Failed fetching secret app1/none: ResourceNotFoundException (request ');
  t.match(message, 'Allow ssm:GetParameters on arn:aws:ssm:eu-west-1:123456789012:parameter/app1/closed');
  t.notMatch(message + output, CANARY);
  t.strictSame(world.files(), []);
});

t.test('no configuration ends with 2', async (t) => {
  const world = await createWorld(t);
  const { exitCode, message } = await world.spawn(undefined).finished;
  t.equal(exitCode, 2);
  t.match(message, 'ASI_CFG_MISSING');
});

t.test('the configuration of a later version ends with 2', async (t) => {
  const world = await createWorld(t);
  const env = { AWS_SECRETS_INJECTOR_CONFIG: '{"version":2}' };
  const { exitCode, message } = await world.spawn(undefined, { env }).finished;
  t.equal(exitCode, 2);
  t.match(message, 'ASI_CFG_INVALID');
});

t.test('SIGTERM ends it promptly with nothing written', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'app1/db', value: CANARY });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'hang' } });
  const child = world.spawn(world.config([db('db')]));
  while (!world.aws.calls.some(({ service }) => service === 'secretsmanager')) await new Promise(setImmediate);
  child.kill('SIGTERM');
  const { exitCode, message } = await child.finished;
  t.equal(exitCode, 20);
  t.match(message, 'ASI_STOPPED');
  t.strictSame(world.files(), []);
});

t.test('says where it does not trust the CA of an endpoint', async (t) => {
  const world = await createWorld(t, undefined, { tls: true });
  const { exitCode, message } = await world.spawn(world.config([db('db')], { retryTimeoutSeconds: 0.2 })).finished;
  t.equal(exitCode, 10);
  t.match(message, 'ASI_AWS_TLS');
});

t.test('trusts a CA of its configuration in addition', async (t) => {
  const world = await createWorld(t, undefined, { tls: true });
  world.aws.setSecret({ name: 'app1/db', value: CANARY });
  const config = world.config([db('db')]);
  const aws = { ...config.aws, caBundle: world.aws.certificate ?? '' };
  const { exitCode, output } = await world.spawn({ ...config, aws }).finished;
  t.equal(exitCode, 0, output);
});

t.test('a volume that is not there is a failure, not a crash', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'app1/db', value: CANARY });
  const { exitCode, message } = await world.spawn({ ...world.config([db('db')]), directory: '/nowhere' }).finished;
  t.equal(exitCode, 20);
  t.match(message, 'ASI_OUT_WRITE');
});

t.test('goes through the proxy of its configuration', async (t) => {
  const { world, proxy, aws } = await worldWithProxy(t);
  const { exitCode, output } = await world.spawn(world.config([db('db')], { aws })).finished;
  t.equal(exitCode, 0, output);
  const hosts = ['secretsmanager', 'sts'].map((service) => `${service}.eu-west-1.amazonaws.com:443`);
  t.strictSame([...new Set(proxy.asked)].sort(), hosts);
});

t.test('goes to hosts that bypass the proxy without it', async (t) => {
  const { world, proxy, aws } = await worldWithProxy(t);
  const around = { ...aws, endpointUrl: `https://localhost:${world.aws.port}` };
  const { exitCode, output } = await world.spawn(world.config([db('db')], { aws: around })).finished;
  t.equal(exitCode, 0, output);
  t.strictSame(proxy.asked, []);
});

async function worldWithProxy(t: Test) {
  const world = await createWorld(t, undefined, { tls: true, proxy: {} });
  world.aws.setSecret({ name: 'app1/db', value: CANARY });
  const { proxy, certificate: caBundle } = world.aws;
  if (proxy === undefined || caBundle === undefined) throw new Error('AWS has no proxy, or no TLS');
  return { world, proxy, aws: { caBundle, httpsProxy: proxy.url, noProxy: 'localhost,.internal' } };
}
