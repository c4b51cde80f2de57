/** One key of each secret that a search finds: from the annotation to the files, with the compiled program. */
import t from 'tap';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { declare } from '../../webhook/declare/declare.ts';
import { annotationsOf } from '../webhook/support/annotations.ts';
import { CONTEXT } from '../webhook/support/context.ts';
import { createWorld, type World } from './support/world.ts';

const CANARY = 'canary-7f3a9c';

/** Returns the configuration that the webhook makes of the annotation `objects`. */
function declared(world: World, objects: string, more: Record<string, string> = {}): InjectorConfig {
  const result = declare(annotationsOf({ objects, region: 'eu-west-1', ...more }), CONTEXT);
  if (!result.ok) throw new Error(JSON.stringify(result.refusals));
  return world.config([], { searches: [...result.declaration.searches] });
}

const PARTS = `
- prefix: service-
  objectAlias: services
  filePermission: "0440"
  jmesPath:
    - {path: password, objectAlias: password}
    - {path: db.port, objectAlias: port, type: any, default: "5432", filePermission: "0400"}
    - {path: token, objectAlias: token, optional: true}
`;

t.test('writes the parts of each secret that a prefix finds, in a folder of its own', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'service-a', value: `{"password":"${CANARY}","db":{"port":12345678901234567890}}` });
  world.aws.setSecret({ name: 'service-b/x', value: '{"password":"b","token":"t"}' });
  const { exitCode, output } = await world.spawn(declared(world, PARTS)).finished;
  t.equal(exitCode, 0, output);
  t.strictSame(
    world.files().filter((path) => path.split('/').length > 2),
    ['a/password', 'a/port', 'b_x/password', 'b_x/port', 'b_x/token'].map((path) => `services/service-${path}`),
  );
  const read = ['a/password', 'a/port', 'b_x/password', 'b_x/port', 'b_x/token'].map((path) =>
    world.read(`services/service-${path}`),
  );
  t.strictSame(read, [CANARY, '12345678901234567890', 'b', '5432', 't']);
  t.notMatch(output, CANARY);
});

t.test('writes the keys of each secret with a tag, and of each parameter, in a folder of its own', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'shop/a', value: '{"user":"u","n":1.50}', tags: { team: 'shop' } });
  world.aws.setParameter({ name: '/shop/db/main', value: '{"host":"h"}' });
  const objects = '- {tags: {team: shop}, objectAlias: tagged, expand: true}\n- {path: /shop, expand: true}';
  const config = declared(world, objects, { 'path-translation': 'False' });
  const { exitCode, output } = await world.spawn(config).finished;
  t.equal(exitCode, 0, output);
  t.strictSame(['tagged/shop/a/user', 'tagged/shop/a/n', 'db/main/host'].map(world.read), ['u', '1.50', 'h']);
});

t.test('names each secret that has not the part, and writes nothing', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'service-a', value: `{"passwort":"${CANARY}"}` });
  world.aws.setSecret({ name: 'service-b', value: 'no JSON' });
  world.aws.setSecret({ name: 'service-c', value: '{"password":null}' });
  world.aws.setSecret({ name: 'service-d', value: '{"password":"fine"}' });
  const objects = '- {prefix: service-, jmesPath: [{path: password, objectAlias: password, optional: true}]}';
  const lenient = await world.spawn(declared(world, objects)).finished;
  t.match(lenient.message, /Invalid JSON used with jmesPath in secret: service-b/);
  t.match(lenient.message, /service-c/, 'a null exists, and can not be delivered');
  t.notMatch(lenient.message, /service-a/, 'optional speaks of what does not exist');
  const strict = await world.spawn(declared(world, objects.replace(', optional: true', ''))).finished;
  t.equal(strict.exitCode, 10);
  t.match(strict.message, /In service-a: .*It has the keys? "passwort"/);
  t.strictSame(world.files(), []);
  t.notMatch(strict.output + strict.message, CANARY);
});

t.test('what becomes one file twice is refused with both names', async (t) => {
  const world = await createWorld(t);
  world.aws.setParameter({ name: '/app/db', value: '{"user":"u"}' });
  world.aws.setParameter({ name: '/app/db/user', value: '{"x":"y"}' });
  const objects = '- {path: /app, expand: true, jmesPath: [{path: "user || x", objectAlias: user}]}';
  const { exitCode, message } = await world.spawn(declared(world, objects, { 'path-translation': 'False' })).finished;
  t.equal(exitCode, 10);
  t.match(
    message,
    /db\/user can not be written\. It comes from a part of \/app\/db and from the key "user" of \/app\/db/,
  );
  t.match(message, /db\/user can not be written\. It comes from .* and is a folder for db\/user\/x/);
  t.strictSame(world.files(), []);
});

t.test(
  'a part that is no more, and the folder of a secret that was deleted, are removed by the next run',
  async (t) => {
    const world = await createWorld(t);
    for (const name of ['service-a', 'service-b']) world.aws.setSecret({ name, value: '{"password":"p","token":"t"}' });
    const config = declared(world, PARTS);
    await world.spawn(config).finished;
    world.aws.setSecret({ name: 'service-a', value: '{"password":"p"}' });
    world.aws.deleteSecret('service-b');
    const { exitCode, output } = await world.spawn(config).finished;
    t.equal(exitCode, 0, output);
    t.strictSame(world.files(), [
      'services',
      'services/service-a',
      'services/service-a/password',
      'services/service-a/port',
    ]);
  },
);

t.test('without a find, only an optional search is no failure', async (t) => {
  const world = await createWorld(t);
  const objects = '- {prefix: none-, optional: true, jmesPath: [{path: p, objectAlias: p}]}';
  t.equal((await world.spawn(declared(world, objects)).finished).exitCode, 0);
  const strict = { ...declared(world, objects.replace(' optional: true,', '')), retryTimeoutSeconds: 1 };
  t.match((await world.spawn(strict).finished).message, 'There are no secrets with the prefix none-');
});
