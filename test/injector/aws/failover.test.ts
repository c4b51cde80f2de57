/**
 * Tests two regions with the real SDK: which is asked, whose value is used, and the message. The numbers of cases are those of
 * ASCP's semantics.
 */
import t, { type Test } from 'tap';
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import type { FaultEffect } from '../../aws/server.ts';
import { createWorld, parameter, ROLE, secret } from '../support/world.ts';

const [PRIMARY, FAILOVER] = ['eu-west-1', 'eu-central-1'];

const twin = (name: string, more: Partial<NonNullable<ConfigObject['failover']>> = {}): Partial<ConfigObject> => ({
  failover: { region: FAILOVER, name, ...more },
});

/** One secret and one parameter in both regions, whose values are the regions' names. */
async function start(t: Test) {
  const world = await createWorld(t);
  for (const region of [PRIMARY, FAILOVER]) {
    world.aws.setSecret({ name: 'db', value: region, region });
    world.aws.setParameter({ name: '/key', value: region, region });
  }
  const config = (more: Partial<InjectorConfig> = {}) =>
    world.config([secret('db', twin('db')), parameter('/key', 'key', twin('/key'))], more);
  const asked = () => world.aws.calls.map(({ operation, region }) => `${operation} ${region}`).sort();
  return { ...world, config, asked };
}

/** Has what a service answers in each region; undefined stands for the value. */
type Row = {
  cases: string;
  primary?: FaultEffect;
  failover?: FaultEffect;
  /** The region whose value is used, or what the message has; for the secret and the parameter if they differ. */
  gives: string | [secret: RegExp, parameter: RegExp];
};

const error = (code: string): FaultEffect => ({ kind: 'error', code });
const status = (code: number): FaultEffect => ({ kind: 'status', status: code });
const reset: FaultEffect = { kind: 'reset' };
const throttle: FaultEffect = { kind: 'throttle' };
const denied: FaultEffect = { kind: 'access-denied' };

const generic: [RegExp, RegExp] = [
  /Failed to fetch secret from all regions\. Verify secret exists and required permissions are granted for: db:/,
  /Failed to fetch parameters from all regions\. \/key:/,
];

const rows: Row[] = [
  { cases: '102: both answer', gives: PRIMARY },
  { cases: '101: the first has a 5xx', primary: status(503), gives: FAILOVER },
  { cases: 'F11: the first cuts connections', primary: reset, gives: FAILOVER },
  { cases: 'F11: the first throttles', primary: throttle, gives: FAILOVER },
  { cases: 'F11: the first makes no sense', primary: { kind: 'malformed' }, gives: FAILOVER },
  { cases: '99a: the first denies', primary: denied, gives: FAILOVER },
  { cases: 'the first does not know the credentials', primary: error('UnrecognizedClientException'), gives: FAILOVER },
  { cases: 'the first calls it invalid', primary: error('ValidationException'), gives: FAILOVER },
  { cases: '99c: the second denies', failover: denied, gives: PRIMARY },
  { cases: 'F11: the second throttles', failover: throttle, gives: PRIMARY },
  { cases: 'F11: the second has a 5xx', failover: status(500), gives: PRIMARY },
  {
    cases: '105: the key is invalid in the second',
    failover: error('InvalidKeyId'),
    gives: [/eu-central-1: Failed fetching secret db:/, /eu-central-1: Failed fetching parameters: \/key:/],
  },
  {
    cases: '106: the first has a 5xx, the second a 4xx',
    primary: status(500),
    failover: error('InvalidParameterException'),
    gives: [/eu-central-1: Failed fetching secret db:/, /eu-central-1: Failed fetching parameters: \/key:/],
  },
  {
    cases: '100: a 4xx in the first',
    primary: error('InvalidRequestException'),
    gives: [/eu-west-1: Failed fetching secret db:/, /eu-west-1: Failed fetching parameters: \/key:/],
  },
  { cases: '107, 96, 97: both have a 5xx', primary: status(500), failover: status(503), gives: generic },
  { cases: '99: both deny', primary: denied, failover: denied, gives: generic },
  { cases: 'F11: one denies, one throttles', primary: denied, failover: throttle, gives: generic },
];

