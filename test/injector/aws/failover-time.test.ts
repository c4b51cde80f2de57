/** Tests how long a region that does not answer may delay one that does. */
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { FAILOVER, PRIMARY, twin } from '../support/two-regions.ts';
import { createWorld, parameter, secret } from '../support/world.ts';

/** Milliseconds: one request's time, and what a loaded machine adds. */
const ONE_TRY = 5_000;
const SLACK = 4_000;

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => [
    secret(`s${index}`, twin(`s${index}`)),
    parameter(`/p${index}`, `p${index}`, twin(`/p${index}`)),
  ]).flat();

/** AWS by its own host names, so that STS has regions too. */
async function startRegional(t: Test) {
  const world = await createWorld(t, undefined, { tls: true, proxy: {} });
  const aws = { httpsProxy: world.aws.proxy?.url, caBundle: world.aws.certificate };
  for (const region of [PRIMARY, FAILOVER]) world.aws.setSecret({ name: 'db', value: region, region });
  const config = () => world.config([secret('db', twin('db'))], { aws });
  return { ...world, config };
}

t.test('60 secrets and parameters wait for one time-out of the first region, not for one each', async (t) => {
  const world = await createWorld(t);
  const objects = many(30);
  for (const { service, name } of objects) {
    if (service === 'ssm') world.aws.setParameter({ name, value: name, region: FAILOVER });
    else world.aws.setSecret({ name, value: name, region: FAILOVER });
  }
  for (const service of ['secretsmanager', 'ssm'] as const) {
    world.aws.fault({ service, region: PRIMARY, effect: { kind: 'hang' } });
  }
  const start = performance.now();
  const { exitCode, message, elapsed } = await world.run(world.config(objects));
  const took = performance.now() - start;
  t.equal(exitCode, 0, message);
  t.equal(world.files().length, 60);
  t.equal(elapsed, 0, 'nobody slept between tries');
  t.ok(took < ONE_TRY + SLACK, `${took} ms`);
});

t.test('a first region that refuses connections costs a few quick tries', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: 'second', region: FAILOVER });
  world.aws.setParameter({ name: '/key', value: 'second', region: FAILOVER });
  const closed = `http://127.0.0.1:${await closedPort()}`;
  const aws = { endpointUrl: world.aws.url, endpoints: { secretsmanager: closed, ssm: closed } };
  const objects = [secret('db', twin('db')), parameter('/key', 'key', twin('/key'))];
  const { exitCode, message, elapsed } = await world.run(world.config(objects, { aws }));
  t.equal(exitCode, 0, message);
  t.strictSame([world.read('db'), world.read('key')], ['second', 'second']);
  t.ok(elapsed < 1_000, `${elapsed} ms`);
});

t.test('a slow second region is waited for, a good value of the first in hand', async (t) => {
  const world = await createWorld(t);
  for (const region of [PRIMARY, FAILOVER]) world.aws.setSecret({ name: 'db', value: region, region });
  world.aws.fault({ service: 'secretsmanager', region: FAILOVER, effect: { kind: 'delay', ms: 300 } });
  const { exitCode } = await world.run(world.config([secret('db', twin('db'))]));
  t.equal(exitCode, 0);
  t.equal(world.read('db'), PRIMARY);
  t.strictSame(
    world.aws.calls.map(({ outcome }) => outcome),
    [200, 200, 200, 200],
  );
});

for (const effect of [
  { kind: 'access-denied' },
  { kind: 'status', status: 503 },
  { kind: 'throttle' },
  { kind: 'reset' },
] as const) {
  t.test(`without credentials in the first region (${effect.kind}) the second one is enough`, async (t) => {
    const { aws, config, run, read } = await startRegional(t);
    aws.fault({ service: 'sts', region: PRIMARY, effect });
    const { exitCode, message, elapsed, log } = await run(config());
    t.equal(exitCode, 0, message);
    t.equal(read('db'), FAILOVER);
    t.ok(elapsed < 1_000, `${elapsed} ms`);
    t.match(log, 'could not be assumed in eu-west-1');
  });
}

t.test("STS's fatal errors in either region end it, as ASCP's do", async (t) => {
  for (const region of [PRIMARY, FAILOVER]) {
    const { aws, config, run } = await startRegional(t);
    aws.fault({
      service: 'sts',
      region,
      effect: { kind: 'error', code: 'InvalidIdentityToken', message: 'No provider' },
    });
    const { exitCode, message } = await run(config());
    t.equal(exitCode, 10);
    t.match(message, `could not be assumed in ${region}`);
    t.equal(message.split('\n').length, 1);
  }
});

t.test('each region has credentials of its own STS, by its own name', async (t) => {
  const { aws, config, run } = await startRegional(t);
  const { exitCode, message } = await run(config());
  t.equal(exitCode, 0, message);
  const hosts = [PRIMARY, FAILOVER].flatMap((region) => [`secretsmanager.${region}`, `sts.${region}`]);
  t.strictSame([...new Set(aws.proxy?.asked)].sort(), hosts.map((host) => `${host}.amazonaws.com:443`).sort());
});

t.test('without credentials in both regions 50 objects have two failures, and STS is left in peace', async (t) => {
  const { aws, config, run } = await startRegional(t);
  aws.fault({ service: 'sts', effect: { kind: 'access-denied' } });
  const objects = many(25);
  const { exitCode, message } = await run({ ...config(), objects });
  t.equal(exitCode, 10);
  t.match(message, /^2 failures: arn:\S+ \[ASI_AWS_ROLE_DENIED], arn:\S+ \[ASI_AWS_ROLE_DENIED]\n/);
  t.ok(aws.calls.length <= 2 * 16, `${aws.calls.length} calls`);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
