/** Tests how a container with rotation starts: for the first time, and again in the same pod. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { waitForFiles } from '../../../injector/rotation/command.ts';
import { readVariable } from '../support/kubelet.ts';
import { after, createRotatingWorld, INTERVAL, messagesOf, rotating, watch } from '../support/rotation.ts';
import { createWorld, secret } from '../support/world.ts';

t.test('the first run fails as an init container does, and writes nothing', async (t) => {
  const world = await createRotatingWorld(t);
  const { outcome } = await watch(world, rotating(world, [secret('none')]), { limit: after(9) });
  t.match(outcome, { exitCode: 10, message: /Failed fetching secret none: ResourceNotFoundException/ });
  t.strictSame(world.files(), []);
});

t.test('memory is given back when the app has started, and after each further look', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  const { rests } = await watch(world, rotating(world, [secret('db')]), { limit: after(2) });
  t.strictSame(
    rests.map((time) => Math.round(time / 1000)),
    [10, INTERVAL, 2 * INTERVAL],
  );
});

t.test('without the volume of the state it ends with a sentence, and asks AWS for nothing', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  const { outcome } = await watch(world, rotating(world, [secret('db')]));
  t.match(outcome, { exitCode: 20, message: /ASI_ROT_STATE/ });
  t.strictSame([world.aws.calls, world.files()], [[], []]);
});

t.test('a container that starts again has only the files and variables that AWS has then', async (t) => {
  const world = await createRotatingWorld(t);
  const directory = '/run/aws-secrets-injector/environment';
  mkdirSync(join(world.root, directory));
  for (const name of ['/app1/a', '/app1/b']) world.aws.setParameter({ name, value: 'old' });
  world.aws.setSecret({ name: 'sometimes', value: 'v' });
  const environment = [{ path: 'SOMETIMES', key: 'SOMETIMES', optional: true as const }];
  const config = rotating(world, [{ service: 'secretsmanager', name: 'sometimes', environment }], {
    searches: [{ service: 'ssm', path: '/app1/', folders: [{ path: '', mode: '0444', slash: '/' }] }],
    environment: { directory, delivery: 'kubelet' },
  });
  const variable = () => readVariable(readFileSync(join(world.root, directory, 'SOMETIMES')), 'SOMETIMES')?.toString();
  await watch(world, config, { limit: 1_000 });
  t.equal(variable(), 'v');
  world.aws.deleteParameter('/app1/a');
  world.aws.deleteSecret('sometimes');
  await watch(world, config, { limit: 10_000 });
  const names = readdirSync(join(world.root, config.directory)).filter((name) => !name.startsWith('..'));
  t.strictSame(names, ['b']);
  t.equal(variable(), undefined);
});

t.test('a container that starts again while AWS is down goes on with the files that it has', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')]);
  await watch(world, config, { limit: 1_000 });
  const end = world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
  world.aws.setSecret({ name: 'db', value: 'new' });
  const happenings = [{ at: after(3), happens: () => end() }];
  const { outcome, lines } = await watch(world, config, { happenings, limit: after(8) });
  t.equal(outcome, undefined);
  t.match(messagesOf(lines).join('\n'), /ASI_AWS_UNAVAILABLE.*last value/);
  t.equal(world.read('db'), 'new');
});

t.test('a container that starts again says what it can not read at its first look', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')]);
  await watch(world, config, { limit: 1_000 });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'access-denied' } });
  const { lines } = await watch(world, config, { limit: 40_000 });
  const errors = messagesOf(lines).filter((line) => line.startsWith('error'));
  t.match(errors, [/ASI_AWS_DENIED.* The files keep its last value\.$/s]);
  t.equal(errors.length, 1);
});

t.test('a container that starts again while AWS is down keeps the pod waiting for some seconds only', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')]);
  await watch(world, config, { limit: 1_000 });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
  const { lines } = await watch(world, config, { limit: 15_000 });
  await waitForFiles(world.root);
  t.notMatch(messagesOf(lines).join('\n'), 'AWS is asked for changes', 'the first look goes on');
});
