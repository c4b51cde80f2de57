/** Runs the compiled program twice in one pod, as an init container does after its sandbox was made anew, while AWS changes. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ConfigSearch, InjectorConfig } from '../../injector/contract/config.ts';
import { readVariable } from './support/kubelet.ts';
import { createWorld, secret, type World } from './support/world.ts';

const VOLUME = '/run/aws-secrets-injector/secrets';
const ENVIRONMENT = '/run/aws-secrets-injector/environment';

/** Returns a folder in which a `/` in a name makes folders. */
const folder = (path: string, slash = '/') => ({ path, mode: '0444', slash });

const below = (path: string, into: string): ConfigSearch => ({ service: 'ssm', path, folders: [folder(into)] });

const runWell = async (t: Test, world: World, config: InjectorConfig) => {
  const { exitCode, output } = await world.spawn(config).finished;
  t.equal(exitCode, 0, output);
};

t.test('the file of a parameter or secret that was deleted is removed', async (t) => {
  const world = await createWorld(t);
  for (const name of ['/shop/a', '/shop/b', '/shop/sub/c']) world.aws.setParameter({ name, value: 'x' });
  for (const name of ['service-a', 'service-b']) world.aws.setSecret({ name, value: 'x', tags: { team: 'shop' } });
  const config = world.config([], {
    searches: [
      below('/shop', 'parameters'),
      { service: 'secretsmanager', prefix: 'service-', folders: [folder('named')] },
      { service: 'secretsmanager', tags: { team: 'shop' }, folders: [folder('tagged')] },
    ],
  });
  await runWell(t, world, config);
  for (const name of ['/shop/b', '/shop/sub/c']) world.aws.deleteParameter(name);
  world.aws.deleteSecret('service-a');
  await runWell(t, world, config);
  t.strictSame(world.files(), ['named', 'named/service-b', 'parameters', 'parameters/a', 'tagged', 'tagged/service-b']);
});

t.test('the file of a key that was taken out of a JSON secret is removed', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"user":"u","password":"p"}' });
  const config = world.config([{ service: 'secretsmanager', name: 'db', folders: [folder('', '_')] }]);
  await runWell(t, world, config);
  world.aws.setSecret({ name: 'db', value: '{"user":"u","token":"t"}' });
  await runWell(t, world, config);
  t.strictSame(world.files(), ['token', 'user']);
});

t.test('a parameter becomes a folder, and a folder a parameter', async (t) => {
  const world = await createWorld(t);
  for (const name of ['/shop/file', '/shop/folder/er/x']) world.aws.setParameter({ name, value: 'old' });
  const config = world.config([], { searches: [below('/shop', '')] });
  await runWell(t, world, config);
  for (const name of ['/shop/file', '/shop/folder/er/x']) world.aws.deleteParameter(name);
  for (const name of ['/shop/file/er/x', '/shop/folder']) world.aws.setParameter({ name, value: 'new' });
  await runWell(t, world, config);
  t.strictSame(world.files(), ['file', 'file/er', 'file/er/x', 'folder']);
  t.strictSame(['file/er/x', 'folder'].map(world.read), ['new', 'new']);
});

t.test('the files and the variable of an optional secret that was deleted are removed', async (t) => {
  const world = await createWorld(t);
  mkdirSync(join(world.root, ENVIRONMENT));
  for (const name of ['always', 'sometimes']) world.aws.setSecret({ name, value: 'x' });
  const optional = true as const;
  const outputs = {
    files: [{ path: 'certs/sometimes', mode: '0444', optional }],
    environment: [{ path: 'SOMETIMES', key: 'SOMETIMES', optional }],
  };
  const config = world.config([secret('always'), secret('sometimes', outputs)], {
    environment: { directory: ENVIRONMENT, delivery: 'kubelet' },
    templates: [{ path: 'url', mode: '0444', parts: ['key=', { object: 1, optional }] }],
  });
  const variable = () => readVariable(readFileSync(join(world.root, ENVIRONMENT, 'SOMETIMES')), 'SOMETIMES');
  await runWell(t, world, config);
  t.strictSame([world.files(), variable()?.toString()], [['always', 'certs', 'certs/sometimes', 'url'], 'x']);
  world.aws.deleteSecret('sometimes');
  await runWell(t, world, config);
  t.strictSame([world.files(), variable()], [['always', 'url'], undefined]);
  t.equal(world.read('url'), 'key=');
});

t.test('nothing is removed where AWS fails, or where it gives what can not be written', async (t) => {
  const world = await createWorld(t);
  for (const name of ['/shop/a', '/shop/b']) world.aws.setParameter({ name, value: 'x' });
  const config = world.config([], { searches: [below('/shop', '')], retryTimeoutSeconds: 1 });
  await runWell(t, world, config);
  world.aws.deleteParameter('/shop/b');
  const end = world.aws.fault({ service: 'ssm', effect: { kind: 'status', status: 503 } });
  t.equal((await world.spawn(config).finished).exitCode, 20);
  end();
  world.aws.setParameter({ name: '/shop/a/below', value: 'x' });
  t.match((await world.spawn(config).finished).message, 'ASI_OUT_FILE_COLLISION');
  t.strictSame(world.files(), ['a', 'b']);
});

t.test('an app that writes into the volume leads it nowhere', async (t) => {
  const world = await createWorld(t);
  for (const name of ['/shop/a', '/shop/gone/x']) world.aws.setParameter({ name, value: 'x' });
  const config = world.config([], { searches: [below('/shop', '')] });
  await runWell(t, world, config);
  world.aws.deleteParameter('/shop/gone/x');
  mkdirSync(join(world.root, 'outside'));
  writeFileSync(join(world.root, 'outside/precious'), 'theirs');
  symlinkSync('../../../outside', join(world.root, VOLUME, 'link'));
  symlinkSync('/', join(world.root, VOLUME, 'gone/everything'));
  writeFileSync(join(world.root, VOLUME, '..2026_list'), '../../../outside/precious\n/etc/passwd\n');
  await runWell(t, world, config);
  t.strictSame(readdirSync(join(world.root, VOLUME)).sort(), ['a', 'gone', 'link']);
  t.strictSame(readdirSync(join(world.root, VOLUME, 'gone')), ['everything']);
  t.strictSame(readdirSync(join(world.root, 'outside')), ['precious']);
});
