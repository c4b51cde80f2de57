/** Looks at AWS that meet trouble: a region that is down, a request in the middle of a look, files that can not be written. */
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { refresh } from '../../../injector/rotation/command.ts';
import { after, createRotatingWorld, INTERVAL, watch } from '../support/rotation.ts';
import { secret } from '../support/world.ts';

const setUp = async (t: Test) => {
  const world = await createRotatingWorld(t);
  const rotation = { seconds: INTERVAL };
  return { world, rotation };
};

t.test('while the first region is down the second one is read, and the first one again after that', async (t) => {
  const { world, rotation } = await setUp(t);
  const replicate = (value: string) => {
    for (const region of ['eu-west-1', 'eu-central-1']) world.aws.setSecret({ name: 'db', value, region });
  };
  replicate('one');
  let end = () => {};
  const happenings = [
    {
      at: 1_000,
      happens: () => {
        end = world.aws.fault({ region: 'eu-west-1', effect: { kind: 'status', status: 503 } });
        world.aws.setSecret({ name: 'db', value: 'two', region: 'eu-central-1' });
      },
    },
    {
      at: after(1),
      happens: () => {
        t.equal(world.read('db'), 'two');
        end();
        world.aws.setSecret({ name: 'db', value: 'three', region: 'eu-west-1' });
      },
    },
  ];
  const config = world.config([secret('db', { failover: { region: 'eu-central-1', name: 'db' } })], { rotation });
  const { lines } = await watch(world, config, { happenings, limit: after(2) });
  t.equal(world.read('db'), 'three');
  t.strictSame(
    lines.filter(({ object, from }) => object === 'db' && from !== undefined).map(({ region }) => region),
    ['eu-central-1', 'eu-west-1'],
  );
});

t.test('secrets that change together are read in one batch, also of a later look', async (t) => {
  const { world, rotation } = await setUp(t);
  const names = ['a', 'b', 'c'];
  for (const name of names) world.aws.setSecret({ name, value: 'old' });
  const happens = () => {
    world.aws.forget();
    for (const name of names) world.aws.setSecret({ name, value: 'new' });
  };
  const config = world.config(
    names.map((name) => secret(name)),
    { rotation, batch: true },
  );
  await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(1) });
  t.strictSame(names.map(world.read), ['new', 'new', 'new']);
  const { calls } = world.aws;
  t.strictSame(
    calls.flatMap(({ service, operation }) => (service === 'secretsmanager' ? [operation] : [])),
    ['BatchGetSecretValue'],
  );
});

t.test(
  'a request in the middle of a look is answered by the look after it, which has what changed since',
  async (t) => {
    const { world, rotation } = await setUp(t);
    world.aws.setSecret({ name: 'db', value: 'old' });
    const { hangUp } = await watch(world, world.config([secret('db')], { rotation }), { limit: 1_000 });
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'delay', ms: 100 }, times: 1 });
    world.aws.forget();
    hangUp();
    while (!world.aws.calls.some(({ service }) => service === 'sts')) await new Promise((next) => setTimeout(next, 1));
    hangUp();
    const { exitCode } = await refresh(world.root);
    t.equal(exitCode, 0);
    t.equal(world.aws.calls.filter(({ service }) => service === 'secretsmanager').length, 2, 'both share one look');
  },
);

t.test('no file changes while one of them can not be written, and all do when it can', async (t) => {
  const { world, rotation } = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const comes = secret('comes', { files: [{ path: 'comes', mode: '0444', optional: true }] });
  const config = world.config([secret('db'), comes], { rotation });
  const obstacle = join(world.root, config.directory, 'comes');
  const happenings = [
    {
      at: 1_000,
      happens: () => {
        mkdirSync(obstacle);
        world.aws.setSecret({ name: 'comes', value: 'c' });
        world.aws.setSecret({ name: 'db', value: 'new' });
      },
    },
    {
      at: after(3),
      happens: () => {
        t.equal(world.read('db'), 'old');
        rmdirSync(obstacle);
      },
    },
  ];
  const { lines } = await watch(world, config, { happenings, limit: after(6) });
  t.strictSame(['db', 'comes'].map(world.read), ['new', 'c']);
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ code: 'ASI_OUT_UNSAFE' }],
    'one line says so',
  );
});

t.test('a container that starts again has no more time for its first look than for any other', async (t) => {
  const { world, rotation } = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = world.config([secret('db')], { rotation, retryTimeoutSeconds: 300 });
  await watch(world, config, { limit: 1_000 });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
  const { lines } = await watch(world, config, { limit: 35_000 });
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ code: 'ASI_AWS_UNAVAILABLE' }],
  );
});

t.test('a template in a volume that nothing else is in is written, and again after a change', async (t) => {
  const { world, rotation } = await setUp(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  mkdirSync(join(world.root, 'app'));
  const templates = [{ directory: '/app', path: 'app.conf', mode: '0444', parts: ['password=', { object: 0 }] }];
  const config = world.config([{ ...secret('db'), files: [] }], { rotation, templates });
  const happens = () => {
    t.equal(readFileSync(join(world.root, 'app/app.conf'), 'utf8'), 'password=old');
    world.aws.setSecret({ name: 'db', value: 'new' });
  };
  await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(1) });
  t.equal(readFileSync(join(world.root, 'app/app.conf'), 'utf8'), 'password=new');
});