for (const mode of [undefined, 'on-error'] as const) {
  for (const { cases, primary, failover, gives } of rows) {
    const inTurn = mode !== undefined;
    // A region that is not asked can't fail.
    const expected = inTurn && primary === undefined ? PRIMARY : gives;
    t.test(`${cases}${inTurn ? ', one after the other' : ''}`, async (t) => {
      const { aws, config, run, read } = await start(t);
      for (const service of ['secretsmanager', 'ssm'] as const) {
        if (primary !== undefined) aws.fault({ service, region: PRIMARY, effect: primary });
        if (failover !== undefined) aws.fault({ service, region: FAILOVER, effect: failover });
      }
      const { exitCode, message, elapsed } = await run(config(inTurn ? { failoverMode: mode } : {}));
      if (typeof expected === 'string') {
        t.equal(exitCode, 0, message);
        t.strictSame([read('db'), read('key')], [expected, expected]);
        t.ok(elapsed < 1_000, `a few quick tries in ${elapsed} ms`);
        return;
      }
      t.not(exitCode, 0);
      for (const pattern of expected) t.match(message, pattern);
    });
  }
}

for (const effect of [status(503), reset, throttle, { kind: 'malformed' }] as const) {
  t.test(`one blip of the first region (${effect.kind}) is no reason to take the second one's value`, async (t) => {
    const { aws, config, run, read } = await start(t);
    for (const service of ['secretsmanager', 'ssm'] as const) {
      aws.fault({ service, region: PRIMARY, effect, times: 2 });
    }
    const { exitCode, message } = await run(config());
    t.equal(exitCode, 0, message);
    t.strictSame([read('db'), read('key')], [PRIMARY, PRIMARY]);
  });
}

t.test('both causes are reported, each with its region, its request and its fix', async (t) => {
  const { aws, config, run } = await start(t);
  for (const region of [PRIMARY, FAILOVER]) aws.fault({ service: 'secretsmanager', region, effect: denied });
  const { message, exitCode } = await run(config());
  t.equal(exitCode, 10);
  for (const region of [PRIMARY, FAILOVER]) {
    t.match(message, `It was asked for in ${region} with the role ${ROLE}.`);
    t.match(
      message,
      `Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:${region}:123456789012:secret:db-?????? in`,
    );
  }
  t.match(message, /AccessDeniedException \(request [0-9a-f-]+\).*AccessDeniedException \(request [0-9a-f-]+\)/);
});

t.test('while one region may still heal, a denial in the other is no reason to stop', async (t) => {
  const { aws, config, run, read } = await start(t);
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: denied });
  const heals = aws.fault({ service: 'secretsmanager', region: FAILOVER, effect: status(503) });
  const { exitCode, message } = await run(config(), [{ at: 20_000, happens: heals }]);
  t.equal(exitCode, 0, message);
  t.equal(read('db'), FAILOVER);
});

t.test('103: a secret that the second region lacks fails there, 104: so does a parameter', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  world.aws.setParameter({ name: '/key', value: 'x' });
  const objects = [secret('db', twin('db')), parameter('/key', 'key', twin('/other', { label: 'stable' }))];
  const { message, exitCode } = await world.run(world.config(objects));
  t.equal(exitCode, 10);
  t.match(message, /eu-central-1: Failed fetching secret db: ResourceNotFoundException/);
  t.match(message, '400: eu-central-1: invalid parameters: /other:stable.');
});

t.test('108: two regions of which each has one of two parameters fail on what the first lacks', async (t) => {
  const world = await createWorld(t);
  world.aws.setParameter({ name: '/p1', value: 'x', region: PRIMARY });
  world.aws.setParameter({ name: '/p2', value: 'x', region: FAILOVER });
  const objects = [parameter('/p1', 'p1', twin('/p1')), parameter('/p2', 'p2', twin('/p2'))];
  const { message } = await world.run(world.config(objects));
  t.match(message, '400: eu-west-1: invalid parameters: /p2.');
  t.notMatch(message, 'invalid parameters: /p1');
});

t.test('109: 15 parameters come in two batches from the second region', async (t) => {
  const world = await createWorld(t);
  const names = Array.from({ length: 15 }, (_, index) => `/p${index}`);
  for (const name of names) world.aws.setParameter({ name, value: name, region: FAILOVER });
  world.aws.fault({ service: 'ssm', region: PRIMARY, effect: status(500) });
  const { exitCode, message } = await world.run(
    world.config(names.map((name) => parameter(name, name.slice(1), twin(name)))),
  );
  t.equal(exitCode, 0, message);
  t.strictSame(
    names.map((name) => world.read(name.slice(1))),
    names,
  );
  t.equal(
    world.aws.calls.filter(({ region, operation }) => region === FAILOVER && operation === 'GetParameters').length,
    2,
  );
});

