/** Tests which objects may be missing, and which failures are never taken for that. */
import t, { type Test } from 'tap';
import type { ConfigObject } from '../../injector/contract/config.ts';
import { createWorld, parameter, secret } from './support/world.ts';

const optional = (path: string): Partial<ConfigObject> => ({ files: [{ path, mode: '0444', optional: true }] });
const standsIn = (path: string): Partial<ConfigObject> => ({ files: [{ path, mode: '0444', default: 'none' }] });

async function start(t: Test) {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'here', value: 'x' });
  world.aws.setParameter({ name: '/here', value: 'x' });
  return world;
}

t.test('what does not exist is left out or stood in for, after one more try', async (t) => {
  const world = await start(t);
  world.aws.setSecret({ name: 'deleted', value: 'x' });
  world.aws.deleteSecret('deleted');
  const objects = [
    secret('here'),
    secret('gone', optional('a')),
    secret('gone', { ...standsIn('b'), label: 'blue' }),
    secret('deleted', optional('c')),
    parameter('/here', 'p'),
    parameter('/gone', 'd', optional('d')),
    parameter('/here', 'e', { ...standsIn('e'), version: '7' }),
  ];
  const { exitCode, message, elapsed } = await world.run(world.config(objects));
  t.equal(exitCode, 0, message);
  t.strictSame(world.files(), ['b', 'e', 'here', 'p']);
  t.strictSame([world.read('b'), world.read('e')], ['none', 'none']);
  t.ok(elapsed < 1_000, `${elapsed} ms`);
  const calls = world.aws.calls.filter(({ names }) => names[0] === 'gone' || names.includes('/gone'));
  t.equal(calls.length, 6, 'two tries for each');
});

t.test('what one output needs is missed, whatever the others say', async (t) => {
  const world = await start(t);
  const { exitCode, message } = await world.run(world.config([secret('gone', optional('a')), secret('gone')]));
  t.equal(exitCode, 10);
  t.match(message, 'ASI_AWS_NOT_FOUND');
  t.equal(message.split('\n').length, 1);
});

for (const effect of [
  { kind: 'access-denied' },
  { kind: 'throttle' },
  { kind: 'error', code: 'DecryptionFailure' },
] as const) {
  t.test(`what is refused (${JSON.stringify(effect)}) is not what does not exist`, async (t) => {
    const world = await start(t);
    world.aws.fault({ effect, service: 'secretsmanager' });
    const { exitCode } = await world.run(world.config([secret('here', optional('a'))]));
    t.not(exitCode, 0);
  });
}

t.test('missing where the first region says so, but not where it says nothing', async (t) => {
  const world = await start(t);
  const region = 'eu-central-1';
  world.aws.setSecret({ name: 'gone', value: 'second', region });
  const config = world.config([secret('gone', { ...optional('a'), failover: { region, name: 'gone' } })]);
  t.equal((await world.run(config)).exitCode, 0);
  t.strictSame(world.files(), []);
  world.aws.fault({ service: 'secretsmanager', region: 'eu-west-1', effect: { kind: 'status', status: 503 } });
  t.equal((await world.run(config)).exitCode, 0);
  t.equal(world.read('a'), 'second');
});

t.test('a secret that only the second region lacks is there, where it may be missing', async (t) => {
  const world = await start(t);
  const failover = { region: 'eu-central-1', name: 'here' };
  const { exitCode, message } = await world.run(world.config([secret('here', { ...optional('a'), failover })]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('a'), 'x');
});
