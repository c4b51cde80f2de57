/** Tests that a value of which no file can be made keeps only its own files from becoming new. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import { sourceKey } from '../../../injector/contract/source.ts';
import type { Known } from '../../../injector/rotation/change.ts';
import { joinFitting } from '../../../injector/rotation/fit.ts';
import { Secret } from '../../../injector/secret.ts';
import { CONFIG } from '../support/config.ts';
import { after, createRotatingWorld, rotating, watch } from '../support/rotation.ts';
import { secret, type World } from '../support/world.ts';

const part = (name: string) => secret(name, { files: [{ path: name, mode: '0444', jmesPath: 'key' }] });

const search = (slash: '/' | '_'): Partial<InjectorConfig> => ({
  searches: [{ service: 'ssm', path: '/app1/', folders: [{ path: '', mode: '0444', slash }] }],
});

/** Watches over a change, and returns the errors in the log. */
const watchOver = async (world: World, config: InjectorConfig, happens: () => void) => {
  const { lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(4) });
  return lines.flatMap(({ level, message = '' }) => (level === 'error' ? [message] : []));
};

const namesIn = (world: World, config: InjectorConfig) =>
  readdirSync(join(world.root, config.directory)).filter((name) => !name.startsWith('..'));

t.test('what can be rendered is new, although other values are no JSON any more or miss their key', async (t) => {
  const world = await createRotatingWorld(t);
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) world.aws.setSecret({ name, value: '{"key":"old"}' });
  const errors = await watchOver(world, rotating(world, names.map(part)), () => {
    for (const name of ['a', 'c', 'e']) world.aws.setSecret({ name, value: '{"key":"new"}' });
    world.aws.setSecret({ name: 'b', value: 'plain' });
    world.aws.setSecret({ name: 'd', value: '{"other":1}' });
  });
  t.strictSame(names.map(world.read), ['new', 'old', 'new', 'old', 'new']);
  t.match(errors.sort(), [/\bb\b.*ASI_OUT_JSON.* The files keep its last value\.$/, /\bd\b.* last value\.$/]);
  t.equal(errors.length, 2);
});

t.test('a key that is no possible name of a file holds up its own secret only', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'all', value: '{"one":"old"}' });
  world.aws.setSecret({ name: 'db', value: 'old' });
  const all: ConfigObject = {
    service: 'secretsmanager',
    name: 'all',
    folders: [{ path: '', mode: '0444', slash: '_' }],
  };
  const errors = await watchOver(world, rotating(world, [all, secret('db')]), () => {
    world.aws.setSecret({ name: 'all', value: '{"one":"new","..two":"x"}' });
    world.aws.setSecret({ name: 'db', value: 'new' });
  });
  t.strictSame(['one', 'db'].map(world.read), ['old', 'new']);
  t.match(errors, [/\.\.two.*ASI_CFG_PATH/]);
});

t.test('of parameters that come, those whose files are possible are there', async (t) => {
  const world = await createRotatingWorld(t);
  for (const name of ['/app1/a_b', '/app1/c']) world.aws.setParameter({ name, value: 'old' });
  const config = rotating(world, [], search('_'));
  const errors = await watchOver(world, config, () => {
    for (const name of ['/app1/a/b', '/app1/c', '/app1/d']) world.aws.setParameter({ name, value: 'new' });
  });
  t.strictSame(namesIn(world, config), ['a_b', 'c', 'd']);
  t.strictSame(['a_b', 'c', 'd'].map(world.read), ['old', 'new', 'new']);
  t.match(errors, [/a_b/]);
});

t.test('a value that is bad does not hold up a parameter that became a folder', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setParameter({ name: '/app1/c', value: 'old' });
  world.aws.setSecret({ name: 'bad', value: '{"key":"old"}' });
  const config = rotating(world, [part('bad')], search('/'));
  await watchOver(world, config, () => {
    world.aws.deleteParameter('/app1/c');
    world.aws.setParameter({ name: '/app1/c/d', value: 'new' });
    world.aws.setSecret({ name: 'bad', value: 'plain' });
  });
  t.strictSame(['bad', 'c/d'].map(world.read), ['old', 'new']);
});

t.test('however many values are bad, all others are new after some looks', (t) => {
  const names = Array.from({ length: 100 }, (_, index) => `${index}`);
  const config = { ...CONFIG, objects: names.map(part) };
  const valued = (textOf: (index: number) => string): Known => {
    const values = config.objects.map((object, index) => [sourceKey(object), new Secret(textOf(index))] as const);
    return { values: new Map(values), absent: new Map(), found: new Map() };
  };
  const isBad = (index: number) => index % 2 === 0;
  const now = valued((index) => (isBad(index) ? 'plain' : '{"key":"new"}'));
  const fetched = { ...now, failures: [], requests: new Map() };
  let known = valued(() => '{"key":"old"}');
  for (let look = 0; look < 20; look += 1) known = joinFitting(config, known, fetched, look / 20).known;
  const isNew = config.objects.map((object) =>
    Buffer.from(known.values.get(sourceKey(object))?.reveal() ?? '').includes('new'),
  );
  t.strictSame(
    isNew,
    names.map((_, index) => !isBad(index)),
  );
  t.end();
});