t.test('one batch may come from one region and the next from the other', async (t) => {
  const world = await createWorld(t);
  const names = Array.from({ length: 20 }, (_, index) => `/p${index}`);
  for (const region of [PRIMARY, FAILOVER]) {
    for (const name of names) world.aws.setParameter({ name, value: region, region });
  }
  world.aws.fault({ service: 'ssm', region: PRIMARY, name: '/p0', effect: status(500) });
  world.aws.fault({ service: 'ssm', region: FAILOVER, name: '/p19', effect: status(500) });
  const { exitCode, message } = await world.run(
    world.config(names.map((name) => parameter(name, name.slice(1), twin(name)))),
  );
  t.equal(exitCode, 0, message);
  const expected = names.map((_, index) => (index < 10 ? FAILOVER : PRIMARY));
  t.strictSame(
    names.map((name) => world.read(name.slice(1))),
    expected,
  );
});

t.test('a batch that both regions refuse names only its culprits', async (t) => {
  const world = await createWorld(t, [{ actions: ['ssm:GetParameters'], resources: ['*:parameter/open/*'] }]);
  const names = ['/open/1', '/open/2', '/closed'];
  for (const region of [PRIMARY, FAILOVER]) {
    for (const name of names) world.aws.setParameter({ name, value: region, region });
  }
  const { message } = await world.run(
    world.config(names.map((name) => parameter(name, name.slice(1).replace('/', '-'), twin(name)))),
  );
  t.match(message, /^Failed to fetch parameters from all regions\. \/closed:/);
});

t.test('110: the second region is asked for its own name and label, the file stays', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db-replica', value: 'replica', region: FAILOVER, stages: ['AWSCURRENT', 'blue'] });
  world.aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: status(503) });
  const { exitCode, message } = await world.run(world.config([secret('db', twin('db-replica', { label: 'blue' }))]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('db'), 'replica');
});

t.test('99b: where a part is missing in the first value, the second one counts', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"old":"x"}', region: PRIMARY });
  world.aws.setSecret({ name: 'db', value: '{"password":"second"}', region: FAILOVER });
  const files = [{ path: 'db', mode: '0444', jmesPath: 'password' }];
  const { exitCode, message, log } = await world.run(world.config([secret('db', { files, ...twin('db') })]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('db'), 'second');
  t.match(log, 'db comes from eu-central-1');
});

t.test('a part that both values lack is explained by the first', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"first":"x"}', region: PRIMARY });
  world.aws.setSecret({ name: 'db', value: '{"second":"x"}', region: FAILOVER });
  const files = [{ path: 'db', mode: '0444', jmesPath: 'password' }];
  const { message } = await world.run(world.config([secret('db', { files, ...twin('db') })]));
  t.match(message, /ASI_OUT_JMES_MISSING/);
  t.match(message, '"first"');
});

t.test('99e: a pinned version is only asked for in the second region when the first fails', async (t) => {
  const { aws, config, run, read, asked } = await start(t);
  const { versionId: version } = aws.setSecret({ name: 'pinned', value: 'one', region: PRIMARY });
  aws.setSecret({ name: 'pinned', value: 'two', region: FAILOVER, versionId: version });
  const objects = [secret('pinned', { version, ...twin('pinned', { version }) })];
  await run(config({ objects }));
  t.strictSame(asked(), ['AssumeRoleWithWebIdentity undefined', `GetSecretValue ${PRIMARY}`]);
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: denied });
  await run(config({ objects }));
  t.equal(read('pinned'), 'two');
});

t.test('both regions are asked, and one alone with on-error', async (t) => {
  const { aws, config, run, asked } = await start(t);
  const sts = 'AssumeRoleWithWebIdentity undefined';
  const first = [`GetParameters ${PRIMARY}`, `GetSecretValue ${PRIMARY}`];
  await run(config());
  t.strictSame(asked(), [sts, sts, `GetParameters ${FAILOVER}`, ...first, `GetSecretValue ${FAILOVER}`].sort());
  aws.forget();
  await run(config({ failoverMode: 'on-error' }));
  t.strictSame(asked(), [sts, ...first]);
});

t.test('an object of another region than the rest is asked for there', async (t) => {
  const { config, run, read } = await start(t);
  const { exitCode, message } = await run(config({ objects: [secret('db', { region: FAILOVER })] }));
  t.equal(exitCode, 0, message);
  t.equal(read('db'), FAILOVER);
});

t.test('118: one region twice is refused before AWS is asked', async (t) => {
  const { aws, config, run } = await start(t);
  const { exitCode, message } = await run(config({ region: FAILOVER }));
  t.equal(exitCode, 2);
  t.match(message, 'eu-central-1: failover region cannot be the same as the primary region');
  t.strictSame(aws.calls, []);
});
