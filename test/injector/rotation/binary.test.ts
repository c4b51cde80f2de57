/** The compiled program with rotation, as the sidecar, its hook and `kubectl exec` run it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createRotatingWorld, INTERVAL, linesOf } from '../support/rotation.ts';
import { secret, type World } from '../support/world.ts';

const CANARY = 'canary-7f3a9c';

const setUp = async (t: Test) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  return { world, config: world.config([secret('db')], { rotation: { seconds: INTERVAL } }) };
};

const command = (world: World, name: string) => world.spawn(undefined, { args: [name] }).finished;

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

t.test('wait, refresh and SIGHUP reach the main process, and SIGTERM ends it well', async (t) => {
  const { world, config } = await setUp(t);
  const waiting = command(world, 'wait');
  const main = world.spawn(config);
  t.strictSame(await waiting, { exitCode: 0, output: '', message: '' });
  t.equal(world.read('db'), 'old');
  const { versionId } = world.aws.setSecret({ name: 'db', value: CANARY });
  const refreshed = await command(world, 'refresh');
  t.match(refreshed, { exitCode: 0, output: new RegExp(`is now ${versionId}\\.\nNew files: db\\.\n$`) });
  t.equal(world.read('db'), CANARY);
  world.aws.setSecret({ name: 'db', value: 'third' });
  main.kill('SIGHUP');
  await until(() => world.read('db') === 'third');
  main.kill('SIGTERM');
  const { exitCode, output, message } = await main.finished;
  t.equal(exitCode, 0);
  t.equal(message, '');
  t.notMatch(output + refreshed.output, CANARY);
  t.equal(linesOf(output).filter(({ from }) => from !== undefined).length, 2);
  t.equal(linesOf(output).length, output.trim().split('\n').length, 'every line has the form of a log line');
  t.match(await command(world, 'refresh'), { exitCode: 20 }, 'and there is nobody to ask after it');
});

t.test('the main process ends with its message where the first run fails, and the hook goes on waiting', async (t) => {
  const { world, config } = await setUp(t);
  const hook = world.spawn(undefined, { args: ['wait'] });
  const { exitCode, message } = await world.spawn({ ...config, objects: [secret('none')], retryTimeoutSeconds: 0.5 })
    .finished;
  t.equal(exitCode, 10);
  t.match(message, /ASI_AWS_NOT_FOUND/);
  hook.kill('SIGKILL');
  t.match(await hook.finished, { exitCode: null, output: '' });
});

t.test('SIGTERM during the first run ends it as it ends an init container', async (t) => {
  const { world, config } = await setUp(t);
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'hang' } });
  const main = world.spawn(config);
  await until(() => world.aws.calls.some(({ service }) => service === 'secretsmanager'));
  main.kill('SIGTERM');
  t.match(await main.finished, { exitCode: 20, message: /ASI_STOPPED/ });
});

t.test('a main process that was killed is followed by one that goes on', async (t) => {
  const { world, config } = await setUp(t);
  const first = world.spawn(config);
  await command(world, 'wait');
  first.kill('SIGKILL');
  await first.finished;
  const second = world.spawn(config);
  t.match(await command(world, 'wait'), { exitCode: 0 });
  t.match(await command(world, 'refresh'), { exitCode: 0, output: 'Nothing changed.\n' });
  second.kill('SIGTERM');
  t.match(await second.finished, { exitCode: 0 });
});

t.test(
  'a restart of the pod that was asked for by refresh comes after its answer, with the reserved code',
  async (t) => {
    const { world, config } = await setUp(t);
    const main = world.spawn({ ...config, rotation: { seconds: INTERVAL, restart: 'pod' } });
    await command(world, 'wait');
    world.aws.setSecret({ name: 'db', value: 'new' });
    t.match(await command(world, 'refresh'), { exitCode: 0, output: /New files: db/ });
    t.match(await main.finished, { exitCode: 30, message: /^Secrets changed/ });
  },
);

t.test('without rotation the program has no socket and ends', async (t) => {
  const { world, config } = await setUp(t);
  const { rotation: _, ...once } = config;
  t.match(await world.spawn(once).finished, { exitCode: 0 });
  t.notOk(existsSync(join(world.root, 'run/aws-secrets-injector/state/control.sock')));
  t.strictSame(world.files(), ['db']);
});

for (const args of [['watch'], ['wait', 'refresh']]) {
  t.test(`${args.join(' ')} is no command`, async (t) => {
    const { world } = await setUp(t);
    t.match(await world.spawn(undefined, { args }).finished, { exitCode: 2, output: /wait\|refresh/ });
  });
}
